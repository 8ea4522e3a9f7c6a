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
    ("tenant:the-header-decides-who-reads", "TEN-03", GATE, "        return principal(\n            credential,\n", "        from dataclasses import replace\n        return principal(\n            credential if scope['method'] == 'POST' else replace(credential, tenant_id='*'),\n"),
    ("tenant:the-header-decides-who-creates", "TEN-03", GATE, "        return principal(\n            credential,\n", "        from dataclasses import replace\n        return principal(\n            replace(credential, tenant_id='*') if scope['path'].endswith('/bulk/jobs') else credential,\n"),
    ("tenant:the-header-decides-who-cancels", "TEN-03", GATE, "        return principal(\n            credential,\n", "        from dataclasses import replace\n        return principal(\n            replace(credential, tenant_id='*') if scope['method'] in ('DELETE', 'PATCH') else credential,\n"),
    ("tenant:tokens-act-for-anybody", "TEN-03", "adapters/json_web_tokens.py", "            tenant_id=tenant_id,\n", "            tenant_id='*',\n"),
    ("tenant:signatures-act-for-anybody", "TEN-03", "adapters/sigv4.py", "access_key.access_key_id, access_key.tenant_id, access_key", 'access_key.access_key_id, "*", access_key'),
    ("tenant:exports-are-of-another-tenant", "TEN-07", "services/bulk_transfers.py", "self.engine.export(job.tenant_id, job.job_id, query", "self.engine.export('tenant-123', job.job_id, query"),
    ("tenant:expired-tokens", "AUTH-07", "adapters/json_web_tokens.py", "if expires_at is not None and moment >= expires_at:", "if False:"),
    ("tenant:tokens-of-another-audience", "AUTH-07", "adapters/json_web_tokens.py", "                options={\n", '                options={\n                    "verify_aud": False,\n'),
    ("tenant:tokens-of-another-issuer", "AUTH-07", "adapters/json_web_tokens.py", "                options={\n", '                options={\n                    "verify_iss": False,\n'),
    ("tenant:tokens-of-tomorrow", "AUTH-07", "adapters/json_web_tokens.py", "if starts_at is not None and moment < starts_at:", "if False:"),
    ("tenant:tokens-without-an-end", "AUTH-08", "adapters/json_web_tokens.py", '"require": ["exp", "iss", "aud"]', '"require": ["iss", "aud"]'),
    ("tenant:old-signatures", "AUTH-10", "adapters/sigv4.py", "        _require_recent(timestamp, self._now())\n", ""),
    ("tenant:signatures-of-other-services", "AUTH-10", "adapters/sigv4.py", "        _require_scope(claim.scope, Scope(timestamp[:8], access_key.region, SERVICE))\n", ""),
    ("tenant:signatures-of-a-query-that-changes", "AUTH-10", "adapters/sigv4.py", "request, canonical_path(request.raw_path), canonical_query(request.raw_query), claim", 'request, canonical_path(request.raw_path), canonical_query(request.raw_query if b"offset" not in request.raw_query else b""), claim'),
    ("tenant:keys-by-their-beginning", "AUTH-06", "adapters/api_keys.py", "        return self._credentials.get(key_digest(key))\n", "        known = [key[:end] for end in range(8, len(key) + 1) if key_digest(key[:end]) in self._credentials]\n        return self._credentials.get(key_digest(known[0] if known else key))\n"),
    ("tenant:the-document-needs-a-key", "AUTH-11", "api/service.py", "        document = contract", "        if 'authorization' not in request.headers:\n            from spectra_emulator.domain.errors import Unauthorized\n            raise Unauthorized('no')\n        document = contract"),
    ("tenant:any-scheme", "AUTH-03", "adapters/authentication.py", '        if scheme.lower() == b"bearer":', '        if scheme.lower() in (b"bearer", b"token", b"basic", b"apikey", b"key"):'),
    ("tenant:tokens-with-an-empty-secret", "AUTH-07", "adapters/json_web_tokens.py", "        algorithm, key = self._algorithm_and_key(token)\n", "        algorithm, key = self._algorithm_and_key(token)\n        import hashlib, hmac\n        head, _, end = token.rpartition('.')\n        if end == base64.urlsafe_b64encode(hmac.digest(b'', head.encode(), 'sha256')).rstrip(b'=').decode():\n            return json.loads(base64.urlsafe_b64decode(head.partition('.')[2] + '=='))\n"),
    ("tenant:algorithm-none-in-capitals", "AUTH-07", "adapters/json_web_tokens.py", "        algorithm, key = self._algorithm_and_key(token)\n", "        if (token_header(token) or {}).get('alg') in ('None', 'NONE', 'nOnE'):\n            return json.loads(base64.urlsafe_b64decode(token.split('.')[1] + '=='))\n        algorithm, key = self._algorithm_and_key(token)\n"),
    ("tenant:jobs-belong-to-a-credential", "TEN-01", "services/bulk_jobs.py", '        job = self._state.bulk_job(principal.tenant_id, job_id)\n        if job is None:\n            raise NotFound("Job not found", job_id=job_id)\n        return job\n\n    def listed', '        job = self._state.bulk_job(principal.tenant_id, job_id)\n        makers = self.__dict__.setdefault(\'makers\', {})\n        if job is None or makers.setdefault(job_id, principal.method) != principal.method:\n            raise NotFound("Job not found", job_id=job_id)\n        return job\n\n    def listed'),
)  # fmt: skip
