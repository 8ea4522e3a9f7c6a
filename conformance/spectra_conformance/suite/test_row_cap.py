"""How many rows an answer has, and what it says of the others."""

from __future__ import annotations

import pytest

from spectra_conformance.client import Client
from spectra_conformance.suite.asides import hold, warn_unless
from spectra_conformance.suite.asking import numbers, result
from spectra_conformance.suite.registry import decides

MAX_ROWS = 10_000
HUNDRED = numbers(2)
IN_ORDER = f"{HUNDRED} SELECT n FROM numbers ORDER BY n"
CAPPED = ("QRY-40", "QRY-43", "QRY-23", "QRY-24", "QRY-25", "QRY-20")


def assert_rows(
    client: Client, sql: str, cap: int | None, expected: list[int], total: int, *, own_limit: bool = False
) -> None:
    """Assert which rows a query gives under a cap, and what its metadata says of all of them."""
    body = result(client, sql, **({} if cap is None else {"limit": cap}))
    metadata = body["metadata"]
    truncated = total > len(expected)
    assert [next(iter(row.values())) for row in body["data"]] == expected
    assert metadata["row_count"] == len(expected)
    assert metadata["truncated"] is truncated
    if "total_rows" not in metadata:
        return  # the shape of the answer says so, which is reported
    assert (metadata["total_rows"] > len(expected)) is truncated
    if own_limit or metadata["total_rows"] == len(expected) + 1:
        warn_unless("QRY-24", metadata["total_rows"], total, "total_rows")
    else:
        assert metadata["total_rows"] == total


@pytest.mark.parametrize(
    ("cap", "rows"),
    [
        pytest.param(None, 100, id="default"),
        pytest.param(1, 1, id="1"),
        pytest.param(2, 2, id="2"),
        pytest.param(99, 99, id="one-fewer"),
        pytest.param(100, 100, id="as-many"),
        pytest.param(101, 100, id="one-more"),
        pytest.param(MAX_ROWS, 100, id="most"),
    ],
)
@decides(*CAPPED, profile="smoke")
def test_the_limit_parameter_caps_the_rows(asker: Client, cap: int | None, rows: int) -> None:
    assert_rows(asker, IN_ORDER, cap, list(range(rows)), 100)


@pytest.mark.parametrize(
    ("limit", "cap", "rows", "total"),
    [
        pytest.param(5, None, 5, 5, id="without-cap"),
        pytest.param(1, None, 1, 1, id="one-row"),
        pytest.param(5, 6, 5, 5, id="below"),
        pytest.param(5, 5, 5, 5, id="equal"),
        pytest.param(6, 5, 5, 6, id="one-above"),
        pytest.param(50, 10, 10, 50, id="far-above"),
        pytest.param(200, 50, 50, 100, id="beyond-the-rows"),
        pytest.param(200, 100, 100, 100, id="beyond-the-rows-within-the-cap"),
        pytest.param(0, None, 0, 0, id="none"),
        pytest.param(0, 1, 0, 0, id="none-under-a-cap"),
        pytest.param(1, 1, 1, 1, id="one-under-one"),
    ],
)
@decides("QRY-41", "QRY-42", "QRY-43", "QRY-47", "QRY-24", "QRY-25")
def test_a_limit_above_the_cap_is_lowered_and_one_within_it_kept(
    asker: Client, limit: int, cap: int | None, rows: int, total: int
) -> None:
    assert_rows(asker, f"{IN_ORDER} LIMIT {limit}", cap, list(range(rows)), total, own_limit=total > rows)


@pytest.mark.parametrize(
    ("tail", "cap", "expected", "total"),
    [
        pytest.param("LIMIT 10 OFFSET 95", None, range(95, 100), 5, id="past-the-end"),
        pytest.param("LIMIT 3 OFFSET 20", None, range(20, 23), 3, id="within"),
        pytest.param("OFFSET 98", None, range(98, 100), 2, id="offset-alone"),
        pytest.param("OFFSET 90", 4, range(90, 94), 10, id="offset-alone-capped"),
        pytest.param("OFFSET 90", 10, range(90, 100), 10, id="offset-as-many-as-the-cap"),
        pytest.param("LIMIT 50 OFFSET 90", 4, range(90, 94), 10, id="lowered"),
        pytest.param("OFFSET 90 LIMIT 50", 4, range(90, 94), 10, id="offset-first"),
        pytest.param("OFFSET 10 LIMIT 3", 4, range(10, 13), 3, id="offset-first-within"),
        pytest.param("LIMIT 5 OFFSET 100", 4, range(0), 0, id="nothing-left"),
    ],
)
@decides("QRY-41", "QRY-45", "QRY-24", "QRY-25")
def test_an_offset_stays_where_the_limit_is_lowered(
    asker: Client, tail: str, cap: int | None, expected: range, total: int
) -> None:
    assert_rows(asker, f"{IN_ORDER} {tail}", cap, list(expected), total, own_limit="LIMIT" in tail)


