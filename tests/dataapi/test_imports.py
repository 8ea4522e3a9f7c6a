"""COPY and the transaction after it: what a file does to a table, and which records fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from spectra_emulator.adapters.duckdb_engine.bulk_engine import DuckDbBulkEngine
from spectra_emulator.adapters.redshift.bulk import RedshiftBulkEngine
from spectra_emulator.adapters.redshift.staging import Staging
from spectra_emulator.domain.bulk_jobs import Operation
from spectra_emulator.domain.errors import InternalError, InvalidRequest, InvalidSql
from spectra_emulator.domain.files import ContentType
from spectra_emulator.ports import Applied
from spectra_emulator.sql.parsing import parse_script
from spectra_emulator.sql.warehouse_loads import Access

from tests.dataapi.deployment import DB_USER, TENANT_ID, Deployment
from tests.dataapi.files import Jobs, change_of, new_job_id
from tests.moto_s3 import BUCKET
from tests.redshift.asking import Beside, rows
from tests.requirements import requirement

TABLE = """
    CREATE TABLE {name} (
        id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(5), amount DECIMAL(12,2) DEFAULT 7, at TIMESTAMP, doc SUPER,
        code CHAR(3), day DATE, flag BOOLEAN, ratio FLOAT8, raw VARBYTE(8), moment TIMESTAMPTZ
    );
    INSERT INTO {name} (id, name) VALUES (1, 'a'), (2, 'b')
