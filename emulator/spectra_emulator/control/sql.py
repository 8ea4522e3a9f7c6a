"""What a tester sees of a tenant's SQL: its tables, a query's translation, the functions that there are."""

from __future__ import annotations

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import Struct

from spectra_emulator.api.replies import json_reply
from spectra_emulator.api.trail import AnyRequest
from spectra_emulator.control.plane import Plane, checked_tenant
from spectra_emulator.domain.catalogue import Table
from spectra_emulator.services.explanations import Explanations


class ExplainBody(Struct):
    sql: str


def sql_routes(plane: Plane, explanations: Explanations) -> list[HTTPRouteHandler]:
    @get("/_spectra/tenants/{tenant_id:str}/tables", name="listTables")
    async def list_tables(request: AnyRequest, tenant_id: str) -> ASGIResponse:
        plane.check(request)
        tables = await plane.called(lambda: explanations.tables(checked_tenant(tenant_id)))
        return json_reply({"tables": [_table_shape(table) for table in tables]})

    @post("/_spectra/tenants/{tenant_id:str}/explain", name="explainQuery")
    async def explain_query(request: AnyRequest, tenant_id: str) -> ASGIResponse:
        sql = (await plane.body(request, ExplainBody)).sql
        explanation = await plane.called(lambda: explanations.explained(checked_tenant(tenant_id), sql))
        return json_reply(explanation)

    @get("/_spectra/functions", name="listFunctions")
    async def list_functions(request: AnyRequest) -> ASGIResponse:
        plane.check(request)
        found = await plane.called(explanations.functions)
        return json_reply({"functions": [{"name": each.name, "family": each.family} for each in found]})

    return [list_tables, explain_query, list_functions]


def _table_shape(table: Table) -> dict[str, object]:
    return {
        "schema": table.schema,
        "name": table.name,
        "view": table.is_view,
        "primary_key": table.primary_key,
        "columns": table.columns,
    }
