"""Answers that DuckDB by itself would give differently; the facts are those of Redshift's developer guide."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from tests.requirements import requirement
from tests.sql.warehouse import sales

DIVISION = [
    ("5 / 2", 2),
    ("-7 / 2", -3),
    ("7 % 3", 1),
    ("MOD(-7, 3)", -1),
    ("5 / 2.0", Decimal("2.5000")),
    ("10.00::DECIMAL(8,2) / 3.00::DECIMAL(8,2)", Decimal("3.333333333")),
    ("1 / 4::FLOAT", 0.25),
    ("NULL / 0", None),
    ("CAST(NULL AS DECIMAL(5,2)) / 0", None),
    ("7.5 % 2", Decimal("1.5")),
]
CASTS = [
    ("CAST('Fourscore and seven' AS VARCHAR(5))", "Fours"),
    ("CAST('héllo' AS VARCHAR(2))", "h"),
    ("CAST('ab ' AS CHAR(5))", "ab"),
    ("CAST(2008 AS CHAR(4))", "2008"),
    ("CAST('abc' AS CHAR)", "a"),
    ("CAST('abc' AS VARCHAR)", "abc"),
    ("CAST(109.652 AS DECIMAL(4,1))", Decimal("109.7")),
    ("CAST(2.5 AS INT)", 3),
    ("CAST(-2.5 AS INT)", -3),
    ("'  12 '::INT", 12),
    ("5::BOOL", True),
    ("CAST('YES' AS BOOLEAN)", True),
    ("CAST('0' AS BOOLEAN)", False),
    ("CAST(3.14159265358979312::FLOAT AS VARCHAR)", "3.14159265358979"),
    ("CAST(TRUE AS VARCHAR)", "true"),
    ("CAST('2008-02-18 02:36:48' AS DATE)", date(2008, 2, 18)),
    ("CAST(DATE '2008-01-01' AS TIMESTAMP)", datetime(2008, 1, 1)),  # noqa: DTZ001 - TIMESTAMP has no zone
    ("CONVERT(INTEGER, 162.00)", 162),
]
COMPARISONS = [
    ("'a' = 'a  '", True),
    ("'a' < 'a  '", False),
    ("'a' IN ('b', 'a ')", True),
    ("'a ' BETWEEN 'a' AND 'b'", True),
    ("CASE 'a' WHEN 'a ' THEN 1 ELSE 0 END", 1),
    ("NULLIF('a', 'a ')", None),
    ("DECODE(NULL, NULL, 'none', 'some')", "none"),
    ("DECODE(2, 1, 'one', 2, 'two')", "two"),
    ("1 = 1.0", True),
    ("'a_b' LIKE 'a\\\\_b'", True),
    ("'axb' LIKE 'a\\\\_b'", False),
    ("'50%' LIKE '50^%' ESCAPE '^'", True),
    ("'Redshift' ILIKE 'red%'", True),
    ("TRUE = 't'", True),
    ("GREATEST(1, NULL, 3)", 3),
    ("LEAST(1, NULL, 3)", 1),
    ("NVL2(NULL, 1, 2)", 2),
    ("COALESCE(CAST('ab' AS CHAR(2)), 'longer')", "ab"),
    ("COALESCE(CAST(NULL AS VARCHAR(2)), 'longer')", "longer"),
]
STRINGS = [
    ("SUBSTRING('caterpillar', 6, 4)", "pill"),
    ("SUBSTRING('caterpillar', -2, 6)", "cat"),
    ("SUBSTRING('caterpillar', -5, 4)", ""),
    ("SUBSTRING('caterpillar', 0)", "caterpillar"),
    ("SUBSTRING('abc' FROM 2 FOR 1)", "b"),
    ("LEN('français')", 8),
    ("OCTET_LENGTH('français')", 9),
    ("LEN('cat   ')", 6),
    ("LEN(CAST('cat   ' AS CHAR(6)))", 3),
    ("LEN(CAST('cat   ' AS VARCHAR(6)))", 6),
    ("CHARINDEX('fish', 'dogfish')", 4),
    ("POSITION('dog' IN 'fish')", 0),
    ("STRPOS('dogfish', 'fish')", 4),
    ("BTRIM('xyzaxyzbxyzcxyz', 'xyz')", "axyzbxyzc"),
    ("TRIM(LEADING 'x' FROM 'xax')", "ax"),
    ("LPAD('abc', 2)", "ab"),
    ("RPAD('a', 3, 'xy')", "axy"),
    ("SPLIT_PART('a,b,c', ',', 2)", "b"),
    ("SPLIT_PART('a,b,c', ',', 9)", ""),
    ("'a' || NULL", None),
    ("'a' || 1 || 'b'", "a1b"),
    ("CONCAT('December 25, ', '2008')", "December 25, 2008"),
    ("MD5('Amazon Redshift')", "f7415e33f972c03abd4f3fed36748f7a"),
    ("REVERSE('abc')", "cba"),
    ("INITCAP('urna.Ut@egetdictum-édu MLB')", "Urna.Ut@Egetdictum-Édu Mlb"),
    ("INITCAP(NULL)", None),
]
NUMBERS = [
    ("ROUND(28.05)", Decimal(28)),
    ("ROUND(28.05, 1)", Decimal("28.1")),
    ("ROUND(28.05, -1)", Decimal(30)),
    ("ROUND(-1250, -2)", -1300),
    ("ROUND(99.95, 1)", Decimal("100.0")),
    ("TRUNC(111.15)", Decimal(111)),
    ("TRUNC(111.15, 1)", Decimal("111.1")),
    ("TRUNC(111.15, -1)", Decimal(110)),
    ("TRUNC(TIMESTAMP '2011-07-21 10:32:38')", date(2011, 7, 21)),
    ("LOG(100)", 2.0),
    ("SIGN(-2.5)", Decimal(-1)),
    ("CEIL(1.2)", Decimal(2)),
    ("FLOOR(-1.2)", Decimal(-2)),
    ("SQRT('16')", 4.0),
    ("2147483647 + 1::BIGINT", 2147483648),
]
DATES = [
    ("ADD_MONTHS('2008-04-30', 1)", datetime(2008, 5, 31)),  # noqa: DTZ001 - TIMESTAMP has no zone
    ("ADD_MONTHS('2008-03-31', 1)", datetime(2008, 4, 30)),  # noqa: DTZ001 - TIMESTAMP has no zone
    ("DATEADD(month, 1, '2024-01-31')", datetime(2024, 2, 29)),  # noqa: DTZ001 - TIMESTAMP has no zone
    ("DATEADD(week, 2, DATE '2024-01-01')", datetime(2024, 1, 15)),  # noqa: DTZ001 - TIMESTAMP has no zone
    ("DATEDIFF(week, '2009-01-01', '2009-12-31')", 52),
    ("DATEDIFF(week, '2024-01-03', '2024-01-09')", 1),
    ("DATEDIFF(month, '2024-01-31', '2024-02-01')", 1),
    ("DATEDIFF(qtr, '2024-03-31', '2024-01-01')", 0),
    ("DATEDIFF(hours, '2024-01-01 00:59:00', '2024-01-01 01:00:00')", 1),
    ("DATE '2024-03-01' - DATE '2024-02-01'", 29),
    ("DATE '2024-02-28' + 1", date(2024, 2, 29)),
    ("DATE '2024-01-31' + INTERVAL '1 month'", datetime(2024, 2, 29)),  # noqa: DTZ001 - TIMESTAMP has no zone
    ("DATE '2024-01-01' + INTERVAL '1 day 2 hours'", datetime(2024, 1, 2, 2)),  # noqa: DTZ001 - TIMESTAMP has no zone
    ("EXTRACT(ms FROM TIMESTAMP '2009-09-09 12:08:43.101')", 101),
    ("EXTRACT(sec FROM TIMESTAMP '2009-09-21 11:10:03.189717')", 3),
    ("DATE_PART(sec, TIMESTAMP '2009-09-21 11:10:03.189717')", 3.189717),
    ("EXTRACT(decade FROM TIMESTAMP '1999-02-16 20:38:40')", 200),
    ("EXTRACT(decade FROM TIMESTAMP '2000-02-16 20:38:40')", 201),
    ("EXTRACT(century FROM TIMESTAMP '2000-12-16 12:21:13')", 20),
    ("EXTRACT(mil FROM TIMESTAMP '2001-12-16 12:21:13')", 3),
    ("EXTRACT(dow FROM DATE '2024-01-07')", 0),
    ("DATE_TRUNC('week', DATE '2024-01-07')", datetime(2024, 1, 1)),  # noqa: DTZ001 - TIMESTAMP has no zone
    ("TO_CHAR(TIMESTAMP '2009-12-31 23:15:59', 'MONTH-DY-DD-YYYY HH12:MIPM')", "DECEMBER -THU-31-2009 11:15PM"),
    ("TO_CHAR(TIMESTAMP '2009-12-31 23:15:59', 'DDD')", "365"),
    ("TO_CHAR(TIMESTAMP '2022-05-16 23:15:59', 'ID')", "1"),
    ("TO_CHAR(TIMESTAMP '2009-12-31 23:15:59','HH24:MI:SS')", "23:15:59"),
    ("TO_CHAR(DATE '2024-02-05', 'yyyy-mm-dd \"Q\"Q, Mon')", "2024-02-05 Q1, Feb"),
    ("TO_DATE('02 Oct 2001', 'DD Mon YYYY')", date(2001, 10, 2)),
    ("TO_DATE('20011002', 'YYYYMMDD')", date(2001, 10, 2)),
    ("LAST_DAY('2024-02-03')", date(2024, 2, 29)),
    ("GETDATE() = DATE_TRUNC('second', GETDATE())", True),
]
ANSWERS = [*DIVISION, *CASTS, *COMPARISONS, *STRINGS, *NUMBERS, *DATES]


@pytest.mark.parametrize(("expression", "value"), ANSWERS, ids=[expression for expression, _ in ANSWERS])
def test_an_expression_has_redshifts_value(expression: str, value: object) -> None:
    (answer,) = sales().row(f"SELECT {expression}")
    assert (answer, type(answer)) == (value, type(value))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("AVG(qty)", 3),
        ("AVG(amount)", Decimal("11.91")),
        ("SUM(amount) / COUNT(*)", Decimal("11.9166")),
        ("COUNT(qty)", 2),
        ("LISTAGG(id, ',') WITHIN GROUP (ORDER BY id DESC)", "3,2,1"),
        ("LISTAGG(DISTINCT year, '-') WITHIN GROUP (ORDER BY year)", "2023-2024"),
        ("BOOL_OR(paid)", True),
        ("SUM(CASE WHEN region = 'south' THEN 1 ELSE 0 END)", 1),
        ("MAX(DATEDIFF(day, day, '2024-03-01'))", 30),
        ("COUNT(DISTINCT region)", 2),
    ],
)
def test_an_aggregate_has_redshifts_value(expression: str, value: object) -> None:
    assert sales().row(f"SELECT {expression} FROM sales") == (value,)


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("AVG(qty) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)", [3, 3, 3]),
        ("SUM(qty) OVER (PARTITION BY year)", [3, 4, 4]),
        ("LAG(qty) OVER (ORDER BY id)", [None, 3, 4]),
        ("RANK() OVER (ORDER BY qty DESC)", [3, 2, 1]),
        ("ROW_NUMBER() OVER (ORDER BY qty)", [1, 2, 3]),
        (
            "LAST_VALUE(qty IGNORE NULLS) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
            [4, 4, 4],
        ),
    ],
)
def test_a_window_function_has_redshifts_values(expression: str, values: list[object]) -> None:
    assert [row[0] for row in sales().rows(f"SELECT {expression}, id FROM sales ORDER BY id")] == values


@pytest.mark.parametrize(
    ("order", "ids"),
    [("qty", [1, 2, 3]), ("qty DESC", [3, 2, 1]), ("qty NULLS FIRST", [3, 1, 2]), ("qty DESC NULLS LAST", [2, 1, 3])],
)
def test_nulls_sort_as_the_largest_values(order: str, ids: list[int]) -> None:
    assert [row[0] for row in sales().rows(f"SELECT id FROM sales ORDER BY {order}")] == ids


@requirement("QRY-63")
@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("qty / 0", "division by zero"),
        ("amount / (qty - 3)", "division by zero"),
        ("ratio / 0", "division by zero"),
        ("qty % 0", "division by zero"),
        ("2147483647 + 1", "Overflow"),
        ("CAST(year * 20 AS SMALLINT)", "out of range"),
        ("CAST(region AS INTEGER)", "Invalid input syntax for type INTEGER"),
        ("CAST(region AS BOOLEAN)", "Invalid input syntax for type boolean"),
        ("POWER(10, 400)", "overflow"),
        ("TO_DATE(region, 'YYYYMMDD')", "form of the mask"),
        ("SQRT(-1)", "square root of a negative"),
        ("CAST(amount * 1000 AS DECIMAL(4,2))", "DECIMAL"),
        ("CAST('é' AS CHAR(3))", "single-byte"),
        ("SUBSTRING(region, 2, 0 - qty)", "negative substring length"),
        ("DATEDIFF(week, '2024-01-06', '2024-01-07')", "DATEDIFF in weeks"),
    ],
)
def test_what_fails_in_redshift_fails(expression: str, message: str) -> None:
    with pytest.raises(duckdb.Error, match=message):
        sales().rows(f"SELECT {expression} FROM sales")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT id FROM sales WHERE region = 'south'", [(3,)]),
        ("SELECT id FROM sales WHERE code = 'ab   '", [(1,)]),
        ("SELECT COUNT(*) FROM sales a JOIN (SELECT 'south' AS region) b USING (region)", [(1,)]),
        ("SELECT COUNT(*) FROM sales WHERE region IN (SELECT 'south')", [(1,)]),
        ("SELECT id FROM sales WHERE qty = '3'", [(1,)]),
        ("SELECT id FROM sales WHERE amount > '6.5' ORDER BY 1", [(1,), (2,)]),
        ("SELECT id FROM sales WHERE day = '2024-01-31'", [(1,)]),
        ("SELECT id FROM sales WHERE sold_at >= DATE '2024-02-01'", [(2,)]),
        ("SELECT 'x' AS a UNION ALL SELECT code FROM sales WHERE id = 2 ORDER BY 1", [("abc",), ("x",)]),
        ("SELECT 1 AS a UNION ALL SELECT 1.5 ORDER BY a", [(Decimal("1.0"),), (Decimal("1.5"),)]),
        ("SELECT 1 AS a UNION SELECT 1 EXCEPT SELECT 2", [(1,)]),
        ("SELECT DISTINCT year FROM sales ORDER BY year", [(2023,), (2024,)]),
        ("SELECT JSON_SERIALIZE(JSON_PARSE('[10001, \"abc\"]'))", [('[10001,"abc"]',)]),
    ],
)
def test_a_query_has_redshifts_rows(sql: str, rows: list[tuple[object, ...]]) -> None:
    assert sales().rows(sql) == rows
