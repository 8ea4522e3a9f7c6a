"""One request and its answer, as a reader of a report would repeat it."""

from __future__ import annotations

import csv
import gzip
import json
import shlex
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spectra_conformance.masking import masked_headers, masked_text, masked_url
from spectra_conformance.verdicts import Verdict

GATEWAY_HEADER = "x-amzn-errortype"
LONGEST_BODY_SHOWN = 2000
UNREADABLE = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    EOFError,
    gzip.BadGzipFile,
    zlib.error,
    csv.Error,
)
"""What reading an answer or a file raises where it is not as documented."""


class UnansweredError(Exception):
    """The deployment gave no answer: it refused the connection, broke it or let the deadline pass."""


class Members(dict[str, Any]):
    """An object of an answer: one that lacks a member breaks a promise, and is no mistake of the reader."""

    def __missing__(self, name: str) -> Any:
        raise AssertionError(f"no member {name!r} in {masked_text(json.dumps(self, default=str)[:LONGEST_BODY_SHOWN])}")


@dataclass(frozen=True)
class Problem:
    """Something in an answer that the contract does not allow; `kind` is stable, for `answer:KIND` checks.

    Where `verdict` is FAIL, the levels of the requirements say what it counts for.
    """

    kind: str
    requirements: tuple[str, ...]
    message: str
    verdict: Verdict = Verdict.FAIL


@dataclass(frozen=True)
class Answer:
    """`headers` and `sent_headers` have lower-case names; `operation_id` is None off the documented routes."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: float
    sent_headers: Mapping[str, str]
    sent_body: bytes | None = None
    operation_id: str | None = None
    problems: tuple[Problem, ...] = ()
    from_gateway: bool = False

    def json(self) -> Any:
        """Return the body as JSON, with decimals as `float`.

        Raises: AssertionError where the body is no JSON, and where a member is read that it lacks.
        """
        try:
            return json.loads(self.body, object_hook=Members)
        except ValueError as error:
            raise AssertionError(f"the body is no JSON: {self.shown}") from error

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def code(self) -> str | None:
        """The code of the error envelope, None where there is none."""
        code = self._error().get("code")
        return code if isinstance(code, str) else None

    @property
    def details(self) -> Mapping[str, Any]:
        """The details of the error envelope, empty where there are none."""
        details = self._error().get("details")
        return details if isinstance(details, dict) else {}

    @property
    def shown(self) -> str:
        """Status and body for a reader, masked and cut."""
        return f"{self.status} {masked_text(self.text[:LONGEST_BODY_SHOWN])}"

    @property
    def curl(self) -> str:
        """A command that sends the request again; its secrets are names of environment variables."""
        words = ["curl", "-sS", "-i", "-X", self.method]
        for name, value in masked_headers(self.sent_headers).items():
            words += ["-H", f"{name}: {value}"]
        if self.sent_body is not None:
            words += ["--data-raw", masked_text(self.sent_body[:LONGEST_BODY_SHOWN].decode(errors="replace"))]
        words.append(masked_url(self.url))
        return " ".join(_quoted(word) for word in words)

    def _error(self) -> Mapping[str, Any]:
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        error = parsed.get("error") if isinstance(parsed, dict) else None
        return error if isinstance(error, dict) else {}


def _quoted(word: str) -> str:
    """Return a word for a shell; one that names a variable is left open to it."""
    if "$SPECTRA_" in word:
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
    return shlex.quote(word)
