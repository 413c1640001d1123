"""The music-tools process: the studio's composition root, served over MCP."""

import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import msgspec
from anyio import to_thread

from adapters.audio import studio as audio
from adapters.audio.children.pool import ChildPool, open_pool
from adapters.audio.sampling.soundfont import SoundFont
from adapters.http.clients import open_client
from adapters.http.egress import guarded_client
from adapters.http.moments import HttpMoments
from adapters.http.transfers import HttpTransfers
from adapters.speech.espeak import EspeakSpeaker
from adapters.toolkit.authorities import Authority
from adapters.toolkit.kept_files import KeptFiles
from adapters.toolkit.workspaces import open_workspaces
from application.keys.known_keys import KnownKeys
from application.studio.analyze_hum import AnalyzeHum
from application.studio.create_moment import CreateMoment
from application.studio.encode_audio import EncodeAudio
from application.studio.mix_and_master import MixAndMaster
from application.studio.render_instrumental import RenderInstrumental
from application.studio.render_vocals import RenderVocals
from entrypoints.lifecycle import run_until_signalled
from entrypoints.music_tools.admission import Admission
from entrypoints.music_tools.bearer_auth import no_key
from entrypoints.music_tools.draining import Draining
from entrypoints.music_tools.exposure import require_token
from entrypoints.music_tools.hosting import host, listen
from entrypoints.music_tools.mix_tools import DEFAULT_VOICE
from entrypoints.music_tools.server import MCP_PATH, streamable_http
from entrypoints.music_tools.tools import Studio, build_server
from entrypoints.music_tools.workers import available_cores, limit_threads
from entrypoints.setting_kinds import without_login

FLUSH_SECONDS: Final = 1.0
"""For the last responses to be written."""

CLEAN_SECONDS: Final = 600.0

log: Final = logging.getLogger("moment.tools")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the process.

    Attributes:
        port: 0 selects a free one; `ready` receives the URL.
        token: The bearer token that callers must send; empty allows everybody.
        output_dir: The folder of results without an `upload_url`.
        output_seconds: How long they stay there.
        audio_dir: The folder whose recordings callers may name by their paths; None where they may name none.
        reachable: Hosts that URLs of callers may name although they are not public.
        api_base_url: The URL of the moments API; empty leaves out `create_moment`.
        api_key: The key that `create_moment` sends for callers who present none; may be empty.
        json_response: Respond in plain JSON: slightly faster, without progress.
        stateless: No sessions: any instance behind a load balancer serves any call.
        workers: Calls computed in parallel; 0 means one per core.
        speech: The speech engine that says lyrics, as in `MOMENT_SPEECH`; empty hums them.
        soundfont: What the band plays some instruments with, where a blueprint names it.
        grace: Seconds that running calls may take to finish at the end.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    token: str = ""
    output_dir: Path = Path(".moment/output")
    output_seconds: float = 86_400.0
    audio_dir: Path | None = None
    reachable: tuple[Authority, ...] = ()
    api_base_url: str = ""
    api_key: str = ""
    default_voice: str = DEFAULT_VOICE
    json_response: bool = False
    stateless: bool = True
    workers: int = 0
    speech: str = ""
    soundfont: SoundFont | None = None
    grace: float = 20.0

    def __repr__(self) -> str:
        """Show everything but secrets."""
        hidden = {
            "token": "***" if self.token else "",
            "api_key": "***" if self.api_key else "",
            "api_base_url": without_login(self.api_base_url),
        }
        shown = msgspec.structs.asdict(self) | hidden
        return f"Options({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


@asynccontextmanager
async def open_studio(options: Options, children: ChildPool, kept: KeptFiles) -> AsyncIterator[Studio]:
    """Yield the studio with its adapters.

    Args:
        options: The options of the process.
        children: The child processes that compute.
        kept: Takes results that nobody uploads.

    Raises:
        OSError: The temporary directory cannot be written.
    """
    async with (
        open_workspaces() as workspaces,
        guarded_client(options.reachable) as guarded,
        open_client() as client,
    ):
        transfers, pitch = HttpTransfers(guarded, kept, workspaces), await to_thread.run_sync(workspaces.create)
        takes = await to_thread.run_sync(workspaces.create)
        band, desk = audio.SynthBand(children, options.soundfont, takes), audio.MasteringStudio(children)
        moments = HttpMoments(client, options.api_base_url, options.api_key) if options.api_base_url else None
        yield Studio(
            analyze_hum=AnalyzeHum(transfers, audio.SwiftTranscriber(children, pitch)),
            render_vocals=RenderVocals(transfers, audio.PsolaSinger(children, pitch), EspeakSpeaker(options.speech)),
            render_instrumental=RenderInstrumental(transfers, band),
            mix_and_master=MixAndMaster(transfers, band, desk),
            encode_audio=EncodeAudio(transfers, desk),
            create_moment=CreateMoment(transfers, moments) if moments else None,
            default_voice=options.default_voice,
            audio_dir=options.audio_dir,
            soundfont=options.soundfont.sha256 if options.soundfont else "",
        )


async def serve(
    options: Options, listener: socket.socket, stopping: anyio.Event, *, ready: Callable[[str], None]
) -> None:
    """Serve until `stopping` is set, then finish the running calls.

    Args:
        options: The options of the process.
        listener: The socket of its address; closed at the end.
        stopping: Begins the end.
        ready: Receives the endpoint's URL once the child processes are warm.

    Raises:
        OSError: The temporary directory cannot be written.
    """
    limit_threads()
    workers = options.workers or available_cores()
    warm = anyio.Event()
    url = f"http://{options.host}:{listener.getsockname()[1]}{MCP_PATH}"

    async def keep_children(children: ChildPool) -> None:
        await children.fill(spare=False)  # nobody waits for the spare
        warm.set()
        ready(url)
        await children.keep_filled()

    kept = KeptFiles(options.output_dir, options.output_seconds)
    async with (
        open_pool(workers, partial(audio.warm_up, options.soundfont)) as children,
        open_studio(options, children, kept) as studio,
    ):
        app = streamable_http(
            build_server(studio, Admission(workers)),
            host=options.host,
            token=options.token,
            is_warm=warm.is_set,
            json_response=options.json_response,
            stateless=options.stateless,
            is_key=KnownKeys(studio.create_moment.accepts) if studio.create_moment else no_key,
        )
        draining = Draining(app, stopping)
        async with anyio.create_task_group() as group:
            group.start_soon(keep_children, children)
            group.start_soon(keep_clean, kept)
            group.start_soon(host, draining, listener, FLUSH_SECONDS)
            await stopping.wait()
            await draining.finish(options.grace)
            group.cancel_scope.cancel()


async def keep_clean(kept: KeptFiles) -> None:
    """Delete old results now, and now and then, until cancelled."""
    while True:
        try:
            await to_thread.run_sync(kept.clean)
        except OSError:
            log.warning("old results cannot be deleted", exc_info=True)
        await anyio.sleep(CLEAN_SECONDS)


def main(options: Options, *, ready: Callable[[str], None]) -> None:
    """Run the process until SIGINT or SIGTERM.

    Raises:
        InvalidSettings: Other machines could call it without a token, or the address is taken.
        OSError: As for `serve`.
    """
    require_token(options.host, options.token)
    with listen(options.host, options.port) as listener:
        serve_until = partial(serve, options, listener, ready=ready)
        anyio.run(run_until_signalled, serve_until, backend_options={"use_uvloop": True})
