"""One generated request with its answer, as the kit's checks see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from spectra_conformance.answer import Answer
from spectra_conformance.contract_layer.priming import Fixtures
from spectra_conformance.openapi import Operation
from spectra_conformance.target import Target

NO_BODY: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Exchange:
    """`path` is under the base URL; `operation` is None where the method is not described for it."""

    operation: Operation | None
    path: str
    answer: Answer
    target: Target
    fixtures: Fixtures

    @property
    def succeeded(self) -> bool:
        return 200 <= self.answer.status < 300  # noqa: PLR2004 -- HTTP's range of success

    @property
    def operation_id(self) -> str:
        return self.operation.operation_id if self.operation else "undeclared"

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The answer's JSON object, empty where it is none."""
        return _object(self.answer.body)

    @cached_property
    def sent(self) -> Mapping[str, Any]:
        """The request's JSON object, empty where it is none."""
        return _object(self.answer.sent_body or b"")

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query parameters that were sent once."""
        pairs = parse_qsl(urlsplit(self.answer.url).query, keep_blank_values=True)
        names = [name for name, _ in pairs]
        return {name: value for name, value in pairs if names.count(name) == 1}

    @cached_property
    def job_id(self) -> str:
        """The id in the path, empty where the path has none."""
        if not self.operation or "{job_id}" not in self.operation.path:
            return ""
        place = self.operation.path.split("/").index("{job_id}")
        return unquote(urlsplit(self.path).path.split("/")[place])

    @property
    def metadata(self) -> Mapping[str, Any]:
        metadata = self.body.get("metadata")
        return metadata if isinstance(metadata, dict) else NO_BODY

    @property
    def rows(self) -> list[Any]:
        rows = self.body.get("data")
        return rows if isinstance(rows, list) else []


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError:
        return NO_BODY
    return parsed if isinstance(parsed, dict) else NO_BODY
