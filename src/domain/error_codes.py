"""Every error code of this service, each with its meaning: programs match on codes, people look them up.

`Code` is what mypy checks, so that a misspelt code does not pass. docs/errors.md is generated from `CODES`.
"""

from typing import Final, Literal, cast

import msgspec

from domain.recordings.length import LONGEST_SECONDS, SHORTEST_SECONDS

Code = Literal[
    # requests
    "form_invalid",
    "file_missing",
    "field_too_large",
    "upload_too_large",
    "empty_upload",
    "not_audio",
    "invalid_blueprint",
    "invalid_output_kind",
    "unknown_artifact",
    "webhook_invalid",
    "webhook_disabled",
    "webhooks_not_configured",
    "delivery_not_found",
    "delivery_pending",
    "invalid_field",
    "priority_not_allowed",
    "audio_url_not_allowed",
    "audio_url_refused",
    "audio_url_unreachable",
    "upload_not_found",
    "upload_used",
    "upload_incomplete",
    "quota_exceeded",
    "cursor_invalid",
    "idempotency_key_invalid",
    "idempotency_key_in_use",
    "idempotency_key_reused",
    "job_not_found",
    "job_stopping",
    "invalid_remix",
    "remix_too_early",
    "not_remixable",
    "share_not_found",
    "format_unavailable",
    "conversion_failed",
    "style_not_found",
    "artifact_not_found",
    "artifact_not_ready",
    "url_invalid",
    "url_expired",
    "object_not_found",
    "object_too_large",
    "range_not_satisfiable",
    "body_incomplete",
    "request_too_slow",
    "too_many_uploads",
    "too_many_requests",
    "too_many_waiting",
    "too_many_conversions",
    "queue_full",
    "service_busy",
    "too_many_streams",
    "streams_busy",
    "too_many_downloads",
    "downloads_busy",
    "key_missing",
    "key_invalid",
    "permission_missing",
    "cross_site_request",
    "host_not_allowed",
    "bad_request",
    "not_found",
    "method_not_allowed",
    # the service's own parts
    "database_unavailable",
    "schema_outdated",
    "storage_unavailable",
    "storage_denied",
    "wrong_bucket",
    "service_stopping",
    "internal_error",
    "illegal_transition",
    "lease_lost",
    # recordings
    "bad_audio",
    "audio_truncated",
    "audio_damaged",
    "audio_unsupported",
    "decoding_limit",
    "decoding_crashed",
    "file_too_large",
    "hum_too_short",
    "hum_too_long",
    "hum_silent",
    "hum_without_pitch",
    # tools and their results
    "tools_unavailable",
    "tools_busy",
    "tools_lost",
    "tools_denied",
    "tool_failed",
    "tool_missing",
    "tool_not_offered",
    "provider_denied",
    "provider_quota",
    "provider_busy",
    "provider_unavailable",
    "provider_refused",
    "voice_not_found",
    "model_not_found",
    "voice_misconfigured",
    "result_unreachable",
    "result_invalid",
    "unknown_tool",
    "invalid_arguments",
    "unknown_output_format",
    "transfer_failed",
    "transfer_interrupted",
    "url_not_allowed",
    "encoding_failed",
    "child_lost",
    "silent_mix",
    "stem_unreadable",
    "moments_unavailable",
    "moment_refused",
    "file_unreadable",
    # jobs as a whole
    "attempts_exhausted",
    "breaks_tools",
    "deadline_exceeded",
    "deadline_passed",
    "expired",
    "worker_lost",
    "worker_missing",
    "jobs_paused",
    "job_unreadable",
    "not_retriable",
    # processes and the command line
    "invalid_settings",
    "invalid_database_url",
    "embedded_database_busy",
    "embedded_database_failed",
    "migration_changed",
    "migration_blocked",
    "migration_denied",
    "celery_table_missing",
    "key_not_found",
    "child_died",
    "not_ready",
    "service_unreachable",
    "service_refused",
]

Surface = Literal["request", "job", "tool", "command line", "log"]


class CodeInfo(msgspec.Struct, frozen=True):
    """What a code means.

    Attributes:
        meaning: One sentence for people, with what to do about it where that is not obvious.
        surfaces: Where it is met: an HTTP response, the status of a FAILED job, the result of an MCP tool, the
            command line, or the log alone.
        permanent: Whether trying the same thing again is pointless.
    """

    meaning: str
    surfaces: tuple[Surface, ...]
    permanent: bool = False


