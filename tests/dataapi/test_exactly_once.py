"""A server that ends between any two steps: the next one finishes the job, and does nothing twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from spectra_emulator.adapters.redshift.bulk import RedshiftBulkEngine
from spectra_emulator.adapters.redshift.data_api import DataApi
from spectra_emulator.adapters.redshift.warehouse import Fate
from spectra_emulator.domain.backend_location import backend_location
from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.errors import InternalError
from spectra_emulator.ports import Applied, StatementCancelledError

from tests.dataapi.deployment import CLUSTER, LOGIN, TENANT_ID, Deployment
from tests.dataapi.files import Jobs, change_of, new_job_id
from tests.dataapi.killing import Killed, Moment, MortalCalls
from tests.dataapi.server import ANSWER_LOST
from tests.dataapi.test_imports import script
from tests.emulator import eventually
from tests.redshift.asking import Beside, rows
from tests.requirements import requirement

BATCH, WAIT, RESULT = "batch_execute_statement", "describe_statement", "get_statement_result"
CHANGE, LOAD, MARK, UNLOAD = "\nLOCK ", "\nCOPY ", "SELECT processed", "\nUNLOAD "
MOMENTS = {
    "before the tables are made": Moment(BATCH, "CREATE TABLE IF NOT EXISTS"),
    "before the load": Moment(BATCH, LOAD),
    "while it loads": Moment(BATCH, LOAD, after=True),
    "when it has loaded": Moment(WAIT, LOAD, after=True),
    "before the change": Moment(BATCH, CHANGE),
    "while it changes": Moment(BATCH, CHANGE, after=True),
    "when it has changed": Moment(WAIT, CHANGE, after=True),
    "before it is marked in the state": Moment(RESULT, "spectra_failed_records.*ORDER BY record"),
    "before the staging table is dropped": Moment(BATCH, "\nDROP TABLE IF EXISTS .*(?<!COPY)$"),
}
RECORDS = "id,note\n1,a\n2,b\nx,c\n3,d\n"
DONE = Applied(3, 1)
FAILED = ["id,note,error", 'x,c,"column ""id"" takes INTEGER, not \'x\'"']


@pytest.fixture
def ledger(deployed: Deployment) -> str:
    """Return a table that would show each row that came twice."""
    name = f"ledger_{new_job_id()[10:]}"
    script(deployed, f"CREATE TABLE {name} (id INTEGER, note VARCHAR(5))")
    return name


def mortal(deployed: Deployment, moment: Moment) -> RedshiftBulkEngine:
    credentials = deployed.credentials()
    calls = MortalCalls(credentials, deployed.pause, moment)
    return deployed.bulk(DataApi(backend_location(CLUSTER), calls, credentials.secret_name))


def ids(deployed: Deployment, table: str) -> list[int]:
    return [row["id"] for row in rows(deployed.engine(), f"SELECT id FROM {table} ORDER BY id")]


def changes(deployed: Deployment, job_id: str) -> list[str]:
    """Return how the transactions that change the table have ended."""
    made = deployed.server.operations.statements.values()
    return [one.status for one in made if one.name == job_id and any("LOCK" in sql for sql in one.sqls)]


@requirement("BLK-33")
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_an_import_happens_once_whenever_the_server_ends(
    deployed: Deployment, folder: Path, ledger: str, moment: Moment
) -> None:
    job_id, change = new_job_id(), change_of(Operation.INSERT, ledger)
    with pytest.raises(Killed):
        Jobs(mortal(deployed, moment), folder).applied(job_id, change, RECORDS)
    jobs = Jobs(deployed.bulk(), folder)

    assert jobs.applied(job_id, change, RECORDS) == DONE
    assert ids(deployed, ledger) == [1, 2, 3]
    assert jobs.failed[job_id].splitlines() == FAILED
    assert changes(deployed, job_id) == ["FINISHED"]


def test_a_change_that_still_runs_is_waited_for_and_not_sent_again(
    deployed: Deployment, folder: Path, ledger: str
) -> None:
    job_id, change = new_job_id(), change_of(Operation.INSERT, ledger)
    with deployed.server.held(f'INSERT INTO "public"."{ledger}"') as gate:
        with pytest.raises(Killed):
            Jobs(mortal(deployed, MOMENTS["while it changes"]), folder).applied(job_id, change, RECORDS)
        assert gate.reached.wait(60)
        deployed.pauses.clear()
        again = Beside(lambda: Jobs(deployed.bulk(), folder).applied(job_id, change, RECORDS))
        eventually(lambda: len(deployed.pauses) > 2)

    assert (again.ended().error, changes(deployed, job_id)) == (None, ["FINISHED"])
    assert ids(deployed, ledger) == [1, 2, 3]


def test_a_change_whose_answer_was_lost_is_sent_under_the_same_token(
    deployed: Deployment, folder: Path, ledger: str
) -> None:
    job_id = new_job_id()
    jobs = Jobs(deployed.bulk(), folder)
    jobs.applied(new_job_id(), change_of(Operation.INSERT, ledger), "id,note\n9,z\n")
    deployed.server.trouble("BatchExecuteStatement", ANSWER_LOST, 3)

    assert jobs.applied(job_id, change_of(Operation.INSERT, ledger), RECORDS) == DONE
    assert (ids(deployed, ledger), changes(deployed, job_id)) == ([1, 2, 3, 9], ["FINISHED"])


def test_even_a_change_that_is_sent_again_changes_nothing(deployed: Deployment, folder: Path, ledger: str) -> None:
    job_id = new_job_id()
    Jobs(deployed.bulk(), folder).applied(job_id, change_of(Operation.INSERT, ledger), RECORDS)
    sent = [one for one in deployed.server.sent("BatchExecuteStatement") if one["StatementName"].startswith(job_id)]
    load, changed = (next(one for one in sent if word in "\n".join(one["Sqls"])) for word in ('CREATE TABLE "', "LOCK"))
    again = [_filled(sql) for sql in (*load["Sqls"], *changed["Sqls"]) if not sql.startswith("SET")]
    deployed.server.redshift.ran(LOGIN.db_user, "again", again)

    assert ids(deployed, ledger) == [1, 2, 3]


def _filled(sql: str) -> str:
    """Return what stages the same records as COPY did from a file that is gone."""
    return re.sub(r"^COPY (\S+) .*", r"INSERT INTO \1 VALUES (0, 1, 'a'), (1, 2, 'b'), (3, 3, 'd')", sql)


@requirement("BLK-33")
def test_a_job_that_the_api_no_longer_remembers_is_not_done_twice(
    deployed: Deployment, folder: Path, ledger: str
) -> None:
    job_id, change = new_job_id(), change_of(Operation.INSERT, ledger)
    with pytest.raises(Killed):
        Jobs(mortal(deployed, MOMENTS["when it has changed"]), folder).applied(job_id, change, RECORDS)
    deployed.server.operations.forget()

    assert Jobs(deployed.bulk(), folder).applied(job_id, change, RECORDS) == DONE
    assert ids(deployed, ledger) == [1, 2, 3]


def test_a_change_that_failed_is_made_anew(deployed: Deployment, folder: Path, ledger: str) -> None:
    job_id, change = new_job_id(), change_of(Operation.INSERT, ledger)
    with deployed.server.held(f'INSERT INTO "public"."{ledger}"') as gate:
        first = Beside(lambda: Jobs(deployed.bulk(), folder).applied(job_id, change, RECORDS))
        assert gate.reached.wait(60)
        deployed.warehouse().cancel(LOGIN, job_id)
        first.ended()

    assert isinstance(first.error, StatementCancelledError)
    assert Jobs(deployed.bulk(), folder).applied(job_id, change, RECORDS) == DONE
    assert changes(deployed, job_id) == ["ABORTED", "FINISHED"]


@requirement("BLK-24")
def test_a_cancelled_import_changes_nothing(deployed: Deployment, folder: Path, ledger: str) -> None:
    job_id = new_job_id()
    engine = deployed.bulk()
    with deployed.server.held(f'INSERT INTO "public"."{ledger}"') as gate:
        running = Beside(lambda: Jobs(engine, folder).applied(job_id, change_of(Operation.INSERT, ledger), RECORDS))
        assert gate.reached.wait(60)
        assert engine.cancel(TENANT_ID, job_id)
        running.ended()

    assert isinstance(running.error, StatementCancelledError)
    assert (ids(deployed, ledger), engine.applied(TENANT_ID, job_id)) == ([], None)


UNLOADING = {
    "before it is unloaded": (Moment(BATCH, UNLOAD), 1),
    "while it is unloaded": (Moment(BATCH, UNLOAD, after=True), 1),
    "when it is unloaded": (Moment(WAIT, UNLOAD, after=True), 1),
}


@requirement("BLK-33")
@pytest.mark.parametrize(("moment", "unloads"), UNLOADING.values(), ids=UNLOADING)
def test_a_query_is_unloaded_once_whenever_the_server_ends(
    deployed: Deployment, folder: Path, moment: Moment, unloads: int
) -> None:
    job_id, sql = new_job_id(), "SELECT order_id FROM orders WHERE order_id < 1100 ORDER BY 1"
    with pytest.raises(Killed):
        Jobs(mortal(deployed, moment), folder).exported(job_id, sql)
    exported = Jobs(deployed.bulk(), folder).exported(job_id, sql)

    assert exported.splitlines()[0] == b"order_id"
    assert len([one for one in deployed.server.ran("^UNLOAD") if f"/{job_id}/" in one]) == unloads


def test_what_became_of_a_statement_is_told_to_every_server(deployed: Deployment, folder: Path, ledger: str) -> None:
    job_id = new_job_id()
    Jobs(deployed.bulk(), folder).applied(job_id, change_of(Operation.INSERT, ledger), RECORDS)
    found = deployed.warehouse().found(LOGIN, job_id)

    assert found is not None
    assert (found.fate, deployed.warehouse().found(LOGIN, "bulk-never")) == (Fate.COMMITTED, None)


def test_without_a_schema_of_its_own_a_user_is_told_so(deployed: Deployment) -> None:
    engine = deployed.bulk()
    with pytest.raises(InternalError, match='schema "db_user_tenant-789"'):
        engine.applied("tenant-789", new_job_id())
