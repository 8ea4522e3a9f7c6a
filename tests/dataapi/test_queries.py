"""Queries by the Data API: results, errors, ends, and the API's own troubles."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from spectra_emulator.adapters.redshift.data_api import DataApi
from spectra_emulator.adapters.redshift.data_api_calls import Calls
from spectra_emulator.adapters.redshift.warehouse import Login, Result
from spectra_emulator.domain.backend_location import backend_location
from spectra_emulator.domain.errors import InternalError, InvalidSql, PayloadTooLarge
from spectra_emulator.ports import StatementCancelledError, StatementTimeoutError

from tests.dataapi.deployment import CLUSTER, DB_USER, LOGIN, SECRET, WORKGROUP, Deployment
from tests.dataapi.server import ANSWER_LOST
from tests.redshift.asking import Beside, asked
from tests.requirements import requirement

VALUES = """
    SELECT 1::SMALLINT AS a, 2.50::DECIMAL(12,2) AS b, 'x ' AS c, NULL::INTEGER AS d, TRUE AS e, 1.5::FLOAT8 AS f,
           '2024-01-31 12:34:56.789'::TIMESTAMP AS g, '2024-01-31 12:00:00+02'::TIMESTAMPTZ AS h,
           DATE '2024-02-29' AS i, JSON_PARSE('{"k":[1,null]}') AS j, 9007199254740993::BIGINT AS k,
           '12:34:56'::TIME AS l, 'ab'::CHAR(4) AS m, 0.1::REAL AS n, 12345678901234567890.12::DECIMAL(38,2) AS o