CODES: Final[dict[Code, CodeInfo]] = {
    "form_invalid": CodeInfo(
        "The body is neither a well-formed `multipart/form-data` form nor a JSON object.", ("request",), permanent=True
    ),
    "file_missing": CodeInfo(
        "The request has no part named `file`, and names no recording elsewhere.", ("request",), permanent=True
    ),
    "field_too_large": CodeInfo("The text fields of the form are too long.", ("request",), permanent=True),
    "upload_too_large": CodeInfo(
        "The file is larger than `MAX_UPLOAD_BYTES`, or another body than its route takes.",
        ("request",),
        permanent=True,
    ),
    "empty_upload": CodeInfo("The file is empty.", ("request",), permanent=True),
    "not_audio": CodeInfo(
        "The content is in no supported audio format, whatever its name or type claims.",
        ("request", "job", "tool"),
        permanent=True,
    ),
    "invalid_blueprint": CodeInfo(
        "The blueprint breaks its schema. In HTTP responses, `errors` points at each problem.",
        ("request", "job", "tool"),
        permanent=True,
    ),
    "invalid_output_kind": CodeInfo("`output_kind` is neither `preview` nor `song`.", ("request",), permanent=True),
    "unknown_artifact": CodeInfo(
        "`artifacts` names something that cannot be requested; `errors` lists the known names.",
        ("request",),
        permanent=True,
    ),
    "webhook_invalid": CodeInfo(
        "`webhook` is a URL that no webhook may be sent to, or `webhook_events` or `webhook_payload` has no meaning.",
        ("request", "command line"),
        permanent=True,
    ),
    "webhook_disabled": CodeInfo(
        "The endpoint answered 410, or refused too much: nothing is sent there until `moment webhooks enable`, or "
        "until a request names it a day later.",
        ("request",),
        permanent=True,
    ),
    "webhooks_not_configured": CodeInfo(
        "There is no secret to sign webhooks with: `WEBHOOK_SECRET` is not set, or the owner of the key has none "
        "(`moment webhooks rotate`).",
        ("request",),
        permanent=True,
    ),
    "delivery_not_found": CodeInfo(
        "The job has no such delivery; its deliveries are kept for 30 days.",
        ("request", "command line"),
        permanent=True,
    ),
    "delivery_pending": CodeInfo(
        "The delivery is still tried; only one that was delivered or given up is sent again.",
        ("request",),
        permanent=True,
    ),
    "invalid_field": CodeInfo(
        "A field of the request is not as it should be; `errors` points at each problem.", ("request",), permanent=True
    ),
    "priority_not_allowed": CodeInfo(
        "`priority` is `high`, and the caller has no key that allows it.", ("request",), permanent=True
    ),
    "audio_url_not_allowed": CodeInfo(
        "`audio_url` leads to a host that is not public, or to what is not http(s), perhaps by a redirect. "
        "`EGRESS_ALLOWED_HOSTS` of the api names exceptions.",
        ("request",),
        permanent=True,
    ),
    "audio_url_refused": CodeInfo(
        "The server of `audio_url` gives no recording: it returned 404, 403, or another 4xx that does not pass.",
        ("request",),
        permanent=True,
    ),
    "audio_url_unreachable": CodeInfo(
        "`audio_url` cannot be read now: its server is away, too slow, has an error of its own, or sends only a part.",
        ("request",),
    ),
    "upload_not_found": CodeInfo(
        "No upload has this id, or it is older than a day, or it is somebody else's.", ("request",), permanent=True
    ),
    "upload_used": CodeInfo(
        "The upload became the recording of another moment: each is used once.", ("request",), permanent=True
    ),
    "upload_incomplete": CodeInfo(
        "Nothing was sent to the URL of the upload yet, or not what was announced.", ("request",)
    ),
    "quota_exceeded": CodeInfo(
        "The owner of the key has used up the month's quota of moments or of music; `/v1/usage` shows it, and "
        "`Retry-After` says when the next month begins.",
        ("request",),
    ),
    "cursor_invalid": CodeInfo("`cursor` is not the `next_cursor` of an earlier page.", ("request",), permanent=True),
    "idempotency_key_invalid": CodeInfo(
        "The `Idempotency-Key` is not 1 to 255 printable ASCII characters.", ("request",), permanent=True
    ),
    "idempotency_key_in_use": CodeInfo(
        "Another request with this `Idempotency-Key` is being carried out; try again after `Retry-After` seconds.",
        ("request",),
    ),
    "idempotency_key_reused": CodeInfo(
        "The `Idempotency-Key` was sent with another request in the last 24 hours.", ("request",), permanent=True
    ),
    "job_not_found": CodeInfo(
        "No job has this id, or it was deleted, or its retention has ended.",
        ("request", "command line"),
        permanent=True,
    ),
    "job_stopping": CodeInfo(
        "The job is to be deleted, and its worker has not stopped it within 5 s; repeat the request after "
        "`Retry-After` seconds.",
        ("request", "command line"),
    ),
    "invalid_remix": CodeInfo(
        "The body of a remix is no JSON, has unknown fields or impossible notes; `errors` lists every problem.",
        ("request",),
        permanent=True,
    ),
    "remix_too_early": CodeInfo(
        "The hum of the job has not been heard yet; try again once the job is RENDERING.", ("request",)
    ),
    "not_remixable": CodeInfo(
        "There is no hum to remix: the job's recording was removed, or its hum was never analyzed.",
        ("request",),
        permanent=True,
    ),
    "share_not_found": CodeInfo(
        "The link leads nowhere: it was revoked, or its moment is gone.", ("request",), permanent=True
    ),
    "format_unavailable": CodeInfo(
        "The music tools made the music without stems, of which another format could be made.",
        ("request",),
        permanent=True,
    ),
    "conversion_failed": CodeInfo(
        "The music, a stem or the sample of a style could not be made as it was asked for; ten minutes later, it may "
        "be asked for again.",
        ("request",),
    ),
    "style_not_found": CodeInfo(
        "No style has the name of which a sample was asked for: see `/v1/styles`.", ("request",), permanent=True
    ),
    "artifact_not_found": CodeInfo(
        "The job has no such artifact and will have none: it was not asked for, or the job ended without it, or it "
        "was removed.",
        ("request",),
        permanent=True,
    ),
    "artifact_not_ready": CodeInfo(
        "The artifact is not there yet; try again after `Retry-After` seconds, or wait for the status to change.",
        ("request",),
    ),
    "url_invalid": CodeInfo("The signature of the URL does not match the request.", ("request",), permanent=True),
    "url_expired": CodeInfo(
        "The signed URL has expired; read the job's status for a fresh one.", ("request",), permanent=True
    ),
    "object_not_found": CodeInfo("No object is stored under this key.", ("request", "job"), permanent=True),
    "object_too_large": CodeInfo("The upload to a signed URL exceeds its limit.", ("request",), permanent=True),
    "range_not_satisfiable": CodeInfo(
        "The requested range starts past the end of the object.", ("request",), permanent=True
    ),
    "body_incomplete": CodeInfo(
        "The request body broke off before its end, or its chunked encoding is wrong.", ("request",)
    ),
    "request_too_slow": CodeInfo(
        "The request body paused for 10 s, or arrived with less than 2 kB/s for 20 s.", ("request",)
    ),
    "too_many_uploads": CodeInfo(
        "One address sends 32 uploads, or one client has four `audio_url`s fetched, at the same time; or one client "
        "has 32 direct uploads that are not used. Try again after `Retry-After` seconds.",
        ("request",),
    ),
    "too_many_requests": CodeInfo(
        "A key's owner, or an address, sends more requests in a minute than `RATE_LIMIT_READS` or `RATE_LIMIT_CHANGES`"
        " allows; try again after `Retry-After` seconds.",
        ("request",),
    ),
    "too_many_waiting": CodeInfo(
        "As many jobs of this client wait as may (`MAX_WAITING_PER_CLIENT`); try again after `Retry-After` seconds.",
        ("request",),
    ),
    "too_many_conversions": CodeInfo(
        "As many files of this client wait to be made in other formats as can be asked for of one moment (64); try "
        "again after `Retry-After` seconds.",
        ("request",),
    ),
    "queue_full": CodeInfo(
        "As many jobs wait as the service takes (`MAX_WAITING`); try again after `Retry-After` seconds.", ("request",)
    ),
    "service_busy": CodeInfo(
        "128 uploads arrive at this process, or 32 `audio_url`s are fetched, at the same time; try again after "
        "`Retry-After` seconds.",
        ("request",),
    ),
    "too_many_streams": CodeInfo(
        "One address follows 256 jobs at the same time; try again after `Retry-After` seconds, or read the status.",
        ("request",),
    ),
    "streams_busy": CodeInfo(
        "1,024 clients follow jobs of this process at the same time; try again after `Retry-After` seconds, or read the"
        " status.",
        ("request",),
    ),
    "too_many_downloads": CodeInfo(
        "64 files are downloaded to one address at the same time; try again after `Retry-After` seconds.", ("request",)
    ),
    "downloads_busy": CodeInfo(
        "256 files are downloaded from this process at the same time; try again after `Retry-After` seconds.",
        ("request",),
    ),
    "key_missing": CodeInfo(
        "This route, or the whole service, needs a key (`Authorization: Bearer …`); operators create keys.",
        ("request",),
        permanent=True,
    ),
    "key_invalid": CodeInfo(
        "The key in `Authorization` is no key of this service, or it was revoked.", ("request",), permanent=True
    ),
    "permission_missing": CodeInfo(
        "The key does not allow this: it lacks the scope that `detail` names, or the tool is not for keys.",
        ("request", "tool"),
        permanent=True,
    ),
    "cross_site_request": CodeInfo(
        "A page of another site made the browser send the request; only origins in `CORS_ORIGINS` may.",
        ("request",),
        permanent=True,
    ),
    "host_not_allowed": CodeInfo(
        "The `Host` of the request is neither in `ALLOWED_HOSTS` nor that of `PUBLIC_URL`.",
        ("request",),
        permanent=True,
    ),
    "bad_request": CodeInfo("A path or query parameter is malformed; `errors` names it.", ("request",), permanent=True),
    "not_found": CodeInfo("No route has this path; `/docs` lists them.", ("request",), permanent=True),
    "method_not_allowed": CodeInfo("The route does not support this method.", ("request",), permanent=True),
    "database_unavailable": CodeInfo(
        "Postgres does not respond; try again after `Retry-After` seconds.", ("request", "command line")
    ),
    "schema_outdated": CodeInfo(
        "The database lacks tables or columns that this version needs: run `moment migrate`.",
        ("request", "command line"),
    ),
    "storage_unavailable": CodeInfo(
        "The object store does not respond, or a disk is full; try again after `Retry-After` seconds.",
        ("request", "job"),
    ),
    "storage_denied": CodeInfo(
        "The object store refuses the credentials or the bucket; `moment doctor` explains it.", ("request", "job")
    ),
    "wrong_bucket": CodeInfo(
        "The bucket, or the folder of objects, is not the one that the database has marked. Correct the setting, or "
        "run `moment storage adopt`; until then jobs wait, and uploads are refused.",
        ("request", "job"),
    ),
    "service_stopping": CodeInfo(
        "The api stopped before the request was finished; try again after `Retry-After` seconds.", ("request",)
    ),
    "internal_error": CodeInfo("A defect of this service; the log has the traceback.", ("request", "job", "tool")),
    "illegal_transition": CodeInfo(
        "The job's state does not allow the event; nothing changed.", ("log",), permanent=True
    ),
    "lease_lost": CodeInfo("Another worker has claimed the job; this one drops it.", ("log",)),
    "bad_audio": CodeInfo("The recording cannot become music.", ("job", "tool"), permanent=True),
    "audio_truncated": CodeInfo("The audio file ends early or is damaged.", ("job", "tool"), permanent=True),
    "audio_damaged": CodeInfo("Too many samples of the recording are no numbers.", ("job", "tool"), permanent=True),
    "audio_unsupported": CodeInfo(
        "The recording has more than 16 channels, or a sample rate outside 4 to 192 kHz.",
        ("job", "tool"),
        permanent=True,
    ),
    "decoding_limit": CodeInfo(
        "Decoding the recording takes more memory or processor time than any real one needs.",
        ("job", "tool"),
        permanent=True,
    ),
    "decoding_crashed": CodeInfo(
        "The recording crashed the process that decoded it, twice and each time alone.",
        ("job", "tool"),
        permanent=True,
    ),
    "file_too_large": CodeInfo("The recording is too large to download.", ("job", "tool"), permanent=True),
    "hum_too_short": CodeInfo(
        f"The recording is shorter than {SHORTEST_SECONDS:g} s.", ("job", "tool"), permanent=True
    ),
    "hum_too_long": CodeInfo(f"The recording is longer than {LONGEST_SECONDS:g} s.", ("job", "tool"), permanent=True),
    "hum_silent": CodeInfo("The recording is silent.", ("job", "tool"), permanent=True),
    "hum_without_pitch": CodeInfo("Nothing in the recording has a pitch.", ("job", "tool"), permanent=True),
    "tools_unavailable": CodeInfo(
        "The tool server does not respond, or has no room for its files; jobs wait for it.", ("job", "tool")
    ),
    "tools_busy": CodeInfo(
        "The tool server computes as much as it can; call again after `retry_after` seconds. Workers do that by "
        "themselves.",
        ("job", "tool"),
    ),
    "tools_lost": CodeInfo(
        "The connection to the tool server broke while it worked on the job. If that happens twice in a row, the job "
        "runs alone.",
        ("job",),
    ),
    "tools_denied": CodeInfo("The tool server rejects `MCP_AUTH_TOKEN`; jobs wait until it is corrected.", ("job",)),
    "tool_failed": CodeInfo(
        "The tool failed without naming a code; a foreign tool's own code is passed on unchanged.", ("job",)
    ),
    "tool_missing": CodeInfo("The tool server lacks a tool that the job needs; the job waits for it.", ("job",)),
    "tool_not_offered": CodeInfo("The tool server does not list the called tool; the job waits for it.", ("job",)),
    "provider_denied": CodeInfo(
        "The provider behind the tool server refuses the tool server's credentials (401, 403). Jobs wait; one of them "
        "tries again each minute or so.",
        ("job",),
    ),
    "provider_quota": CodeInfo(
        "The account at the provider behind the tool server has run out (402). Jobs wait, as for `provider_denied`.",
        ("job",),
    ),
    "provider_busy": CodeInfo(
        "The provider behind the tool server takes no more requests for now (429); jobs wait, for as long as it says.",
        ("job",),
    ),
    "provider_unavailable": CodeInfo(
        "The provider behind the tool server fails (5xx); jobs are tried again, and wait for it after five failures.",
        ("job",),
    ),
    "provider_refused": CodeInfo(
        "The provider behind the tool server refuses the blueprint (400, 422); its message says why.",
        ("job",),
        permanent=True,
    ),
    "voice_not_found": CodeInfo(
        "The provider behind the tool server does not know the `voice_id` that the request names.",
        ("job",),
        permanent=True,
    ),
    "model_not_found": CodeInfo(
        "The provider behind the tool server does not know the `model_id` that the request names.",
        ("job",),
        permanent=True,
    ),
    "voice_misconfigured": CodeInfo(
        "The provider behind the tool server does not know the voice of our settings (`ELEVENLABS_DEFAULT_VOICE_ID`), "
        "or our model; jobs that name none of their own wait.",
        ("job",),
    ),
    "result_unreachable": CodeInfo(
        "The tool keeps its result where this service cannot fetch it: set `MCP_OUTPUT_DIR`. Nothing is called, and "
        "jobs wait.",
        ("job",),
    ),
    "result_invalid": CodeInfo(
        "The result that a tool left in `MCP_OUTPUT_DIR` is no audio, or larger than `MAX_UPLOAD_BYTES`. The recording "
        "is kept; `moment jobs retry` runs the job again, which another tool server may charge for.",
        ("job",),
    ),
    "unknown_tool": CodeInfo("The MCP server has no tool of this name.", ("tool",), permanent=True),
    "invalid_arguments": CodeInfo(
        "The arguments of the call are invalid. Where the schema of the tool is the reason, jobs wait: run workers and "
        "music-tools of one version.",
        ("job", "tool"),
        permanent=True,
    ),
    "unknown_output_format": CodeInfo(
        "`output_format` names no supported format. To a job, whose format was known when it came, it is an error of "
        "ours.",
        ("request", "job", "tool"),
        permanent=True,
    ),
    "transfer_failed": CodeInfo("A download or an upload of audio was refused.", ("job", "tool")),
    "transfer_interrupted": CodeInfo(
        "The other side of a download or an upload of audio does not respond; it is tried again.", ("job", "tool")
    ),
    "url_not_allowed": CodeInfo(
        "A URL leads to a host that is not public. Where it is the object store, name it in `EGRESS_ALLOWED_HOSTS` of "
        "music-tools; where it is the api, give api, worker and music-tools the same `PUBLIC_URL`; until then "
        "jobs wait.",
        ("job", "tool"),
    ),
    "encoding_failed": CodeInfo("The audio could not be encoded.", ("job", "tool")),
    "child_lost": CodeInfo("The process that rendered was killed; out of memory is the usual cause.", ("job", "tool")),
    "silent_mix": CodeInfo(
        "There is nothing to master: the mix is silent. To a job, whose stems are ours, it is an error of ours.",
        ("job", "tool"),
        permanent=True,
    ),
    "stem_unreadable": CodeInfo(
        "A stem is not readable as audio. A job counts an error and renders its stems again.",
        ("job", "tool"),
        permanent=True,
    ),
    "moments_unavailable": CodeInfo("`create_moment` cannot reach the HTTP API.", ("tool",)),
    "moment_refused": CodeInfo(
        "The HTTP API refused `create_moment`, or the job ended without music and without a code.",
        ("tool",),
        permanent=True,
    ),
    "file_unreadable": CodeInfo("`audio_path` cannot be read.", ("tool",), permanent=True),
    "attempts_exhausted": CodeInfo(
        "Eight workers were lost while they ran the job. Its recording is kept; `moment jobs retry` runs it again.",
        ("job",),
    ),
    "breaks_tools": CodeInfo(
        "The music tools broke down each time they worked on the job, six times while it ran alone, and stayed up "
        "without it. Its recording is kept; `moment jobs retry` runs it again.",
        ("job",),
    ),
    "deadline_exceeded": CodeInfo(
        "The job was not done within `JOB_TIMEOUT_SECONDS` of working time; waiting does not count.", ("job",)
    ),
    "deadline_passed": CodeInfo(
        "The job was not done by the deadline of its request. Its recording is kept; a retry runs it without one.",
        ("job",),
    ),
    "expired": CodeInfo(
        "The job was not done within `JOB_MAX_AGE_HOURS`. Its recording is kept; `moment jobs retry` runs it again.",
        ("job",),
    ),
    "worker_lost": CodeInfo("A worker stopped responding while it ran the job; another one took over.", ("job",)),
    "worker_missing": CodeInfo("The job waits: no worker is running.", ("job",)),
    "jobs_paused": CodeInfo("The job waits: an operator paused such jobs (`moment jobs resume`).", ("job",)),
    "job_unreadable": CodeInfo(
        "A newer version wrote the job, and this one cannot read it; update all processes.",
        ("request", "command line", "log"),
    ),
    "not_retriable": CodeInfo(
        "The job is not FAILED, or its recording was removed, as a cancellation does at once; nothing changed.",
        ("request", "command line"),
        permanent=True,
    ),
    "invalid_settings": CodeInfo(
        "A setting is invalid; the message names it. Exit code 2.", ("command line",), permanent=True
    ),
    "invalid_database_url": CodeInfo("A database URL is malformed.", ("command line",), permanent=True),
    "embedded_database_busy": CodeInfo("Another `moment up` uses this data folder.", ("command line",)),
    "embedded_database_failed": CodeInfo(
        "The embedded Postgres did not start; the message quotes its log.", ("command line",)
    ),
    "migration_changed": CodeInfo(
        "A migration that was applied has been edited since.", ("command line",), permanent=True
    ),
    "migration_blocked": CodeInfo(
        "Another session held a lock that a migration needs, for about a minute; the migration changed nothing.",
        ("command line",),
    ),
    "migration_denied": CodeInfo(
        "The role of the database URL may not change the schema: it must own the tables and needs CREATE on their "
        "schema, or on the database while there is none.",
        ("command line",),
        permanent=True,
    ),
    "celery_table_missing": CodeInfo(
        "`moment import-celery` found no table of the Celery version under this name; `--table` names another.",
        ("command line",),
    ),
    "key_not_found": CodeInfo("No key has this prefix or id.", ("command line",), permanent=True),
    "child_died": CodeInfo(
        "A process of `moment up` ended while it started, or again and again; the others stopped.",
        ("command line",),
    ),
    "not_ready": CodeInfo("A process of `moment up` did not become ready in time.", ("command line",)),
    "service_unreachable": CodeInfo("No service responds at the URL of the API.", ("command line",)),
    "service_refused": CodeInfo("The API refused the request; its own message is shown.", ("command line",)),
}


def foreign(code: str) -> Code:
    """Return the code of another service's error as one of ours: it is passed on as it is, whatever it says."""
    return cast("Code", code)
