"""UNLOAD: files exactly as from the embedded engine, by way of the S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from spectra_emulator.adapters.duckdb_engine.bulk_engine import DuckDbBulkEngine
from spectra_emulator.domain.errors import InternalError, InvalidSql
from spectra_emulator.domain.files import Compression, ContentType, FileFormat
from spectra_emulator.ports import ObjectStore

from tests.dataapi.copying import UNLOAD, unquoted
from tests.dataapi.deployment import TENANT_ID, Deployment
from tests.dataapi.files import Jobs, new_job_id
from tests.dataapi.killing import Killed
from tests.dataapi.test_queries import VALUES
from tests.requirements import requirement

QUERIES = {
    "values": VALUES,
    "empty and null": "SELECT '' AS a, NULL::VARCHAR AS b, 'x,\"y\"\n' AS c, 'a\\'b' AS d",
    "no rows": "SELECT order_id, total, shipped_date FROM orders WHERE order_id < 0",
    "order and limit": "SELECT order_id, total FROM orders ORDER BY total DESC, order_id LIMIT 20",
    "order by what is not selected": "SELECT status FROM orders WHERE order_id < 300 ORDER BY total, order_id",
    "order by an expression": "SELECT order_id FROM orders WHERE order_id < 99 ORDER BY total * -1, order_id",
    "order by place": "SELECT status, order_id AS n FROM orders WHERE order_id < 99 ORDER BY 2 DESC",
    "star with order": "SELECT * FROM orders WHERE order_id < 50 ORDER BY orders.created_at DESC, order_id",
    "nulls first": "SELECT shipped_date, order_id FROM orders WHERE order_id < 200 ORDER BY 1 NULLS FIRST, 2",
    "distinct": "SELECT DISTINCT status FROM orders ORDER BY status",
    "grouped": "SELECT status, COUNT(*) AS n FROM orders GROUP BY status ORDER BY COUNT(*) DESC, status",
    "union": "SELECT order_id AS n FROM orders WHERE order_id < 5 UNION ALL SELECT 0 ORDER BY n",
    "with": "WITH t AS (SELECT order_id AS n FROM orders) SELECT n FROM t WHERE n < 20 ORDER BY n OFFSET 3",
    "two columns of one name": "SELECT 1 AS a, 2 AS a",
    "an odd name": 'SELECT 1 AS "Total Price", 2 AS "a""b"',
    "bytes": "SELECT 'ab'::VARBYTE AS a",
    "an interval": "SELECT INTERVAL '1 day 2 hours' AS a",
    "a place": "SELECT ST_Point(1, 2) AS a",
}
TELLING = ("values", "empty and null", "no rows")
OTHERS = {
    "csv with its options": FileFormat(line_ending="\r\n", column_delimiter="|", compression=Compression.GZIP),
    "json": FileFormat(ContentType.JSON),
}


@pytest.fixture
def jobs(deployed: Deployment, folder: Path) -> Jobs:
    return Jobs(deployed.bulk(), folder)


@pytest.fixture
def embedded(deployed: Deployment, folder: Path) -> Jobs:
    return Jobs(DuckDbBulkEngine(deployed.server.redshift.engine), folder)


@requirement("FMT-01")
@pytest.mark.parametrize("sql", QUERIES.values(), ids=QUERIES)
def test_a_file_is_the_same_as_from_the_embedded_engine(jobs: Jobs, embedded: Jobs, sql: str) -> None:
    assert jobs.exported(new_job_id(), sql) == embedded.exported(new_job_id(), sql)


@pytest.mark.parametrize("file_format", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("query", TELLING)
def test_so_it_is_in_other_formats(jobs: Jobs, embedded: Jobs, query: str, file_format: FileFormat) -> None:
    sql = QUERIES[query]

    assert jobs.exported(new_job_id(), sql, file_format) == embedded.exported(new_job_id(), sql, file_format)


@pytest.mark.parametrize("compression", Compression)
def test_parquet_has_the_same_rows_and_types(jobs: Jobs, embedded: Jobs, compression: Compression) -> None:
    file_format = FileFormat(ContentType.PARQUET, compression)
    jobs.exported(new_job_id(), VALUES, file_format)
    embedded.exported(new_job_id(), VALUES, file_format)

    ours, theirs = sorted(jobs.folder.glob("export-*"))
    with duckdb.connect() as reader:
        read = [reader.read_parquet(str(file)) for file in (ours, theirs)]
        assert read[0].fetchall() == read[1].fetchall()
        assert (read[0].columns, read[0].types) == (read[1].columns, read[1].types)


@requirement("FMT-12")
def test_above_the_limit_of_a_file_the_parts_are_one_file_again(
    deployed: Deployment, jobs: Jobs, embedded: Jobs
) -> None:
    sql = "SELECT order_id, status FROM orders WHERE order_id < 500 ORDER BY order_id DESC"
    deployed.server.redshift.copying.rows_a_part = 100
    ours = jobs.exported(new_job_id(), sql)
    deployed.server.redshift.copying.rows_a_part = 1_000_000

    assert ours == embedded.exported(new_job_id(), sql)


def test_nothing_stays_in_the_s3_nor_on_this_machine(deployed: Deployment, jobs: Jobs) -> None:
    jobs.exported(job_id := new_job_id(), "SELECT 1 AS one")

    assert deployed.keys(f"{TENANT_ID}/staging/{job_id}/") == []
    assert [file.name.partition("-")[0] for file in jobs.folder.iterdir() if file.name != "manifest"] == ["export"]


class EndingObjects:
    """Those of an S3, until a server ends that has deleted one of several."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)

    def delete(self, prefix: str) -> None:
        for key in self._objects.keys(prefix):
            self._objects.delete(key)
            raise Killed


