"""Records in Redshift's COPY: what they are staged as, and how a staged value becomes the table's.

The file has a JSON object on each line, with every value as text, so that none loses a digit and NULL is no empty
string.

Source: "COPY from JSON format", "Loading a column of the VARBYTE data type", "Loading a column of the GEOMETRY or
GEOGRAPHY data type", "SYS_LOAD_ERROR_DETAIL".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spectra_emulator.domain.errors import InvalidRequest
from spectra_emulator.sql.changes import staged_name
from spectra_emulator.sql.file_values import FLOATS, FileColumn
from spectra_emulator.sql.interval_text import interval_text
from spectra_emulator.sql.rewrites.context import quoted_name
from spectra_emulator.sql.type_names import SPATIAL, SqlType
from spectra_emulator.sql.warehouse_places import RECORD, JobPlaces, text_literal

MOST_LOAD_ERRORS = 100_000
"""What COPY takes for MAXERROR at most."""

_WIDEST = "VARCHAR(65535)"
_BY_TEXT: Mapping[str, Callable[[str], str]] = {
    "VARBYTE": lambda text: f"FROM_HEX({text})",
    "GEOMETRY": lambda text: f"ST_GeomFromEWKB({text})",
    "GEOGRAPHY": lambda text: f"ST_GeogFromWKB({text})",
}
"""What COPY does not read from JSON, and what makes a value of the staged text."""

_NOT_LOADED = frozenset({"INTERVAL", "HLLSKETCH"})


@dataclass(frozen=True)
class LoadedColumn:
    """A column of the staging table: a file's column as `c0`, and whether a record has it as `p0` where not all do."""

    column: FileColumn

    @property
    def name(self) -> str:
        return f"c{self.column.number}"

    @property
    def flag(self) -> str | None:
        return f"p{self.column.number}" if self.column.sparse else None

    @property
    def definition(self) -> str:
        kind = self.column.type
        staged = f'"{self.name}" {_staged_type(kind)}'
        return staged if self.flag is None else f'{staged}, "{self.flag}" BOOLEAN'

    def value(self, alias: str) -> str:
        """Return the table's value, in Redshift."""
        text = f'{alias}."{self.name}"'
        made = _BY_TEXT.get(self.column.type.name)
        return text if made is None else made(text)

    @property
    def exported(self) -> str:
        """Return the text that is loaded, in DuckDB, out of what is staged there."""
        staged = quoted_name(staged_name(self.column.target.name))
        outputs = f'{_text(staged, self.column.type)} AS "{self.name}"'
        if self.flag is None:
            return outputs
        return f'{outputs}, {quoted_name(f"present:{self.column.target.name}")} AS "{self.flag}"'


def loaded(columns: Sequence[FileColumn]) -> tuple[LoadedColumn, ...]:
    """Return what the staging table holds of the file's columns.

    Raises: InvalidRequest where a value of a column cannot be loaded.
    """
    for column in columns:
        if column.type.name in _NOT_LOADED:
            raise InvalidRequest(
                f'The column "{column.target.name}" is {column.type.name}, which COPY does not load from a file'
            )
    return tuple(map(LoadedColumn, columns))


def staging_statements(places: JobPlaces, columns: Sequence[LoadedColumn], copy: str | None) -> tuple[str, ...]:
    """Return what makes the job's staging table anew and fills it; without `copy` it stays empty."""
    definitions = ", ".join([f'"{RECORD}" BIGINT', *(column.definition for column in columns)])
    made = (f"DROP TABLE IF EXISTS {places.staged}", f"CREATE TABLE {places.staged} ({definitions})")
    return made if copy is None else (*made, copy)


@dataclass(frozen=True)
class Access:
    """How COPY and UNLOAD reach the S3: by which role, and in which region where that need not be the warehouse's."""

    iam_role: str = "default"
    region: str | None = None

    @property
    def role_text(self) -> str:
        return f"IAM_ROLE {'default' if self.iam_role == 'default' else text_literal(self.iam_role)}"

    @property
    def region_text(self) -> str:
        return "" if self.region is None else f" REGION AS {text_literal(self.region)}"


def copy_text(places: JobPlaces, url: str, access: Access) -> str:
    """Return the COPY of a file's records; those that Redshift does not take are left out, and it says which."""
    return (
        f"COPY {places.staged} FROM {text_literal(url)} {access.role_text} FORMAT AS JSON 'auto'"
        f" DATEFORMAT AS 'auto' TIMEFORMAT AS 'auto' MAXERROR AS {MOST_LOAD_ERRORS} COMPUPDATE OFF{access.region_text}"
    )


def load_errors_query(url: str, after: int, most: int) -> str:
    """Return the query of what COPY left out of files whose address begins so, by their lines, after that line."""
    return (
        "SELECT line_number, column_name, error_message FROM sys_load_error_detail"  # noqa: S608 - quoted
        f" WHERE STRPOS(file_name, {text_literal(url)}) = 1 AND line_number > {after} ORDER BY line_number LIMIT {most}"
    )


def _staged_type(kind: SqlType) -> str:
    if kind.name in _BY_TEXT or (kind.is_string and kind.size is None):
        return _WIDEST
    return kind.text


def _text(staged: str, kind: SqlType) -> str:
    """Return DuckDB's text of a value as COPY reads it; what goes to SUPER stays JSON."""
    if kind.name == "SUPER":
        return staged
    if kind.name == "INTERVAL":
        return interval_text(staged)
    if kind.name == "VARBYTE" or kind.name in SPATIAL:
        return f"hex({staged})"
    if kind.name in FLOATS:
        special = f"CASE WHEN isnan({staged}) THEN 'NaN' WHEN {staged} > 0 THEN 'Infinity' ELSE '-Infinity' END"
        return (
            f"CASE WHEN isfinite({staged}) THEN CAST({staged} AS VARCHAR) WHEN {staged} IS NOT NULL THEN {special} END"
        )
    return f"CAST({staged} AS VARCHAR)"
