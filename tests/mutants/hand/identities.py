"""Broken promises about who is served, and what of whom."""

GATE, TENANCY, STATE = "api/gate.py", "domain/tenancy.py", "adapters/sqlite_state.py"
PRINCIPAL = "domain/principal.py"

MUTANTS = (
    ("tenant:jobs-of-others-are-read", "TEN-01", STATE, '"SELECT record FROM jobs WHERE job_id = ? AND tenant_id = ?", (job_id, tenant_id)', '"SELECT record FROM jobs WHERE job_id = ? AND ? != \'\'", (job_id, tenant_id)'),
    ("tenant:bulk-jobs-of-others-are-read", "TEN-01", STATE, '"SELECT record FROM bulk_jobs WHERE job_id = ? AND tenant_id = ?", (job_id, tenant_id)', '"SELECT record FROM bulk_jobs WHERE job_id = ? AND ? != \'\'", (job_id, tenant_id)'),
    ("tenant:the-header-decides", "TEN-03", TENANCY, "    if bound not in (ANY_TENANT, _checked(tenant_header)):", "    if False:"),
    ("tenant:any-name", "TEN-06", TENANCY, "    if not is_tenant_id(tenant_id):", "    if tenant_id == '':"),
    ("tenant:others-are-conflicts", "TEN-02", "services/bulk_jobs.py", 'raise NotFound("Job not found", job_id=job_id)', 'raise Conflict("Job not found", job_id=job_id)'),
    ("permission:nobody-needs-any", "PRM-01", PRINCIPAL, "        if not any(self.may(permission) for permission in permissions):", "        if False:"),
    ("permission:readers-may-query", "PRM-03", PRINCIPAL, "        return not self.permissions.isdisjoint(covering)", "        return permission == 'query:execute' or not self.permissions.isdisjoint(covering)"),
    ("permission:readers-may-create", "PRM-03", PRINCIPAL, "        return not self.permissions.isdisjoint(covering)", "        return permission == 'bulk:create' or not self.permissions.isdisjoint(covering)"),
    ("permission:readers-may-abort", "PRM-03", PRINCIPAL, "        return not self.permissions.isdisjoint(covering)", "        return permission == 'bulk:cancel' or not self.permissions.isdisjoint(covering)"),
    ("permission:readers-may-not-read", "PRM-03", PRINCIPAL, "        return not self.permissions.isdisjoint(covering)", "        return permission != 'bulk:read' and not self.permissions.isdisjoint(covering)"),
    ("permission:askers-may-read-bulk-jobs", "PRM-03", PRINCIPAL, "        return not self.permissions.isdisjoint(covering)", "        return permission == 'bulk:read' or not self.permissions.isdisjoint(covering)"),
    ("permission:jobs-for-readers-alone", "PRM-03", "api/jobs.py", 'Bucket.JOBS, "query:execute", "bulk:read")\n        job =', 'Bucket.JOBS, "bulk:read")\n        job ='),
    ("permission:own-queries-need-bulk-rights", "PRM-03", "services/jobs.py", '        principal.require("query:execute")\n        now', '        principal.require("bulk:cancel")\n        now'),
    ("permission:refused-records-for-creators", "PRM-03", "api/bulk_jobs.py", '"bulk:read")\n        return csv_reply', '"bulk:create")\n        return csv_reply'),
    ("permission:upload-links-for-all", "PRM-03", "api/bulk_jobs.py", 'caller = await gate.admitted(request, Bucket.BULK_READ, "bulk:create")', 'caller = await gate.admitted(request, Bucket.BULK_READ, "query:execute", "bulk:create")'),
)  # fmt: skip
