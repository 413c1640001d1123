"""Listening to a moment: waveform, loops and mixer; stems that stay together to the sample, whatever happens."""

import io
import re

import httpx
import numpy as np
import pytest
import soundfile
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.support.complaints import Complaints
from tests.support.heard_stems import NOISE, RATE, Samples, place_of, run, samples
from tests.support.studio_page import axe, screenshot, wide
from tests.support.up import HUM, Up

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def moment(service: Up) -> str:
    """The id of a moment that is done."""
    with httpx.Client(base_url=service.url, timeout=30) as api:
        job = str(api.post("/v1/create-moment", files={"file": HUM.read_bytes()}).json()["job_id"])
        while not api.get(f"/v1/jobs/{job}", headers={"Prefer": "wait=20"}).json()["terminal"]:
            pass
    return job


def listen(page: Page, moment: str) -> None:
    """Open a moment, and wait until it can be played."""
    page.goto(f"/#/moments/{moment}")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function("() => document.querySelector('.slider').ariaValueMax > 10")


def place(page: Page) -> float:
    return float(page.locator(".slider").get_attribute("aria-valuenow") or 0)


DECK = (
    f"""
    const {{ Deck }} = await load('player/deck.js');
    const noise = {NOISE}, context = new OfflineAudioContext(3, 5 * 44100, 44100), deck = new Deck(context);
    """
    """
    const sides = new ChannelMergerNode(context, { numberOfInputs: 3 });
    deck.output.disconnect();
    sides.connect(context.destination);
    const hear = (name, side) => { deck.add(name, 'stems', noise); deck.meter(name).connect(sides, 0, side); };
    const at = (seconds, act) => void context.suspend(seconds).then(() => { act(); void context.resume(); });
    let paused = 0;
    hear('voice', 0);
    hear('band', 1);
    at(0.1, () => deck.start(0, null));
    at(0.5, () => deck.start(3, null));
    at(1.0, () => deck.start(null, { start: 3.2, end: 3.7 }));
    at(2.0, () => hear('drums', 2));
    at(2.5, () => deck.level('band', 0));
    at(3.0, () => deck.level('band', 1));
    at(3.3, () => { paused = deck.stop(); });
    at(3.6, () => deck.start(paused, null));
    const heard = await context.startRendering();
    return [...[0, 1, 2].map((side) => base64(heard.getChannelData(side))), base64(noise.getChannelData(0))];
    """
)


def test_tracks_are_together_to_the_sample_after_whatever_is_done(page: Page) -> None:
    page.goto("/")
    *tracks, noise = map(samples, run(page, DECK))

    def places(seconds: float, *which: int) -> list[int]:
        first = round(seconds * RATE)
        return [place_of(tracks[index][first : first + 2048], noise) for index in which]

    for seconds, which in [(0.3, (0, 1)), (0.8, (0, 1)), (1.4, (0, 1)), (1.9, (0, 1)), (2.3, (0, 1, 2)),
                           (2.8, (0, 2)), (3.2, (0, 1, 2)), (3.8, (0, 1, 2)), (4.6, (0, 1, 2))]:  # fmt: skip
        found = places(seconds, *which)
        assert len(set(found)) == 1, (seconds, found)
    assert places(0.9, 0)[0] - places(0.8, 0)[0] == round(0.9 * RATE) - round(0.8 * RATE)  # it goes on
    assert all(3.2 * RATE <= found < 3.7 * RATE for found in places(1.9, 0, 1))
    assert np.abs(tracks[1][round(2.8 * RATE) : round(2.9 * RATE)]).max() < 1e-3  # muted
    assert max(np.abs(track[round(3.4 * RATE) : round(3.6 * RATE)]).max() for track in tracks) == 0  # paused
    assert np.array_equal(tracks[0][round(4 * RATE) :], tracks[2][round(4 * RATE) :])


LIVE = """
    const { Moment } = await load('moments/moment.js'), { musicOf } = await load('player/music.js');
    const leave = new AbortController(), moment = new Moment(argument);
    await moment.refresh(leave.signal);
    const music = musicOf(moment, leave.signal), { playback } = music;
    await music.mix();
    const [voice, band] = ['vocals', 'instrumental'].map((name) => music.channel(name));
    await music.stem(voice, leave.signal);
    playback.hear('stems');
    await playback.play();
    const { context } = playback.tracks.meter('vocals');
    const sides = new ChannelMergerNode(context, { numberOfInputs: 2 }), pieces = [[], []];
    const tap = context.createScriptProcessor(4096, 2, 1);
    tap.onaudioprocess = ({ inputBuffer }) =>
      pieces.forEach((list, side) => list.push(inputBuffer.getChannelData(side).slice()));
    sides.connect(tap).connect(context.destination);
    playback.tracks.meter('vocals').connect(sides, 0, 0);
    await music.stem(band, leave.signal); // joins in
    playback.tracks.meter('instrumental').connect(sides, 0, 1);
    await sleep(1);
    playback.seek(8);
    await sleep(1);
    playback.setLoop({ start: 8, end: 9.7 });
    await sleep(2.5);
    playback.hear('mix');
    voice.muted.value = true;
    music.apply();
    await sleep(0.4);
    voice.muted.value = false;
    music.apply();
    playback.pause();
    await sleep(0.3);
    await playback.play();
    await sleep(1);
    playback.setLoop(null);
    await sleep(0.7);
    const whole = async (list) => base64(new Float32Array(await new Blob(list).arrayBuffer()));
    const heard = [await whole(pieces[0]), await whole(pieces[1])];
    leave.abort();
    return [...heard, context.state];
"""


