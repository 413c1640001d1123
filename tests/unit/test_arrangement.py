"""Whole scores: parts, registers, vocals, form; and that equal blueprints make equal scores."""

import subprocess
import sys
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.completion import complete
from domain.music.composition.arrangement import compose
from domain.music.hum import Analysis
from domain.music.score import Part, Score
from domain.music.styles.registry import STYLES, resolve_style
from domain.music.theory.scale import Scale
from tests.support.hummed_analyses import ODE, ODE_PHRASES, hum, wander

PREVIEW, SONG = OutputKind.PREVIEW, OutputKind.SONG
DRUMMED = [name for name, style in STYLES.items() if style.has_drums]
"""Styles with drums."""

BEHIND = ("lead", "celesta", "fills", "counter")
"""Beginnings of the names of parts that double or answer the melody."""

LONG_TUNE, LONG_PHRASES = wander(150)
HUMS = {
    "ode": hum(ODE, phrases=ODE_PHRASES, tuning_cents=20, loose=0.02),
    "one note": hum([(4, 57)]),
    "three notes": hum([(1, 57), (1, 60), (2, 64)], key="Am"),
    "two minutes": hum(LONG_TUNE, phrases=LONG_PHRASES, tempo=90),
    "waltz": hum([(1, 55), (1, 59), (1, 62), (2, 62), (1, 59), (3, 55)], key="G", time_signature="3/4", tempo=130),
    "nobody": None,
}


def score(analysis: Analysis | None = HUMS["ode"], kind: OutputKind = PREVIEW, *, seed: int = 7, **fixed: Any) -> Score:
    return compose(brief_of(complete(fixed, analysis, blueprint_id="b", kind=kind, voice_id="v", seed=seed), kind))


def part(piece: Score, name: str) -> Part:
    return next(each for each in piece.parts if each.name == name)


def section(name: str, energy: float, bars: int = 8) -> dict[str, Any]:
    return {"name": name, "bars": bars, "energy": energy}


CASES = [
    *((who, kind, "4/4") for who in HUMS for kind in OutputKind),
    *(("two minutes", SONG, meter) for meter in ("6/8", "7/8")),
    *(("nobody", PREVIEW, meter) for meter in ("6/8", "7/8")),
]
"""Each hum and kind in the usual meter, and odd meters for the longest and the shortest."""


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("who", "kind", "meter"), CASES)
def test_every_note_is_playable_and_inside_the_piece(style: str, kind: OutputKind, who: str, meter: str) -> None:
    piece = score(HUMS[who], kind, style=style, time_signature=meter)
    for each in piece.parts:
        low, high = each.instrument.low, each.instrument.high
        assert list(each.notes) == sorted(each.notes, key=lambda note: note.start)
        assert all(low <= note.pitch <= high and 0 < note.velocity <= 1 for note in each.notes)
        assert all(note.start >= 0 and note.duration > 0 for note in each.notes)
        assert all(note.start + note.duration <= piece.duration + 1e-6 for note in each.notes)
    assert len({each.name for each in piece.parts}) == len(piece.parts)
    assert part(piece, piece.lead) is piece.parts[0]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("who", "tempo"), [("one note", 40), ("two minutes", 118), ("two minutes", 220), ("nobody", 220)]
)
def test_previews_last_15_to_30_seconds_and_songs_three_minutes_at_most(style: str, tempo: int, who: str) -> None:
    for meter in ("3/4", "5/4", "7/8"):
        preview = score(HUMS[who], style=style, tempo_bpm=tempo, time_signature=meter)
        assert 15 <= preview.duration + preview.tail <= 30
        song = score(HUMS[who], SONG, style=style, tempo_bpm=tempo, time_signature=meter)
        assert 60 <= song.duration + song.tail <= 180


