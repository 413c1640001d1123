"""The OpenAPI document says what the service does: responses have the shapes and the headers that it names."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import jsonschema
import msgspec
import pytest

from application.ports.jobs import DatabaseUnavailable
from domain.errors import JobError
from domain.jobs.job import JobId
from domain.jobs.transitions import Failed, JobStatus
from tests.support.api import ServedApi, serving_api
from tests.support.fake_faults import ALWAYS
from tests.support.fake_queue import InMemoryJobs
from tests.support.jobs import NOW, STARTED, a_job_that_is

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


WANTED_UPLOAD = {"content_type": "audio/wav", "bytes": 2044}


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedApi]:
    async with serving_api(tmp_path_factory.mktemp("objects")) as served:
        yield served


@pytest.fixture(scope="module")
async def document(api: ServedApi) -> Json:
    found: Json = (await api.http.get("/openapi.json")).json()
    return found


def resolved(document: Json, node: Json) -> Json:
    """Return a node of the document, or what it refers to."""
    found = node
    if "$ref" in node:
        found = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
    return found


def nodes(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def assert_documented(document: Json, operation: Json, answer: httpx.Response) -> None:
    """Check a response against what the document says about its status."""
    responses, status = operation["responses"], str(answer.status_code)
    response = resolved(document, responses.get(status) or responses[f"{status[0]}XX"])
    for name, header in response["headers"].items():
        assert name in answer.headers or not resolved(document, header).get("required"), name
    if "content" in response:
        media = response["content"][answer.headers["content-type"].partition(";")[0]]
        schema = {**document, **media["schema"]}
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(answer.json())
    else:
        assert answer.content == b""


async def test_every_response_is_as_it_is_documented(api: ServedApi, document: Json) -> None:
    jobs = [a_job_that_is(status, JobId(uuid4())) for status in JobStatus]
    for job in jobs:
        await api.jobs.add(job)
    accepted = await api.submit(blueprint_json='{"style": "gamelan"}')
    etag = (await api.http.get(accepted.headers["location"])).headers["etag"]
    status, cancel = "/v1/status/{job_id}", "/v1/jobs/{job_id}/cancel"
    calls = [
        *[("get", status, await api.http.get(f"/v1/status/{job.id}")) for job in jobs],
        ("post", "/v1/create-moment", accepted),
        ("get", status, await api.http.get(accepted.headers["location"], headers={"If-None-Match": etag})),
        ("get", status, await api.http.get(f"/v1/status/{uuid4()}")),
        ("post", "/v1/create-moment", await api.submit(b"text")),
        ("post", "/v1/create-moment", await api.http.post("/v1/create-moment", json={"upload_id": str(uuid4())})),
        ("post", "/v1/uploads", await api.http.post("/v1/uploads", json=WANTED_UPLOAD)),
        ("post", "/v1/uploads", await api.http.post("/v1/uploads", json={})),
        ("post", "/v1/create-moment", await api.submit(blueprint_json='{"key": 1}')),
        ("post", "/v1/create-moment", await api.submit(bytes(9_000_000))),
        ("post", cancel, await api.http.post(accepted.json()["job_id"].join(["/v1/jobs/", "/cancel"]))),
        ("get", "/v1/blueprints/schema", await api.http.get("/v1/blueprints/schema")),
        ("get", "/v1/styles", await api.http.get("/v1/styles")),
        ("get", "/healthz", await api.http.get("/healthz")),
        ("get", "/readyz", await api.http.get("/readyz")),
        *[
            ("post", "/v1/blueprints/validate", await api.http.post("/v1/blueprints/validate", content=body))
            for body in (b"{", b'{"tempo_bpm": 1}', b"{}", b" " * (1 << 20))
        ],
    ]
    for method, path, answer in calls:
        assert_documented(document, document["paths"][path][method], answer)
    assert {answer.status_code for *_, answer in calls} == {200, 201, 202, 304, 400, 404, 413, 415}


async def test_every_response_about_a_job_is_as_it_is_documented(api: ServedApi, document: Json) -> None:
    job_id, failed = [UUID((await api.submit()).json()["job_id"]) for _ in range(2)]
    row = api.jobs.rows[JobId(failed)]
    row.job = row.job.on(STARTED, NOW).on(Failed(JobError("child_lost", "out of memory")), NOW)
    etag = (await api.http.get(f"/v1/jobs/{failed}")).headers["etag"]
    calls: list[tuple[str, str, UUID, Json, int]] = [
        ("get", "", job_id, {"headers": {"Prefer": "wait=1"}}, 200),
        ("get", "", failed, {"headers": {"If-None-Match": etag}}, 304),
        ("get", "/audio", job_id, {"params": {"artifact": "original"}}, 302),
        ("get", "/audio", job_id, {"params": {"artifact": "original", "redirect": "false"}}, 200),
        ("get", "/audio", job_id, {}, 409),
        ("get", "/audio", job_id, {"params": {"artifact": "video"}}, 404),
        ("post", "/retry", job_id, {}, 409),
        ("post", "/retry", failed, {}, 202),
        ("post", "/cancel", job_id, {}, 200),
        ("delete", "", job_id, {}, 204),
        ("delete", "", job_id, {}, 404),
    ]
    for method, route, named, given, status in calls:
        answer = await api.http.request(method, f"/v1/jobs/{named}{route}", **given)
        assert answer.status_code == status, (method, route)
        assert_documented(document, document["paths"][f"/v1/jobs/{{job_id}}{route}"][method], answer)


async def test_both_routes_of_a_status_have_the_same_parameters_and_responses(document: Json) -> None:
    status, job = [document["paths"][f"/v1/{route}/{{job_id}}"]["get"] for route in ("status", "jobs")]
    assert {parameter["name"] for parameter in job["parameters"]} == {"job_id", "If-None-Match", "Prefer"}
    assert (status["parameters"], status["responses"]) == (job["parameters"], job["responses"])


@pytest.mark.parametrize(("error", "status"), [(DatabaseUnavailable("away"), 503), (RuntimeError("a slip"), 500)])
async def test_failures_are_documented(api: ServedApi, document: Json, error: Exception, status: int) -> None:
    jobs = InMemoryJobs()
    for method in ("add", "ping"):
        jobs.faults.fail(method, error, times=ALWAYS)
    with api.container.jobs.override(jobs):
        answers = {"/v1/create-moment": await api.submit(), "/readyz": await api.http.get("/readyz")}
    for path, answer in answers.items():
        (operation,) = document["paths"][path].values()
        assert answer.status_code == status
        assert_documented(document, operation, answer)


async def test_every_reference_leads_somewhere_and_every_component_is_used(document: Json) -> None:
    referred = {node["$ref"] for node in nodes(document) if "$ref" in node}
    assert all(resolved(document, {"$ref": target}) for target in referred)
    schemes = {name for operation in nodes(document) for way in operation.get("security", ()) for name in way}
    referred |= {f"#/components/securitySchemes/{name}" for name in schemes}
    there = {f"#/components/{kind}/{name}" for kind, entries in document["components"].items() for name in entries}
    assert there == referred


async def test_examples_of_responses_conform_to_their_schemas(document: Json) -> None:
    content = [media for node in nodes(document) for media in node.get("content", {}).values() if "schema" in media]
    examples = [
        (media["schema"], example["value"]) for media in content for example in media.get("examples", {}).values()
    ]
    examples += [(media["schema"], media["example"]) for media in content if "example" in media]
    waiting = [shown for _, shown in examples if isinstance(shown, dict) and shown.get("status") == "PENDING"]
    assert len(waiting) == 2
    for schema, example in examples:
        jsonschema.Draft202012Validator({**document, **schema}).validate(example)


async def test_no_error_has_the_shape_of_the_framework(document: Json) -> None:
    assert "status_code" not in json.dumps(document)
    for item in document["paths"].values():
        for operation in item.values():
            assert {"4XX", "5XX"} <= set(operation["responses"])
            assert set(operation["tags"]) <= {tag["name"] for tag in document["tags"]}
            assert operation["summary"]
            assert operation["description"]


async def test_the_blueprint_is_a_component(document: Json, api: ServedApi) -> None:
    schemas = document["components"]["schemas"]
    published = (await api.http.get("/v1/blueprints/schema")).json()
    assert set(schemas["Blueprint"]["properties"]) == set(published["properties"])
    assert schemas["Blueprint"]["required"] == published["required"]
    assert schemas["PartialBlueprint"]["required"] == []
    schema = document["paths"]["/v1/blueprints/schema"]["get"]["responses"]["200"]["content"]
    assert list(schema) == ["application/schema+json"]


async def test_examples_are_requests_that_are_accepted(api: ServedApi, document: Json) -> None:
    opening = document["paths"]["/v1/uploads"]["post"]["requestBody"]["content"]["application/json"]
    for example in opening["examples"].values():
        assert set(opening["schema"]["required"]) <= set(example["value"])
        assert (await api.http.post("/v1/uploads", json=example["value"])).status_code == 201
    body = document["paths"]["/v1/create-moment"]["post"]["requestBody"]["content"]["multipart/form-data"]
    for example in body["examples"].values():
        assert set(body["schema"]["required"]) <= set(example["value"])
        fields = {name: value for name, value in example["value"].items() if name != "file"}
        assert (await api.submit(**fields)).status_code == 202
    review = document["paths"]["/v1/blueprints/validate"]["post"]["requestBody"]["content"]["application/json"]
    for example in review["examples"].values():
        answer = await api.http.post("/v1/blueprints/validate", content=msgspec.json.encode(example["value"]))
        assert answer.json()["valid"]