"""
CSV_RECORDS = """\
id,name,amount,at,doc,code,day,flag,ratio,raw,moment
3,c,1.50,2024-01-31 12:34:56.5,"{""k"": [1, ""x""]}",ab ,2024-02-29,t,0.1,00ff,2024-01-31 12:00:00+02
1,dup,1,,,,,,,,
4,"",,,,,,,,,
4,again,,,,,,,,,
5,too long,,,,,,,,,
six,,,,,,,,,,
7
8,"a
b",-0.05,,null,,,no,NaN,,
,nokey,,,,,,,,,
"""
JSON_RECORDS = """[
{"id": 1, "name": "one"}, {"id": 9, "amount": 12345678.91}, {"id": 9, "name": "last", "amount": 2},
{"id": 10, "doc": {"deep": [true, null, 1.5]}, "flag": false, "ratio": 1e20}, {"id": null, "name": "x"}, {"id": 2}
]"""
EVERYTHING = "SELECT * FROM {name} ORDER BY id"


def script(deployed: Deployment, text: str) -> None:
    deployed.server.redshift.engine.run_script(TENANT_ID, parse_script(text))


@pytest.fixture
def tables(deployed: Deployment) -> tuple[str, str]:
    """Return two tables that are alike, one for each engine."""
    names = (f"ours_{new_job_id()[10:]}", f"theirs_{new_job_id()[10:]}")
    for name in names:
        script(deployed, TABLE.format(name=name))
    return names


@pytest.fixture
def jobs(deployed: Deployment, folder: Path) -> Jobs:
    return Jobs(deployed.bulk(), folder)


@pytest.fixture
def embedded(deployed: Deployment, folder: Path) -> Jobs:
    return Jobs(DuckDbBulkEngine(deployed.server.redshift.engine), folder)


@requirement("BLK-30")
@pytest.mark.parametrize(
    ("operation", "text", "named"),
    [
        pytest.param(Operation.INSERT, CSV_RECORDS, {}, id="insert"),
        pytest.param(Operation.UPDATE, CSV_RECORDS, {}, id="update"),
        pytest.param(Operation.UPSERT, CSV_RECORDS, {}, id="upsert"),
        pytest.param(Operation.DELETE, "id\n1\n1\n77\nx\n", {}, id="delete"),
        pytest.param(Operation.UPSERT, JSON_RECORDS, {}, id="upsert of sparse records"),
        pytest.param(Operation.UPDATE, JSON_RECORDS, {}, id="update of sparse records"),
        pytest.param(Operation.INSERT, JSON_RECORDS, {}, id="insert of sparse records"),
        pytest.param(Operation.UPSERT, "name,amount\na,3\nb ,4\nz,5\n", {"external_id_field": "name"}, id="by a name"),
        pytest.param(Operation.INSERT, "ID,Label\n5,x\n", {"renamed": (("Label", "name"),)}, id="renamed"),
        pytest.param(Operation.INSERT, "id\n5\n6\n7\n", {"refused_first": 2}, id="refused for a test"),
    ],
)
def test_a_file_does_the_same_as_with_the_embedded_engine(
    deployed: Deployment,
    jobs: Jobs,
    embedded: Jobs,
    tables: tuple[str, str],
    operation: Operation,
    text: str,
    named: dict[str, Any],
) -> None:
    kind = ContentType.JSON if text.startswith("[") else ContentType.CSV
    ours, theirs = (
        side.applied(new_job_id(), change_of(operation, table, **named), text, kind)
        for side, table in zip((jobs, embedded), tables, strict=True)
    )
    assert ours == theirs
    assert [*jobs.failed.values()] == [*embedded.failed.values()]
    engine = deployed.engine()
    assert rows(engine, EVERYTHING.format(name=tables[0])) == rows(engine, EVERYTHING.format(name=tables[1]))


def test_what_redshift_alone_refuses_fails_with_its_reason(
    deployed: Deployment, jobs: Jobs, tables: tuple[str, str]
) -> None:
    deployed.server.redshift.copying.errors.refused = {1: "Missing newline", 3: "Invalid digit"}
    job_id = new_job_id()
    applied = jobs.applied(job_id, change_of(Operation.INSERT, tables[0]), "id,name\n10,x\nbad,y\n11,z\n12,u\n13,v\n")

    assert applied == Applied(2, 3)
    assert jobs.failed[job_id].splitlines()[1:] == [
        "10,x,Missing newline",
        'bad,y,"column ""id"" takes INTEGER, not \'bad\'"',
        "12,u,Invalid digit",
    ]
    assert [row["id"] for row in rows(deployed.engine(), f"SELECT id FROM {tables[0]} ORDER BY id")] == [1, 2, 11, 13]


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        pytest.param("no_such_table", "id\n1\n", "does not exist", id="no table"),
        pytest.param("spectra_applied_jobs", "job_id\n1\n", "does not exist", id="a table of ours"),
        pytest.param("orders", "nothing\n1\n", 'no column "nothing"', id="no column"),
        pytest.param("orders", "", "empty", id="empty file"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(jobs: Jobs, table: str, text: str, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        jobs.applied(new_job_id(), change_of(Operation.INSERT, table), text)


def test_a_table_that_the_user_may_not_change_is_the_jobs_error(
    deployed: Deployment, jobs: Jobs, tables: tuple[str, str]
) -> None:
    script(deployed, f"CREATE VIEW view_{tables[0]} AS SELECT * FROM {tables[0]}")

    with pytest.raises((InvalidRequest, InvalidSql)):
        jobs.applied(new_job_id(), change_of(Operation.DELETE, f"view_{tables[0]}"), "id\n1\n")


def test_a_load_that_fails_leaves_the_table_for_another_attempt(
    deployed: Deployment, jobs: Jobs, tables: tuple[str, str]
) -> None:
    job_id, change = new_job_id(), change_of(Operation.INSERT, tables[0])
    deployed.server.redshift.copying.refusal = "S3ServiceException:Access Denied,Status 403"
    with pytest.raises(InternalError, match="Access Denied"):
        jobs.applied(job_id, change, "id\n5\n")

    assert jobs.applied(job_id, change, "id\n5\n") == Applied(1, 0)


def test_nothing_of_a_job_stays_but_its_mark(deployed: Deployment, jobs: Jobs, tables: tuple[str, str]) -> None:
    job_id = new_job_id()
    jobs.applied(job_id, change_of(Operation.INSERT, tables[0]), "id\n5\n")
    kept = deployed.server.redshift.engine.catalogue(TENANT_ID).tables

    assert deployed.keys(f"{TENANT_ID}/staging/{job_id}/") == []
    assert f"spectra_staged_{job_id.replace('-', '_')}" not in {name for _, name in kept}
    assert jobs.engine.applied(TENANT_ID, job_id) == Applied(1, 0)


def test_failed_records_are_told_page_after_page(deployed: Deployment, folder: Path, tables: tuple[str, str]) -> None:
    job_id = new_job_id()
    staging = Staging(deployed.objects(), BUCKET, Access())
    paged = Jobs(RedshiftBulkEngine(deployed.engine(), deployed.desk, staging, deployed.pause, page_rows=2), folder)
    deployed.server.redshift.copying.errors.refused = {2: "no", 3: "no", 5: "no"}
    records = "id\n" + "".join(f"{number}\n" for number in (1, 70, 71, 1, 72, 2, 1, 2))

    assert paged.applied(job_id, change_of(Operation.INSERT, tables[0]), records) == Applied(0, 8)
    assert len(paged.failed[job_id].splitlines()) == 9
    assert (
        len([sql for sql in deployed.server.ran("record > -?\\d+ ORDER BY record LIMIT 2$") if f"'{job_id}'" in sql])
        == 3
    )
    assert len([sql for sql in deployed.server.ran("line_number > -?\\d+ .* LIMIT 2$") if f"/{job_id}/" in sql]) == 2


def staged_tables(deployed: Deployment) -> set[str]:
    tables = deployed.server.redshift.engine.catalogue(TENANT_ID).tables
    return {name for _, name in tables if name.startswith("spectra_staged_")}


def test_staging_tables_of_jobs_long_gone_are_dropped_and_nothing_else(
    deployed: Deployment, jobs: Jobs, tables: tuple[str, str]
) -> None:
    script(deployed, f'CREATE TABLE "{DB_USER}".spectra_staged_old (n INT); CREATE TABLE "{DB_USER}".treasure (n INT)')
    deployed.server.redshift.left_behind[:] = ["spectra_staged_old", "treasure"]
    jobs.applied(new_job_id(), change_of(Operation.INSERT, tables[0]), "id\n6\n")
    deployed.server.redshift.left_behind.clear()
    kept = deployed.server.redshift.engine.catalogue(TENANT_ID).tables

    assert (DB_USER, "spectra_staged_old") not in kept
    assert (DB_USER, "treasure") in kept


def test_a_job_that_fails_for_good_leaves_no_staging_table(
    deployed: Deployment, jobs: Jobs, tables: tuple[str, str]
) -> None:
    before, job_id = staged_tables(deployed), new_job_id()
    with deployed.server.held("^LOCK ") as gate:
        applying = Beside(lambda: jobs.applied(job_id, change_of(Operation.INSERT, tables[0]), "id\n5\n"))
        assert gate.reached.wait(60)
        script(deployed, f"DROP TABLE {tables[0]}")
    applying.ended()

    assert isinstance(applying.error, InvalidSql)
    assert staged_tables(deployed) == before


def test_a_cancelled_job_leaves_no_staging_table(deployed: Deployment, jobs: Jobs, tables: tuple[str, str]) -> None:
    before, job_id = staged_tables(deployed), new_job_id()
    with deployed.server.held("^LOCK ") as gate:
        applying = Beside(lambda: jobs.applied(job_id, change_of(Operation.INSERT, tables[0]), "id\n5\n"))
        assert gate.reached.wait(60)
        jobs.engine.cancel(TENANT_ID, job_id)
        applying.ended()

    assert jobs.engine.applied(TENANT_ID, job_id) is None
    assert staged_tables(deployed) == before


def test_a_file_without_a_good_record_is_applied_all_the_same(jobs: Jobs, tables: tuple[str, str]) -> None:
    job_id = new_job_id()
    applied = jobs.applied(job_id, change_of(Operation.UPSERT, tables[0]), "id\nx\ny\n")

    assert (applied, jobs.engine.applied(TENANT_ID, job_id)) == (Applied(0, 2), Applied(0, 2))
