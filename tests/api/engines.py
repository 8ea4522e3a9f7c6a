"""Which tests of the API run in front of every engine, and what a warehouse does otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "redshift.md"
_TABLE = "## What differs from the embedded engine"

FILES = frozenset(
    {
        "test_queries_api",
        "test_query_errors",
        "test_jobs_api",
        "test_cancel",
        "test_paging",
        "test_row_cap",
        "test_idempotency_api",
        "test_bulk_jobs_api",
        "test_bulk_results",
        "test_bulk_state_machine",
        "test_bulk_walkthrough",
        "test_tenancy_api",
        "test_types_and_values",
    }
)
"""Those whose answers come from the engine, or from what it does of a job."""

DEVIATIONS: Mapping[str, str] = {
    "test_an_unknown_name_is_placed_and_the_nearest_one_named": "messages and `sql_state` of errors",
    "test_a_refused_query_leaves_no_job[unknown-name]": "names that nothing has",
    "test_any_tenant_id_of_the_documented_form_works[signs]": "tenant ids",
    "test_any_tenant_id_of_the_documented_form_works[longest]": "tenant ids",
    "test_tenants_that_differ_in_case_alone_share_nothing": "tenant ids",
    "test_a_link_leads_to_where_the_caller_reaches_the_server": "links of uploads and exports",
    "test_a_closed_job_takes_no_upload": "links of uploads and exports",
}
"""Tests, or single cases of them, that fail in front of a warehouse, each by the row of the guide that tells why."""


def deviations_told() -> Mapping[str, str]:
    """Return what the guide's table says, by what it says it of."""
    table = GUIDE.read_text(encoding="utf-8").partition(_TABLE)[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ", 1) for line in table.splitlines() if line.startswith("| ")]
    return {what.strip(): here.strip() for what, here in rows}
