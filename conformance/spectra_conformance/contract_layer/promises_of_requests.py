"""What an answer owes its request: refused where it has a fault, taken where it has none."""

from __future__ import annotations

from spectra_conformance.contract_layer.exchange import Exchange
from spectra_conformance.contract_layer.faults import faults
from spectra_conformance.contract_layer.known_queries import known_queries
from spectra_conformance.contract_layer.tolerances import breaches

REFUSALS_OF_A_METHOD = frozenset({401, 403, 404, 405, 501})
REFUSALS_OF_THE_UNKNOWN = frozenset({401, 403})
BAD_REQUEST = 400


def a_faulty_request_is_refused(exchange: Exchange) -> str | None:
    found = faults(exchange)
    if not exchange.succeeded or not found:
        return None
    broken = breaches(exchange.operation_id, found, exchange.sent)
    named = ", ".join(f"{fault.place} ({fault.rule})" for fault in found)
    return f"[{' '.join(sorted(broken))}] accepted although wrong: {named}" if broken else None


def a_valid_request_is_accepted(exchange: Exchange) -> str | None:
    if exchange.answer.status != BAD_REQUEST or faults(exchange) != () or not _named_well(exchange):
        return None
    if exchange.operation_id == "createBulkJob" and exchange.sent.get("operation") != "query":
        return None  # a deployment may look the table up at once, and know less of the format than we sent
    return f"a valid request was refused: {exchange.answer.shown}"


def an_undeclared_method_is_refused(exchange: Exchange) -> str | None:
    if exchange.operation is not None or exchange.answer.method in ("OPTIONS", "HEAD"):
        return None
    status = exchange.answer.status
    return None if status in REFUSALS_OF_A_METHOD else f"{exchange.answer.method} was answered with {status}"


def nobody_succeeds_without_credentials(exchange: Exchange) -> str | None:
    if exchange.operation_id == "getOpenApi" or exchange.answer.sent_headers.get("authorization", "").strip():
        return None
    status = exchange.answer.status
    return f"answered with {status} without Authorization" if status not in REFUSALS_OF_THE_UNKNOWN else None


def nobody_acts_for_another_tenant(exchange: Exchange) -> str | None:
    """Hold against a tenant that is not the credentials' own what only that tenant may see."""
    named, own = exchange.answer.sent_headers.get("x-tenant-id"), exchange.target.owner.tenant
    told = exchange.body.get("tenant_id")
    foreign = named is not None and named != own
    return f"{own} named {named} and saw a job of {told}" if foreign and told not in (None, own) else None


def _named_well(exchange: Exchange) -> bool:
    """Say whether SQL and tenant are ones that the deployment must know."""
    if exchange.answer.sent_headers.get("x-tenant-id") != exchange.target.owner.tenant:
        return False
    sql = exchange.sent.get("sql", exchange.sent.get("query"))
    return exchange.operation_id not in ("executeQuery", "createBulkJob") or sql in known_queries()
