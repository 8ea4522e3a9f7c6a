"""FarmHash over every length that it tells apart, against a plain computation of the same definition."""

from __future__ import annotations

import pytest

from tests.sql.warehouse import sales

LENGTHS = {
    0: -7286425919675154353,
    1: -5528939962900187677,
    3: 2640714258260161385,
    4: 1897425971756105985,
    7: 4341691227789030229,
    8: -78300442537744119,
    16: 6080716761534418621,
    17: -7052348088954416216,
    32: -29633327639612006,
    33: 2004761416539416594,
    64: -7184832003244844038,
    65: 2608948203458330154,
    128: -4385295067663546550,
    129: -7269759402498002988,
    200: 2725806534515858166,
}


@pytest.mark.parametrize(("length", "value"), LENGTHS.items())
def test_a_fingerprint_covers_every_length(length: int, value: int) -> None:
    text = "".join(chr(97 + place % 26) for place in range(length))

    assert sales().row(f"SELECT FARMFINGERPRINT64('{text}')") == (value,)
