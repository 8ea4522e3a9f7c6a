"""Fixtures: the files that a tenant's tables are built from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError, Lane
from spectra_emulator.adapters.duckdb_engine.scripts import Script
from spectra_emulator.adapters.duckdb_engine.tenant_database import read_catalogue
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import InternalError, InvalidSql
from spectra_emulator.sql.parsing import parse_script

_FORMATS = frozenset({"csv", "json", "parquet"})
_NUMBER = re.compile(r"^\d+[_-]")


@dataclass(frozen=True)
class FixtureFiles:
    """`folder` holds `all/` for every tenant and `tenants/<tenant_id>/` for one, loaded together by file name."""

    folder: Path

    def fill(self, tenant_id: str, lane: Lane) -> None:
        """Load every file of the tenant over a lane that may read files.

        Raises: InternalError that names the file.
        """
        script = Script(lane, Catalogue())
        for file in self._files(tenant_id):
            try:
                _loaded(file, script, lane)
            except (InvalidSql, EngineFailureError) as error:
                reason = error.message.partition("\n")[0]
                raise InternalError(f"The fixture {file.name} could not be loaded: {reason}") from error

    def _files(self, tenant_id: str) -> list[Path]:
        folders = (self.folder / "all", self.folder / "tenants" / tenant_id)
        files = [file for folder in folders for file in folder.glob("*.*") if _format(file) in {"sql", *_FORMATS}]
        return sorted(files, key=lambda file: (file.name, str(file)))


def _format(file: Path) -> str:
    return file.suffix[1:].lower()


def _loaded(file: Path, script: Script, lane: Lane) -> None:
    if _format(file) == "sql":
        script.run(parse_script(file.read_text(encoding="utf-8")))
        return
    table = _NUMBER.sub("", file.stem).lower()
    request = {"do": "load", "format": _format(file), "path": str(file), "table": f'public."{table}"'}
    lane.ask({**request, "exists": script.catalogue.table(table) is not None})
    script.catalogue = read_catalogue(lane)