def test_voice_and_band_do_not_drift_apart(page: Page, service: Up, moment: str, complaints: Complaints) -> None:
    """What is heard in real time, compared with the files: both stems are at the same place of the music."""
    complaints.allow("ScriptProcessorNode is deprecated")  # a worklet would need a file of its own
    page.goto("/")
    voice, band, _ = run(page, LIVE, moment)
    heard = [samples(voice), samples(band)]
    files = [_stem(service, moment, name) for name in ("vocals", "instrumental")]
    compared = 0
    for first in range(0, len(heard[0]) - 16384, 8192):
        pieces = [side[first : first + 16384] for side in heard]
        if min(_quietest(piece) for piece in pieces) < 1e-3:  # muted, paused, or a breath
            continue
        halves = [
            [place_of(half, file) for half in np.split(piece, 2)] for piece, file in zip(pieces, files, strict=True)
        ]
        if any(later - earlier != 8192 for earlier, later in halves):
            continue  # the music jumped within this piece
        places = [earlier for earlier, _ in halves]
        assert places[0] == places[1], (first / RATE, places)
        compared += 1
    assert compared >= 8


def _quietest(piece: Samples) -> float:
    return float(min(np.sqrt(np.mean(np.square(part))) for part in np.split(piece, 8)))


def _stem(service: Up, moment: str, name: str) -> Samples:
    answer = httpx.get(f"{service.url}/v1/jobs/{moment}/audio?artifact={name}", follow_redirects=True, timeout=30)
    sound, _ = soundfile.read(io.BytesIO(answer.content), dtype="float32")
    return np.asarray(sound.mean(axis=1), dtype=np.float32)


SWITCH = """
    const { Moment } = await load('moments/moment.js'), { playbackOf } = await load('player/music.js');
    const leave = new AbortController();
    const [one, other] = [new Moment(argument), new Moment(argument)].map((moment) => playbackOf(moment, leave.signal));
    await Promise.all([one, other].map((playback) => playback.alive && playback.load()));
    await one.play();
    one.seek(5);
    await sleep(0.5);
    const before = one.position;
    await one.switchTo(other);
    const after = [one.playing.value, other.playing.value, other.position - before];
    await other.switchTo(one, (seconds) => seconds / 2);
    const half = [one.playing.value, other.playing.value, one.position];
    leave.abort();
    return [...after, ...half];
"""


def test_two_versions_are_compared_at_the_same_place(page: Page, moment: str) -> None:
    page.goto("/")
    one, other, moved, back, gone, half = run(page, SWITCH, moment)
    assert (one, other, back, gone) == (False, True, True, False)
    assert 0 <= moved < 0.2
    assert 2.5 <= half < 3.5


def test_the_player_is_worked_by_keys_alone(page: Page, moment: str) -> None:
    listen(page, moment)
    slider = page.get_by_role("slider", name="Position in the music")
    slider.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    assert place(page) > 3
    expect(slider).to_have_attribute("aria-valuetext", "0:03 of 0:23, theme, Dm/F")
    page.keyboard.press("l")
    section = page.get_by_role("button", name="Loop theme")
    expect(section).to_have_attribute("aria-pressed", "true")
    end = page.get_by_role("slider", name="End of the loop")
    end.focus()
    page.keyboard.press("PageDown")
    expect(end).to_have_attribute("aria-valuenow", "9.0")
    expect(section).to_have_attribute("aria-pressed", "false")
    slider.focus()
    page.keyboard.press("Escape")
    expect(end).to_be_hidden()
    page.keyboard.press("Home")
    page.locator("#main").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.slider').ariaValueNow >= 1")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_click_seeks_and_a_drag_loops(page: Page, moment: str) -> None:
    listen(page, moment)
    page.locator(".slider").scroll_into_view_if_needed()
    box = page.locator(".slider").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 30)
    assert 11 < place(page) < 12.5
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 30, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Looping 0:02–0:07")).to_be_visible()
    page.get_by_role("button", name="Looping").click()
    expect(page.get_by_role("slider", name="Start of the loop")).to_be_hidden()


