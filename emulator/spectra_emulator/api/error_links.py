"""The link from an error to the page that the console has on its code. It is told, never kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from litestar import Request
from litestar.types import HTTPScope, Scope

from spectra_emulator.domain.errors import Details
from spectra_emulator.domain.jobs import JobError

AnyRequest = Request[Any, Any, Any]
_SCOPE_KEY = "spectra_error_links"
_PAGE = "/_spectra/ui#/errors/"


@dataclass(frozen=True)
class ErrorLinks:
    """`base_url` is what links in answers begin with; `opens` tells whether the console opens for who calls so."""

    base_url: Callable[[AnyRequest], str]
    opens: Callable[[AnyRequest], bool]


def offer(scope: HTTPScope | Scope, links: ErrorLinks | None) -> None:
    """Let the errors of this request have links, where there are any."""
    cast("dict[str, object]", scope)[_SCOPE_KEY] = links


def linked(scope: HTTPScope | Scope, code: str, details: Details) -> Details:
    """Return the details of an answer's error, with the link where there is a page to lead to."""
    links = cast("dict[str, ErrorLinks | None]", scope).get(_SCOPE_KEY)
    if links is None:
        return details
    request = AnyRequest(scope)
    return {**details, "help_url": f"{links.base_url(request)}{_PAGE}{code}"} if links.opens(request) else details


def linked_job_error(request: AnyRequest, error: JobError | None) -> JobError | None:
    """Return why a job failed, as `linked` shows it."""
    return None if error is None else replace(error, details=linked(request.scope, error.code, error.details))
