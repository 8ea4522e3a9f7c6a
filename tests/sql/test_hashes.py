"""Hash functions give the published values."""

from __future__ import annotations

from tests.sql.warehouse import sales


def test_a_small_number_and_a_large_one_hash_as_their_own_bytes() -> None:
    assert len(set(sales().row("SELECT FNV_HASH(1::SMALLINT), FNV_HASH(1), FNV_HASH(1::BIGINT), FNV_HASH(-1)"))) == 4
