"""What the environment changes about connections: proxies and certificate authorities."""

from adapters.toolkit import outgoing
from entrypoints.doctor.report import ProbeResult, Report, Verdict
from entrypoints.settings import Settings


async def check_environment(settings: Settings, report: Report) -> None:
    """Report the variables that connections obey, what goes through a proxy, and variables that cannot be used."""
    if names := list(outgoing.in_force()):
        report.add("connections out", ProbeResult(f"{', '.join(names)} in force; {_ways(settings)}"))
    for problem in outgoing.unusable():
        report.add(problem.name, ProbeResult(f"ignored: {problem.reason}", Verdict.WARN, problem.fix))


def _ways(settings: Settings) -> str:
    spaces = settings.spaces
    store = spaces.endpoint or f"https://{spaces.region}.digitaloceanspaces.com" if spaces else ""
    places = {"DO_SPACES_ENDPOINT": store, "MCP_BASE_URL": settings.mcp_url, "PUBLIC_URL": settings.public_url}
    proxied = [name for name, url in places.items() if url and outgoing.proxy_for(url)]
    return f"through a proxy: {', '.join(proxied) or 'nothing configured'}"
