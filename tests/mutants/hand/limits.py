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
)  # fmt: skip
