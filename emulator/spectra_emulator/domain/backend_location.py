"""Where the warehouse lies, where it is not the embedded engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

EMBEDDED_ENGINE = "duckdb"
"""What is written in place of a URL."""

USERS_OF_TOKENS = "token"
"""What is written in place of a mapping of tenants to database users."""

REDSHIFT_PORT = 5439
_FORMS = "redshift://user@host:5439/db or redshift-data://workgroup/db"
_CLUSTER = r"([a-z][a-z0-9-]*)\.[^.]+\.([a-z0-9-]+)\.redshift\.amazonaws\.com(?:\.cn)?"
_WORKGROUP = r"([a-z0-9-]+)\.\d{12}\.([a-z0-9-]+)\.redshift-serverless\.amazonaws\.com(?:\.cn)?"


class Way(StrEnum):
    """How statements travel: PostgreSQL's protocol, or the Redshift Data API."""

    WIRE = "redshift"
    DATA_API = "redshift-data"


@dataclass(frozen=True)
class BackendLocation:
    """A database in a provisioned cluster or a serverless workgroup.

    `host` and `port` lead to it over the wire and are empty for the Data API. Where both `cluster` and `workgroup` are
    empty, passwords are the only way in. `user` is whom the URL names; nobody connects as
    that user, since each tenant is a database user of its own.
    """

    way: Way
    database: str
    host: str = ""
    port: int = REDSHIFT_PORT
    user: str = ""
    cluster: str = ""
    workgroup: str = ""
    region: str = ""


def backend_location(url: str) -> BackendLocation:
    """Read `redshift://user@host:5439/db` or `redshift-data://workgroup/db`.

    The Data API's URL names a provisioned cluster by `?cluster`: `redshift-data://cluster-name/db?cluster`. Over the
    wire, cluster, workgroup and region are read off AWS's own host names and may be given:
    `?cluster=name&region=eu-west-1`.

    Raises: ValueError where the URL is neither.
    """
    parts = urlsplit(url)
    if parts.scheme not in set(Way) or not parts.hostname or parts.fragment:
        raise ValueError(f"is neither {EMBEDDED_ENGINE} nor a URL such as {_FORMS}")
    database = unquote(parts.path.strip("/"))
    if not database or "/" in database:
        raise ValueError(f"names no database: write {_FORMS}")
    if parts.password is not None:
        raise ValueError("holds a password, which belongs in the environment or in Secrets Manager")
    named = _named(parts)
    return _data_api(parts, database, named) if parts.scheme == Way.DATA_API else _wire(parts, database, named)


def unused_user(location: BackendLocation) -> str:
    """Say that nobody connects as the URL's user."""
    return f"the user {location.user} in the backend's URL is not used: db_users says which user each tenant is"


def _named(parts: SplitResult) -> dict[str, str]:
    named = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(named.keys() - {"cluster", "workgroup", "region"})
    if unknown:
        raise ValueError(f"names {unknown[0]}: only cluster, workgroup and region may follow the ?")
    if "cluster" in named and "workgroup" in named:
        raise ValueError("names both a cluster and a workgroup; keep one")
    return named


def _data_api(parts: SplitResult, database: str, named: dict[str, str]) -> BackendLocation:
    name, region = parts.hostname or "", named.get("region", "")
    user = unquote(parts.username or "")
    if "cluster" in named:
        return BackendLocation(Way.DATA_API, database, user=user, cluster=named["cluster"] or name, region=region)
    return BackendLocation(Way.DATA_API, database, user=user, workgroup=named.get("workgroup") or name, region=region)


def _wire(parts: SplitResult, database: str, named: dict[str, str]) -> BackendLocation:
    host = parts.hostname or ""
    cluster, workgroup = re.fullmatch(_CLUSTER, host), re.fullmatch(_WORKGROUP, host)
    found = cluster or workgroup
    return BackendLocation(
        Way.WIRE,
        database,
        host=host,
        port=parts.port or REDSHIFT_PORT,
        user=unquote(parts.username or ""),
        cluster=named.get("cluster", cluster[1] if cluster else ""),
        workgroup=named.get("workgroup", workgroup[1] if workgroup else ""),
        region=named.get("region", found[2] if found else ""),
    )
