"""The band follows a singer who takes their time: bars as they were hummed, the piece as long as its tempo says."""

from itertools import pairwise

import mido
import msgspec
import pytest

from adapters.audio.codecs.midi import TICKS, notation
from domain.blueprints.blueprint import OutputKind
from domain.music.hum import Analysis
from domain.music.score import Score
from domain.music.styles.registry import STYLES
from domain.music.theory.beat_map import BeatMap
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum
from tests.support.style_features import preview_of
from tests.unit.test_variation import hummed

SLOWING = (0.95, 0.95, 1.0, 1.1, 0.95, 0.95, 1.0, 1.1)
"""The length of each of eight bars: towards the end of both phrases the singer slows down."""


def free_hum(lengths: tuple[float, ...] = SLOWING, factor: float = 1.0) -> Analysis:
    """Return the Ode to Joy with bars of some lengths, against 2.4 s."""
    steady = hum(ODE, phrases=ODE_PHRASES)
    beats = [steady.first_beat]
    for length in (each for each in lengths for _ in range(4)):
        beats.append(beats[-1] + 0.6 * length * factor)
    times = BeatMap(tuple(beats))

    def moved(seconds: float) -> float:
        return times.time((seconds - steady.first_beat) / 0.6)

    notes = tuple(
        msgspec.structs.replace(
            note, onset=moved(note.onset), duration=moved(note.onset + note.duration) - moved(note.onset)
        )
        for note in steady.notes
    )
    return msgspec.structs.replace(steady, notes=notes, beats=tuple(beats), tempo_bpm=100 / factor)


def bars(score: Score) -> list[float]:
    """Return the length of each bar against the mean."""
    lengths = [end - start for start, end in pairwise(score.bar_lines)]
    return [length * len(lengths) / score.duration for length in lengths]


@pytest.mark.parametrize("factor", [1.0, 2.0])
@pytest.mark.parametrize("style", ["orchestral", "cinematic"])
def test_the_band_slows_down_where_the_singer_did(style: str, factor: float) -> None:
    score = preview_of(free_hum(factor=factor), style)
    theme = next(section for section in score.sections if section.name == "theme")
    first = round(score.bar_at(theme.start))
    sung = bars(score)[first:]
    assert sung[round(3 * factor)] / sung[0] == pytest.approx(1.1 / 0.95, abs=0.02)
    assert sung[1] == pytest.approx(sung[0])


@pytest.mark.parametrize("style", STYLES)
def test_machines_follow_less(style: str) -> None:
    most = 1 + STYLES[style].rubato
    lengths = bars(preview_of(free_hum((0.7, 0.7, 1.3, 1.3, 0.7, 0.7, 1.3, 1.3)), style))
    assert 1.03 < max(lengths) / min(lengths) < most**2 + 0.001


@pytest.mark.parametrize("kind", OutputKind)
def test_a_steady_hum_is_played_in_one_tempo(kind: OutputKind) -> None:
    lengths = bars(preview_of(free_hum((1.0, 1.01, 0.99, 1.0, 1.01, 0.99, 1.0, 1.0)), "acoustic"))
    assert lengths == pytest.approx([1.0] * len(lengths))


def test_the_piece_is_as_long_as_its_tempo_says() -> None:
    score, steady = preview_of(free_hum(), "ambient"), preview_of(hum(ODE, phrases=ODE_PHRASES), "ambient")
    assert score.duration == pytest.approx(steady.duration)
    assert len(score.bar_lines) == len(steady.bar_lines)


def test_players_and_singer_share_the_bars() -> None:
    score = preview_of(free_hum(), "orchestral")
    places = [score.bar_at(note.start) * 4 for line in score.vocals if line.role == "lead" for note in line.notes]
    off = [abs(place - round(place)) for place in places]
    assert sum(each < 0.03 for each in off) / len(off) > 0.7


def test_midi_has_the_tempo_of_each_bar() -> None:
    score = preview_of(free_hum(), "orchestral")
    now, tempi = 0, dict[int, int]()
    for message in notation(score).tracks[0]:
        now += message.time
        if message.type == "set_tempo":
            tempi[now] = message.tempo
    assert len(tempi) > 3
    assert all(tick % (4 * TICKS) == 0 for tick in tempi)
    assert notation(score).length == pytest.approx(max(score.duration, last_note(score)), abs=0.05)


def last_note(score: Score) -> float:
    return max(note.start + note.duration for part in score.parts for note in part.notes)


def test_a_steady_piece_has_one_tempo_in_midi() -> None:
    score = preview_of(hummed(300), "lofi")
    tempi = [message for message in notation(score).tracks[0] if message.type == "set_tempo"]
    assert [message.tempo for message in tempi] == [mido.bpm2tempo(score.quarters_per_minute)]
