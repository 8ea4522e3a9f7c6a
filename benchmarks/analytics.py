"""How long analytic queries of a million rows take over the API, against the same question in DuckDB's own dialect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial

import duckdb

from benchmarks.connection import TENANT, Connection, post, query
from benchmarks.emulator import serving
from benchmarks.measurement import Finding, Task, compared, interleaved

DIGITS = "CREATE TABLE digits AS SELECT 0 AS d" + "".join(f" UNION ALL SELECT {digit}" for digit in range(1, 10))
NUMBERS = """
    CREATE TABLE numbers AS
    SELECT CAST(a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d AS BIGINT) AS n
    FROM digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits d CROSS JOIN digits e CROSS JOIN digits f
"""
LINES = """
    CREATE TABLE lineitem (orderkey BIGINT, partkey INTEGER, quantity DECIMAL(12,2), price DECIMAL(12,2),
        discount DECIMAL(12,2), tax DECIMAL(12,2), flag CHAR(1), status CHAR(1), shipped DATE, mode VARCHAR(10))
"""
FILLED = """
    INSERT INTO lineitem
    SELECT n / 4, n * 7919 % 20000, n * 31 % 50 + 1, 900 + n * 104729 % 9000000 * 0.01, n * 13 % 11 * 0.01,
        n * 17 % 9 * 0.01, CASE n * 19 % 3 WHEN 0 THEN 'A' WHEN 1 THEN 'N' ELSE 'R' END,
        CASE n * 23 % 2 WHEN 0 THEN 'F' ELSE 'O' END, DATE '1992-01-01' + CAST(n * 7907 % 2500 AS INTEGER),
        CASE n * 37 % 4 WHEN 0 THEN 'MAIL' WHEN 1 THEN 'SHIP' WHEN 2 THEN 'AIR' ELSE 'TRUCK' END
    FROM numbers
"""
OTHERS = """
    CREATE TABLE purchase AS
    SELECT n AS orderkey, n * 7919 % 25000 AS custkey, DATE '1992-01-01' + CAST(n * 7907 % 2400 AS INTEGER) AS ordered
    FROM numbers WHERE n < 250000;
    CREATE TABLE buyer AS
    SELECT n AS custkey, CASE n * 41 % 3 WHEN 0 THEN 'BUILDING' WHEN 1 THEN 'MACHINERY' ELSE 'CARS' END AS segment
    FROM numbers WHERE n < 25000;
    CREATE TABLE part AS
    SELECT n AS partkey, CASE n * 43 % 3 WHEN 0 THEN 'PROMO TIN' WHEN 1 THEN 'SMALL TIN' ELSE 'LARGE TIN' END AS type
    FROM numbers WHERE n < 20000
"""
SCRIPT = f"{DIGITS};{NUMBERS};{LINES};{FILLED};{OTHERS}"
Q1 = """
    SELECT flag, status, SUM(quantity) AS pieces, SUM(price) AS gross, SUM(price * (1 - discount)) AS net,
        SUM(price * (1 - discount) * (1 + tax)) AS billed, AVG(quantity) AS mean_pieces, AVG(price) AS mean_price,
        AVG(discount) AS mean_discount, COUNT(*) AS lines
    FROM lineitem WHERE shipped <= '1998-09-02' GROUP BY flag, status ORDER BY flag, status
"""
Q3 = """
    SELECT l.orderkey, SUM(price * (1 - discount)) AS worth, ordered FROM buyer b, purchase o, lineitem l
    WHERE segment = 'BUILDING' AND b.custkey = o.custkey AND l.orderkey = o.orderkey
        AND ordered < '1995-03-15' AND shipped > '1995-03-15'
    GROUP BY l.orderkey, ordered ORDER BY worth DESC, ordered, l.orderkey LIMIT 10
"""
Q6 = """
    SELECT SUM(price * discount) AS given FROM lineitem
    WHERE shipped >= '1994-01-01' AND shipped < '1995-01-01' AND discount BETWEEN 0.05 AND 0.07 AND quantity < 24
"""
Q14 = """
    SELECT 100.00 * SUM(CASE WHEN type LIKE 'PROMO%' THEN price * (1 - discount) ELSE 0 END)
        / SUM(price * (1 - discount)) AS promoted
    FROM lineitem l, part p WHERE l.partkey = p.partkey
"""
RUNNING = """
    SELECT MAX(total) AS most FROM (
        SELECT SUM(price) OVER (PARTITION BY partkey ORDER BY orderkey ROWS UNBOUNDED PRECEDING) AS total FROM lineitem
    ) AS t
"""
MEAN = "SELECT MAX(mean) AS most FROM (SELECT AVG(price) OVER (PARTITION BY partkey) AS mean FROM lineitem) AS t"
QUERIES: Mapping[str, tuple[str, float | None]] = {
    "Q1-like": (Q1, 1.3),
    "Q3-like": (Q3, 1.3),
    "Q6-like": (Q6, 1.3),
    "Q14-like": (Q14, 1.3),
    "a running sum": (RUNNING, 1.3),
    "a mean over a window": (MEAN, None),
    "GROUP BY a VARCHAR": ("SELECT mode, COUNT(*) AS lines FROM lineitem GROUP BY mode ORDER BY mode", None),
    "a quotient for each row": ("SELECT MAX(price / quantity) AS most FROM lineitem", None),
    "a rounded product for each row": ("SELECT SUM(ROUND(price * discount, 2)) AS total FROM lineitem", None),
}
_ROUNDS = 20


def analytics() -> list[Finding]:
    """Ask what DuckDB understands as it stands, so that both sides run the same text."""
    with serving() as emulator:
        with emulator.connection() as client:
            filled(client)
        floor = emulator.written_tables()
        with emulator.connection() as client:
            tasks: dict[str, Task] = {}
            for name, (sql, _) in QUERIES.items():
                tasks[f"api {name}"] = partial(client.ask, query(sql))
                tasks[f"bare {name}"] = partial(_fetched, floor, sql)
            times = interleaved(tasks, _ROUNDS)
    return [
        compared(f"1,000,000 rows: {name}", times[f"api {name}"], times[f"bare {name}"], goal)
        for name, (_, goal) in QUERIES.items()
    ]


def filled(client: Connection) -> None:
    client.ask(post(f"/_spectra/tenants/{TENANT}/sql", json.dumps({"sql": SCRIPT})))


def _fetched(tables: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return tables.execute(sql).fetchall()
