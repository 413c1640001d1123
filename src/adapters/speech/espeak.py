"""The port `Speaker` over eSpeak NG."""

import json
import math
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import anyio
import msgspec

from adapters.speech import speaking
from adapters.speech.engines import data_of, library_of
from application.ports.speech import Speech, SpeechUnavailable, Wording
from domain.music.lyrics.alignment import Phone, SpokenLine

SECONDS: Final = 20.0
"""A song's lyrics take a tenth of a second."""

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of what it may say: ten minutes and more."""

_VOICES: Final = (("en-us", 53.5, 150.0), ("en-us+f2", 103.5, math.inf))
"""A man's and a woman's: name, fundamental in Hz at pitch 0, and up to which one it speaks."""

_PITCHES_PER_OCTAVE: Final = 64.0
_HIGHEST: Final = 99


class _Said(msgspec.Struct, frozen=True):
    """A line as the process tells of it: symbol, sample and place in the text of each phone, and the last sample."""

    phones: list[tuple[str, int, int]]
    end: int


class _Head(msgspec.Struct, frozen=True):
    """What precedes the samples."""

    rate: int
    lines: list[_Said]


class EspeakSpeaker:
    """`Speaker` by a process for each call.

    Args:
        engine: `espeak-ng`, `espeakng-loader` or the path of the library; empty for none.
    """

    def __init__(self, engine: str, seconds: float = SECONDS) -> None:
        self._engine = engine
        self._seconds = seconds

    async def speak(self, wordings: Sequence[Wording], out: Path) -> Speech:
        """Say all lines into a file. Raises `SpeechUnavailable`."""
        if not (library := library_of(self._engine)):
            missing = f"{self._engine} is not installed" if self._engine else "MOMENT_SPEECH names no speech engine"
            raise SpeechUnavailable(missing)
        command = [sys.executable, "-I", speaking.__file__, library, data_of(library)]
        head, _, samples = (await self._run(command, _request(wordings))).partition(b"\n")
        try:
            said = msgspec.json.decode(head, type=_Head)
        except msgspec.DecodeError as error:
            raise SpeechUnavailable("the speech engine returned nothing that can be read") from error
        if len(said.lines) != len(wordings):
            raise SpeechUnavailable("the speech engine did not say every line")
        await anyio.Path(out).write_bytes(samples)
        return Speech(
            out, said.rate, tuple(_line(w, line, said.rate) for w, line in zip(wordings, said.lines, strict=True))
        )

    async def _run(self, command: list[str], request: bytes) -> bytes:
        try:
            with anyio.fail_after(self._seconds):
                return await _output(command, request)
        except TimeoutError:
            raise SpeechUnavailable(f"the speech engine took more than {self._seconds:g} s") from None
        except (OSError, anyio.BrokenResourceError) as error:
            raise SpeechUnavailable(f"the speech engine could not be run: {error}") from error


async def _output(command: list[str], request: bytes) -> bytes:
    """Return what a process writes; it does not outlive the call."""
    with anyio.CancelScope(shield=True):  # what is half started has no owner
        process = await anyio.open_process(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env={})
    try:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("the process was started without pipes")
        await process.stdin.send(request)
        await process.stdin.aclose()
        written = bytearray()
        async for chunk in process.stdout:
            written += chunk
            if len(written) > MAX_BYTES:
                raise SpeechUnavailable("the speech engine did not stop speaking")
        if exit_code := await process.wait():
            raise SpeechUnavailable(f"the speech engine ended with exit code {exit_code}")
        return bytes(written)
    finally:
        if process.returncode is None:
            process.kill()
        with anyio.CancelScope(shield=True):
            await process.aclose()


def _request(wordings: Sequence[Wording]) -> bytes:
    return json.dumps([_spoken(wording) for wording in wordings]).encode()


def _spoken(wording: Wording) -> dict[str, Any]:
    hertz = 440 * 2 ** ((wording.pitch - 69) / 12)
    voice, lowest, _ = next(each for each in _VOICES if hertz < each[2])
    pitch = round(_PITCHES_PER_OCTAVE * math.log2(hertz / lowest))
    return {"text": " ".join(wording.words), "voice": voice, "pitch": min(max(pitch, 0), _HIGHEST)}


def _line(wording: Wording, said: _Said, rate: int) -> SpokenLine:
    """Return a line in seconds; pauses have no symbol, and where the one at its end begins the line ends."""
    starts = [0, *accumulate(len(word) + 1 for word in wording.words)][:-1]
    sounding = [index for index, (symbol, _, _) in enumerate(said.phones) if symbol]
    end = said.phones[sounding[-1] + 1][1] if sounding and sounding[-1] + 1 < len(said.phones) else said.end
    phones = [
        Phone(symbol, sample / rate, max(0, bisect_right(starts, place) - 1))
        for symbol, sample, place in (said.phones[index] for index in sounding)
    ]
    return SpokenLine(tuple(phones), end / rate)
