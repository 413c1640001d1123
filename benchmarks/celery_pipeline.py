"""The same pipeline on Celery and Redis: the previous version of the service, as lean as it can be written.

`celery -A benchmarks.celery_pipeline worker` runs the tasks; `python -m benchmarks.celery_pipeline PORT` is its api,
on the same framework and server as ours. Chain: blueprint → mark → chord of two renders → mix; with BENCH_ONE_TASK, one
task does all of it. Every task writes the job's row through SQLAlchemy and calls the same tools over HTTP, by the
client that costs least; objects lie in the same store of files, written and checked by the same code.
"""

import asyncio
import os
import sys
import threading
from functools import cache
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import msgspec
from litestar import Litestar, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from adapters.filesystem.drafts import Commits, FolderDraft
from adapters.filesystem.files import describe, path_of
from application.objects.signed_objects import OBJECTS_PATH
from entrypoints.api.server import serve_app

celery: Final[Any] = import_module("celery")
sqlalchemy: Final[Any] = import_module("sqlalchemy")
orm: Final[Any] = import_module("sqlalchemy.orm")

REDIS: Final = os.environ.get("BENCH_REDIS", "")
HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
ENVELOPE: Final = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
app: Final = celery.Celery("pipeline", broker=REDIS, backend=REDIS)
app.conf.update(
    task_acks_late=True,
    task_serializer="json",
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


class Table(orm.DeclarativeBase):  # type: ignore[misc] # the bench does not need SQLAlchemy's types
    """The models."""


class LegacyJob(Table):
    """The row of a job in that version."""

    __tablename__ = "legacy_jobs"
    id = sqlalchemy.Column(sqlalchemy.Uuid, primary_key=True)
    status = sqlalchemy.Column(sqlalchemy.Text)
    original_key = sqlalchemy.Column(sqlalchemy.Text)
    blueprint = sqlalchemy.Column(sqlalchemy.JSON)
    final_key = sqlalchemy.Column(sqlalchemy.Text)
    error = sqlalchemy.Column(sqlalchemy.Text)


@cache
def sessions() -> Any:
    """Return this process's sessions, created after the fork."""
    url = os.environ["BENCH_DATABASE"].replace("postgresql://", "postgresql+psycopg://")
    return orm.sessionmaker(sqlalchemy.create_engine(url, pool_size=8))


_of_thread: Final = threading.local()


def connection() -> HTTPConnection:
    """Return this thread's connection to the tools."""
    if (known := getattr(_of_thread, "connection", None)) is None:
        tools = urlsplit(os.environ["BENCH_TOOLS"])
        known = _of_thread.connection = HTTPConnection(str(tools.hostname), tools.port, timeout=30)
    return known


def write(job_id: str, **values: Any) -> None:
    """Change the job's row."""
    with sessions()() as session:
        job = session.get(LegacyJob, job_id)
        for name, value in values.items():
            setattr(job, name, value)
        session.commit()


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool."""
    params = {"name": name, "arguments": arguments, "_meta": ENVELOPE}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    tools = connection()
    tools.request("POST", "/mcp", msgspec.json.encode(message), HEADERS)
    answer = tools.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise HTTPException(answer.status)
    result: dict[str, Any] = msgspec.json.decode(content)["result"]["structuredContent"]
    return result


def url_of(key: str) -> str:
    """Return where an object is read and written."""
    return f"http://127.0.0.1{OBJECTS_PATH}/{key}"


def require(key: str) -> None:
    """Check that an object exists and is complete."""
    with path_of(Path(os.environ["BENCH_OBJECTS"]), key).open("rb") as file:
        describe(file, key)


def blueprint_task(job_id: str) -> dict[str, Any]:
    """Analyse the hum, complete and validate the blueprint."""
    write(job_id, status="ANALYZING")
    analysis = call("analyze_hum", audio_url=url_of(f"{job_id}/original"))["analysis"]
    blueprint = {
        "id": job_id,
        "style": "cinematic",
        "tempo_bpm": 96,
        "key": analysis["key"],
        "sections": [{"name": "theme", "bars": 8}],
        "lyrics": "Mm",
        "voice": {"voice_id": "hummer"},
        "metadata": {"analysis": analysis},
    }
    call("validate_blueprint", blueprint=blueprint)
    write(job_id, blueprint=blueprint)
    return blueprint


def mark_task(blueprint: dict[str, Any], job_id: str) -> dict[str, Any]:
    """Mark that rendering starts."""
    write(job_id, status="RENDERING")
    return blueprint


def render_task(blueprint: dict[str, Any], job_id: str, step: str) -> str:
    """Render a stem."""
    key = f"{job_id}/1/{step}.flac"
    melody = {"melody_upload_url": url_of(f"{job_id}/1/melody.midi")} if step == "instrumental" else {}
    urls = {"audio_url": url_of(f"{job_id}/original"), "upload_url": url_of(key), **melody}
    call(f"render_{step}", blueprint=blueprint, **urls)
    require(key)
    return key


def mix_task(stems: list[str], job_id: str) -> None:
    """Mix and master."""
    write(job_id, status="MIXING")
    key = f"{job_id}/1/final.mp3"
    call("synthesize_preview", stems={stem: url_of(stem) for stem in stems}, upload_url=url_of(key))
    require(key)
    write(job_id, status="COMPLETED", final_key=key)


def whole_task(job_id: str) -> None:
    """Make a moment in one task."""
    blueprint = mark_task(blueprint_task(job_id), job_id)
    mix_task([render_task(blueprint, job_id, step) for step in ("vocals", "instrumental")], job_id)


whole: Final = app.task(name="whole")(whole_task)
blueprint_of: Final = app.task(name="blueprint")(blueprint_task)
mark: Final = app.task(name="mark")(mark_task)
render: Final = app.task(name="render")(render_task)
mix: Final = app.task(name="mix")(mix_task)


def submit(content: bytes) -> str:
    """Store the recording and the row, queue the tasks; return the job's id."""
    job_id = uuid4()
    key = f"{job_id}/original"
    draft = FolderDraft(Path(os.environ["BENCH_OBJECTS"]), key, Commits())
    draft.append(content)
    draft.commit(key, "audio/wav")
    with sessions()() as session:
        session.add(LegacyJob(id=job_id, status="PENDING", original_key=key))
        session.commit()
    start(str(job_id))
    return str(job_id)


def start(text: str) -> None:
    """Queue the job's tasks."""
    if os.environ["BENCH_ONE_TASK"]:
        whole.apply_async((text,))
        return
    renders = celery.chord([render.s(text, "vocals"), render.s(text, "instrumental")], mix.s(text))
    celery.chain(blueprint_of.s(text), mark.s(text), renders).apply_async()


@post("/v1/create-moment", status_code=202)
async def create_moment(
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> dict[str, str]:
    """Accept a recording; blocking calls run in a thread."""
    content = await data["file"].read()
    return {"job_id": await asyncio.to_thread(submit, content)}


if __name__ == "__main__":
    anyio.run(
        serve_app,
        Litestar([create_moment], openapi_config=None),
        "127.0.0.1",
        int(sys.argv[1]),
        anyio.Event(),
        backend_options={"use_uvloop": True},
    )
