"""What a browser lets the console do: run its own files, and call this server and where its links lead."""

from __future__ import annotations

from collections.abc import Sequence


def security_headers(origins: Sequence[str]) -> dict[str, str]:
    """Return the headers of every answer of the console; `origins` are those of links beside the server's own.

    Source: W3C, "Content Security Policy Level 3" and "Trusted Types".
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": " ".join(("'self'", *origins)),
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'none'",
        "trusted-types": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return {
        "content-security-policy": "; ".join(f"{directive} {value}" for directive, value in policy.items()),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
