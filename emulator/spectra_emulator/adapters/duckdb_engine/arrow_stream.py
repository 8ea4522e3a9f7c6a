"""Rows of a relation as Arrow batches of a chosen size, in bounded memory and without pyarrow."""

from __future__ import annotations

import arro3.core
import duckdb

from spectra_emulator.adapters.duckdb_engine.lent_arrow import lent


def batches(relation: duckdb.DuckDBPyRelation, rows: int) -> arro3.core.RecordBatchReader:
    """Begin the query and return its result, at most `rows` rows at a time.

    DuckDB lets only pyarrow choose the size of a batch: its own capsule holds a million rows at once.
    """
    with lent():
        reader: arro3.core.RecordBatchReader = relation.to_arrow_reader(rows)
    return reader
