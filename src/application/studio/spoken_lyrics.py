"""The words of a score, said by an engine; where that cannot be, a warning says why, and the hum is sung."""

import logging
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from application.ports.speech import Speaker, Speech, SpeechUnavailable, Wording
from domain.music.score import Score
from domain.music.sung import VocalMode, WordLine
from domain.warnings import RequestWarning, WarningCode

_PITCH_STEP: Final = 2
"""Semitones to which the pitches of lines are rounded: what comes again is said once."""

log = logging.getLogger(__name__)


async def spoken_lyrics(speaker: Speaker, score: Score, out: Path) -> tuple[Speech | None, tuple[RequestWarning, ...]]:
    """Return the speech for a score's words, a line each, and warnings; neither where only the hum is wanted.

    Args:
        speaker: The engine.
        score: What is sung.
        out: The file for the samples.
    """
    if score.vocal_mode is VocalMode.HUM:
        return None, ()
    if not score.words:
        return None, _warned("there are no words that can be sung: only Latin letters and digits are")
    wordings = [_wording(line) for line in score.words]
    distinct = list(dict.fromkeys(wordings))
    try:
        speech = await speaker.speak(distinct, out)
    except SpeechUnavailable as error:
        log.warning("lyrics are hummed: %s", error)
        return None, _warned("music-tools have no speech engine (MOMENT_SPEECH), or it failed")
    if not any(line.phones for line in speech.lines):
        return None, _warned("the speech engine has no sound for these words")
    said = dict(zip(distinct, speech.lines, strict=True))
    return msgspec.structs.replace(speech, lines=tuple(said[wording] for wording in wordings)), ()


def _wording(line: WordLine) -> Wording:
    pitch = median(_pitches(line))
    return Wording(tuple(word.spoken for word in line.words), float(_PITCH_STEP * round(pitch / _PITCH_STEP)))


def _pitches(line: WordLine) -> Sequence[int]:
    return [note.pitch for note in line.notes]


def _warned(why: str) -> tuple[RequestWarning, ...]:
    return (RequestWarning(WarningCode.LYRICS_NOT_SUNG, "/lyrics", f"{why}; the hum is sung without words"),)
