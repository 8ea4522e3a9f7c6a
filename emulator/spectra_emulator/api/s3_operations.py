"""What may be asked of `/_s3`, and of which keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import quote, unquote_to_bytes, urlencode

from spectra_emulator.adapters.embedded_s3 import BUCKET
from spectra_emulator.adapters.presigned_urls import ACCESS_KEY_ID, PATH
from spectra_emulator.adapters.s3_signatures import LINK_PARAMETERS, Proof
from spectra_emulator.api.s3_errors import S3Error
from spectra_emulator.api.s3_parameters import (
    PART_NUMBER,
    SHOWN_AS,
    UPLOAD_ID,
    UPLOADS,
    require_values,
    require_whole,
)
from spectra_emulator.domain.principal import ANY_TENANT, Principal

READ = "bulk:read"
WRITE = "bulk:create"


@dataclass(frozen=True)
class Operation:
    """`parameters` are those of the query string that are understood."""

    permission: str
    parameters: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Target:
    """What a request is about: an object, the bucket where `key` is empty, or the service where both are."""

    bucket: str
    key: str
    parameters: Mapping[str, str]

    @property
    def level(self) -> str:
        if not self.bucket:
            return "service"
        return "object" if self.key else "bucket"

    @property
    def listing(self) -> bool:
        return self.level == "bucket" and "location" not in self.parameters

    @property
    def encoded(self) -> str:
        """Return the path and query to ask of the S3 itself."""
        path = quote(f"/{self.bucket}/{self.key}" if self.bucket else "/", safe="/~")
        return f"{path}?{urlencode(self.parameters, quote_via=quote)}" if self.parameters else path


_PAGE = frozenset({"list-type", "max-keys", "marker", "continuation-token", "start-after"})
_LISTING = _PAGE | {"prefix", "delimiter", "encoding-type", "fetch-owner", "location"}
_OPERATIONS = {
    ("service", "GET"): Operation(READ),
    ("bucket", "GET"): Operation(READ, _LISTING),
    ("bucket", "HEAD"): Operation(READ),
    ("object", "GET"): Operation(READ, SHOWN_AS | {PART_NUMBER}),
    ("object", "HEAD"): Operation(READ, SHOWN_AS | {PART_NUMBER}),
    ("object", "PUT"): Operation(WRITE, frozenset({PART_NUMBER, UPLOAD_ID})),
    ("object", "POST"): Operation(WRITE, frozenset({UPLOADS, UPLOAD_ID})),
    ("object", "DELETE"): Operation(WRITE, frozenset({UPLOAD_ID})),
}
_OF_THE_SDK = "x-id"


def parsed_target(raw_path: bytes, raw_query: bytes) -> Target:
    """Read which object is meant; what only the signature needs is left out.

    Raises: S3Error.
    """
    try:
        path = unquote_to_bytes(raw_path).decode().removeprefix(PATH).removeprefix("/")
        pairs = [part.partition(b"=") for part in raw_query.split(b"&") if part]
        parameters = {_text(name): _text(value) for name, _, value in pairs}
    except UnicodeDecodeError as error:
        raise S3Error("InvalidURI", "The path and the query string must be UTF-8") from error
    bucket, _, key = path.partition("/")
    if not bucket and key:
        raise S3Error("InvalidBucketName", f"There is one bucket, {BUCKET}, and its name comes first")
    kept = {name: value for name, value in parameters.items() if name not in LINK_PARAMETERS and name != _OF_THE_SDK}
    return Target(bucket, key, kept)


def operation(method: str, target: Target) -> Operation:
    """Return what is asked for.

    Raises: S3Error.
    """
    found = _OPERATIONS.get((target.level, method))
    if found is None:
        raise S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.")
    if target.bucket not in ("", BUCKET):
        raise S3Error("NoSuchBucket", f"There is one bucket, {BUCKET}")
    for name in target.parameters:
        if name not in found.parameters:
            raise S3Error("NotImplemented", f"The parameter {name} is not supported here")
    require_values(target.parameters)
    require_whole(method, target.parameters)
    return found


def is_our_link(proof: Proof) -> bool:
    """Tell whether the server itself signed the link: any key can sign links, and is bound by them all the same."""
    return proof.link and proof.access_key.access_key_id == ACCESS_KEY_ID


def permitted(target: Target, asked: Operation, proof: Proof, default_permissions: frozenset[str]) -> Target:
    """Return what to ask of the S3: a tenant's key sees and changes what lies under `{tenant_id}/` alone.

    Raises: S3Error.
    """
    if is_our_link(proof):
        return target
    key = proof.access_key
    granted = default_permissions if key.permissions is None else key.permissions
    if not Principal(key.tenant_id, key.access_key_id, "sigv4", granted, "").may(asked.permission):
        raise S3Error("AccessDenied", f"The access key lacks the permission {asked.permission}")
    prefix = "" if key.tenant_id == ANY_TENANT else f"{key.tenant_id}/"
    if target.listing:
        return _listing_within(prefix, target)
    if not target.key.startswith(prefix) and target.level == "object":
        raise S3Error("AccessDenied", f"The access key is bound to keys that begin with {prefix}")
    return target


def folder_above(proof: Proof, target: Target) -> str | None:
    """Return the one common prefix of a listing that stops above the tenant's keys; None where it does not stop there.

    A listing by delimiter would name the folders of other tenants, too.
    """
    prefix, asked = f"{proof.access_key.tenant_id}/", target.parameters.get("prefix", "")
    delimiter = target.parameters.get("delimiter", "")
    if proof.access_key.tenant_id == ANY_TENANT or not target.listing or not delimiter:
        return None
    head, found, _ = prefix.removeprefix(asked).partition(delimiter)
    return f"{asked}{head}{delimiter}" if found and prefix.startswith(asked) and prefix != asked else None


def folder_listing(target: Target, folder: str, *, exists: bool) -> bytes:
    """Return the listing that names one common prefix, or nothing."""
    common = f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>" if exists else ""
    parts = {
        "Name": BUCKET,
        "Prefix": target.parameters.get("prefix", ""),
        "Delimiter": target.parameters["delimiter"],
        "MaxKeys": target.parameters.get("max-keys", "1000"),
        "KeyCount": str(int(exists)),
        "IsTruncated": "false",
    }
    content = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts.items())
    opened = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opened}{content}{common}</ListBucketResult>'.encode()


def _listing_within(prefix: str, target: Target) -> Target:
    asked = target.parameters.get("prefix", "")
    if asked.startswith(prefix):
        return target
    if not prefix.startswith(asked):
        raise S3Error("AccessDenied", f"The access key is bound to keys that begin with {prefix}")
    return replace(target, parameters={**target.parameters, "prefix": prefix})


def _text(encoded: bytes) -> str:
    return unquote_to_bytes(encoded).decode()
