"""Stems as a page gets them: decoded from AAC, they begin at the sample at which they were rendered, and end so."""

from typing import Any

import pytest
from playwright.sync_api import Page

from domain.jobs.artifacts import Stem
from tests.support.moments import Finished

pytestmark = pytest.mark.browser

SMALL = "m4a_44100_128"
"""What every browser decodes."""

DECODE = """
async ([job, stems, format]) => {
  const context = new OfflineAudioContext(2, 1, 44100);
  const decode = async url => {
    const answer = await fetch(url, { headers: { Prefer: 'wait=30' } });
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    const bytes = await answer.arrayBuffer(), count = bytes.byteLength;
    const sound = await context.decodeAudioData(bytes);
    return { samples: sound.getChannelData(0), length: sound.length, count };
  };
  const lag = (one, two) => {
    let best = 0, found = null;
    for (let shift = -2200; shift <= 2200; shift++) {
      let sum = 0;
      for (let at = 4000; at < Math.min(one.length, two.length) - 4000; at += 11) sum += one[at] * two[at + shift];
      if (sum > best) [best, found] = [sum, shift];
    }
    return found;
  };
  const found = {};
  for (const stem of stems) {
    const url = `/v1/jobs/${job}/audio?artifact=${stem}`;
    const [whole, small] = [await decode(url), await decode(`${url}&format=${format}`)];
    found[stem] = { lag: lag(whole.samples, small.samples), lengths: [whole.length, small.length],
      share: small.count / whole.count };
  }
  return found;
}
"""


def test_decoded_stems_are_synchronous_to_the_sample(page: Page, finished: Finished) -> None:
    page.goto("/")  # at localhost: the stems come from 127.0.0.1
    found: dict[str, dict[str, Any]] = page.evaluate(DECODE, [finished.id, list(Stem), SMALL])
    assert [each["lag"] for each in found.values()] == [0, 0]
    assert len({length for each in found.values() for length in each["lengths"]}) == 1
    assert all(each["share"] < 0.25 for each in found.values())
