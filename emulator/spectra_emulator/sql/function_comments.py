"""A tenant's own functions as comments: each is kept by a view of its name in the internal schema.

Source: "CREATE FUNCTION".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from spectra_emulator.domain.catalogue import ScalarFunction
from spectra_emulator.sql.internal_names import INTERNAL_SCHEMA

_MARK = "FUNCTION "


def function_comment(function: ScalarFunction) -> str:
    return _MARK + json.dumps(asdict(function))


def functions_in_comments(comments: Mapping[tuple[str, str], str]) -> Iterator[ScalarFunction]:
    """Yield the functions among the comments on relations, by (schema, name)."""
    for (schema, _), comment in comments.items():
        if schema == INTERNAL_SCHEMA and comment.startswith(_MARK):
            kept = json.loads(comment.removeprefix(_MARK))
            yield ScalarFunction(kept["name"], tuple(kept["argument_types"]), kept["type"], kept["body"])
