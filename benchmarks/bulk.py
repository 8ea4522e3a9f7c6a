"""How long a million records take from PATCH to their file, or into their table, against bare DuckDB and one PUT."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.bulk_jobs import BulkClient, export_of
from benchmarks.bulk_stores import Store, ceph, embedded
from benchmarks.emulator import scratch, serving
from benchmarks.measurement import Finding, Times, compared, prepared_and_timed

RECORDS = 1_000_000
_ROUNDS = 7
_COLUMNS = (
    "id BIGINT, region VARCHAR(16), product VARCHAR(40), quantity INTEGER, unit_price DECIMAL(12,2),"
    " amount DECIMAL(12,2), sale_date DATE, note VARCHAR(40)"
)
_TABLES = ("exported", "inserted", "upserted", "before")
_FORMATS = {"CSV": ("CSV", "NONE", 1.6), "CSV+GZIP": ("CSV", "GZIP", 2.0), "PARQUET": ("PARQUET", "NONE", 2.0)}


def tables_script(records: int) -> str:
    """Return a script, of Redshift's and of DuckDB's alike, that fills `exported` with so many records of `sales`."""
    made = "; ".join(f"CREATE TABLE {name} ({_COLUMNS})" for name in _TABLES)
    copies = -(-records // 200_000)
    numbers = " UNION ALL ".join(f"SELECT {number} AS number" for number in range(copies))
    return (
        f"{made}; INSERT INTO exported SELECT s.id + n.number * 10000000, s.region, s.product, s.quantity,"
        f" s.unit_price, s.amount, s.sale_date, s.note FROM (SELECT * FROM sales ORDER BY id LIMIT 200000) s"
        f" CROSS JOIN ({numbers}) n; INSERT INTO before SELECT * FROM exported WHERE quantity % 2 = 0"
    )


@dataclass(frozen=True)
class Bench:
    """`tables` are a copy of the tenant's for the floors, `file` the records as plain CSV."""

    client: BulkClient
    tables: duckdb.DuckDBPyConnection
    store: Store
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "records.csv"

    def export(self, content_type: str, compression: str) -> Callable[[], Callable[[], object]]:
        request = export_of(content_type, compression)

        def prepared() -> Callable[[], object]:
            job_id = self.client.created(request)
            return lambda: self.client.fetchable(job_id)

        return prepared

    def bare_export(self, content_type: str) -> Callable[[], Callable[[], object]]:
        file = self.folder / f"floor.{content_type.lower()}"
        options = "FORMAT csv, HEADER" if content_type == "CSV" else "FORMAT parquet, COMPRESSION uncompressed"

        def run() -> None:
            self.tables.execute(f"COPY (SELECT * FROM exported) TO '{file}' ({options})")
            self.store.put(file)

        return lambda: run

    def import_(self, operation: str, table: str, emptied: str) -> Callable[[], Callable[[], object]]:
        def prepared() -> Callable[[], object]:
            self.client.script(emptied)
            request = {"operation": operation, "object": table, "external_id_field": "id"}
            job_id = self.client.created(request, self.file)
            return lambda: self.client.carried_out(job_id)

        return prepared

    def bare_import(self) -> Callable[[], object]:
        self.tables.execute("DELETE FROM inserted; CHECKPOINT")
        return lambda: self.tables.execute(f"INSERT INTO inserted FROM read_csv('{self.file}')")


def bulk() -> list[Finding]:
    """Measure over the embedded moto and over Ceph's gateway."""
    return [finding for store in (embedded, ceph) for finding in _over(store)]


def _over(store: Callable[[], AbstractContextManager[Store]]) -> list[Finding]:
    with _bench(store) as bench:
        tasks = {name: bench.export(content, compression) for name, (content, compression, _) in _FORMATS.items()}
        tasks |= {
            "bare CSV": bench.bare_export("CSV"),
            "bare PARQUET": bench.bare_export("PARQUET"),
            "insert": bench.import_("insert", "inserted", "DELETE FROM inserted"),
            "upsert": bench.import_(
                "upsert", "upserted", "DELETE FROM upserted; INSERT INTO upserted SELECT * FROM before"
            ),
            "bare read_csv": bench.bare_import,
        }
        return _findings(bench.store.name, prepared_and_timed(tasks, _ROUNDS))


def _findings(store: str, times: Times) -> list[Finding]:
    exports = [
        compared(f"bulk over {store}: export {name}", times[name], times[f"bare {content}"], goal)
        for name, (content, _, goal) in _FORMATS.items()
    ]
    imports = [
        compared(f"bulk over {store}: {name}", times[name], times["bare read_csv"], goal)
        for name, goal in (("insert", 3.0), ("upsert", 4.0))
    ]
    return exports + imports


@contextmanager
def _bench(store: Callable[[], AbstractContextManager[Store]]) -> Iterator[Bench]:
    with (
        store() as stored,
        serving(options=stored.options) as emulator,
        emulator.tables() as tables,
        scratch() as folder,
        closing(BulkClient(emulator.port)) as client,
    ):
        bench = Bench(client, tables, stored, folder)
        client.script(tables_script(RECORDS))
        tables.execute(tables_script(RECORDS))
        tables.execute(f"COPY exported TO '{bench.file}' (FORMAT csv, HEADER)")
        yield bench