"""


def result(warehouse: DataApi, sql: str, seconds: float = 20, login: Login = LOGIN, name: str = "") -> Result:
    named = name or str(uuid.uuid4())
    return warehouse.query(login, sql, name=named, timeout=timedelta(seconds=seconds), begun=lambda: None)


@requirement("TYP-01")
def test_values_come_as_from_the_embedded_engine(deployed: Deployment) -> None:
    ours, embedded = asked(deployed.engine(), VALUES), asked(deployed.server.redshift.engine, VALUES)

    assert ours.rows_json == embedded.rows_json
    assert (ours.columns, ours.column_types) == (embedded.columns, embedded.column_types)


def test_no_row_has_types_too(deployed: Deployment) -> None:
    empty = asked(deployed.engine(), "SELECT * FROM orders WHERE 1 = 0")

    assert (empty.rows_json, empty.row_count, len(empty.column_types)) == (b"[]", 0, len(empty.columns))


def test_all_pages_of_a_result_come_together(deployed: Deployment) -> None:
    counted = result(deployed.warehouse(), "SELECT id FROM sales LIMIT 250").rows

    assert len(set(map(tuple, counted))) == 250
    assert [given.get("NextToken") for given in deployed.server.sent("GetStatementResult")][1:] == [None, "100", "200"]


def test_a_result_beyond_the_bound_is_not_read_to_its_end(deployed: Deployment) -> None:
    credentials = deployed.credentials()
    calls = Calls(credentials, deployed.pause)
    bounded = DataApi(backend_location(CLUSTER), calls, credentials.secret_name, result_bytes=100_000)

    assert result(bounded, "SELECT 1 AS one").rows == [[1]]
    with pytest.raises(PayloadTooLarge):
        result(bounded, f"SELECT '{'x' * 700}' AS wide FROM sales LIMIT 1000")
    pages = [given.get("NextToken") for given in deployed.server.sent("GetStatementResult")]
    assert pages[-2:] == [None, "100"]


def test_the_rows_beyond_the_cap_are_counted(deployed: Deployment) -> None:
    answered = asked(deployed.engine(), "SELECT DISTINCT id % 9 AS n FROM sales", cap=3)

    assert (answered.row_count, answered.total_rows) == (3, 9)


def test_the_statement_carries_our_name_and_the_users_timeout(deployed: Deployment) -> None:
    answered = result(deployed.warehouse(), "SELECT 1 AS one", seconds=7, name="query-1")
    sent = deployed.server.sent("BatchExecuteStatement")[-1]

    assert (sent["StatementName"], sent["Sqls"]) == ("query-1", ["SET statement_timeout TO 7000", "SELECT 1 AS one"])
    assert answered.query_id.isdecimal()


def test_ends_are_awaited_by_long_polls(deployed: Deployment) -> None:
    result(deployed.warehouse(), "SELECT 1 AS one")

    assert [given["WaitTimeSeconds"] for given in deployed.server.sent("DescribeStatement")][-1] == 20


def test_where_too_many_wait_already_the_end_is_asked_for(deployed: Deployment) -> None:
    deployed.server.trouble("DescribeStatement", "ActiveWaitingRequestsExceededException")

    assert result(deployed.warehouse(), "SELECT 1 AS one").rows == [[1]]


def test_an_error_says_where_it_is_in_the_text_as_sent(deployed: Deployment) -> None:
    with pytest.raises(InvalidSql) as refused:
        result(deployed.warehouse(), "SELECT nothing FROM sales")

    assert "nothing" in refused.value.message
    assert refused.value.details == {"sql_state": "42703", "sent_position": 8}


def test_a_position_is_told_in_the_clients_own_text(deployed: Deployment) -> None:
    with pytest.raises(InvalidSql) as refused:
        asked(deployed.engine(), "select  /* all */  nothing FROM sales")

    assert refused.value.details["position"] == len("select  /* all */  ") + 1


@pytest.mark.parametrize(
    "code",
    ["ThrottlingException", "ActiveStatementsExceededException", "InternalServerException", ANSWER_LOST],
)
@pytest.mark.parametrize("operation", ["BatchExecuteStatement", "DescribeStatement", "GetStatementResult"])
def test_a_passing_trouble_is_not_seen_and_nothing_runs_twice(deployed: Deployment, operation: str, code: str) -> None:
    warehouse = deployed.warehouse()
    result(warehouse, "SELECT 1 AS one")
    sql = f"SELECT '{uuid.uuid4()}' AS one"
    deployed.server.trouble(operation, code, 2)

    assert len(result(warehouse, sql).rows) == 1
    assert len(deployed.server.ran(sql)) == 1


def test_trouble_that_does_not_pass_is_one_error_after_some_attempts(deployed: Deployment) -> None:
    deployed.server.trouble("BatchExecuteStatement", "ThrottlingException", 100)
    with pytest.raises(InternalError):
        result(deployed.warehouse(), "SELECT 1 AS one")

    assert len(deployed.server.sent("BatchExecuteStatement")) == 6
    assert max(deployed.pauses) < 5


def test_a_result_that_has_expired_is_an_error_that_says_so(deployed: Deployment) -> None:
    deployed.server.trouble("GetStatementResult", "ResourceNotFoundException", 9)

    with pytest.raises(InternalError, match="no longer keeps"):
        result(deployed.warehouse(), "SELECT 1 AS one")


def test_expired_credentials_are_taken_anew(deployed: Deployment) -> None:
    credentials = deployed.credentials()
    deployed.server.trouble("BatchExecuteStatement", "ExpiredTokenException")

    assert result(deployed.warehouse(credentials=credentials), "SELECT 1 AS one").rows == [[1]]
    assert credentials.sessions == 2


def test_a_statement_that_outlives_its_timeout_is_gone(deployed: Deployment) -> None:
    sql = f"SELECT '{uuid.uuid4()}' AS one"
    warehouse = deployed.warehouse()
    result(warehouse, "SELECT 1 AS one")
    with deployed.server.held(sql), pytest.raises(StatementTimeoutError):
        result(warehouse, sql, seconds=0.3)

    assert len(deployed.server.sent("CancelStatement")) == 1


@pytest.mark.parametrize("other_server", [False, True], ids=["same server", "another server"])
def test_a_cancelled_statement_is_gone(deployed: Deployment, other_server: bool) -> None:
    sql, name = f"SELECT '{uuid.uuid4()}' AS one", str(uuid.uuid4())
    warehouse = deployed.warehouse()
    canceller = deployed.warehouse() if other_server else warehouse
    with deployed.server.held(sql) as gate:
        asking = Beside(lambda: result(warehouse, sql, name=name))
        assert gate.reached.wait(60)
        cancelled = canceller.cancel(LOGIN, name)
        asking.ended()

    assert (cancelled, type(asking.error)) == (True, StatementCancelledError)


def test_nothing_is_left_to_cancel_of_what_has_ended(deployed: Deployment) -> None:
    warehouse = deployed.warehouse()
    result(warehouse, "SELECT 1 AS one", name="query-over")

    assert not warehouse.cancel(LOGIN, "query-over")


def test_the_end_of_the_server_ends_what_runs(deployed: Deployment) -> None:
    sql = f"SELECT '{uuid.uuid4()}' AS one"
    warehouse = deployed.warehouse()
    with deployed.server.held(sql) as gate:
        asking = Beside(lambda: result(warehouse, sql))
        assert gate.reached.wait(60)
        warehouse.close()
        asking.ended()

    assert isinstance(asking.error, StatementCancelledError)


@pytest.mark.parametrize(
    ("url", "secret", "authority"),
    [
        pytest.param(
            "redshift-data://cluster-one/dev?cluster",
            "",
            {"ClusterIdentifier": "cluster-one", "DbUser": DB_USER},
            id="cluster",
        ),
        pytest.param(
            "redshift-data://cluster-one/dev?cluster",
            SECRET,
            {"ClusterIdentifier": "cluster-one", "SecretArn": f"spectra/{DB_USER}"},
            id="cluster with secrets",
        ),
        pytest.param(
            WORKGROUP,
            SECRET,
            {"WorkgroupName": "workgroup-one", "SecretArn": f"spectra/{DB_USER}"},
            id="workgroup with secrets",
        ),
    ],
)
def test_a_tenant_is_its_own_database_user(
    deployed: Deployment, url: str, secret: str, authority: dict[str, str]
) -> None:
    result(deployed.warehouse(url, secret), "SELECT 1 AS one")
    sent = deployed.server.sent("BatchExecuteStatement")[-1]

    named = ("ClusterIdentifier", "WorkgroupName", "DbUser", "SecretArn")
    assert {key: sent[key] for key in named if key in sent} == authority


@requirement("TEN-01")
def test_two_tenants_see_their_own_rows(deployed: Deployment) -> None:
    sql = "SELECT MIN(region) AS r, COUNT(*) AS n, SUM(id) AS s FROM sales"
    engine, embedded = deployed.engine(), deployed.server.redshift.engine

    for tenant_id in ("tenant-123", "tenant-456"):
        ours = asked(engine, sql, tenant_id=tenant_id)
        assert ours.rows_json == asked(embedded, sql, tenant_id=tenant_id).rows_json


def test_a_superuser_runs_nothing(deployed: Deployment) -> None:
    deployed.server.redshift.superusers.add("db_user_tenant-super")
    with pytest.raises(InternalError, match="superuser"):
        result(deployed.warehouse(), "SELECT 1 AS one", login=Login("tenant-super", "db_user_tenant-super"))

    deployed.server.redshift.superusers.clear()
    assert deployed.server.ran("SELECT 1 AS one") == deployed.server.ran("SELECT 1 AS one")


def test_nothing_runs_as_somebody_else(deployed: Deployment) -> None:
    deployed.server.operations.identity = "IAMR:everybody"

    with pytest.raises(InternalError, match="another database user"):
        result(deployed.warehouse(WORKGROUP), "SELECT 1 AS one")


def test_a_text_longer_than_the_api_takes_is_refused_as_such(deployed: Deployment) -> None:
    with pytest.raises(InvalidSql, match="102400"):
        result(deployed.warehouse(), f"SELECT '{'x' * 102_400}' AS one")
