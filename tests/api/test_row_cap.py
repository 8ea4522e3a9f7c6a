from __future__ import annotations

from typing import Any

import pytest

from tests.credentials import query_as
from tests.emulator import Emulator
from tests.requirements import requirement

OWN_TENANT = "row-cap"
ROWS = 30
CAP = 10_000
TABLE = f"""
CREATE TABLE numbers (n INTEGER);
INSERT INTO numbers SELECT id FROM (SELECT 1 AS id {" ".join(f"UNION ALL SELECT {n}" for n in range(2, ROWS + 1))});
"""


@pytest.fixture(scope="module")
def numbers(server: Emulator) -> Emulator:
    """Give a tenant a table that holds 1 to 30."""
    assert server.sql(TABLE, OWN_TENANT).status == 200
    return server


def facts(server: Emulator, sql: str, **parameters: int) -> tuple[list[int], int, bool]:
    """Return the numbers, the total and whether it was truncated."""
    answer: dict[str, Any] = query_as(server, OWN_TENANT, sql, **parameters).json
    metadata = answer["metadata"]
    assert metadata["row_count"] == len(answer["data"])
    return [row["n"] for row in answer["data"]], metadata["total_rows"], metadata["truncated"]


@requirement("QRY-40", "QRY-43", "QRY-24")
def test_without_a_limit_the_first_rows_come_and_the_total_is_exact(numbers: Emulator) -> None:
    assert facts(numbers, "SELECT n FROM numbers ORDER BY n", limit=4) == ([1, 2, 3, 4], ROWS, True)


@requirement("QRY-43")
def test_as_many_rows_as_the_cap_are_not_truncated(numbers: Emulator) -> None:
    assert facts(numbers, "SELECT n FROM numbers WHERE n <= 4 ORDER BY n", limit=4) == ([1, 2, 3, 4], 4, False)


@requirement("QRY-41", "QRY-24")
def test_a_larger_limit_is_cut_and_counts_as_it_was_written(numbers: Emulator) -> None:
    assert facts(numbers, "SELECT n FROM numbers ORDER BY n LIMIT 20", limit=4) == ([1, 2, 3, 4], 20, True)


@requirement("QRY-24", "QRY-41")
def test_a_limit_beyond_the_table_counts_the_table(numbers: Emulator) -> None:
    assert facts(numbers, "SELECT n FROM numbers ORDER BY n LIMIT 900", limit=2) == ([1, 2], ROWS, True)


@requirement("QRY-42", "QRY-25")
@pytest.mark.parametrize("limit", [2, 4], ids=["below-the-cap", "at-the-cap"])
def test_a_limit_within_the_cap_is_kept_and_nothing_is_truncated(numbers: Emulator, limit: int) -> None:
    sql = f"SELECT n FROM numbers ORDER BY n LIMIT {limit}"

    assert facts(numbers, sql, limit=4) == ([1, 2, 3, 4][:limit], limit, False)


@requirement("QRY-41", "QRY-45")
@pytest.mark.parametrize(
    ("clause", "first", "total"),
    [
        ("LIMIT 20 OFFSET 5", [6, 7, 8], 20),
        ("OFFSET 5 LIMIT 20", [6, 7, 8], 20),
        ("LIMIT 20 OFFSET 25", [26, 27, 28], 5),
        ("OFFSET 5", [6, 7, 8], 25),
        ("OFFSET 5 ROWS FETCH NEXT 20 ROWS ONLY", [6, 7, 8], 20),
        ("LIMIT ALL OFFSET 5", [6, 7, 8], 25),
    ],
)
def test_an_offset_is_kept_wherever_it_stands(numbers: Emulator, clause: str, first: list[int], total: int) -> None:
    assert facts(numbers, f"SELECT n FROM numbers ORDER BY n {clause}", limit=3) == (first, total, True)


@requirement("QRY-42", "QRY-45")
def test_an_offset_with_a_limit_within_the_cap_is_whole(numbers: Emulator) -> None:
    assert facts(numbers, "SELECT n FROM numbers ORDER BY n LIMIT 2 OFFSET 5", limit=3) == ([6, 7], 2, False)


