"""Journal entries as JSON and as curl, without secrets."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

from spectra_emulator.domain.journal import Entry, Kind, Sent
from spectra_emulator.domain.masking import masked, masked_header

_UNREPEATED = frozenset({"host", "content-length", "user-agent", "accept-encoding", "connection"})
_STAND_IN = {"authorization": "Bearer $SPECTRA_API_KEY", "x-spectra-control-token": "$SPECTRA_CONTROL_TOKEN"}


def entry_shape(entry: Entry) -> dict[str, Any]:
    """Return all that is known of a call."""
    window = entry.window
    return {
        "number": entry.number,
        "id": masked(entry.id),
        "at": entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "kind": entry.kind,
        "method": entry.method,
        "target": masked(entry.target),
        "operation": entry.operation,
        "status": entry.status,
        "milliseconds": round(entry.milliseconds, 2),
        "caller": {
            "tenant_id": entry.caller.tenant_id,
            "subject": entry.caller.subject,
            "authentication": entry.caller.method,
        },
        "rate": None if window is None else {"limit": window.limit, "remaining": window.remaining},
        "fault": entry.fault,
        "sql": None if entry.statement is None else masked(entry.statement.sql) or None,
        "engine_sql": None if entry.statement is None else masked(entry.statement.engine_sql),
        "request": _sent(entry.request),
        "answer": _sent(entry.answer),
    }


def curl(entry: Entry, base_url: str) -> str:
    """Return the command that sends the request again; secrets are read from the environment."""
    words = ["curl", "-X", entry.method, shlex.quote(f"{base_url}{masked(entry.target)}")]
    words += [word for name, value in _headers(entry.request) for word in ("-H", _spelt(name, value))]
    if entry.request.body:
        words += ["--data-raw", shlex.quote(masked(_text(entry.request.body)))]
    return " ".join(words)


def repeatable(entry: Entry) -> bool:
    """Tell whether the entry can be sent again as it was: a request whose whole body is kept."""
    return entry.kind is Kind.REQUEST and len(entry.request.body) == entry.request.size_bytes


def _sent(sent: Sent) -> dict[str, Any]:
    return {
        "headers": {name: masked_header(name, value) for name, value in _headers(sent)},
        "body": masked(_text(sent.body)),
        "size_bytes": sent.size_bytes,
        "cut": len(sent.body) < sent.size_bytes,
    }


def _headers(sent: Sent) -> Iterator[tuple[str, str]]:
    for name, value in sent.headers:
        yield name.decode("latin-1"), value.decode("latin-1")


def _spelt(name: str, value: str) -> str:
    if name in _STAND_IN:
        return f'"{name}: {_STAND_IN[name]}"'
    return shlex.quote(f"{name}: {masked_header(name, value)}")


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} bytes that are no text)"


def event(entry: Entry) -> bytes:
    """Return the entry as a server-sent event."""
    return f"id: {entry.number}\nevent: entry\ndata: {json.dumps(entry_shape(entry))}\n\n".encode()
