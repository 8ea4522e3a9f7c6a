"""The deployment under test: where it is, who calls it, and what it says it can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Signer = Callable[[str, str, Mapping[str, str], bytes], Mapping[str, str]]
"""Takes method, URL, headers and body; returns the headers that prove the identity."""

PROFILES = ("smoke", "standard", "full")
"""Each holds the ones before it."""

DOCUMENTED_LIMITS: Mapping[str, int] = {"queries": 100, "job_reads": 300, "bulk_creations": 10, "bulk_reads": 100}
"""Calls a minute and tenant, by bucket."""

CAPABILITIES: Mapping[str, str] = {
    "second_tenant": "credentials of a second tenant are given",
    "jwt": "JWTs are accepted, and one is given",
    "refused_jwts": "JWTs are given that must be refused",
    "sigv4": "AWS Signature Version 4 is accepted, and an access key is given",
    "sandbox_table": "the table that the kit may write to is there",
    "rate_limits": "the documented limits are enforced",
    "api_keys_checked": "the secret part of an API key is compared",
    "restricted_key": "a key that may only read bulk jobs is given",
    "query_key": "a key that may only run queries is given",
    "gateway_aws": "API Gateway stands before the deployment and words some errors itself",
    "union": "UNION is allowed",
}
"""What a deployment may declare, in the words of the report."""


NOBODY = "anonymous"


@dataclass(frozen=True)
class Identity:
    """One who calls; `tenant` goes into X-Tenant-ID, None leaves the header out."""

    name: str
    tenant: str | None
    sign: Signer = field(repr=False)

    @property
    def payer(self) -> str:
        """Return whose rate limits a call counts in: one that proves nothing spends no tenant's."""
        return "" if self.name == NOBODY else self.tenant or ""


@dataclass(frozen=True)
class Target:
    """`url` is the base URL without a slash at its end; `limits` are calls a minute, by bucket."""

    url: str
    owner: Identity
    peer: Identity | None = None
    jwt: Identity | None = None
    refused_jwts: tuple[Identity, ...] = ()
    sigv4: Identity | None = None
    restricted: Identity | None = None
    querying: Identity | None = None
    capabilities: frozenset[str] = frozenset()
    sandbox_table: str | None = None
    limits: Mapping[str, int] = field(default_factory=lambda: dict(DOCUMENTED_LIMITS))
    read_only: bool = False
    profile: str = "standard"
    pacing: bool = True
    seed: int = 1
    settle_seconds: float = 60.0
    request_seconds: float = 65.0

    def can(self, *capabilities: str) -> bool:
        return self.capabilities.issuperset(capabilities)

    def includes(self, profile: str) -> bool:
        """Say whether what belongs to a profile runs in this target's."""
        return PROFILES.index(profile) <= PROFILES.index(self.profile)