@pytest.mark.parametrize(
    ("sql", "cap", "expected", "total"),
    [
        pytest.param(
            "SELECT n FROM (SELECT n FROM numbers ORDER BY n LIMIT 3) AS few ORDER BY n", None, range(3), 3, id="few"
        ),
        pytest.param(
            "SELECT n FROM (SELECT n FROM numbers ORDER BY n LIMIT 3) AS few ORDER BY n", 2, range(2), 3, id="capped"
        ),
        pytest.param(
            "SELECT numbers.n FROM numbers, (SELECT 1 AS one LIMIT 1) AS few ORDER BY numbers.n",
            10,
            range(10),
            100,
            id="beside",
        ),
        pytest.param(
            "SELECT n FROM numbers WHERE n IN (SELECT n FROM numbers ORDER BY n LIMIT 30) ORDER BY n",
            10,
            range(10),
            30,
            id="in-where",
        ),
    ],
)
@decides("QRY-44", "QRY-40", "QRY-24", "QRY-25", profile="full")
def test_a_limit_in_a_subquery_is_not_the_statements_own(
    asker: Client, sql: str, cap: int | None, expected: range, total: int
) -> None:
    assert_rows(asker, f"{HUNDRED} {sql}", cap, list(expected), total)


@decides("QRY-44", "QRY-40", "QRY-24", "QRY-25")
def test_a_limit_in_a_cte_is_not_the_statements_own(asker: Client) -> None:
    some = f"{HUNDRED}, some AS (SELECT n FROM numbers ORDER BY n LIMIT 20) SELECT n FROM some ORDER BY n"

    assert_rows(asker, some, 10, list(range(10)), 20)


@pytest.mark.parametrize(
    ("sql", "cap", "expected", "total"),
    [
        pytest.param("SELECT n FROM numbers ORDER BY n DESC", 3, [99, 98, 97], 100, id="descending"),
        pytest.param("SELECT n FROM numbers WHERE n >= 50 ORDER BY n", 10, range(50, 60), 50, id="where"),
        pytest.param("SELECT n + 1 AS n FROM numbers WHERE n < 50 ORDER BY 1", 10, range(1, 11), 50, id="by-place"),
        pytest.param("SELECT n AS m FROM numbers ORDER BY m DESC", 2, [99, 98], 100, id="by-alias"),
        pytest.param("SELECT DISTINCT MOD(n, 7) AS m FROM numbers ORDER BY m", 3, range(3), 7, id="distinct"),
        pytest.param("SELECT DISTINCT MOD(n, 7) AS m FROM numbers ORDER BY m", 7, range(7), 7, id="distinct-all"),
        pytest.param(
            "SELECT MOD(n, 5) AS m, COUNT(*) AS c FROM numbers GROUP BY 1 ORDER BY 1", 2, [0, 1], 5, id="group"
        ),
        pytest.param(
            "SELECT MOD(n, 5) AS m FROM numbers GROUP BY 1 ORDER BY COUNT(*) DESC, 1", 2, [0, 1], 5, id="group-order"
        ),
        pytest.param(
            "SELECT MOD(n, 9) AS m FROM numbers GROUP BY 1 HAVING COUNT(*) > 11 ORDER BY 1", 1, [0], 1, id="having"
        ),
        pytest.param("SELECT COUNT(*) AS c FROM numbers", 1, [100], 1, id="count"),
        pytest.param("SELECT SUM(n) AS c FROM numbers WHERE n < 0", 1, [None], 1, id="sum-of-nothing"),
        pytest.param(
            "SELECT ROW_NUMBER() OVER (ORDER BY n) AS r FROM numbers ORDER BY r", 3, [1, 2, 3], 100, id="window"
        ),
        pytest.param(
            "SELECT CAST(SUM(n) OVER (ORDER BY n ROWS UNBOUNDED PRECEDING) AS BIGINT) AS r FROM numbers ORDER BY n",
            4,
            [0, 1, 3, 6],
            100,
            id="running-sum",
        ),
        pytest.param("SELECT (SELECT MAX(n) FROM numbers) AS m FROM numbers", 2, [99, 99], 100, id="scalar"),
        pytest.param("SELECT n FROM numbers WHERE n < 0", 2, [], 0, id="no-rows"),
    ],
)
@decides("QRY-40", "QRY-43", "QRY-20", "QRY-24", "QRY-25", profile="full")
def test_a_total_counts_the_rows_of_the_statement_as_it_was_sent(
    asker: Client, sql: str, cap: int, expected: range | list[int], total: int
) -> None:
    assert_rows(asker, f"{HUNDRED} {sql}", cap, list(expected), total)


@pytest.mark.parametrize(
    ("tail", "rows"),
    [
        pytest.param("limit 50", 10, id="lower-case"),
        pytest.param("\nLIMIT\n50\n", 10, id="on-lines-of-its-own"),
        pytest.param("LIMIT 50;", 10, id="semicolon"),
        pytest.param("LiMiT 5 ; ", 5, id="within"),
    ],
)
@decides("QRY-41", "QRY-09", "LIM-01", profile="full")
def test_a_limit_is_found_however_it_is_written(asker: Client, tail: str, rows: int) -> None:
    body = result(asker, f"{IN_ORDER} {tail}", limit=10)

    assert [row["n"] for row in body["data"]] == list(range(rows))
    assert body["metadata"]["truncated"] is (rows == 10)