@requirement("QRY-45")
def test_an_offset_beyond_the_end_gives_no_rows(numbers: Emulator) -> None:
    assert facts(numbers, "SELECT n FROM numbers ORDER BY n OFFSET 1000", limit=3) == ([], 0, False)


@requirement("QRY-46")
@pytest.mark.parametrize(
    ("sql", "total"),
    [
        ("SELECT TOP 20 n FROM numbers ORDER BY n", 20),
        ("SELECT n FROM numbers ORDER BY n FETCH FIRST 20 ROWS ONLY", 20),
        ("SELECT n FROM numbers ORDER BY n LIMIT ALL", ROWS),
        ("SELECT n FROM numbers ORDER BY n -- LIMIT 2", ROWS),
        ("SELECT n FROM numbers WHERE ' LIMIT 2' <> '' ORDER BY n", ROWS),
    ],
    ids=["top", "fetch", "limit-all", "limit-in-a-comment", "limit-in-a-literal"],
)
def test_other_ways_to_write_a_limit_are_read_from_the_tree(numbers: Emulator, sql: str, total: int) -> None:
    assert facts(numbers, sql, limit=3) == ([1, 2, 3], total, True)


@requirement("QRY-46", "QRY-42")
@pytest.mark.parametrize(
    "sql", ["SELECT TOP 2 n FROM numbers ORDER BY n", "SELECT n FROM numbers ORDER BY n FETCH FIRST 2 ROWS ONLY"]
)
def test_top_and_fetch_within_the_cap_are_kept(numbers: Emulator, sql: str) -> None:
    assert facts(numbers, sql, limit=3) == ([1, 2], 2, False)


@requirement("QRY-44")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT n FROM (SELECT n FROM numbers ORDER BY n LIMIT 6) AS few ORDER BY n",
        "WITH few AS (SELECT n FROM numbers ORDER BY n LIMIT 6) SELECT n FROM few ORDER BY n",
    ],
    ids=["subquery", "cte"],
)
def test_a_limit_inside_the_statement_does_not_count(numbers: Emulator, sql: str) -> None:
    assert facts(numbers, sql, limit=3) == ([1, 2, 3], 6, True)


@requirement("QRY-47")
def test_a_limit_of_zero_gives_no_rows(numbers: Emulator) -> None:
    assert facts(numbers, "SELECT n FROM numbers LIMIT 0") == ([], 0, False)


@requirement("QRY-24")
@pytest.mark.parametrize(
    ("sql", "total"),
    [
        ("SELECT DISTINCT n % 7 AS n FROM numbers ORDER BY n", 7),
        ("SELECT n % 5 AS n, COUNT(*) AS many FROM numbers GROUP BY 1 ORDER BY 1", 5),
        ("SELECT n - 1 AS n FROM numbers WHERE n > 10 INTERSECT SELECT n FROM numbers", 20),
    ],
    ids=["distinct", "group-by", "intersect"],
)
def test_the_total_counts_the_rows_of_the_statement_as_written(numbers: Emulator, sql: str, total: int) -> None:
    found = facts(numbers, sql, limit=2)

    assert found[1:] == (total, True)


@requirement("QRY-03", "QRY-40", "LIM-01")
def test_the_cap_without_parameters_is_ten_thousand(server: Emulator) -> None:
    metadata = server.query("SELECT id FROM sales WHERE year = 2024").json["metadata"]

    assert (metadata["row_count"], metadata["total_rows"], metadata["truncated"]) == (CAP, 72_000, True)


@requirement("QRY-24", "QRY-41")
def test_a_limit_above_the_cap_counts_up_to_itself(server: Emulator) -> None:
    metadata = server.query("SELECT id FROM sales LIMIT 15000").json["metadata"]

    assert (metadata["row_count"], metadata["total_rows"], metadata["truncated"]) == (CAP, 15_000, True)


@requirement("QRY-43")
def test_exactly_ten_thousand_rows_are_whole(server: Emulator) -> None:
    metadata = server.query("SELECT id FROM sales WHERE id <= 10000").json["metadata"]

    assert (metadata["row_count"], metadata["total_rows"], metadata["truncated"]) == (CAP, CAP, False)
