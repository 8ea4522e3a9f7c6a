"""Hash functions give the published values."""

from __future__ import annotations

import pytest
from spectra_emulator.domain.errors import InvalidSql

from tests.sql.warehouse import sales

VALUES = [
    ("MD5('')", "d41d8cd98f00b204e9800998ecf8427e"),
    ("SHA1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("FUNC_SHA1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("SHA('abc'::VARBYTE)", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("SHA2('abc', 256)", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("SHA2('abc', 0)", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("SHA2('abc', 17)", ""),
    ("CRC32('123456789')", "e3069283"),
    ("FNV_HASH('')", -3750763034362895579),
    ("FNV_HASH('foobar')", -8821353812377114648),
    ("FNV_HASH('bar', FNV_HASH('foo'))", -8821353812377114648),
    ("FNV_HASH(NULL::VARCHAR, 7)", 7),
    ("MURMUR3_32_HASH(34)", 2017239379),
    ("MURMUR3_32_HASH(34::BIGINT)", 2017239379),
    ("MURMUR3_32_HASH('iceberg')", 1210000089),
    ("MURMUR3_32_HASH('')", 0),
    ("FARMFINGERPRINT64('1footrue')", -1541654101129638711),
    ("FARMFINGERPRINT64('2applefalse')", 2794438866806483259),
    ("FARM_FINGERPRINT64('3true')", -4880158226897771312),
    ("MD5(NULL)", None),
    ("CRC32(NULL)", None),
    ("MURMUR3_32_HASH(NULL::INTEGER)", None),
    ("FARMFINGERPRINT64(NULL)", None),
]


@pytest.mark.parametrize(("expression", "value"), VALUES, ids=[expression for expression, _ in VALUES])
def test_a_hash_is_the_published_one(expression: str, value: object) -> None:
    assert sales().row(f"SELECT {expression}") == (value,)


def test_a_small_number_and_a_large_one_hash_as_their_own_bytes() -> None:
    assert len(set(sales().row("SELECT FNV_HASH(1::SMALLINT), FNV_HASH(1), FNV_HASH(1::BIGINT), FNV_HASH(-1)"))) == 4


@pytest.mark.parametrize("call", ["SHA2('a', 512)", "CHECKSUM(1)", "MD5(1)", "FNV_HASH(1.5)", "FNV_HASH('a', 'b')"])
def test_a_hash_that_is_not_covered_is_refused(call: str) -> None:
    with pytest.raises(InvalidSql):
        sales().translation(f"SELECT {call}")
