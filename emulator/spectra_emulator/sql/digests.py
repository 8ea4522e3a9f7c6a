"""The digests of SHA-2 that the engine is given: it has that of 256 bits alone."""

from __future__ import annotations

PREFIX = "digest__"
"""What the engine's own names of the functions begin with."""

PROVIDED_BITS = (224, 384, 512)


def engine_name(bits: int) -> str:
    return f"{PREFIX}sha{bits}"