def test_loops_are_found_without_a_tooltip(page: Page, moment: str) -> None:
    listen(page, moment)
    expect(page.get_by_text("Press a section, or drag across the waveform, to loop it.")).to_be_visible()
    page.get_by_role("button", name="Loop this part").click()
    expect(page.locator(".section").first).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("Drag the two edges of the loop to move them.")).to_be_visible()
    page.get_by_role("button", name="Looping").click()
    expect(page.get_by_role("slider", name="Start of the loop")).to_be_hidden()
    expect(page.locator(".section").first).to_have_accessible_name(re.compile("Loop build: .*, D minor, energy"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mixer_is_for_everyone(small_phone: Page, moment: str, scheme: str) -> None:
    small_phone.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    listen(small_phone, moment)
    small_phone.get_by_role("button", name="Mixer").click()
    mute = small_phone.get_by_role("button", name="Mute Voice")
    expect(mute).to_be_visible(timeout=PATIENCE_MS)
    expect(small_phone.get_by_role("radio", name="Finished mix")).to_be_checked()
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    expect(
        small_phone.get_by_role("radio", name="Single tracks (stems)")
    ).to_be_checked()  # who touches a stem wants to hear it
    expect(small_phone.get_by_role("slider", name="Level of Band")).to_have_attribute("aria-valuetext", "0 dB")
    assert wide(small_phone) == []
    axe(small_phone)
    screenshot(small_phone, f"listening-{scheme}")


def test_leaving_the_view_ends_the_sound(page: Page, moment: str) -> None:
    page.add_init_script(
        "window.contexts = []; window.AudioContext = class extends AudioContext "
        "{ constructor(options) { super(options); contexts.push(this) } }"
    )
    listen(page, moment)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => contexts.length === 1 && contexts[0].state === 'running'")
    page.evaluate("location.hash = '/'")
    page.wait_for_function("() => contexts[0].state === 'closed'")


def test_without_a_cors_rule_the_mix_plays_and_the_page_says_why(
    page: Page, moment: str, complaints: Complaints
) -> None:
    complaints.allow("ERR_|Failed to load|Failed to fetch")
    page.route("**/v1/objects/**", _only_media)
    page.goto(f"/#/moments/{moment}")
    expect(page.get_by_text("needs a CORS rule")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('.slider').ariaValueNow >= 1")
    expect(page.get_by_role("button", name="Mixer")).to_be_hidden()


def _only_media(route: Route) -> None:
    if route.request.resource_type == "media":
        route.continue_()
    else:
        route.abort()


def test_an_expired_url_is_read_again(page: Page, moment: str, complaints: Complaints) -> None:
    complaints.allow("403")
    refused: list[str] = []

    def expire(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=403)

    page.route("**/v1/objects/**/final.*", expire, times=1)
    listen(page, moment)
    page.wait_for_function("() => document.querySelector('.remark').textContent === ''")
    expect(page.get_by_role("button", name="Mixer")).to_be_visible()
    assert len(refused) == 1


def test_what_cannot_be_decoded_is_played_by_the_browser(page: Page, moment: str) -> None:
    page.add_init_script("OfflineAudioContext.prototype.decodeAudioData = () => Promise.reject(new Error('no codec'))")
    page.goto(f"/#/moments/{moment}")
    expect(page.get_by_text("there is no mixer")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('.slider').ariaValueNow >= 1")


def test_the_voice_plays_first_and_the_mix_takes_over(context: BrowserContext, service: Up) -> None:
    """The files are shown to the page one by one, as slowly as a person hears them."""
    page, shown = context.new_page(), {"vocals"}

    def hold(route: Route) -> None:
        answer = route.fetch()
        if answer.status == 200 and "audio" not in route.request.url:
            status = answer.json()
            status["artifacts_detail"] = [file for file in status["artifacts_detail"] if file["name"] in shown]
            status |= {} if "final" in shown else {"terminal": False, "status": "MIXING"}
            headers = {name: value for name, value in answer.headers.items() if name not in {"etag", "content-length"}}
            route.fulfill(response=answer, json=status, headers=headers)
        else:
            route.fulfill(response=answer)

    page.route("**/v1/jobs/*", hold)
    page.goto("/")
    sent = httpx.post(f"{service.url}/v1/create-moment", files={"file": HUM.read_bytes()}, timeout=30)
    page.evaluate("id => { location.hash = `/moments/${id}` }", sent.json()["job_id"])
    expect(page.get_by_text("Your voice, in tune")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function("() => document.querySelector('.slider').ariaValueNow >= 1", timeout=PATIENCE_MS)
    shown.add("instrumental")
    expect(page.get_by_text("not mixed yet")).to_be_visible(timeout=PATIENCE_MS)
    before = place(page)
    shown.add("final")
    expect(page.get_by_text("not mixed yet")).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert place(page) >= before
