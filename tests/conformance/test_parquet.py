"""What the kit reads of a Parquet file without reading its rows."""

from __future__ import annotations

import pytest
from spectra_conformance.suite.parquet import Contents, contents
from spectra_conformance.suite.test_import_files import PARQUET


def test_a_file_tells_its_rows_and_the_types_of_its_columns() -> None:
    assert contents(PARQUET) == Contents(2, {"id": "INT64", "name": "TEXT", "amount": "DECIMAL"})


@pytest.mark.parametrize(
    "file", [b"", b"PAR1", b"id,name\n1,a\n", b"PAR1 no parquet PAR1", PARQUET[:-1], PARQUET[-300:]]
)
def test_what_is_no_parquet_file_is_refused(file: bytes) -> None:
    with pytest.raises((LookupError, ValueError, TypeError)):
        contents(file)
