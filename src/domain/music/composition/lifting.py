"""The lift: the last chorus, and what follows it, some semitones higher.

The "truck driver's gear change" of popular song: the key moves up by a semitone or two without preparation (Ricci, "A
'Hard Habit to Break': The Integration of Harmonic Cycles and Voice-Leading Structure", Indiana Theory Review 21, 2000).
"""

from collections.abc import Sequence

import msgspec

from domain.music.brief import Brief
from domain.music.composition.sections import PlayedSection
from domain.music.score import SectionRole
from domain.music.styles.section_context import SectionContext
from domain.music.theory.scale import Scale


def lifted(
    contexts: tuple[SectionContext, ...], sections: Sequence[PlayedSection], brief: Brief
) -> tuple[SectionContext, ...]:
    """Return the sections with the last chorus and those after it in a higher key, where the style has a lift.

    Only a chorus at full energy that was heard before is lifted, and none over chords that the musician wrote.
    """
    first = _first_lifted(sections)
    if first is None or not brief.style.lift or brief.chords:
        return contexts
    return (*contexts[:first], *(_moved(context, brief.style.lift) for context in contexts[first:]))


def _first_lifted(sections: Sequence[PlayedSection]) -> int | None:
    hooks = [index for index, section in enumerate(sections) if section.role is SectionRole.HOOK]
    return hooks[-1] if len(hooks) > 1 and sections[hooks[-1]].is_full_hook else None


def _moved(context: SectionContext, semitones: int) -> SectionContext:
    key = Scale((context.key.tonic + semitones) % 12, context.key.minor)
    chords = tuple(
        msgspec.structs.replace(
            chord, harmony=msgspec.structs.replace(chord.harmony, root=(chord.harmony.root + semitones) % 12)
        )
        for chord in context.chords
    )
    return msgspec.structs.replace(
        context.transposed(semitones), key=key, chords=chords, ceiling=context.ceiling + semitones
    )
