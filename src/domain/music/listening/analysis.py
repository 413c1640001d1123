"""Analysis of a hum: from its notes to tuning, key, tempo, meter and phrases.

The steps depend on each other in this order: tuning and phrases first, then the key, then the beat, then the bars.
"""

from collections.abc import Mapping, Sequence

from domain.errors import BadAudio
from domain.music.listening.downbeat import find_bars
from domain.music.listening.key import find_key
from domain.music.listening.phrases import phrase_starts
from domain.music.listening.tempo import find_pulse
from domain.music.listening.tuning import offset_cents
from domain.music.model import Analysis, HummedNote
from domain.music.theory.meter import Meter
from domain.music.theory.scale import Scale


def analyze_notes(notes: Sequence[HummedNote], duration: float, hints: Mapping[str, object]) -> Analysis:
    """Return the tuning, key, tempo, first downbeat, meter and phrases of a hum.

    Args:
        notes: In order of onset, not overlapping, pitches as hummed.
        duration: Seconds of the recording.
        hints: Valid blueprint fields that the musician fixed; `key`, `tempo_bpm` and `time_signature` are read. Key
            and tempo are followed where they fit the hum. Where they do not (a tune hummed in A, wanted in C), they
            apply to the piece only, and the analysis has what was hummed.

    Raises:
        BadAudio: `hum_without_pitch`: there are no notes.
    """
    if not notes:
        raise BadAudio("nothing in the recording has a pitch", code="hum_without_pitch")
    signature, tempo, key = (hints.get(name) for name in ("time_signature", "tempo_bpm", "key"))
    meter = Meter.of(signature) if isinstance(signature, str) else None
    tuning, phrases = offset_cents(notes), phrase_starts(notes)
    key_estimate = find_key(notes, tuning, phrases, hint=Scale.of(key) if isinstance(key, str) else None)
    hint = float(tempo) if isinstance(tempo, int | float) else None
    pulse = find_pulse(notes, tempo_hint=hint, compound=meter is not None and meter.compound)
    bars = find_bars(notes, pulse, phrases, meter.bar if meter else None)
    return Analysis(
        duration=duration,
        tuning_cents=tuning,
        key=key if isinstance(key, str) and Scale.of(key) == key_estimate.scale else key_estimate.scale.name,
        key_confidence=key_estimate.confidence,
        tempo_bpm=pulse.tempo_bpm,
        tempo_confidence=pulse.confidence,
        first_beat=bars.first_beat,
        time_signature=signature if isinstance(signature, str) else f"{bars.beats:.0f}/4",
        notes=tuple(notes),
        phrases=phrases,
    )
