"""What a query may look like and what its answer holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.asides import hold, note
from spectra_conformance.suite.asking import exact, result
from spectra_conformance.suite.refusals import assert_code_fits, assert_refused, hold_field
from spectra_conformance.suite.registry import decides

OK, BAD_REQUEST, PAYLOAD_TOO_LARGE, UNSUPPORTED = 200, 400, 413, 415
LONGEST = 100_000
JSON = "application/json"
REPORT = """
WITH sales AS (
    SELECT CAST('EU' AS VARCHAR(9)) AS region, 10 AS amount, 1 AS customer
), more AS (
    SELECT s.*, s.amount * 2 AS doubled FROM sales AS s
)
SELECT
    more.region,
    SUM(more.amount + more.doubled) AS total,
    CASE WHEN SUM(more.amount) >= 10 OR more.region IS NULL THEN 'high' ELSE 'low' END AS share,
    ROW_NUMBER() OVER (ORDER BY SUM(more.amount) DESC) AS place,
    MAX(other.last_update) AS last_update,
    COUNT(other.customer) > 0 AS deleted
FROM more
LEFT JOIN (SELECT 2 AS customer, CAST(NULL AS DATE) AS last_update) AS other ON other.customer = more.customer
WHERE more.amount BETWEEN 1 AND 100 AND (1 = 1 OR more.region = 'x') AND more.region LIKE 'E%'
GROUP BY more.region
HAVING COUNT(*) < 5
ORDER BY total DESC, 1
LIMIT 5
"""
"""Has words and forms that a filter of SQL may stumble over, but none that one is allowed to refuse."""


@decides("QRY-20", "QRY-21", "QRY-22", "QRY-23", "QRY-24", "QRY-25", "GEN-04", "HDR-03", "SQL-01", profile="smoke")
def test_a_query_answers_its_rows_at_once(owner: Client) -> None:
    body = result(owner, "SELECT 1 AS a, CAST('x' AS VARCHAR(9)) AS b")
    metadata = body["metadata"]

    assert body["data"] == [{"a": 1, "b": "x"}]
    assert (metadata["columns"], metadata["column_types"]) == (["a", "b"], ["INTEGER", "VARCHAR"])
    assert (metadata["row_count"], metadata.get("total_rows", 1), metadata["truncated"]) == (1, 1, False)


@decides("QRY-26")
def test_the_time_a_query_took_is_in_whole_milliseconds(owner: Client) -> None:
    answer = owner.query("SELECT 1 AS a")
    taken = exact(answer)["metadata"]["execution_time_ms"]

    assert isinstance(taken, int)
    assert 0 <= taken <= answer.elapsed * 1000 + 1000


@decides("QRY-27", "JOB-10", queries=2)
def test_every_query_has_an_id_of_its_own(owner: Client) -> None:
    first, second = (result(owner, "SELECT 1 AS a")["metadata"]["query_id"] for _ in range(2))

    assert first
    assert first != second


@decides("QRY-20", "QRY-27", "IDM-01", queries=8)
def test_queries_at_one_time_get_each_their_own_answer(owner: Client) -> None:
    def asked(number: int) -> tuple[object, object]:
        body = exact(owner.query(f"SELECT {number} AS a, 'x{number}' AS b"))
        return body["data"], body["metadata"]["query_id"]

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(asked, range(8)))

    assert [data for data, _ in told] == [[{"a": number, "b": f"x{number}"}] for number in range(8)]
    assert len({query_id for _, query_id in told}) == 8


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT 1 AS a;", id="semicolon"),
        pytest.param("SELECT 1 AS a ; ", id="semicolon-and-blanks"),
        pytest.param("SELECT 1 AS a;;", id="two-semicolons"),
        pytest.param("\n\t SELECT 1 AS a \n", id="blanks-around"),
        pytest.param("SELECT 1 AS a ;\n;\t", id="many"),
    ],
)
@decides("QRY-09", "SQL-05", profile="full", writes=True)
def test_semicolons_and_blanks_at_the_end_are_dropped(owner: Client, sql: str) -> None:
    assert result(owner, sql)["data"] == [{"a": 1}]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="absent"),
        pytest.param({"parameters": None}, id="null"),
        pytest.param({"parameters": {}}, id="empty"),
        pytest.param({"parameters": {"limit": 1}}, id="least-limit"),
        pytest.param({"parameters": {"limit": 10_000}}, id="most-limit"),
        pytest.param({"parameters": {"timeout_seconds": 1}}, id="least-timeout"),
        pytest.param({"parameters": {"timeout_seconds": 300}}, id="most-timeout"),
        pytest.param({"parameters": {"limit": 5, "timeout_seconds": 30}}, id="both"),
    ],
)
@decides("QRY-02", "QRY-03", "QRY-04", "LIM-01", "LIM-02")
def test_parameters_are_optional_up_to_their_bounds(owner: Client, members: dict[str, object]) -> None:
    answer = owner.post("/queries", json={"sql": "SELECT 1 AS a", **members})

    assert exact(answer)["data"] == [{"a": 1}]


@pytest.mark.parametrize(
    ("parameters", "field", "clamped"),
    [
        pytest.param({"limit": 0}, "parameters.limit", False, id="limit-0"),
        pytest.param({"limit": -1}, "parameters.limit", False, id="limit-negative"),
        pytest.param({"limit": 10_001}, "parameters.limit", True, id="limit-10001"),
        pytest.param({"limit": 10**12}, "parameters.limit", True, id="limit-huge"),
        pytest.param({"timeout_seconds": 0}, "parameters.timeout_seconds", False, id="timeout-0"),
        pytest.param({"timeout_seconds": -5}, "parameters.timeout_seconds", False, id="timeout-negative"),
        pytest.param({"timeout_seconds": 301}, "parameters.timeout_seconds", True, id="timeout-301"),
    ],
)
@decides("QRY-05", "QRY-03", "QRY-04", "ERR-10", writes=True)
def test_a_parameter_out_of_range_is_refused(
    owner: Client, parameters: dict[str, object], field: str, clamped: bool
) -> None:
    answer = owner.query("SELECT 1 AS a", **parameters)

    assert_refused(answer, "INVALID_REQUEST", tolerated={OK} if clamped else set())
    if answer.status != OK:
        hold_field(answer, "QRY-05", field)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        pytest.param({"limit": 1.5}, "parameters.limit", id="limit-fraction"),
        pytest.param({"limit": "many"}, "parameters.limit", id="limit-word"),
        pytest.param({"limit": [5]}, "parameters.limit", id="limit-list"),
        pytest.param({"timeout_seconds": 0.5}, "parameters.timeout_seconds", id="timeout-fraction"),
        pytest.param({"timeout_seconds": "soon"}, "parameters.timeout_seconds", id="timeout-word"),
    ],
)
@decides("QRY-05", "QRY-03", "QRY-04", "ERR-10", writes=True)
def test_a_parameter_that_is_no_whole_number_is_refused(
    owner: Client, parameters: dict[str, object], field: str
) -> None:
    answer = owner.query("SELECT 1 AS a", **parameters)

    assert_refused(answer, "INVALID_REQUEST")
    hold_field(answer, "QRY-05", field)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"sql": "SELECT 1 AS a", "parameters": {"limit": "5"}}, id="limit-digits"),
        pytest.param({"sql": "SELECT 1 AS a", "parameters": {"limit": True}}, id="limit-true"),
        pytest.param({"sql": "SELECT 1 AS a", "parameters": {"limit": None}}, id="limit-null"),
        pytest.param({"sql": "SELECT 1 AS a", "parameters": {"timeout_seconds": "60"}}, id="timeout-digits"),
        pytest.param({"sql": "SELECT 1 AS a", "parameters": {"timeout_seconds": None}}, id="timeout-null"),
    ],
)
@decides("GEN-08", writes=True, profile="full")
def test_a_value_of_the_wrong_type_is_not_converted(owner: Client, body: dict[str, object]) -> None:
    assert_refused(owner.post("/queries", json=body), "INVALID_REQUEST")


@pytest.mark.parametrize(
    "parameters", [pytest.param([], id="list"), pytest.param("limit", id="text"), pytest.param(5, id="number")]
)
@decides("QRY-02", "ERR-10", writes=True, profile="full")
def test_parameters_must_be_an_object(owner: Client, parameters: object) -> None:
    answer = owner.post("/queries", json={"sql": "SELECT 1 AS a", "parameters": parameters})

    assert_refused(answer, "INVALID_REQUEST")
    hold_field(answer, "QRY-05", "parameters")


@decides("GEN-06", "QRY-10", profile="full")
def test_unknown_members_have_no_effect(owner: Client) -> None:
    unknown = {"metadata": {"a": 1}, "timeout_seconds": "x", "idempotency_key": "k", "limit": 0}
    answer = owner.post("/queries", json={"sql": "SELECT 1 AS a", "parameters": {"unknown": []}, **unknown})

    assert exact(answer)["data"] == [{"a": 1}]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="absent"),
        pytest.param({"sql": None}, id="null"),
        pytest.param({"sql": ""}, id="empty"),
        pytest.param({"sql": "  \n\t "}, id="blank"),
        pytest.param({"sql": 1}, id="number"),
        pytest.param({"sql": ["SELECT 1"]}, id="list"),
        pytest.param({"query": "SELECT 1 AS a"}, id="another-name"),
    ],
)
@decides("QRY-01", "QRY-06", "ERR-10", writes=True)
def test_sql_is_required(owner: Client, body: dict[str, object]) -> None:
    answer = owner.post("/queries", json=body)

    assert answer.status == BAD_REQUEST, answer.shown
    assert answer.code in {"INVALID_REQUEST", "INVALID_SQL"}, answer.shown
    hold("QRY-06", answer.code, "INVALID_REQUEST", "error.code")
    hold_field(answer, "QRY-06", "sql")


LITERALS = 4


def statement_of(length: int, letter: str = "x") -> str:
    """Return a SELECT of exactly so many characters, in literals that each stay within a VARCHAR."""
    start, middle, end = "SELECT LEN('", "') + LEN('", "') AS n"
    rest = length - len(start) - (LITERALS - 1) * len(middle) - len(end)
    literals = [letter * (rest // LITERALS)] * (LITERALS - 1)
    return f"{start}{middle.join([*literals, letter * (rest - len(''.join(literals)))])}{end}"


@decides("QRY-01", "LIM-06")
def test_the_longest_statement_runs(owner: Client) -> None:
    sql = statement_of(LONGEST)

    assert len(sql) == LONGEST
    assert result(owner, sql)["data"] == [{"n": sql.count("x")}]


@decides("LIM-06")
def test_the_length_of_a_statement_is_in_characters(owner: Client) -> None:
    sql = statement_of(LONGEST, "é")
    answer = owner.query(sql)

    if answer.status != OK and LONGEST not in answer.details.values():
        note("refused for what it takes beyond the documented length, as by an interface that counts bytes")
        return
    assert answer.status == OK, answer.shown
    assert answer.json()["data"] == [{"n": sql.count("é")}]


@decides("QRY-07", "QRY-01", "LIM-06", writes=True)
def test_a_longer_statement_is_refused_with_both_lengths(owner: Client) -> None:
    answer = owner.query(statement_of(LONGEST + 1))

    assert answer.status in {BAD_REQUEST, PAYLOAD_TOO_LARGE}, answer.shown
    assert_code_fits(answer)
    if answer.code != "INVALID_SQL":
        note(f"{answer.status} {answer.code} in place of 400 INVALID_SQL")
    else:
        hold("QRY-07", answer.details.get("length"), LONGEST + 1, "details.length")
        hold("QRY-07", answer.details.get("max_length"), LONGEST, "details.max_length")


@decides("LIM-05", "ERR-17", writes=True)
def test_a_body_of_ten_megabytes_is_too_large(owner: Client) -> None:
    content = b'{"sql": "SELECT 1 AS a", "padding": "' + b"x" * (10 * 2**20 + 1024) + b'"}'
    answer = owner.post("/queries", content=content, headers={"content-type": JSON})

    hold("LIM-05", answer.status, PAYLOAD_TOO_LARGE, "status of a body over 10 MB")
    if answer.status == BAD_REQUEST:
        assert_code_fits(answer)
    elif answer.status != OK:
        assert_refused(answer, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("WITH a AS (SELECT 1 AS n) SELECT n FROM a", id="with"),
        pytest.param("with a as (select 1 as n), b as (select n from a) select n from b", id="with-two"),
        pytest.param("sElEcT 1 aS n", id="any-case"),
        pytest.param("SELECT n FROM (SELECT 1 AS n) AS t WHERE n = 1 AND 'x' = 'x'", id="quotes-and-and"),
        pytest.param("SELECT CASE WHEN 1 = 1 THEN 1 ELSE 0 END AS n", id="case"),
        pytest.param("SELECT a.n FROM (SELECT 1 AS n) AS a JOIN (SELECT 1 AS n) AS b ON a.n = b.n", id="join"),
        pytest.param("SELECT 1 AS n WHERE EXISTS (SELECT 1)", id="exists"),
        pytest.param("SELECT COALESCE(NULL, 1) AS n", id="function"),
        pytest.param("SELECT\n  1\n  AS\n  n", id="lines"),
        pytest.param("SELECT 1 AS n ORDER BY n", id="order"),
        pytest.param("SELECT t.* FROM (SELECT 1 AS n) AS t", id="star-of-a-table"),
        pytest.param("SELECT n FROM (SELECT 1 AS n) AS t GROUP BY n HAVING COUNT(*) = 1", id="having"),
        pytest.param("SELECT n FROM (SELECT 1 AS n) AS t WHERE n IN (1, 2) AND NOT n BETWEEN 3 AND 4", id="in-between"),
        pytest.param("SELECT DISTINCT n FROM (SELECT 1 AS n) AS t", id="distinct"),
        pytest.param(
            "SELECT RANK() OVER (PARTITION BY n ORDER BY n DESC NULLS LAST) AS n FROM (SELECT 1 AS n) AS t", id="window"
        ),
        pytest.param("SELECT '1'::INTEGER AS n", id="colons"),
        pytest.param("SELECT 2 - 1 AS n WHERE 2 >= 1 AND 1 <> 2 AND 1 != 2", id="operators"),
        pytest.param("SELECT (SELECT 1) AS n", id="scalar"),
    ],
)
@decides("SQL-01", profile="full")
def test_a_select_runs_however_it_is_written(owner: Client, sql: str) -> None:
    assert result(owner, sql)["data"] == [{"n": 1}]


@decides("SQL-01", "SQL-02", "SQL-03", "QRY-20")
def test_a_report_as_analysts_write_them_runs(owner: Client) -> None:
    rows = result(owner, REPORT)["data"]

    assert rows == [{"region": "EU", "total": 30, "share": "high", "place": 1, "last_update": None, "deleted": False}]


@decides("QRY-11", profile="full", writes=True)
def test_named_parameters_of_sql_are_no_part_of_the_api(owner: Client) -> None:
    assert_refused(owner.query("SELECT :name AS a"), "INVALID_SQL")
