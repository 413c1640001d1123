"""What opening a page costs: bytes over the wire, what the first paint waits for, and when it comes."""

from typing import Any, Final, NamedTuple

from playwright.sync_api import Page

RTT_MS: Final = 150
BYTES_PER_SECOND: Final = 1_600_000 // 8
CPU_SLOWDOWN: Final = 4
"""A mid-range phone on a slow 4G network, as Lighthouse throttles."""

_TIMES = """() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    blocking: performance.getEntriesByType('resource')
        .filter(e => e.renderBlockingStatus === 'blocking').map(e => e.name),
    scripts: performance.getEntriesByType('resource').filter(e => e.name.endsWith('.js')).map(e => e.name),
    foretold: [...document.querySelectorAll('link[rel=modulepreload], script[src]')].map(e => e.href || e.src),
})"""


class Load(NamedTuple):
    """One opening of a page with an empty cache.

    Attributes:
        sizes: Bytes over the wire with their headers, by URL.
        paint_ms: First contentful paint.
        blocking: URLs that it waits for, other than the page itself.
        scripts: URLs of modules.
        foretold: Those that the page itself names, so that they are asked for at once.
    """

    sizes: dict[str, int]
    paint_ms: float
    blocking: list[str]
    scripts: list[str]
    foretold: list[str]


def load(page: Page, url: str, *, throttled: bool = False) -> Load:
    """Open a page in a fresh tab; return when it asks for nothing more.

    Args:
        page: A tab whose context has opened nothing yet.
        url: Of the page.
        throttled: Whether network and processor are those of the phone.
    """
    urls: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def finished(event: dict[str, Any]) -> None:
        name = urls[event["requestId"]]
        sizes[name] = sizes.get(name, 0) + int(event["encodedDataLength"])

    devtools = page.context.new_cdp_session(page)
    devtools.on("Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]}))
    devtools.on("Network.loadingFinished", finished)
    devtools.send("Network.enable")
    if throttled:
        rates = {"downloadThroughput": BYTES_PER_SECOND, "uploadThroughput": BYTES_PER_SECOND}
        devtools.send("Network.emulateNetworkConditions", {"offline": False, "latency": RTT_MS, **rates})
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    times = page.evaluate(_TIMES)
    return Load(sizes, times["paint"], times["blocking"], times["scripts"], times["foretold"])
