"""Holds one answer of a server against what the description says of its operation."""

from __future__ import annotations

from typing import Any

from spectra_emulator import contract

from tests.described import complaints, headers, required_headers, responses
from tests.emulator import Answer

EVERYWHERE = {"date", "content-type", "content-length", "x-spectra-emulator"}
"""Headers of any HTTP answer, and the emulator's own; all others are described or wrong."""


def faults(operation_id: str, answer: Answer) -> list[str]:
    """Return what is wrong with the answer: its status, its headers, its content type or its body."""
    described = responses(operation_id).get(answer.status)
    if described is None:
        return [f"status {answer.status} is not described"]
    return [*_header_faults(operation_id, answer), *_body_faults(described, answer)]


def _header_faults(operation_id: str, answer: Answer) -> list[str]:
    known = {name.lower(): header for name, header in headers(operation_id, answer.status).items()}
    required = {name.lower() for name in required_headers(operation_id, answer.status)}
    missing = [f"header {name} is missing" for name in sorted(required - answer.headers.keys())]
    undescribed = [f"header {name} is not described" for name in sorted(answer.headers.keys() - known - EVERYWHERE)]
    wrong = [
        f"header {name}: {complaint}"
        for name in sorted(known.keys() & answer.headers.keys())
        for complaint in complaints(known[name]["schema"], _typed(known[name]["schema"], answer.headers[name]))
    ]
    return missing + undescribed + wrong


def _typed(schema: dict[str, Any], text: str) -> object:
    """Return a header's text as the type that its schema gives it."""
    kind = contract.resolved(schema).get("type")
    if kind == "integer" and text.isascii() and text.isdigit():
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def _body_faults(described: dict[str, Any], answer: Answer) -> list[str]:
    media_type = described["content"].get(answer.headers.get("content-type", ""))
    if media_type is None:
        return [f"content type {answer.headers.get('content-type')} is not described"]
    return [f"body: {complaint}" for complaint in complaints(media_type["schema"], answer.json)]
