"""The process that speaks: it loads the library, says the lines that come on its standard input, and ends.

It runs by itself, `python -I speaking.py LIBRARY [DATA]`, and imports nothing of ours. Input is JSON, a list of lines
with `text`, `voice` and `pitch`. Output is a line of JSON, then the samples. The library's interface is that of
speak_lib.h, version 12.
"""

import ctypes
import json
import sys
from typing import Any

try:
    import resource
except ImportError:  # pragma: no cover - Windows
    resource = None  # type: ignore[assignment]

CPU_SECONDS = 20
MEMORY_BYTES = 1 << 30

RETRIEVAL, PHONEME_EVENTS, IPA, DO_NOT_EXIT = 2, 1, 2, 0x8000
RATE, PITCH, RANGE = 1, 3, 4
POSITION_CHARACTER, UTF8 = 1, 1
LIST_END, WORD, PHONEME = 0, 1, 7

SEED = 1

WORDS_PER_MINUTE = 120
"""Slower than people speak: vowels that are to be held last longer."""


class EventId(ctypes.Union):
    """A number, or a phoneme's name."""

    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class Event(ctypes.Structure):
    """What begins at a sample."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", EventId),
    )


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


class Engine:
    """The library."""

    def __init__(self, library: str, data: str) -> None:
        self._library = ctypes.CDLL(library)
        flags = PHONEME_EVENTS | IPA | DO_NOT_EXIT
        self.rate = self._library.espeak_Initialize(RETRIEVAL, 0, data.encode() or None, flags)
        if self.rate <= 0:
            sys.exit("the engine has no data")
        if hasattr(self._library, "espeak_ng_SetRandSeed"):  # version 1.52 makes another noise each time
            self._library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))
        self._callback = Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)
        self._phones: list[tuple[str, int, int]] = []
        self.samples = bytearray()

    def say(self, text: str, voice: str, pitch: int) -> dict[str, Any]:
        """Say a line on one pitch; return its phones with sample and place in the text, and the sample of its end."""
        self._phones, begin = [], len(self.samples) // 2
        if self._library.espeak_SetVoiceByName(voice.encode()):
            sys.exit(f"the engine has no voice {voice}")
        for parameter, value in ((RATE, WORDS_PER_MINUTE), (PITCH, pitch), (RANGE, 0)):
            self._library.espeak_SetParameter(parameter, value, 0)
        encoded = text.encode() + b"\0"
        self._library.espeak_Synth(encoded, len(encoded), 0, POSITION_CHARACTER, 0, UTF8, None, None)
        self._library.espeak_Synchronize()
        phones = [(symbol, begin + sample, at) for symbol, sample, at in self._phones]
        return {"phones": phones, "end": len(self.samples) // 2}

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self.samples += ctypes.string_at(samples, 2 * count)
        index = 0
        while (event := events[index]).type != LIST_END:
            if event.type == PHONEME:
                symbol = event.id.string.decode("utf-8", "ignore")
                self._phones.append((symbol, event.sample, event.text_position - 1))
            index += 1
        return 0


def main() -> None:
    """Say the lines of the standard input."""
    if resource is not None:
        for kind, most in (("RLIMIT_CPU", CPU_SECONDS), ("RLIMIT_DATA", MEMORY_BYTES), ("RLIMIT_CORE", 0)):
            resource.setrlimit(getattr(resource, kind), (most, most))
    engine = Engine(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
    lines = [engine.say(**line) for line in json.load(sys.stdin)]
    sys.stdout.buffer.write(json.dumps({"rate": engine.rate, "lines": lines}).encode() + b"\n")
    sys.stdout.buffer.write(engine.samples)


if __name__ == "__main__":
    main()
