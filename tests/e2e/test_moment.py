"""The whole service as its users meet it: real processes, real HTTP, MCP and Postgres, and the sound that comes out."""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import mido
import numpy as np
import pytest
import soundfile

from adapters.audio.codecs import encoding
from adapters.audio.mix import loudness
from domain.blueprints.blueprint import OutputKind
from domain.blueprints.briefing import brief_of
from domain.blueprints.validation import parse
from domain.music.composition.arrangement import compose
from entrypoints.local.network import free_port
from tests.support.pitch_measures import features_of, heard_pitch
from tests.support.up import HUM, PATIENCE, Up, up

RATE = 22_050
ORDER = ["PENDING", "ANALYZING", "RENDERING", "MIXING", "COMPLETED"]


@pytest.fixture(scope="module")
def service() -> Iterator[Up]:
    """Give the running service; one for all tests of this module."""
    with tempfile.TemporaryDirectory(prefix="moment-e2e-") as folder, up(Path(folder) / "data", free_port()) as running:
        running.await_ready()
        yield running


def submit(service: Up, content: bytes, name: str = "hum.wav", **fields: str) -> httpx.Response:
    return httpx.post(f"{service.url}/v1/create-moment", files={"file": (name, content)}, data=fields, timeout=30)


def status_of(service: Up, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{service.url}/v1/status/{job_id}").raise_for_status().json()
    return found


def followed(service: Up, job_id: str) -> list[dict[str, Any]]:
    """Return every different status on the way to the end."""
    seen, deadline = [status_of(service, job_id)], time.monotonic() + PATIENCE
    while not seen[-1]["terminal"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        seen.append(status_of(service, job_id))
    return seen


def objects_of(service: Up, job_id: str) -> list[Path]:
    return [path for path in (service.data_dir / "objects").rglob("*") if job_id in str(path) and path.is_file()]


@pytest.fixture(scope="module")
def journey(service: Up) -> list[dict[str, Any]]:
    """Give all that was seen while one hum became music."""
    plan = {"style": "lofi", "metadata": {"mood": "brave"}}
    answer = submit(service, HUM.read_bytes(), name="../my hum.wav", blueprint_json=json.dumps(plan))
    assert answer.status_code == 202
    assert answer.headers["location"].endswith(answer.json()["job_id"])
    return followed(service, answer.json()["job_id"])


def test_the_status_is_live_through_every_stage(journey: list[dict[str, Any]]) -> None:
    visited = list(dict.fromkeys(status["status"] for status in journey))
    assert visited == [name for name in ORDER if name in visited]
    assert set(visited) >= {"ANALYZING", "RENDERING", "MIXING", "COMPLETED"}
    assert all(before["progress"] <= after["progress"] for before, after in pairwise(journey))
    assert all(status["blueprint_json"] for status in journey if status["status"] != "PENDING")
    assert journey[-1]["progress"] == 1
    assert {"id", "status", "original_audio_url", "blueprint_json", "final_audio_url"} <= set(journey[-1])


def test_the_blueprint_is_completed_from_the_hum_and_the_musicians_fields_stand(journey: list[dict[str, Any]]) -> None:
    blueprint = journey[-1]["blueprint_json"]
    assert (blueprint["style"], blueprint["metadata"]["mood"]) == ("lofi", "brave")
    assert (blueprint["key"], blueprint["tempo_bpm"]) == ("Dm", 70)  # 120 halved, and moved into lofi's range
    assert len(blueprint["metadata"]["analysis"]["notes"]) >= 28


def test_the_stems_were_rendered_side_by_side(journey: list[dict[str, Any]]) -> None:
    timings = {timing["name"]: timing for timing in journey[-1]["timings"]}
    vocals, instrumental = timings["vocals"], timings["instrumental"]
    overlap = min(t["start"] + t["seconds"] for t in (vocals, instrumental)) - max(
        vocals["start"], instrumental["start"]
    )
    assert overlap > 0.5 * min(vocals["seconds"], instrumental["seconds"])


def test_the_music_is_mastered_and_a_browser_can_seek_in_it(journey: list[dict[str, Any]], tmp_path: Path) -> None:
    url = journey[-1]["final_audio_url"]
    whole = httpx.get(url)
    part = httpx.get(url, headers={"Range": "bytes=1000-1999"})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/mpeg")
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    (tmp_path / "final.mp3").write_bytes(whole.content)
    samples, rate = encoding.decode(tmp_path / "final.mp3")
    assert 15 <= samples.shape[1] / rate <= 30
    assert abs(loudness.integrated(samples, rate) - -14) <= 0.5
    assert loudness.true_peak(samples) <= -1


def test_the_stems_and_the_score_can_be_had(journey: list[dict[str, Any]], tmp_path: Path) -> None:
    artifacts = journey[-1]["artifacts"]
    assert set(artifacts) == {"vocals", "instrumental", "melody", "lead_sheet"}
    lengths = set()
    for name in ("vocals", "instrumental"):
        (tmp_path / name).write_bytes(httpx.get(artifacts[name]).content)
        samples, rate = soundfile.read(tmp_path / name)
        lengths.add(len(samples))
        assert (rate, samples.shape[1]) == (44_100, 2)
        assert 0.05 < np.max(np.abs(samples)) < 1
    assert len(lengths) == 1
    (tmp_path / "melody.mid").write_bytes(httpx.get(artifacts["melody"]).content)
    lead = mido.MidiFile(tmp_path / "melody.mid").tracks[1]
    assert sum(message.type == "note_on" and message.velocity > 0 for message in lead) >= 12  # from the lift on
    sheet = httpx.get(artifacts["lead_sheet"]).text
    assert sheet.count("<pitch>") - sheet.count('<tie type="stop"') >= 28


def test_stems_of_the_parts_can_be_had_and_add_up_to_the_instrumental(service: Up, tmp_path: Path) -> None:
    answer = submit(service, HUM.read_bytes(), artifacts="parts")
    artifacts = followed(service, answer.json()["job_id"])[-1]["artifacts"]
    parts = sorted(set(artifacts) - {"vocals", "instrumental", "melody", "lead_sheet"})
    assert {"part_lead", "part_chords", "part_bass"} <= set(parts)
    sounds = {}
    for name in ("instrumental", *parts):
        (tmp_path / name).write_bytes(httpx.get(artifacts[name]).content)
        sounds[name], _ = soundfile.read(tmp_path / name)
    together = sum(sounds[name] for name in parts)
    assert np.corrcoef(sounds["instrumental"].ravel(), together.ravel())[0, 1] > 0.99


def test_the_same_hum_and_blueprint_make_the_same_audio(service: Up, journey: list[dict[str, Any]]) -> None:
    again = submit(service, HUM.read_bytes(), blueprint_json='{"style": "lofi", "metadata": {"mood": "brave"}}')
    last = followed(service, again.json()["job_id"])[-1]
    assert httpx.get(last["final_audio_url"]).content == httpx.get(journey[-1]["final_audio_url"]).content


def test_a_remix_sounds_as_its_edited_notes_say(service: Up, journey: list[dict[str, Any]], tmp_path: Path) -> None:
    heard = journey[-1]["blueprint_json"]["metadata"]["analysis"]
    notes = [
        {"start": note["onset"], "duration": note["duration"], "pitch": pitch}
        for note, pitch in zip(heard["notes"], heard["written"], strict=True)
    ]
    edited = max(notes[:12], key=lambda note: note["duration"])
    edited["pitch"] += 3
    calm = {"style": "acoustic", "sections": [{"name": "verse", "bars": 8, "energy": 0.3}]}  # one voice sings
    order = {"blueprint": calm, "notes": notes}
    answer = httpx.post(f"{service.url}/v1/jobs/{journey[-1]['id']}/remix", json=order).raise_for_status()
    remix = followed(service, answer.json()["job_id"])[-1]
    score = compose(brief_of(parse(remix["blueprint_json"]), OutputKind.PREVIEW))
    (voice,) = score.vocals
    wanted = [note for note in voice.notes if note.source_onset == edited["start"]]
    assert [note.pitch for note in wanted] == [edited["pitch"]]
    (tmp_path / "vocals.flac").write_bytes(httpx.get(remix["artifacts"]["vocals"]).content)
    start, end = wanted[0].start, wanted[0].start + wanted[0].duration
    assert abs(heard_pitch(features_of(tmp_path / "vocals.flac"), start, end) - edited["pitch"]) < 0.5
    (tmp_path / "melody.mid").write_bytes(httpx.get(remix["artifacts"]["melody"]).content)
    (lead,) = [part for part in score.parts if part.name == score.lead]
    played = [message.note for message in mido.MidiFile(tmp_path / "melody.mid").tracks[1] if message.type == "note_on"]
    assert {note.pitch % 12 for note in lead.notes if abs(note.start - start) < 0.1} == {edited["pitch"] % 12}
    assert [note.pitch for note in lead.notes][:8] == played[:8]


def test_other_formats_are_made_of_the_stems_and_lose_nothing(
    service: Up, journey: list[dict[str, Any]], tmp_path: Path
) -> None:
    url = f"{service.url}/v1/jobs/{journey[-1]['id']}/audio"
    sounds = {}
    for name in ("flac", "wav"):
        answer = httpx.get(url, params={"format": name}, headers={"Prefer": "wait=30"}, timeout=40)
        assert answer.status_code == 302, answer.text
        (tmp_path / name).write_bytes(httpx.get(answer.headers["location"]).content)
        sounds[name], rate = soundfile.read(tmp_path / name)
        assert (rate, soundfile.info(tmp_path / name).subtype) == (44_100, "PCM_24")
    assert np.max(np.abs(sounds["flac"] - sounds["wav"])) < 2**-22  # two encoders round the last of 24 bits
    spectrum = np.abs(np.fft.rfft(sounds["wav"][:, 0]))
    above = spectrum[np.fft.rfftfreq(len(sounds["wav"]), 1 / 44_100) > 17_000]
    (tmp_path / "mp3").write_bytes(httpx.get(journey[-1]["final_audio_url"]).content)
    decoded, _ = encoding.decode(tmp_path / "mp3")
    of_mp3 = np.abs(np.fft.rfft(decoded[0]))[np.fft.rfftfreq(decoded.shape[1], 1 / 44_100) > 17_000]
    assert np.sum(above**2) > 100 * np.sum(of_mp3**2)  # which MP3 cuts off
    details = {each["name"] for each in status_of(service, journey[-1]["id"])["artifacts_detail"]}
    assert {"final_flac_44100", "final_wav_44100"} <= details


def sound(samples: "np.typing.NDArray[np.float64]", container: str = "FLAC") -> bytes:
    with tempfile.NamedTemporaryFile(suffix=f".{container.lower()}") as file:
        soundfile.write(file.name, samples, RATE, format=container)
        return Path(file.name).read_bytes()


NOISE = np.random.default_rng(5)
HOPELESS = {
    "hum_too_short": lambda: sound(0.3 * np.sin(np.arange(RATE // 5) * 0.06)),
    "hum_silent": lambda: sound(np.zeros(RATE * 4)),
    "hum_without_pitch": lambda: sound(0.2 * NOISE.standard_normal(RATE * 4)),
    "hum_too_long": lambda: sound(0.3 * np.sin(np.arange(RATE * 600) * 0.06)),
    "audio_truncated": lambda: sound(0.3 * np.sin(np.arange(RATE * 8) * 0.06), "WAV")[: RATE * 4],
    "not_audio": lambda: b"RIFF\xff\xff\x00\x00WAVEfmt " + b"?" * 5000,
}


@pytest.mark.parametrize("code", HOPELESS)
def test_a_recording_that_cannot_become_music_fails_with_its_reason_and_is_kept_for_a_day(
    service: Up, code: str
) -> None:
    answer = submit(service, HOPELESS[code]())
    assert answer.status_code == 202
    job_id = answer.json()["job_id"]
    last = followed(service, job_id)[-1]
    assert (last["status"], last["error"]["code"], last["error"]["permanent"]) == ("FAILED", code, True)
    assert last["original_audio_url"]
    assert [path.name for path in objects_of(service, job_id)] == ["original"]


REFUSED: dict[str, tuple[bytes, dict[str, str], int]] = {
    "not_audio": (b"%PDF-1.7 this is a letter", {}, 415),
    "empty_upload": (b"", {}, 400),
    "invalid_blueprint": (HUM.read_bytes(), {"blueprint_json": '{"tempo_bpm": 999}'}, 400),
    "invalid_output_kind": (HUM.read_bytes(), {"output_kind": "opera"}, 400),
}


@pytest.mark.parametrize("code", REFUSED)
def test_an_upload_that_is_wrong_from_the_start_is_refused_at_once(service: Up, code: str) -> None:
    content, fields, expected = REFUSED[code]
    before = sorted((service.data_dir / "objects").rglob("*"))
    answer = submit(service, content, **fields)
    assert (answer.status_code, answer.json()["code"]) == (expected, code)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert sorted((service.data_dir / "objects").rglob("*")) == before


def test_a_running_moment_can_be_cancelled_and_leaves_nothing(service: Up) -> None:
    job_id = submit(service, HUM.read_bytes(), output_kind="song").json()["job_id"]
    while status_of(service, job_id)["status"] != "RENDERING":
        time.sleep(0.02)
    httpx.post(f"{service.url}/v1/jobs/{job_id}/cancel").raise_for_status()
    last = followed(service, job_id)[-1]
    assert (last["status"], last["final_audio_url"]) == ("CANCELLED", None)
    time.sleep(0.5)
    assert objects_of(service, job_id) == []


def test_lyrics_that_no_engine_says_are_hummed_with_a_warning(service: Up) -> None:
    plans = [{"lyrics": "Twinkle twinkle little star", "metadata": {"vocals": vocals}} for vocals in ("hum", "lyrics")]
    answers = [submit(service, HUM.read_bytes(), blueprint_json=json.dumps(plan)).json() for plan in plans]
    hummed, worded = (followed(service, answer["job_id"])[-1] for answer in answers)
    sheet = httpx.get(worded["artifacts"]["lead_sheet"]).text
    assert [text in sheet for text in ("<text>Twin</text>", "<text>kle</text>")] == [True, True]
    assert hummed["warnings"] == []
    assert [(found["code"], found["pointer"]) for found in worded["warnings"]] == [("lyrics_not_sung", "/lyrics")]
    one, other = (httpx.get(status["artifacts"]["vocals"]).content for status in (hummed, worded))
    assert one == other


def test_a_moment_is_followed_waited_for_and_deleted(service: Up) -> None:
    job_id = submit(service, HUM.read_bytes()).json()["job_id"]
    job = f"{service.url}/v1/jobs/{job_id}"
    events = httpx.get(f"{job}/events", timeout=PATIENCE).text
    told = re.findall(r"^id: (.*)\nevent: status\ndata: {\"status\":\"(\w+)", events, re.MULTILINE)
    assert told == [(f"{number}.0", status) for number, status in enumerate(ORDER)]
    assert events.index('"name":"vocals"') < events.index('"status":"MIXING"')
    status = httpx.get(job, headers={"Prefer": "wait=20"}).json()
    assert status["status"] == "COMPLETED"
    assert {detail["name"]: detail["seconds"] for detail in status["artifacts_detail"]}["vocals"] > 5
    (final,) = [detail for detail in status["artifacts_detail"] if detail["name"] == "final"]
    linked = httpx.get(f"{job}/audio", params={"artifact": "final"}, follow_redirects=True)
    assert len(linked.content) == final["bytes"]
    assert httpx.post(f"{job}/retry").status_code == 409
    assert httpx.delete(job).status_code == 204
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/retry"), ("DELETE", "")):
        answer = httpx.request(method, job + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    assert httpx.get(status["final_audio_url"]).status_code == 404


def test_a_refused_recording_is_retried_and_a_running_job_deleted(service: Up) -> None:
    refused = submit(service, HUM.read_bytes()[:44] + bytes(200_000)).json()["job_id"]
    error = followed(service, refused)[-1]["error"]
    assert (error["stage"], error["retryable"]) == ("ANALYZING", False)
    again = httpx.post(f"{service.url}/v1/jobs/{refused}/retry")
    assert (again.status_code, again.json()) == (202, {"job_id": refused, "status": "PENDING"})
    assert followed(service, refused)[-1]["status"] == "FAILED"
    running = f"{service.url}/v1/jobs/{submit(service, HUM.read_bytes()).json()['job_id']}"
    httpx.get(running, headers={"Prefer": "wait=5"}, timeout=30)
    assert httpx.delete(running, timeout=30).status_code == 204
    assert httpx.get(running).status_code == 404
