"""Mutants that no caller can tell from the emulator as it should be, each with the reason."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {
    "query:any-content-type": "a body of another content type may be refused or read: both are tolerated",
    "query:a-timeout-of-301": "a timeout above the most may be refused or lowered, and no answer tells which was used",
    "link:results-of-an-aborted-job": "the counters of a job that gives no file may stand in the place of the refusal",
    "sql:copy-and-unload-are-no-kind": "both are refused all the same, with the same code; only the words differ",
    "sql:truncate-runs": "the parsed statement is refused as well, with the same code and rule",
}

_CONTROLS = "a tester's controls under /_spectra, which are no part of the API"
_S3 = "how the emulator's store speaks to clients of S3: links alone are part of the API"

BEYOND: dict[str, str] = {
    **dict.fromkeys(("api/fault_gate.py", "api/wire_faults.py", "api/recorder.py"), _CONTROLS),
    **dict.fromkeys(
        (f"services/{name}.py" for name in ("clock", "faults", "hindrances", "job_control", "journal")), _CONTROLS
    ),
    **dict.fromkeys((f"services/{name}.py" for name in ("readiness", "snapshots", "tenants")), _CONTROLS),
    **dict.fromkeys((f"domain/{name}.py" for name in ("durations", "faults", "journal", "snapshots")), _CONTROLS),
    **dict.fromkeys(
        (f"api/{name}.py" for name in ("s3_operations", "s3_errors", "s3_parameters", "object_parts")), _S3
    ),
    "api/cross_origin.py": "pages of other origins are served only where origins are configured",
    "api/error_links.py": "the link to a page is the emulator's own, and no check may need it",
    "api/gateway.py": "API Gateway's words are used only where that is configured",
    "domain/masking.py": "what is masked are log lines, which no caller reads",
    "domain/s3_location.py": "only a store that is not the emulator's own has a location",
}
"""Files about what is no part of the API, in the settings that mutants are served with.

