"""Fixtures: the files that a tenant's tables are built from."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from spectra_emulator.adapters.duckdb_engine.lane import EngineFailureError, Lane
from spectra_emulator.adapters.duckdb_engine.scripts import Script
from spectra_emulator.domain.catalogue import Catalogue
from spectra_emulator.domain.errors import InternalError, InvalidSql
from spectra_emulator.sql.parsing import parse_script

_FORMATS = frozenset({"csv", "json", "parquet"})
_NUMBER = re.compile(r"^\d+[_-]")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FixtureFiles:
    """`folder` holds `all/` for every tenant and `tenants/<tenant_id>/` for one, loaded together by file name."""

    folder: Path

    def has_own(self, tenant_id: str) -> bool:
        """Tell whether the tenant has files that are no other tenant's."""
        return any(self._folders_of(tenant_id))

    def fill_shared(self, lane: Lane) -> None:
        """Load the files that are every tenant's.

        Raises: InternalError that names the file.
        """
        self._fill(self._files(()), lane)

    def fill(self, tenant_id: str, lane: Lane) -> None:
        """Load every file of the tenant over a lane that may read files.

        Raises: InternalError that names the file; what the engine says may name the folder too, so that is logged.
        """
        self._fill(self._files(self._folders_of(tenant_id)), lane)

    def _fill(self, files: Iterable[Path], lane: Lane) -> None:
        script = Script(lane, Catalogue())
        for file in files:
            try:
                _loaded(file, script, lane)
            except InvalidSql as error:
                raise InternalError(f"The fixture {file.name} could not be loaded: {error.message}") from error
            except EngineFailureError as error:
                _log.warning("the fixture %s could not be loaded: %s", file, error.message.partition("\n")[0])
                raise InternalError(f"The fixture {file.name} could not be loaded; the log says why") from error
            except (OSError, UnicodeDecodeError) as error:
                _log.warning("the fixture %s could not be read: %s", file, error)
                raise InternalError(f"The fixture {file.name} could not be read; the log says why") from error

    def _files(self, own: Iterable[Path]) -> list[Path]:
        folders = (self.folder / "all", *own)
        files = [file for folder in folders for file in folder.glob("*.*") if _format(file) in {"sql", *_FORMATS}]
        return sorted(files, key=lambda file: (file.name, str(file)))

    def _folders_of(self, tenant_id: str) -> Iterator[Path]:
        """Find the tenant's folder by its exact name, which `..` is not, nor another case on any disk."""
        tenants = self.folder / "tenants"
        if tenants.is_dir():
            yield from (folder for folder in tenants.iterdir() if folder.name == tenant_id)


def _format(file: Path) -> str:
    return file.suffix[1:].lower()


def _loaded(file: Path, script: Script, lane: Lane) -> None:
    if _format(file) == "sql":
        script.run(parse_script(file.read_text(encoding="utf-8")))
        return
    table = _NUMBER.sub("", file.stem).lower()
    request = {"do": "load", "format": _format(file), "path": str(file), "table": f'public."{table}"'}
    lane.ask({**request, "exists": script.catalogue.table(table) is not None})
    script.note_changed()
