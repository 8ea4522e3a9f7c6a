"""SUPER values: functions, casts, navigation, unnesting, dynamic types."""

from __future__ import annotations

from functools import cache

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import Warehouse, sales

SHOP = """
    CREATE TABLE shop (id INTEGER, basket SUPER, owner SUPER);
    INSERT INTO shop VALUES
        (1, JSON_PARSE('[{"sku":"a","n":2,"tags":["x","y"]},{"sku":"b","n":10,"tags":[]}]'),
            JSON_PARSE('{"name":"Ann","age":9,"home":{"city":{"zip":"0815"}},"gone":null,"Big":1}')),
        (2, ARRAY(), JSON_PARSE('{"name":"Bob","age":10}')),
        (3, NULL, NULL);
"""


@cache
def shop() -> Warehouse:
    warehouse = Warehouse()
    warehouse.run(SHOP)
    return warehouse


def test_a_path_names_its_column_by_its_last_attribute() -> None:
    translation = shop().translation("SELECT basket[0].sku, owner.home.city, shop.owner.home.city.zip FROM shop")

    assert [column.name for column in translation.columns] == ["sku", "city", "zip"]


@pytest.mark.parametrize("name", ["GREATEST", "LEAST"])
def test_super_values_are_not_compared_by_their_text(name: str) -> None:
    with pytest.raises(InvalidSql, match=f"{name.lower()} of SUPER values is not supported"):
        sales().translation(f"SELECT {name}(JSON_PARSE('9'), JSON_PARSE('10'))")
