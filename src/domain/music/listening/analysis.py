"""Analysis of a hum: from its notes to tuning, key, tempo, meter and phrases.

The steps depend on each other in this order: phrases first, then key and tuning together, then the beats and the bars.
"""

from collections.abc import Mapping, Sequence

from domain.errors import BadAudio
from domain.music.hum import Analysis, HummedNote
from domain.music.listening.accents import accents_of
from domain.music.listening.key import KeyEstimate, find_key
from domain.music.listening.phrases import phrase_starts
from domain.music.listening.pulse import find_pulse
from domain.music.listening.readings import Heard
from domain.music.listening.tuning import mean_tuning, tuning_curve
from domain.music.theory.scale import Scale


def analyze_notes(notes: Sequence[HummedNote], duration: float, hints: Mapping[str, object]) -> Analysis:
    """Return the tuning, key, tempo, beats, meter and phrases of a hum.

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
    phrases = phrase_starts(notes)
    found = find_key(notes, phrases, hint=Scale.of(key) if isinstance(key, str) else None)
    curve = tuning_curve(notes, found.pitches, found.tuning)
    pulse = find_pulse(
        notes,
        heard_in(found, notes, phrases),
        tempo_hint=float(tempo) if isinstance(tempo, int | float) else None,
        signature=signature if isinstance(signature, str) else None,
    )
    return Analysis(
        duration=duration,
        tuning_cents=mean_tuning(notes, curve),
        key=key if isinstance(key, str) and Scale.of(key) == found.scale else found.scale.name,
        key_confidence=found.confidence,
        tempo_bpm=pulse.tempo_bpm,
        tempo_confidence=pulse.confidence,
        first_beat=pulse.beats[0],
        time_signature=pulse.time_signature,
        notes=tuple(notes),
        phrases=phrases,
        written=found.pitches,
        tuning_curve=tuple(round(cents, 1) for cents in curve),
        beats=pulse.beats,
        key_candidates=found.candidates,
        tempo_candidates=pulse.candidates,
    )


def heard_in(key: KeyEstimate, notes: Sequence[HummedNote], phrases: Sequence[int]) -> Heard:
    """Return what is known of the notes of a hum in a key before they are counted."""
    degrees = [(pitch - key.scale.tonic) % 12 for pitch in key.pitches]
    return Heard(accents_of(notes, phrases, degrees, minor=key.scale.minor), phrases, key.pitches)
