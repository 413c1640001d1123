"""What clients are told about a recording of which a part is missing, and about what the tools did not do."""

import msgspec

from application.moments.moment_status import warnings_of
from domain.blueprints.metadata import to_json
from domain.jobs.artifacts import Checkpoint, Stem
from domain.jobs.transitions import Analyzed, Started, StemSettled
from domain.warnings import RequestWarning, WarningCode
from tests.support.hummed_analyses import hum
from tests.support.jobs import NOW, a_blueprint, a_job

DAMAGE = "about 50% of the recording is empty; only the rest was heard"


def test_damage_of_the_recording_is_a_warning() -> None:
    job = a_job().on(Started(draft=a_blueprint()), NOW)
    analysis = msgspec.structs.replace(hum(), damage=DAMAGE)
    heard = job.on(Analyzed(a_blueprint(metadata={"analysis": to_json(analysis)})), NOW)
    assert warnings_of(heard) == (RequestWarning(WarningCode.RECORDING_DAMAGED, "/file", DAMAGE),)


def test_without_damage_there_is_none() -> None:
    job = a_job()
    assert warnings_of(job) == ()
    job = job.on(Started(draft=a_blueprint()), NOW)
    assert warnings_of(job) == ()
    assert warnings_of(job.on(Analyzed(a_blueprint(metadata={"analysis": to_json(hum())})), NOW)) == ()


def test_an_analysis_of_an_earlier_version_says_nothing_of_it() -> None:
    document = to_json(hum())
    del document["damage"]
    job = a_job().on(Started(draft=a_blueprint(metadata={"analysis": document})), NOW)
    assert warnings_of(job) == ()


def test_what_a_tool_did_not_do_is_a_warning() -> None:
    job = a_job().on(Started(draft=a_blueprint()), NOW).on(Analyzed(a_blueprint()), NOW)
    hummed = RequestWarning(WarningCode.LYRICS_NOT_SUNG, "/lyrics", "the hum is sung without words")
    settled = job.on(StemSettled(Stem.VOCALS, Checkpoint(started_at=NOW, finished_at=NOW, warnings=(hummed,))), NOW)
    assert warnings_of(settled) == (hummed,)
