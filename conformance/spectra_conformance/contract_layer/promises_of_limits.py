"""What the rate limit headers of one answer promise."""

from __future__ import annotations

import time

from spectra_conformance.contract_layer.exchange import Exchange
from spectra_conformance.pacing import bucket_of

FURTHEST_RESET_SECONDS = 3600.0


def the_rate_headers_fit_together(exchange: Exchange) -> str | None:
    told = [exchange.answer.headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(text.isdigit() for text in told):
        return None
    limit, remaining, reset = (int(text) for text in told)
    if remaining > limit:
        return f"{remaining} calls remain of {limit}"
    away = reset - time.time()
    return None if abs(away) < FURTHEST_RESET_SECONDS else f"X-RateLimit-Reset {reset} is {away:.0f} s from now"


def the_limit_is_the_documented_one(exchange: Exchange) -> str | None:
    bucket = bucket_of(exchange.answer.method, exchange.path)
    told = exchange.answer.headers.get("x-ratelimit-limit", "")
    if bucket is None or not told.isdigit() or not exchange.target.can("rate_limits"):
        return None
    expected = exchange.target.limits[bucket]
    return None if int(told) == expected else f"X-RateLimit-Limit is {told}: expected {expected}"
