"""Mathematical functions and operators."""

from __future__ import annotations

import pytest

from tests.sql.warehouse import Warehouse


@pytest.mark.parametrize(
    ("sign", "ids"),
    [
        ("=", [3, 4]),
        ("<>", [1, 2, 5]),
        ("<", [1, 2]),
        ("<=", [1, 2, 3, 4]),
        (">", [5]),
        (">=", [3, 4, 5]),
    ],
)
def test_trailing_blanks_never_count(sign: str, ids: list[int]) -> None:
    warehouse = Warehouse()
    warehouse.run(BLANKS)
    assert warehouse.rows(f"SELECT id FROM words WHERE word {sign} 'b ' ORDER BY id") == [(one,) for one in ids]


def test_trailing_blanks_never_count_in_a_list_or_a_range() -> None:
    warehouse = Warehouse()
    warehouse.run(BLANKS)
    inside = warehouse.rows("SELECT id FROM words WHERE word IN ('b', 'c') OR word BETWEEN 'a ' AND 'b' ORDER BY id")
    assert inside == [(1,), (2,), (3,), (4,)]


BLANKS = """
    CREATE TABLE words (id INT, word VARCHAR(9));
    INSERT INTO words VALUES (1, 'a  '), (2, 'a\t'), (3, 'b'), (4, 'b   '), (5, 'b x')
"""