A few of their lines run in every call all the same: a mutant there would show, and is left out with the others.
"""

_OPEN = "the contract leaves it open: no MUST and no SHOULD tells the two apart"

EQUIVALENT_LINES: dict[tuple[str, str, str], str] = {
    ("domain/sql_rules.py", "max_subqueries: int = 5", "max_subqueries: int = 6"): _OPEN,
    ("sql/guard.py", "function_rules.check(node, rules)", "None"): _OPEN,
    (
        "sql/guard.py",
        (
            "raise InvalidSql(f'A select list has at most {MAX_COLUMNS} entries, not {columns}', limit=MAX_COLUMNS, "
            "actual=columns, rule='COMPLEXITY_EXCEEDED', sql_state='54011')"
        ),
        (
            "raise InvalidSql(f'A select list has at most {MAX_COLUMNS} entries, not {columns}', limit=MAX_COLUMNS, "
            "actual=columns, rule='COMPLEXITY_EXCEEDED', sql_state='54011_x')"
        ),
    ): _OPEN,
    (
        "sql/limit.py",
        "limited.set('limit', exp.Limit(expression=exp.Literal.number(cap + 1)))",
        "None",
    ): "it only spares the engine work: rows are cut and counted all the same",
    (
        "api/object_headers.py",
        "encodings = headers.get(_ENCODING.encode(), b'').decode('latin-1').split(',')",
        "encodings = headers.get(_ENCODING.encode(), b'').decode('latin-1').split(',_x')",
    ): "a coding is kept for clients of S3 alone, and for none that comes by a link",
    (
        "services/queries.py",
        "answer = QueryAnswer(query_id, rows, finished.execution_time_ms or 0)",
        "answer = QueryAnswer(query_id, rows, finished.execution_time_ms or 1)",
    ): "one millisecond in the place of none is within what the time may be",
    (
        "services/bulk_work.py",
        "if not self._closed:",
        "if False:",
    ): "files that are left beside the data are seen by nobody who calls",
    (
        "services/bulk_work.py",
        "if not stored:",
        "if False:",
    ): "only where a job ends by itself in the moment of its abort, which no caller brings about",
    (
        "services/bulk_transfers.py",
        "if size_bytes > self.max_upload_bytes:",
        "if False:",
    ): "no run uploads 150 MB",
    (
        "services/queries.py",
        "if not self._ports.steps.passed(job.job_id, lambda: self._has_ended(job)):",
        "if False:",
    ): _CONTROLS,
    (
        "services/queries.py",
        "return found is None or found.finished",
        "return found is None and found.finished",
    ): _CONTROLS,
    (
        "api/object_links.py",
        "found.append(Address(parts.netloc.encode(), parts.path.rstrip('/').encode()))",
        "None",
    ): "links go by another address only where one is configured",
    (
        "sql/guard.py",
        "if not rules.allow_cte:",
        "if False:",
    ): "WITH is refused only where that is configured",
    (
        "sql/guard.py",
        (
            "raise blocked('WITH', 'Common table expressions are not allowed; sql_security_level=standard allows them'"
            ", 'CTE_NOT_ALLOWED')"
        ),
        (
            "raise blocked('WITH', 'Common table expressions are not allowed; sql_security_level=standard allows them'"
            ", 'CTE_NOT_ALLOWED_x')"
        ),
    ): "WITH is refused only where that is configured",
    (
        "sql/limit.py",
        "return 1 if count is None else _row_number(count, 'FETCH')",
        "return 1 if count is None else _row_number(count, 'FETCH_x')",
    ): "the words of a message are free",
    (
        "sql/limit.py",
        "_row_number(offset.expression, 'OFFSET')",
        "_row_number(offset.expression, 'OFFSET_x')",
    ): "the words of a message are free",
    (
        "services/bulk_work.py",
        "self._fail(claimed, JobError(InternalError.code, 'The server failed while it worked on the job', {}))",
        "self._fail(claimed, JobError(InternalError.code, 'The server failed while it worked on the job_x', {}))",
    ): "the words of a message are free",
    (
        "api/replies.py",
        "def json_reply(shape: object, status: int=200, *, replayed: bool=False) -> ASGIResponse:",
        "def json_reply(shape: object, status: int=200, *, replayed: bool=True) -> ASGIResponse:",
    ): _OPEN,
    (
        "api/paging.py",
        "if text.isascii() and text.isdigit() and (1 <= int(text[:4]) <= _MAX_LIMIT) and (len(text) < len('0000')):",
        "if text.isascii() and text.isdigit() and (1 <= int(text[:4]) <= _MAX_LIMIT) and (len(text) < len('0000_x')):",
    ): _OPEN,
    (
        "api/trail.py",
        "recorder = self._recorder if self._recorder is not None and self._recorder.wants(scope) else None",
        "recorder = self._recorder if not (self._recorder is not None and self._recorder.wants(scope)) else None",
    ): _CONTROLS,
    (
        "api/trail.py",
        "recorder = self._recorder if self._recorder is not None and self._recorder.wants(scope) else None",
        "recorder = self._recorder if self._recorder is None and self._recorder.wants(scope) else None",
    ): _CONTROLS,
    (
        "services/job_steps.py",
        "if job_id in self._held or self._steps.pace is Pace.MANUAL:",
        "if job_id in self._held and self._steps.pace is Pace.MANUAL:",
    ): _CONTROLS,
    (
        "domain/state_location.py",
        "_SCHEMES = frozenset({'postgresql', 'postgres'})",
        "_SCHEMES = frozenset({'postgresql', 'postgres_x'})",
    ): "only a state that is kept in PostgreSQL has a location",
    (
        "services/idempotency.py",
        "if self._steady() >= work.deadline:",
        "if self._steady() > work.deadline:",
    ): "one instant more or less of a wait",
    (
        "api/application.py",
        (
            "litestar = Litestar(route_handlers=[Router('/v1', route_handlers=versioned), *others], "
            "exception_handlers={Exception: cast('ExceptionHandler[Any]', rendered)}, openapi_config=None, "
            "logging_config=None, debug=False)"
        ),
        (
            "litestar = Litestar(route_handlers=[Router('/v1', route_handlers=versioned), *others], "
            "exception_handlers={Exception: cast('ExceptionHandler[Any]', rendered)}, openapi_config=None, "
            "logging_config=None, debug=True)"
        ),
    ): "every error is rendered before the framework's own pages are",
    (
        "domain/principal.py",
        "covering = {permission, '*', 'bulk:*'} if permission in BULK_PERMISSIONS else {permission, '*'}",
        "covering = {permission, '*', 'bulk:*'} if not permission in BULK_PERMISSIONS else {permission, '*'}",
    ): "the kit is given no key that has a family of permissions",
    ("api/object_links.py", "body.close()", "None"): "what is left open is closed with the answer",
    (
        "services/bulk_handover.py",
        "if job.state in UNDER_WAY:",
        "if job.state not in UNDER_WAY:",
    ): "only servers that share a state hand jobs over",
    (
        "api/errors.py",
        "if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:",
        "if isinstance(error, HTTPException) and error.status_code <= _SERVER_ERROR:",
    ): "the framework raises no error of exactly 500",
    (
        "services/bulk_work.py",
        "_PROGRESS_SECONDS = 0.25",
        "_PROGRESS_SECONDS = 1.25",
    ): "how often a running job tells its progress is free",
    ("api/object_headers.py", "_DATE = '%a, %d %b %Y %H:%M:%S GMT'", "_DATE = '%a, %d %b %Y %H:%M:%S GMT_x'"): _S3,
    ("domain/sql_rules.py", "PERMISSIVE = 'permissive'", "PERMISSIVE = 'permissive_x'"): "the level is configured",
}
"""The same for mechanical mutants: the file, and the changed line before and after, as printed from its tree."""
