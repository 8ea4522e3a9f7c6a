"""What follows for a deployment that accepts a request with a fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spectra_conformance.contract_layer.faults import Fault

CONVERTED = ("GEN-08",)
"""A value of another type may be converted."""

BREACHES: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    ("executeQuery", "body"): {"json": ("QRY-08",), "type": ("QRY-08",)},
    ("executeQuery", "sql"): {"required": ("QRY-01", "QRY-06"), "type": ("QRY-01", "QRY-06"), "*": ("QRY-06",)},
    ("executeQuery", "parameters"): {"type": ("QRY-02",)},
    ("executeQuery", "parameters.limit"): {"type": CONVERTED, "minimum": ("QRY-05",), "maximum": ()},
    ("executeQuery", "parameters.timeout_seconds"): {"type": CONVERTED, "minimum": ("QRY-05",), "maximum": ()},
    ("createBulkJob", "body"): {"*": ("BLK-15",)},
    ("createBulkJob", "operation"): {"*": ("BLK-01", "BLK-15")},
    ("createBulkJob", "object"): {"required": ("BLK-02",), "type": ("BLK-02",), "*": ("BLK-05",)},
    ("createBulkJob", "query"): {"*": ("BLK-03", "BLK-15")},
    ("createBulkJob", "content_type"): {"*": ("BLK-04", "BLK-15")},
    ("createBulkJob", "compression"): {"*": ("BLK-06", "BLK-15")},
    ("updateBulkJob", "body"): {"*": ("BLK-30",)},
    ("updateBulkJob", "state"): {"*": ("BLK-21",)},
    ("listBulkJobs", "query.limit"): {"type": ("BLK-72",), "minimum": ("BLK-72",), "maximum": ()},
}
"""Requirements that are broken where a fault is accepted, by operation and place, then by rule; none where it may be.

The state and the operation of the list may be ignored where they are unknown, and so may what the reference does not
describe of a bulk job: places that are not listed break nothing.
"""

EXPORT_WITHOUT_OBJECT = ("createBulkJob", "object", "required")


def breaches(operation_id: str, found: Iterable[Fault], sent: Mapping[str, object]) -> set[str]:
    """Return the requirements that accepting a request broke."""
    broken: set[str] = set()
    for fault in found:
        if (operation_id, fault.place, fault.rule) == EXPORT_WITHOUT_OBJECT and sent.get("operation") == "query":
            continue
        rules = BREACHES.get((operation_id, fault.place), {})
        broken.update(rules.get(fault.rule, rules.get("*", ())))
    return broken
