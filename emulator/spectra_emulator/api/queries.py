"""POST /queries."""

from __future__ import annotations

import time
from datetime import timedelta

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import UNSET

from spectra_emulator.api.gate import Gate
from spectra_emulator.api.query_threads import NoTurnError, QueryThreads
from spectra_emulator.api.replies import query_reply
from spectra_emulator.api.shapes import QueryBody, QueryParameters
from spectra_emulator.api.trail import AnyRequest, Trail, trail_of
from spectra_emulator.domain.errors import InvalidRequest, PayloadTooLarge
from spectra_emulator.domain.journal import Statement
from spectra_emulator.domain.queries import QueryAnswer, QueryRequest
from spectra_emulator.services.queries import QueryService, timed_out
from spectra_emulator.services.rate_limits import Bucket


def query_routes(
    gate: Gate, threads: QueryThreads, queries: QueryService, default_timeout_seconds: int, max_response_bytes: int
) -> list[HTTPRouteHandler]:
    """`max_response_bytes` of 0 lets answers be of any size."""

    @post("/queries", name="executeQuery")
    async def execute_query(request: AnyRequest) -> ASGIResponse:
        caller = await gate.admitted(request, Bucket.QUERIES, "query:execute")
        asked = _asked(await gate.body(request, QueryBody), default_timeout_seconds, trail_of(request.scope))
        key = await gate.idempotency_key(request, caller, "POST /queries")
        try:
            answer, replayed = await threads.run(
                caller.tenant_id, asked.timeout, lambda: queries.submit(caller, asked, key)
            )
        except NoTurnError as error:
            raise timed_out(asked) from error
        _refuse_beyond(answer, max_response_bytes)
        return query_reply(answer, replayed=replayed)

    return [execute_query]


def _asked(body: QueryBody, default_timeout_seconds: int, trail: Trail) -> QueryRequest:
    sql = body.sql.strip()
    if not sql:
        raise InvalidRequest("sql must not be blank", field="sql")
    parameters = body.parameters or QueryParameters()
    seconds = parameters.timeout_seconds
    timeout = timedelta(seconds=default_timeout_seconds if seconds is UNSET else seconds)

    def note(engine_sql: str) -> None:
        trail.statement = Statement(body.sql, engine_sql)

    trail.statement = Statement(body.sql, "")
    return QueryRequest(body.sql, parameters.limit, timeout, time.monotonic(), note)


def _refuse_beyond(answer: QueryAnswer, max_response_bytes: int) -> None:
    if 0 < max_response_bytes < len(answer.rows.rows_json):
        raise PayloadTooLarge("The answer exceeds the limit; use the Bulk API", max_response_bytes=max_response_bytes)
