"""Broken promises about every answer: envelope, codes, headers, routes."""

ERRORS, TRAIL = "domain/errors.py", "api/trail.py"


def _status(code: str, old: int, new: int) -> tuple[str, str, str, str, str]:
    return (
        f"error:{code.lower()}-as-{new}",
        "ERR-01",
        ERRORS,
        f'code = "{code}"\n    status = {old}',
        f'code = "{code}"\n    status = {new}',
    )


def _code(code: str, other: str) -> tuple[str, str, str, str, str]:
    return f"error:{code.lower()}-called-{other.lower()}", "ERR-02", ERRORS, f'code = "{code}"', f'code = "{other}"'


MUTANTS = (
    ("error:no-envelope", "ERR-01", "api/envelope.py", '{"error": {"code": error.code', '{"failure": {"code": error.code'),
    ("error:no-message", "ERR-02", "api/envelope.py", '"message": error.message', '"message": ""'),
    ("error:message-is-called-text", "ERR-02", "api/envelope.py", '"message": error.message', '"text": error.message'),
    ("error:details-is-a-list", "ERR-02", "api/envelope.py", '"details": details', '"details": []'),
    ("error:as-html", "GEN-04", "api/errors.py", 'media_type="application/json", headers=headers', 'media_type="text/html", headers=headers'),
    ("error:as-text-json", "GEN-04", "api/replies.py", 'status_code=status, media_type="application/json"', 'status_code=status, media_type="text/json"'),
    ("error:a-trace-is-told", "ERR-23", "domain/errors.py", "        self.message = message\n", "        import traceback\n        self.message = message + 'Traceback' + ''.join(traceback.format_stack())\n"),
    ("error:no-field", "ERR-10", "api/errors.py", "    headers = {", "    known.details.update({'field': 'x'} if 'field' in known.details else {})\n    headers = {"),
    _status("INVALID_REQUEST", 400, 422),
    _status("INVALID_SQL", 400, 422),
    _status("UNAUTHORIZED", 401, 400),
    _status("FORBIDDEN", 403, 401),
    _status("NOT_FOUND", 404, 410),
    _status("CONFLICT", 409, 400),
    _status("CONFLICT", 409, 500),
    _status("PAYLOAD_TOO_LARGE", 413, 500),
    _code("INVALID_REQUEST", "VALIDATION_ERROR"),
    _code("NOT_FOUND", "RESOURCE_NOT_FOUND"),
    _code("UNAUTHORIZED", "FORBIDDEN"),
    _code("INVALID_SQL", "QUERY_FAILED"),
    _code("PAYLOAD_TOO_LARGE", "INVALID_REQUEST"),
    ("error:a-large-body-is-read", "LIM-05", "api/body.py", "too_large=size > max_bytes", "too_large=False"),
    ("header:no-rate-headers", "RTL-03", TRAIL, "    if trail.window is not None:", "    if trail.window is not None and trail.status >= 300:"),
    ("header:no-remaining", "HDR-07", TRAIL, '(b"x-ratelimit-remaining", b"%d" % trail.window.remaining),\n', ""),
    ("header:reset-in-milliseconds", "RTL-02", TRAIL, "% trail.window.reset)", "% (trail.window.reset * 1000))"),
    ("header:limit-one-too-many", "RTL-01", TRAIL, "% trail.window.limit)", "% (trail.window.limit + 1))"),
    ("time:without-a-zone", "GEN-05", "api/shapes.py", '"%Y-%m-%dT%H:%M:%SZ"', '"%Y-%m-%dT%H:%M:%S"'),
    ("time:an-hour-late", "GEN-05", "api/shapes.py", 'moment.astimezone(UTC).strftime', '(moment.astimezone(UTC) + __import__("datetime").timedelta(hours=1)).strftime'),
    ("route:unknown-is-200", "GEN-09", "api/errors.py", "        return no_such_route()\n", "        return InternalError('no route')\n"),
    ("route:the-document-lacks-an-operation", "OPS-01", "api/service.py", ".rstrip(\"/\"))\n", ".rstrip(\"/\")).replace(b'\"delete\"', b'\"x-delete\"')\n"),
    ("error:the-message-is-a-list", "ERR-02", "api/envelope.py", '"message": error.message', '"message": [error.message]'),
    ("error:the-code-is-in-small-letters", "ERR-02", "api/envelope.py", '{"code": error.code', '{"code": error.code.lower()'),
    ("error:unauthorized-is-text", "ERR-13", "api/errors.py", '    return Response(body, status_code=known.status, media_type="application/json", headers=headers)', '    media_type = "text/plain" if known.status == 401 else "application/json"\n    return Response(body, status_code=known.status, media_type=media_type, headers=headers)'),
    ("error:a-large-body-has-no-envelope", "ERR-17", "api/errors.py", "    body = envelope(known, request.scope)\n", '    body = envelope(known, request.scope) if known.status != 413 else b\'{"message":"too large"}\'\n'),
    ("error:routes-without-an-envelope", "ERR-24", "api/errors.py", "    body = envelope(known, request.scope)\n", '    body = envelope(known, request.scope) if isinstance(error, SpectraError) else b\'{"detail":"Not Found"}\'\n'),
    ("route:a-wrong-method-is-500", "GEN-09", "api/errors.py", "_NO_SUCH_ROUTE = frozenset({404, 405})", "_NO_SUCH_ROUTE = frozenset({404})"),
    ("route:the-document-is-3-1", "OPS-01", "api/service.py", '.rstrip("/"))\n', '.rstrip("/")).replace(b\'"3.0.\', b\'"3.1.\')\n'),
    ("route:the-document-is-text", "GEN-04", "api/service.py", 'media_type="application/json"', 'media_type="text/plain"'),
    ("route:the-document-has-no-paths", "OPS-01", "api/service.py", '.rstrip("/"))\n', '.rstrip("/")).replace(b\'"/bulk/jobs/{job_id}/upload-url"\', b\'"/x"\')\n'),
    ("header:no-reset", "HDR-07", TRAIL, '            (b"x-ratelimit-reset", b"%d" % trail.window.reset),\n', ""),
    ("header:reset-is-the-rest", "RTL-02", TRAIL, "% trail.window.reset)", "% max(1, trail.window.reset - int(time.time())))"),
    ("header:no-rate-headers-on-refusals", "RTL-03", TRAIL, "    if trail.window is not None:", "    if trail.window is not None and trail.status < 400:"),
    ("header:long-request-ids-are-refused", "HDR-04", TRAIL, '    text = sent.decode("latin-1")\n', '    text = sent.decode("latin-1")\n    if len(text) > 200:\n        raise ValueError(text)\n'),
    ("time:with-an-offset-and-wrong", "GEN-05", "api/shapes.py", '"%Y-%m-%dT%H:%M:%SZ"', '"%Y-%m-%dT%H:%M:%S+02:00"'),
    ("time:with-a-blank", "GEN-05", "api/shapes.py", '"%Y-%m-%dT%H:%M:%SZ"', '"%Y-%m-%d %H:%M:%SZ"'),
    ("time:in-words", "GEN-05", "api/shapes.py", '"%Y-%m-%dT%H:%M:%SZ"', '"%a, %d %b %Y %H:%M:%S GMT"'),
    ("error:every-refusal-names-one-field", "ERR-10", "api/errors.py", "    headers = {", "    known.details.pop('field', None) if known.code != 'INVALID_REQUEST' else known.details.update(field='body')\n    headers = {"),
    ("error:messages-are-null", "ERR-02", "api/envelope.py", '"message": error.message', '"message": None'),
)  # fmt: skip
