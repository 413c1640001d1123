"""The client of openapi-python-client: sends a hum, reads the status, meets a problem."""

import io
import json
import sys
from typing import cast
from uuid import UUID

from moment_client import AuthenticatedClient, Client
from moment_client.api.moments import create_moment, read_status
from moment_client.models import Accepted, CreateMomentFilesBody, MomentStatus, ProblemDocument
from moment_client.types import File

with Client(base_url=sys.argv[1]) as anybody:
    client = cast("AuthenticatedClient", anybody)  # to the generator, a key is needed where one may be sent
    hum = File(payload=io.BytesIO(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(2000)), file_name="hum.wav")
    accepted = create_moment.sync(client=client, body=CreateMomentFilesBody(file=hum))
    assert isinstance(accepted, Accepted)
    status = read_status.sync(accepted.job_id, client=client)
    assert isinstance(status, MomentStatus)
    problem = read_status.sync(UUID(int=0), client=client)
    assert isinstance(problem, ProblemDocument)
    sys.stdout.write(json.dumps([status.status.value, status.blueprint_json, problem.code, problem.retryable]))