def test_files_that_were_deleted_in_part_are_unloaded_anew(deployed: Deployment, folder: Path, jobs: Jobs) -> None:
    job_id, sql = new_job_id(), "SELECT 1 AS one"
    ending: Any = EndingObjects(deployed.objects())
    with pytest.raises(Killed):
        Jobs(deployed.bulk(objects=ending), folder).exported(job_id, sql)

    assert len(deployed.keys(f"{TENANT_ID}/staging/{job_id}/")) == 1
    assert jobs.exported(job_id, sql) == b"one\n1\n"


def test_each_attempt_has_a_place_of_its_own(deployed: Deployment, jobs: Jobs) -> None:
    job_id = new_job_id()
    deployed.server.redshift.copying.refusal = "S3ServiceException:Slow Down,Status 503"
    with pytest.raises(InternalError):
        jobs.exported(job_id, "SELECT 1 AS one")
    jobs.exported(job_id, "SELECT 1 AS one")
    places = [UNLOAD.fullmatch(sql)[2] for sql in deployed.server.ran("^UNLOAD") if f"/{job_id}/" in sql]

    assert len(places) == len(set(places)) == 2


@requirement("BLK-50")
def test_a_query_that_cannot_run_is_the_jobs_error(jobs: Jobs) -> None:
    with pytest.raises(InvalidSql, match="nothing"):
        jobs.exported(new_job_id(), "SELECT nothing FROM orders")


def test_an_s3_out_of_the_warehouses_reach_is_no_fault_of_the_query(deployed: Deployment, jobs: Jobs) -> None:
    deployed.server.redshift.copying.refusal = "S3ServiceException:Access Denied,Status 403"
    with pytest.raises(InternalError, match="Access Denied"):
        jobs.exported(new_job_id(), "SELECT 1 AS one")


def test_the_query_in_the_statement_is_the_one_that_was_meant(deployed: Deployment, jobs: Jobs) -> None:
    jobs.exported(new_job_id(), "SELECT 'it''s \\\\ here' AS text")
    found = UNLOAD.fullmatch(deployed.server.ran("^UNLOAD")[-1])

    assert found is not None
    assert "'it''s \\\\ here'" in unquoted(found[1])
