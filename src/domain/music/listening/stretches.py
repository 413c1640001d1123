"""The stretches of a recording that notes are sung from."""

from typing import Final

from domain.music.hum import Analysis, Stretch

_LEGATO: Final = 0.15  # seconds of the recording: shorter gaps are sung over


def stretch_of(index: int, analysis: Analysis) -> Stretch:
    """Return the stretch for a note: up to the next one where the phrase goes on without a breath.

    A note that was edited is sung from where the note was hummed that it was made of.
    """
    if analysis.sung_from:
        return analysis.sung_from[index]
    note = analysis.notes[index]
    if index + 1 < len(analysis.notes) and index + 1 not in analysis.phrases:
        room = analysis.notes[index + 1].onset - note.onset
        if 0 < room <= note.duration + _LEGATO:
            return Stretch(note.onset, room)
    return Stretch(note.onset, note.duration)
