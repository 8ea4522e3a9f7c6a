"""Secrets made unreadable before anything shows or keeps them."""

from __future__ import annotations

import re

MASK = "***"
_SECRET_HEADER = re.compile(r"authorization|token|cookie|secret|password|credential|api-?key", re.IGNORECASE)
_NAME = r"(?<!continuation-)token|secret|password|api[-_]?key"
_PARAMETER = rf"X-Amz-(?:Signature|Security-Token)|[?&](?:signature|[\w.-]*(?:{_NAME}))"
_SIGNED = re.compile(rf"((?:{_PARAMETER})(?:=|%3D))[^&\"'\s\\<>]+", re.IGNORECASE)
_KEY = re.compile(r"\b(spk_[A-Za-z0-9.-]{1,128}?_)[A-Za-z0-9_.-]+")
_TOKEN = re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


def masked_header(name: str, value: str) -> str:
    """Return a header's value, of a secret one only its scheme."""
    if not _SECRET_HEADER.search(name):
        return masked(value)
    scheme, found, _ = value.partition(" ")
    return f"{scheme} {MASK}" if found else MASK


def masked(text: str) -> str:
    """Return the text with signatures of links, API keys, tokens and parameters that name a secret made unreadable."""
    return _TOKEN.sub(MASK, _KEY.sub(rf"\1{MASK}", _SIGNED.sub(rf"\1{MASK}", text)))
