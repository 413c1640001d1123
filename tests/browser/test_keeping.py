"""What is done with a moment that is finished: its files are saved, it is shared, and it is deleted."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import av
import httpx
import mido
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from entrypoints.web.words import key_in_words
from tests.support.complaints import Complaints
from tests.support.sent_moments import finish, send
from tests.support.studio_page import axe, screenshot, wide
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser

AUDIO = {
    "MP3": "mp3float",
    "WAV": "pcm_s24le",
    "FLAC": "flac",
    "M4A": "aac",
    "Opus": "opus",
    "Voice, FLAC": "flac",
    "Band, FLAC": "flac",
    "Lead, Opus": "opus",
    "Chords, Opus": "opus",
    "Bass, Opus": "opus",
    "Drums, Opus": "opus",
}
"""The codec of every file of sound, by its label."""


RECORDINGS = """() => new Promise((found, failed) => {
    const opening = indexedDB.open('moment');
    opening.onerror = failed;
    opening.onsuccess = () => {
        const keys = opening.result.transaction('recordings').objectStore('recordings').getAllKeys();
        keys.onsuccess = () => { opening.result.close(); found(keys.result); };
    } })"""
"""The moments whose recordings the device has."""


@pytest.fixture(scope="module")
def moment(service: Up) -> dict[str, Any]:
    """A moment with all files that there are; tests that change it leave it as it was."""
    wanted = {"blueprint_json": '{"style": "lofi"}', "artifacts": "parts_opus,pictures"}
    return finish(service, send(service, **wanted))


def keep(page: Page, *moments: dict[str, Any]) -> None:
    """Put moments into the list of a page, as if they were made with it, and open it."""
    kept = [
        {"id": one["id"], "createdAt": one["created_at"], "style": "lofi", "parentId": one.get("parent_id")}
        for one in moments
    ]
    page.goto("/#/mine")
    page.evaluate("list => localStorage.setItem('moment.mine', list)", json.dumps(kept))
    page.reload()


def opened(page: Page, moment: dict[str, Any]) -> Locator:
    """Open a moment; return its panel."""
    page.goto(f"/#/moments/{moment['id']}")
    panel = page.locator(".keeping")
    expect(panel).to_be_visible()
    return panel


def saved(page: Page, label: str) -> tuple[str, Path]:
    """Save a file by its label; return the name that the browser gives it, and where it is."""
    link = page.locator("a.file").filter(has=page.get_by_text(label, exact=True))
    with page.expect_download(timeout=60_000) as download:
        link.click()
    return download.value.suggested_filename, Path(download.value.path())


def test_every_file_is_saved_under_a_name_that_tells_what_it_is(page: Page, moment: dict[str, Any]) -> None:
    panel = opened(page, moment)
    panel.locator("summary").click()
    labels = panel.locator("a.file strong").all_inner_texts()
    assert {*AUDIO, "MIDI", "MusicXML", "What was heard", "The music", "Recording, WAV"} <= set(labels)
    day = datetime.fromisoformat(moment["created_at"]).astimezone().date().isoformat()
    key = key_in_words(moment["blueprint_json"]["key"])
    names = set()
    for label in labels:
        name, path = saved(page, label)
        names.add(name)
        assert re.fullmatch(rf"Lofi theme in {key}(, [\w ]+)?, {day}\.\w+", name), name
        assert path.read_bytes(), label
        check(label, path, moment)
    assert len(names) == len(labels)
    assert page.url.endswith(moment["id"])


def check(label: str, path: Path, moment: dict[str, Any]) -> None:
    """Assert that a file is what its label says."""
    match label:
        case "MIDI":
            assert mido.MidiFile(path).length > 10
        case "MusicXML":
            assert ET.parse(path).getroot().tag == "score-partwise"  # noqa: S314 - our own
        case "What was heard" | "The music":
            assert ET.parse(path).getroot().tag.endswith("svg")  # noqa: S314 - our own
        case "Recording, WAV":
            assert path.read_bytes() == HUM.read_bytes()
        case _:
            with av.open(str(path)) as file:
                (stream,) = file.streams.audio
                seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(stream))
                assert stream.codec.name == AUDIO.get(label, "opus")
            music = moment["form"][-1]["end"]
            assert abs(seconds - music) < 8, (label, seconds, music)  # the tail


def test_a_format_is_made_once_and_says_so(page: Page, service: Up, moment: dict[str, Any]) -> None:
    panel = opened(page, moment)
    saved(page, "FLAC")
    flac = panel.locator("a.file").filter(has=page.get_by_text("FLAC", exact=True))
    expect(flac.locator(".size")).to_have_text(re.compile(r"^[\d.]+ MB$"))
    names = [file["name"] for file in finish(service, moment["id"])["artifacts_detail"]]
    assert names.count("final_flac_44100") == 1


def test_without_a_network_the_panel_says_why_nothing_is_saved(
    page: Page, complaints: Complaints, moment: dict[str, Any]
) -> None:
    panel = opened(page, moment)
    complaints.allow("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    panel.locator("a.file").first.click()
    expect(panel.get_by_text("The service does not answer.")).to_be_visible()
    page.context.set_offline(False)
    assert saved(page, "MP3")[0].endswith(".mp3")


def test_a_link_is_made_only_when_asked_for_plays_for_everybody_and_is_taken_back(
    page: Page, browser: Browser, complaints: Complaints, service: Up, moment: dict[str, Any]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/share") else None)
    keep(page, moment)
    panel = opened(page, moment)
    assert asked == []
    panel.get_by_role("button", name="Make a link").click()
    expect(panel.locator(".share")).to_contain_text(
        re.compile("The link is ready.[ ]?It works on this device only, until")
    )
    panel.get_by_role("button", name="Copy").click()
    expect(panel.get_by_text("Copied.")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == panel.get_by_label("Link to “").input_value()
    page.reload()
    expect(panel.get_by_label("Link to “")).to_have_value(link)  # this device remembers it
    assert len(asked) == 1
    with_nothing = browser.new_context(java_script_enabled=False)
    stranger = with_nothing.new_page()
    stranger.goto(link)
    with stranger.expect_response(re.compile("/v1/objects/shared/")) as music:
        stranger.locator("audio").focus()
        stranger.keyboard.press("Space")
    assert music.value.status in {200, 206}
    panel.get_by_role("button", name="Remove the link").click()
    page.get_by_role("dialog").get_by_role("button", name="No, go back").click()
    assert httpx.get(link).status_code == 200
    panel.get_by_role("button", name="Remove the link").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the link").click()
    expect(panel.get_by_role("button", name="Make a link")).to_be_visible()
    assert httpx.get(link).status_code == 404
    with_nothing.close()


def test_without_a_clipboard_the_link_is_selected(page: Page, moment: dict[str, Any]) -> None:
    page.add_init_script("delete Navigator.prototype.clipboard; document.execCommand = () => false;")
    panel = opened(page, moment)
    panel.get_by_role("button", name="Make a link").click()
    panel.get_by_role("button", name="Copy").click()
    expect(panel.get_by_text("copy it yourself")).to_be_visible()
    link = panel.get_by_label("Link to “").input_value()
    assert page.evaluate("document.activeElement.value.slice(0, document.activeElement.selectionEnd)") == link


def test_a_device_with_a_sheet_for_sharing_gets_the_title_and_the_link(page: Page, moment: dict[str, Any]) -> None:
    page.add_init_script("Navigator.prototype.share = async given => { window.shared = given };")
    panel = opened(page, moment)
    panel.get_by_role("button", name="Make a link").click()
    panel.get_by_role("button", name="Send …").click()
    link = panel.get_by_label("Link to “").input_value()
    title = f"Lofi theme in {key_in_words(moment['blueprint_json']['key'])}"
    assert page.evaluate("window.shared") == {"title": title, "url": link}


def test_deleting_removes_it_everywhere_and_leaves_its_remixes(
    page: Page, context: BrowserContext, complaints: Complaints, service: Up, moment: dict[str, Any]
) -> None:
    complaints.allow("404")
    job_id = send(service, blueprint_json='{"style": "ambient"}')
    doomed = finish(service, job_id)
    keep(page, {**moment, "parent_id": job_id}, doomed)
    other = context.new_page()
    other.goto("/#/mine")
    expect(other.locator(".card")).to_have_count(2)
    panel = opened(page, doomed)
    remove = panel.get_by_role("button", name="Delete")
    remove.click()
    expect(page.get_by_role("dialog")).to_contain_text(
        "Its other version keeps your recording; what was heard first can no longer be compared."
    )
    axe(page, within="dialog")
    page.keyboard.press("Escape")
    expect(remove).to_be_focused()
    assert httpx.get(f"{service.url}/v1/jobs/{job_id}").status_code == 200
    remove.click()
    page.get_by_role("button", name="Delete this version only").click()
    expect(page.locator(".farewell")).to_contain_text("The other version keeps your recording.")
    expect(page.locator(".farewell")).not_to_contain_text("with your recording")
    assert page.url.endswith("#/mine")
    for tab in (page, other):
        expect(tab.locator(".card")).to_have_count(1)
    assert httpx.get(f"{service.url}/v1/jobs/{job_id}").status_code == 404
    assert httpx.get(f"{service.url}/v1/jobs/{moment['id']}").status_code == 200


def test_all_versions_are_deleted_together(page: Page, complaints: Complaints, service: Up) -> None:
    complaints.allow("404")
    first = finish(service, send(service))
    remix = [finish(service, remixed(service, first["id"])) for _ in range(2)]
    keep(page, *remix[::-1], first)
    delete = page.locator(".remixes .card").first.get_by_role("button", name="Delete")
    delete.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The 2 other versions of this hum keep your recording.")
    dialog.get_by_role("button", name="No, go back").click()
    page.locator(".moments > li > .card").get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("Its 2 versions keep your recording;")
    dialog.get_by_role("button", name="Delete this version only").click()
    expect(page.locator(".farewell")).to_contain_text("The 2 other versions keep your recording.")
    expect(page.locator(".remixes .card")).to_have_count(1)  # they still are versions of one hum
    page.locator(".card").first.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("The other version of this hum keeps your recording.")
    dialog.get_by_role("button", name="Delete all versions").click()
    expect(page.locator(".farewell")).to_contain_text("are deleted, with your recording and all their files.")
    expect(page.locator(".card")).to_have_count(0)
    for one in (first, *remix):
        assert httpx.get(f"{service.url}/v1/jobs/{one['id']}").status_code == 404


def test_a_version_whose_first_another_device_has_is_not_said_to_be_all(page: Page, service: Up) -> None:
    first = finish(service, send(service))
    panel = opened(page, finish(service, remixed(service, first["id"])))
    panel.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("The other version of this hum keeps your recording.")
    page.keyboard.press("Escape")


def remixed(service: Up, job_id: str) -> str:
    """Ask for the same again; return the id of the version."""
    answer = httpx.post(f"{service.url}/v1/jobs/{job_id}/remix", json={"style": "ambient"}, timeout=60)
    return str(answer.raise_for_status().json()["job_id"])


def test_a_moment_that_is_being_made_is_stopped_and_deleted(page: Page, complaints: Complaints, service: Up) -> None:
    complaints.allow("404|409")
    job_id = send(service, output_kind="song")
    keep(page, {"id": job_id, "created_at": datetime.now().astimezone().isoformat()})
    page.locator(".card").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator(".farewell")).to_contain_text("is deleted", timeout=60_000)
    expect(page.get_by_role("heading", name="My moments")).to_be_focused()
    assert httpx.get(f"{service.url}/v1/jobs/{job_id}").status_code == 404


def test_what_is_made_here_is_on_the_device_until_it_is_deleted(page: Page, complaints: Complaints) -> None:
    complaints.allow("404|409")
    page.goto("/")
    page.get_by_label("Choose a recording").set_input_files(HUM)
    page.get_by_role("button", name="Make my music").click()
    page.wait_for_url(re.compile("#/moments/"))
    job_id = page.url.rpartition("/")[2]
    page.reload()
    page.goto("/#/mine")
    card = page.locator(".card").filter(has=page.locator(f"a[href='#/moments/{job_id}']"))
    expect(card).to_be_visible()
    assert page.evaluate(RECORDINGS) == [job_id]
    card.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator(".farewell")).to_contain_text("is deleted")
    assert page.evaluate(RECORDINGS) == []


def test_it_is_said_how_long_a_moment_stays(page: Page, moment: dict[str, Any]) -> None:
    panel = opened(page, moment)
    until = datetime.fromisoformat(moment["expires_at"]).astimezone()
    expect(panel).to_contain_text(f"Kept until {until.day} {until:%b} {until.year}")


def test_who_opens_a_moment_of_another_device_may_add_it_to_the_list(page: Page, moment: dict[str, Any]) -> None:
    opened(page, moment).get_by_role("button", name="Add to my moments").click()
    page.goto("/#/mine")
    expect(page.get_by_role("link", name="Lofi theme in")).to_be_visible()


@pytest.fixture
def pages(page: Page, small_phone: Page, phone: Page) -> dict[str, Page]:
    return {"desktop": page, "320": small_phone, "phone": phone}


def test_the_panel_is_for_everyone(pages: dict[str, Page], moment: dict[str, Any]) -> None:
    for name, page in pages.items():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            panel = opened(page, moment)
            panel.locator("details").evaluate("details => { details.open = true }")
            panel.locator(".share button.primary:visible").first.click()
            expect(panel.locator("input.link")).to_be_visible()
            screenshot(page, f"keeping-{name}-{scheme}")
            axe(page, within=".keeping")
        panel.get_by_role("button", name="Delete").click()
        axe(page, within="dialog")
        screenshot(page, f"keeping-{name}-delete")
        page.keyboard.press("Escape")
    assert wide(pages["320"]) == []