@pytest.mark.parametrize("kind", list(OutputKind))
@pytest.mark.parametrize("who", HUMS)
def test_sections_and_chords_fill_the_piece_which_ends_on_the_tonic(kind: OutputKind, who: str) -> None:
    piece = score(HUMS[who], kind)
    sections = [(span.start, span.duration) for span in piece.sections]
    chords = [(chord.start, chord.duration) for chord in piece.chords]
    for spans in (sections, chords):
        assert spans[0][0] == 0
        assert sum(spans[-1]) == pytest.approx(piece.duration)
        assert [sum(span) for span in spans[:-1]] == pytest.approx([start for start, _ in spans[1:]])
    assert piece.chords[-1].pitches[0] % 12 == Scale.of(piece.sections[-1].key).tonic


@pytest.mark.parametrize("kind", list(OutputKind))
def test_the_form_names_every_section_with_its_time_and_its_key(kind: OutputKind) -> None:
    piece = score(kind=kind, style="pop")
    form = piece.form
    assert [(each.name, each.bars) for each in form] == [(span.name, span.bars) for span in piece.sections]
    assert form[0].start == 0
    assert form[-1].end == pytest.approx(piece.duration, abs=0.001)
    assert [each.start for each in form[1:]] == [each.end for each in form[:-1]]
    assert all(Scale.of(each.key) for each in form)  # also where the section's is the piece's


@pytest.mark.parametrize("kind", list(OutputKind))
def test_the_harmony_has_the_chords_of_the_progression_without_gaps(kind: OutputKind) -> None:
    piece = score(kind=kind, style="pop")
    harmony = piece.harmony
    assert tuple(chord.symbol for chord in harmony) == piece.progression
    assert harmony[0].start == 0
    assert harmony[-1].end == pytest.approx(piece.duration, abs=0.001)
    assert [chord.start for chord in harmony[1:]] == pytest.approx([chord.end for chord in harmony[:-1]], abs=0.0011)


@pytest.mark.parametrize("style", STYLES)
def test_lead_plays_the_melody_as_it_was_hummed(style: str) -> None:
    piece = score(style=style, tempo_bpm=100, sections=[section("intro", 0.3, 1), section("theme", 0.8, 8)])
    lead, tune = part(piece, "lead"), [pitch for _, pitch in ODE if pitch is not None]
    (shift,) = {note.pitch - pitch for note, pitch in zip(lead.notes, tune, strict=True)}
    assert shift % 12 == 0
    beats, beat = [], 4.0
    for length, _ in ODE:
        beats.append(beat)
        beat += length
    assert [note.start for note in lead.notes] == pytest.approx([each * 0.6 for each in beats], abs=0.04)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", list(OutputKind))
def test_melody_has_its_register_to_itself(style: str, kind: OutputKind) -> None:
    piece = score(style=style, kind=kind)
    lead = part(piece, "lead")
    for each in piece.parts:
        if each.instrument.is_kit or each.name.startswith(BEHIND):
            continue
        assert each.gain_db <= lead.gain_db - 3
        above = [
            note
            for note in each.notes
            for tone in lead.notes
            if tone.start < note.start + note.duration - 0.05
            and note.start < tone.start + tone.duration - 0.05
            and note.pitch > tone.pitch
        ]
        assert len(above) <= 0.02 * len(each.notes), each.name


def test_same_seed_same_score_other_seed_another() -> None:
    assert score(seed=5) == score(seed=5)
    assert score(seed=5) != score(seed=6)
    assert part(score(None, seed=5), "lead") != part(score(None, seed=6), "lead")


