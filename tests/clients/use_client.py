"""The client of openapi-python-client: sends a hum, reads the status, meets a problem."""

import io
import json
import sys
from uuid import UUID

from moment_client import Client
from moment_client.api.moments import create_moment, read_status
from moment_client.models import Accepted, CreateMomentBody, MomentStatus, ProblemDocument
from moment_client.types import File

with Client(base_url=sys.argv[1]) as client:
    hum = File(payload=io.BytesIO(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(2000)), file_name="hum.wav")
    accepted = create_moment.sync(client=client, body=CreateMomentBody(file=hum))
    assert isinstance(accepted, Accepted)
    status = read_status.sync(accepted.job_id, client=client)
    assert isinstance(status, MomentStatus)
    problem = read_status.sync(UUID(int=0), client=client)
    assert isinstance(problem, ProblemDocument)
    sys.stdout.write(json.dumps([status.status.value, status.blueprint_json, problem.code, problem.retryable]))
