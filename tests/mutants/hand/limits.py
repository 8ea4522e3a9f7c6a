"""Broken promises about rate limits: tried on a deployment that enforces them."""

STATE, LIMITS, TRAIL = "adapters/sqlite_state.py", "domain/rate_limits.py", "api/trail.py"

MUTANTS = (
    ("rate:never-refused", "RTL-04", STATE, "            admitted = count < limit\n", "            admitted = True\n"),
    ("rate:one-more", "RTL-01", STATE, "            admitted = count < limit\n", "            admitted = count <= limit\n"),
    ("rate:two-fewer", "RTL-01", STATE, "            admitted = count < limit\n", "            admitted = count < limit - 2\n"),
    ("rate:remaining-never-falls", "RTL-02", LIMITS, "return max(self.limit - self.count, 0)", "return self.limit"),
    ("rate:retry-after-in-milliseconds", "RTL-04", "api/gate.py", "retry_after=window.retry_after(self.limiter.clock())", "retry_after=window.retry_after(self.limiter.clock()) * 1000"),
    ("rate:no-retry-after", "HDR-08", "api/errors.py", 'if isinstance(known, RateLimited) else {}', "if False else {}"),
    ("rate:refused-as-403", "RTL-04", "domain/errors.py", 'code = "RATE_LIMITED"\n    status = 429', 'code = "RATE_LIMITED"\n    status = 403'),
    ("rate:buckets-are-one", "RTL-05", "services/rate_limits.py", "self.state.count_call(tenant_id, bucket,", 'self.state.count_call(tenant_id, "all",'),
    ("rate:tenants-are-one", "RTL-05", "services/rate_limits.py", "self.state.count_call(tenant_id,", 'self.state.count_call("all",'),
    ("rate:strangers-count", "RTL-07", "api/gate.py", "        caller = await self._caller(request)\n", "        if bucket is not None and b'authorization' not in dict(request.scope['headers']):\n            self.limiter.counted('tenant-123', bucket)\n        caller = await self._caller(request)\n"),
    ("rate:two-minutes", "RTL-01", "services/rate_limits.py", "self.state.count_call(tenant_id, bucket, limit, self.length, now)", "self.state.count_call(tenant_id, bucket, limit, self.length * 2, now)"),
    ("rate:half-a-minute", "RTL-01", "services/rate_limits.py", "self.state.count_call(tenant_id, bucket, limit, self.length, now)", "self.state.count_call(tenant_id, bucket, limit, self.length / 2, now)"),
    ("rate:each-key-by-itself", "RTL-05", "api/gate.py", "await self._window(caller.tenant_id, bucket)", "await self._window(f'{caller.tenant_id}-{caller.method}', bucket)"),
    ("rate:queries-are-never-refused", "RTL-01", STATE, "            admitted = count < limit\n", "            admitted = count < limit or bucket != 'bulk_create'\n"),
    ("rate:changes-count", "RTL-08", "api/gate.py", "        if bucket is not None:\n            trail.window", "        if bucket is None:\n            self.limiter.counted(caller.tenant_id, Bucket.BULK_READ)\n        if bucket is not None:\n            trail.window"),
    ("rate:refused-as-503", "RTL-04", "domain/errors.py", 'code = "RATE_LIMITED"\n    status = 429', 'code = "RATE_LIMITED"\n    status = 503'),
    ("rate:retry-after-is-none", "RTL-04", "api/gate.py", "retry_after=window.retry_after(self.limiter.clock())", "retry_after=0"),
    ("rate:retry-after-is-text", "RTL-04", "api/gate.py", "retry_after=window.retry_after(self.limiter.clock())", "retry_after=str(window.retry_after(self.limiter.clock()))"),
    ("rate:retry-after-is-a-second", "RTL-04", "api/gate.py", "retry_after=window.retry_after(self.limiter.clock())", "retry_after=1"),
    ("rate:refusals-without-headers", "RTL-03", TRAIL, "    if trail.window is not None:", "    if trail.window is not None and trail.window.admitted:"),
    ("rate:lists-are-unlimited", "RTL-01", "api/bulk_jobs.py", 'gate.admitted(request, Bucket.BULK_READ, "bulk:read")\n        wanted', 'gate.admitted(request, None, "bulk:read")\n        wanted'),
    ("rate:links-are-job-reads", "RTL-01", "api/bulk_jobs.py", 'gate.admitted(request, Bucket.BULK_READ, "bulk:create")', 'gate.admitted(request, Bucket.JOBS, "bulk:create")'),
    ("rate:only-what-succeeds-counts", "RTL-07", "api/gate.py", "            trail.window = await self._window(caller.tenant_id, bucket)\n", '            if bucket is Bucket.BULK_CREATE and not (await self._body(request)).content.startswith(b\'{"operation\'):\n                return caller\n            trail.window = await self._window(caller.tenant_id, bucket)\n'),
)  # fmt: skip