def test_score_is_the_same_in_every_process() -> None:
    program = (
        "import zlib, msgspec; from tests.unit.test_arrangement import score;"
        "print(zlib.crc32(msgspec.json.encode(score())))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(seen) == 1


def test_styles_differ_in_players_harmony_and_groove() -> None:
    pieces = [score(style=style, tempo_bpm=90) for style in STYLES]
    assert len({frozenset(each.instrument for each in piece.parts) for piece in pieces}) == len(STYLES)
    assert len({tuple(chord.symbol for chord in piece.chords) for piece in pieces}) == len(STYLES)
    assert any("9" in chord.symbol or "7" in chord.symbol for chord in score(style="lofi").chords)


@pytest.mark.parametrize(("style", "player", "place"), [("lofi", "drums", 0.295), ("synthwave", "arpeggio", 0.25)])
def test_lofi_swings_and_synthwave_does_not(style: str, player: str, place: float) -> None:
    piece = score(style=style, tempo_bpm=80, sections=[section("theme", 0.8, 6)])
    offs = [(note.start / 0.75) % 0.5 for note in part(piece, player).notes]
    sixteenths = [off for off in offs if 0.2 < off < 0.4]
    assert len(sixteenths) > 10
    assert sum(sixteenths) / len(sixteenths) == pytest.approx(place, abs=0.015)


@pytest.mark.parametrize("style", STYLES)
def test_energy_brings_players_and_notes(style: str) -> None:
    counts, players = [], []
    for energy in (0.1, 0.5, 1.0):
        piece = score(style=style, tempo_bpm=100, sections=[section("verse", energy, 9)])
        counts.append(sum(len(each.notes) for each in piece.parts))
        players.append(len(piece.parts))
    assert counts == sorted(set(counts))
    assert players[0] < players[-1]


@pytest.mark.parametrize("style", DRUMMED)
def test_drums_lead_into_the_livelier_section(style: str) -> None:
    def fills(after: float) -> int:
        sections = [section("verse", 0.6, 4), section("chorus", after, 4)]
        piece = score(style=style, tempo_bpm=100, sections=sections)
        border = piece.sections[1].start
        return sum(border - 2.4 <= note.start < border - 0.05 for note in part(piece, "drums").notes)

    assert fills(1.0) > fills(0.6)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", list(OutputKind))
def test_last_chord_rings_to_the_end_and_the_drums_stop(style: str, kind: OutputKind) -> None:
    piece = score(style=style, kind=kind)
    last_bar = piece.duration - 4 * 60 / piece.tempo_bpm
    tonic = Scale.of(piece.sections[-1].key).tonic
    ringing = [
        note
        for each in piece.parts
        if not each.instrument.is_kit
        for note in each.notes
        if note.start + note.duration > piece.duration - 0.2
    ]
    chord = {pitch % 12 for pitch in piece.chords[-1].pitches}
    assert tonic in chord
    assert {note.pitch % 12 for note in ringing} >= chord & {tonic, (tonic + 4) % 12}  # open chords have no third
    kits = [each for each in piece.parts if each.instrument.is_kit]
    assert bool(kits) == STYLES[style].has_drums
    assert all(note.start < last_bar + 0.1 for each in kits for note in each.notes)


def test_voice_sings_the_theme_in_its_own_octave() -> None:
    hummed = HUMS["ode"]
    assert hummed is not None
    piece = score(hummed, tempo_bpm=100, sections=[section("intro", 0.3, 1), section("verse", 0.4, 8)])
    (lead,) = piece.vocals
    assert lead.role == "lead"
    assert [note.pitch for note in lead.notes] == [pitch for _, pitch in ODE if pitch is not None]
    for note, heard in zip(lead.notes, hummed.notes, strict=True):
        assert note.source_onset == heard.onset
        assert note.source_duration >= 0.9 * heard.duration
    for note, after in pairwise(lead.notes):
        assert note.start + note.duration <= after.start + 1e-9
    first_phrase = hummed.notes[:14]
    legato = [lead.notes[index].source_duration for index in range(14)]
    assert legato == pytest.approx(
        [hummed.notes[index + 1].onset - note.onset for index, note in enumerate(first_phrase)]
    )


def test_choir_joins_in_lively_sections_only() -> None:
    piece = score(kind=SONG)
    lively = [span for span in piece.sections if span.energy >= 0.7]
    harmonies = [line for line in piece.vocals if line.role == "harmony"]
    doubles = [line for line in piece.vocals if line.role == "double"]
    assert len(harmonies) == 2
    assert len(doubles) == 2
    assert all(line.gain_db <= -13 for line in harmonies)
    assert all(-12 <= line.gain_db <= -9 for line in doubles)
    assert [line.notes[0].pitch - round(line.notes[0].pitch) for line in doubles] == pytest.approx([0.07, -0.075])
    assert doubles[0].pan * doubles[1].pan < 0
    for line in harmonies:
        for note in line.notes:
            assert any(span.start - 0.01 <= note.start < span.start + span.duration for span in lively)


def test_harmonies_are_consonant_steps_of_the_key() -> None:
    piece = score(kind=SONG)
    lead = {round(note.start, 6): note.pitch for note in piece.vocals[0].notes}
    scale = Scale.of(piece.key)
    for line in piece.vocals:
        if line.role == "harmony":
            intervals = [abs(note.pitch - lead[round(note.start, 6)]) for note in line.notes]
            assert all(scale.contains(round(note.pitch)) for note in line.notes)
            assert sum(interval in {3, 4, 8, 9} for interval in intervals) / len(intervals) > 0.6
            assert all(3 <= interval <= 9 for interval in intervals)


@pytest.mark.parametrize("who", ["ode", "two minutes", "waltz"])
@pytest.mark.parametrize("kind", list(OutputKind))
def test_vocals_stay_inside_the_piece_and_the_recording(who: str, kind: OutputKind) -> None:
    hummed = HUMS[who]
    assert hummed is not None
    piece = score(hummed, kind)
    for line in piece.vocals:
        assert line.notes[-1].start + line.notes[-1].duration <= piece.duration + 1e-6
        assert all(note.source_onset >= 0 for note in line.notes)
        assert all(note.source_onset + note.source_duration <= hummed.duration for note in line.notes)
        assert all(note.duration > 0 for note in line.notes)


def test_without_a_hum_there_is_a_theme_and_nobody_sings() -> None:
    piece = score(None, key="Eb")
    assert piece.vocals == ()
    notes = [note.pitch for note in part(piece, "lead").notes]
    assert len(notes) > 8
    assert all(Scale.of("Eb").contains(pitch) for pitch in notes)


def test_transposed_voice_and_lead_agree() -> None:
    piece = score(key="D", sections=[section("theme", 0.8, 9)])
    sung = [note.pitch % 12 for note in piece.vocals[0].notes]
    played = {round(note.start, 1): note.pitch % 12 for note in part(piece, "lead").notes}
    together = [played.get(round(note.start, 1), note.pitch % 12) for note in piece.vocals[0].notes]
    assert sung == together
    assert sung[:4] == [6, 6, 7, 9]


def test_score_survives_json() -> None:
    piece = score()
    assert msgspec.json.decode(msgspec.json.encode(piece), type=Score) == piece


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Lo-Fi beats", "lofi"),
        ("epic trailer", "cinematic"),
        ("orchestral", "orchestral"),
        ("a classical symphony", "orchestral"),
        ("epic movie soundtrack", "cinematic"),
        ("80s retro", "synthwave"),
        ("80s retro pop", "pop"),
        ("dance floor", "pop"),
        ("drone for meditation", "ambient"),
        ("folk song on a guitar", "acoustic"),
        ("8-bit arcade", "chiptune"),
        ("bossa nova", "bossa"),
        ("brazilian café", "bossa"),
        ("rock ballad", "rock"),
        ("classic rock", "rock"),
        ("heavy metal", "rock"),
        ("electric guitar", "rock"),
        ("chill hip hop", "lofi"),
        ("smoky jazz", "lofi"),
        ("chill synthwave", "synthwave"),
        ("Film noir", "cinematic"),
        ("electro", "synthwave"),
        ("полька", "cinematic"),
    ],
)
def test_style_words(wanted: str, name: str) -> None:
    assert resolve_style(wanted).name == name
