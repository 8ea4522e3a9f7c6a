"""Window functions with their partitions, orders and frames."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

WINDOWS = [
    ("RATIO_TO_REPORT(amount) OVER (PARTITION BY year)", ["1.0", "0.7961165", "0.2038834"]),
    ("MEDIAN(qty) OVER ()", ["3.5", "3.5", "3.5"]),
    ("PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY amount) OVER ()", ["7.6250", "7.6250", "7.6250"]),
    ("PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY qty) OVER (PARTITION BY year)", ["3", "4", "4"]),
    ("LISTAGG(id, '-') WITHIN GROUP (ORDER BY id DESC) OVER (PARTITION BY year)", ["1", "3-2", "3-2"]),
    ("LISTAGG(DISTINCT year, '-') WITHIN GROUP (ORDER BY id DESC) OVER ()", ["2024-2023", "2024-2023", "2024-2023"]),
    ("LEAD(qty, 1) IGNORE NULLS OVER (ORDER BY id)", ["4", None, None]),
    ("NTH_VALUE(id, 2) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)", ["2", "2", "2"]),
    ("MAX(qty) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING)", [None, "3", "4"]),
    ("AVG(amount) OVER ()", ["11.91", "11.91", "11.91"]),
    ("CUME_DIST() OVER (ORDER BY year)", ["0.3333333", "1.0", "1.0"]),
]


@pytest.mark.parametrize(("expression", "texts"), WINDOWS, ids=[expression for expression, _ in WINDOWS])
def test_a_window_function_has_redshifts_values(expression: str, texts: list[str | None]) -> None:
    rows = sales().texts(f"SELECT {expression} AS x, id FROM sales ORDER BY id")
    assert [value if value is None else value[:9] for value, _ in rows] == texts


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("MEDIAN(qty) OVER (ORDER BY id)", "takes no ORDER BY"),
        ("RATIO_TO_REPORT(qty) OVER (ORDER BY id)", "takes no ORDER BY"),
        ("SUM(qty) OVER (ORDER BY id)", "require a frame clause"),
        ("RANK() OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)", "takes no frame clause"),
        ("LEAD(qty)", "requires an OVER clause"),
    ],
)
def test_a_window_that_redshift_refuses_is_refused(expression: str, message: str) -> None:
    with pytest.raises(InvalidSql, match=message):
        sales().translation(f"SELECT {expression} FROM sales")
