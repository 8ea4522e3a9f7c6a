"""Jobs in known states, created through the API first, for generated requests to find."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spectra_conformance.answer import UNREADABLE, UnansweredError
from spectra_conformance.client import TERMINAL_STATES, Client
from spectra_conformance.contract_layer.description import ABSENT_TABLE

EXPORT: Mapping[str, Any] = {"operation": "query", "object": ABSENT_TABLE, "query": "SELECT 7 AS n"}
Recipe = Callable[[Client], tuple[str, str] | None]
"""Makes a bulk job and returns its id and state."""

CSV = b"id,name,amount,created\n900001,kit,1.50,2026-01-29\n"


@dataclass(frozen=True)
class Fixtures:
    """Jobs of the owner: `states` of bulk jobs that have ended, by id; `query_ids` of finished queries."""

    states: Mapping[str, str] = field(default_factory=dict)
    open_jobs: tuple[str, ...] = ()
    query_ids: tuple[str, ...] = ()

    def dictionaries(self) -> Mapping[str, Sequence[str]]:
        """Return the ids by the dictionary that draws them."""
        ended = tuple(self.states)
        return {
            "any_job": self.query_ids + ended + self.open_jobs,
            "ended_job": self.query_ids + ended,
            "bulk_job": ended + self.open_jobs,
            "ended_bulk_job": ended,
        }


def primed(owner: Client, creations: int) -> Fixtures:
    """Create jobs in the states that matter, with at most so many bulk jobs.

    What a broken deployment does not let us create is missing here; scenarios tell of that.
    """
    made = [made for recipe in RECIPES[: creations // 2] if (made := _attempted(recipe, owner))]
    return Fixtures(
        states={job_id: state for job_id, state in made if state in TERMINAL_STATES},
        open_jobs=tuple(job_id for job_id, state in made if state == "Open"),
        query_ids=_query_ids(owner),
    )


def _attempted(recipe: Recipe, owner: Client) -> tuple[str, str] | None:
    try:
        return recipe(owner)
    except (AssertionError, UnansweredError, *UNREADABLE):
        return None


def _query_ids(owner: Client) -> tuple[str, ...]:
    try:
        return (str(owner.query("SELECT 1 AS one").json()["metadata"]["query_id"]),)
    except (AssertionError, UnansweredError, *UNREADABLE):
        return ()


def _created(owner: Client, **members: object) -> str:
    return str(owner.bulk(**members).json()["job_id"])


def _ended(owner: Client, job_id: str) -> tuple[str, str]:
    return job_id, str(owner.settled(job_id).json().get("state"))


def _export(owner: Client, compression: str) -> tuple[str, str]:
    job_id = _created(owner, **EXPORT, content_type="CSV", compression=compression)
    owner.set_state(job_id, "UploadComplete")
    return _ended(owner, job_id)


def _exported(owner: Client) -> tuple[str, str]:
    return _export(owner, "NONE")


def _compressed(owner: Client) -> tuple[str, str]:
    return _export(owner, "GZIP")


def _aborted(owner: Client) -> tuple[str, str]:
    job_id = _created(owner, **EXPORT)
    owner.set_state(job_id, "Aborted")
    return _ended(owner, job_id)


def _open_export(owner: Client) -> tuple[str, str]:
    return _created(owner, **EXPORT), "Open"


def _open_import(owner: Client) -> tuple[str, str]:
    table = owner.wire.target.sandbox_table or ABSENT_TABLE
    return _created(owner, operation="insert", object=table), "Open"


def _closed_without_a_file(owner: Client) -> tuple[str, str]:
    job_id = _created(owner, operation="insert", object=ABSENT_TABLE)
    owner.set_state(job_id, "UploadComplete")
    return _ended(owner, job_id)


def _imported(owner: Client) -> tuple[str, str] | None:
    """Write the same row with every run: an upsert by its id."""
    table = owner.wire.target.sandbox_table
    if not table:
        return None
    job_id = _created(owner, operation="upsert", object=table, external_id_field="id")
    link = owner.get(f"/bulk/jobs/{job_id}/upload-url").json()["upload_url"]
    owner.upload_as_signed(link, CSV)
    owner.set_state(job_id, "UploadComplete")
    return _ended(owner, job_id)


RECIPES: tuple[Recipe, ...] = (
    _exported,
    _aborted,
    _open_import,
    _compressed,
    _open_export,
    _imported,
    _closed_without_a_file,
)
"""In the order in which a smaller budget leaves them out."""
