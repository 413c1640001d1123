"""What the environment changes about connections: proxies and certificate authorities."""

from adapters.toolkit.certificates import authorities_in_force, unusable_authorities
from adapters.toolkit.proxies import proxies_in_force, proxy_for, unusable_proxies
from entrypoints.doctor.report import ProbeResult, Report, Verdict
from entrypoints.settings import Settings


async def check_environment(settings: Settings, report: Report) -> None:
    """Report the variables that connections obey, what goes through a proxy, and variables that cannot be used."""
    if names := [*proxies_in_force(), *authorities_in_force()]:
        report.add("connections out", ProbeResult(f"uses {', '.join(names)}; {_ways(settings)}"))
    for problem in (*unusable_proxies(), *unusable_authorities()):
        report.add(problem.name, ProbeResult(f"ignored: {problem.reason}", Verdict.WARN, problem.fix))


def _ways(settings: Settings) -> str:
    spaces = settings.spaces
    store = spaces.endpoint or f"https://{spaces.region}.digitaloceanspaces.com" if spaces else ""
    places = {"DO_SPACES_ENDPOINT": store, "MCP_BASE_URL": settings.mcp_url, "PUBLIC_URL": settings.public_url}
    proxied = [name for name, url in places.items() if url and proxy_for(url)]
    return f"through a proxy: {', '.join(proxied)}" if proxied else "no configured service is reached through a proxy"
