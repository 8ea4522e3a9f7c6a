"""What `spectra-emulator explain` shows of a query, without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from spectra_emulator.adapters.duckdb_engine.engine import DuckDbEngine
from spectra_emulator.adapters.duckdb_engine.fixture_files import FixtureFiles
from spectra_emulator.adapters.duckdb_engine.worker_client import WorkerLimits
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import InvalidSql, SpectraError, SqlBlocked
from spectra_emulator.domain.tenancy import database_user
from spectra_emulator.settings import Settings
from spectra_emulator.sql.explanation import Explanation, Rewrite, explained
from spectra_emulator.sql.parsing import parse_script
from spectra_emulator.token_issuer import DEMO_FIXTURES

_WIDEST = 60
_ANSWERED, _REFUSED = 0, 1


def catalogue_of(settings: Settings, tenant_id: str, schema: str | None) -> Catalogue:
    """Return the tables that a script makes, or else those of the tenant's fixtures.

    Raises: InvalidSql, InternalError.
    """
    fixtures = (settings.fixtures or DEMO_FIXTURES).absolute()
    limits = WorkerLimits(memory_bytes=settings.statement_memory_bytes, threads=1, lanes=2)
    with TemporaryDirectory(prefix="spectra-explain-") as folder:
        files = FixtureFiles(fixtures if schema is None else Path(folder) / "none")
        engine = DuckDbEngine(Path(folder) / "tenants", files, limits, max_workers=1)
        try:
            if schema is not None:
                engine.run_script(tenant_id, parse_script(schema))
            return engine.catalogue(tenant_id)
        finally:
            engine.close()


def answer(sql: str, catalogue: Catalogue, settings: Settings, tenant_id: str, *, as_json: bool) -> tuple[str, int]:
    """Return what to print for a query, and the exit code: 1 where the API would refuse the query."""
    try:
        explanation = explained(sql, catalogue, settings.sql_rules(), database_user(tenant_id))
    except (InvalidSql, SqlBlocked) as refusal:
        return _refused(refusal, as_json=as_json), _REFUSED
    return _written(asdict(explanation)) if as_json else _told(explanation), _ANSWERED


def _written(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _refused(refusal: SpectraError, *, as_json: bool) -> str:
    """Say a refusal as the API would: its envelope, or the same in lines."""
    if as_json:
        return _written({"error": {"code": refusal.code, "message": refusal.message, "details": refusal.details}})
    return "\n".join(
        (f"{refusal.code}: {refusal.message}", *(f"  {key}: {value}" for key, value in refusal.details.items()))
    )


def _told(explanation: Explanation) -> str:
    columns = [(column.name, column.type or "as the engine reports it") for column in explanation.columns]
    rewrites = [(f"{one.family}: {one.construct}", f"{one.times} x", _purpose(one)) for one in explanation.rewrites]
    parts: tuple[tuple[str, Sequence[Sequence[str]]], ...] = (
        ("DuckDB SQL", [(explanation.sql,)]),
        ("Columns", columns),
        ("Rewrites", rewrites),
        *([("Warnings", [(one,) for one in explanation.warnings])] if explanation.warnings else []),
    )
    return "\n\n".join("\n".join((title, *_aligned(rows))) for title, rows in parts)


def _purpose(rewrite: Rewrite) -> str:
    return rewrite.summary or f"{_short(rewrite.before)} -> {_short(rewrite.after)}"


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows as lines, every column but the last as wide as its widest entry."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = [f"{text:<{width}}" for text, width in zip(row[:-1], widths, strict=False)]
        yield "  " + "  ".join((*padded, row[-1]))