@pytest.mark.parametrize(
    ("sql", "cap", "expected", "truncated"),
    [
        pytest.param("SELECT TOP 5 n FROM numbers ORDER BY n", 4, range(4), True, id="top"),
        pytest.param("SELECT TOP 5 n FROM numbers ORDER BY n", 5, range(5), False, id="top-within"),
        pytest.param("SELECT n FROM numbers ORDER BY n FETCH FIRST 5 ROWS ONLY", 4, range(4), True, id="fetch"),
        pytest.param("SELECT n FROM numbers ORDER BY n FETCH FIRST 4 ROWS ONLY", 4, range(4), False, id="fetch-within"),
        pytest.param("SELECT n FROM numbers ORDER BY n LIMIT ALL", 4, range(4), True, id="all"),
        pytest.param("SELECT n FROM numbers ORDER BY n -- LIMIT 2", 4, range(4), True, id="in-a-comment"),
        pytest.param("SELECT n, 'x LIMIT 2' AS t FROM numbers ORDER BY n", 4, range(4), True, id="in-a-literal"),
        pytest.param("SELECT n FROM numbers ORDER BY n LIMIT 50 -- all", 4, range(4), True, id="before-a-comment"),
    ],
)
@decides("QRY-46", profile="full")
def test_other_spellings_of_a_limit_count_and_text_does_not(
    asker: Client, sql: str, cap: int, expected: range, truncated: bool
) -> None:
    body = result(asker, f"{HUNDRED} {sql}", limit=cap)

    assert [row["n"] for row in body["data"]] == list(expected)
    assert body["metadata"]["truncated"] is truncated


@pytest.mark.parametrize(
    ("sql", "cap", "rows", "total"),
    [
        pytest.param("SELECT n FROM numbers ORDER BY n", None, MAX_ROWS, 100_000, id="default"),
        pytest.param("SELECT n FROM numbers ORDER BY n", MAX_ROWS, MAX_ROWS, 100_000, id="explicit"),
        pytest.param("SELECT n FROM numbers ORDER BY n", 9_999, 9_999, 100_000, id="one-below"),
        pytest.param("SELECT n FROM numbers WHERE n < 10000 ORDER BY n", None, MAX_ROWS, MAX_ROWS, id="exactly"),
        pytest.param("SELECT n FROM numbers WHERE n <= 10000 ORDER BY n", None, MAX_ROWS, 10_001, id="one-too-many"),
        pytest.param("SELECT n FROM numbers WHERE n < 9999 ORDER BY n", None, 9_999, 9_999, id="one-too-few"),
        pytest.param("SELECT n FROM numbers ORDER BY n LIMIT 15000", None, MAX_ROWS, 15_000, id="own-limit-above"),
        pytest.param("SELECT n FROM numbers ORDER BY n LIMIT 10001", None, MAX_ROWS, 10_001, id="own-limit-one-above"),
        pytest.param("SELECT n FROM numbers ORDER BY n LIMIT 10000", None, MAX_ROWS, MAX_ROWS, id="own-limit-equal"),
    ],
)
@decides("LIM-01", "QRY-03", "QRY-40", "QRY-41", "QRY-43", "QRY-24", "QRY-25", "QRY-48")
def test_ten_thousand_rows_are_the_most(asker: Client, sql: str, cap: int | None, rows: int, total: int) -> None:
    assert_rows(asker, f"{numbers(5)} {sql}", cap, list(range(rows)), total, own_limit="LIMIT" in sql)


@decides("QRY-30", "QRY-28", "QRY-21", "QRY-22", "QRY-26", "QRY-27", "GEN-07", profile="smoke")
def test_a_truncated_answer_has_all_of_its_metadata_and_advises_the_bulk_api(asker: Client) -> None:
    metadata = result(asker, IN_ORDER, limit=2)["metadata"]

    assert (metadata["columns"], metadata["column_types"]) == (["n"], ["BIGINT"])
    assert metadata["execution_time_ms"] >= 0
    assert metadata["query_id"]
    hold("QRY-28", "bulk" in str(metadata.get("message", "")).lower(), True, "metadata.message names the Bulk API")


@decides("QRY-25", "QRY-28", profile="full")
def test_a_whole_answer_gives_no_advice(asker: Client) -> None:
    metadata = result(asker, IN_ORDER)["metadata"]

    assert metadata["truncated"] is False
    hold("QRY-28", metadata.get("message") or None, None, "metadata.message of a whole answer")


@decides("QRY-47", "QRY-21", "QRY-22")
def test_no_rows_still_have_columns_and_types(asker: Client) -> None:
    metadata = result(asker, f"{HUNDRED} SELECT n, CAST('x' AS VARCHAR(9)) AS t FROM numbers LIMIT 0")["metadata"]

    assert metadata["columns"] == ["n", "t"]
    assert metadata["column_types"] == ["BIGINT", "VARCHAR"]
