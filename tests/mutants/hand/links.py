"""Broken promises about files and the links to them."""

SERVICE, SHAPES, LINKS, FILES = "services/bulk_jobs.py", "api/shapes.py", "api/object_links.py", "domain/bulk_files.py"
EXPORTS, RECORDS = "adapters/duckdb_engine/exports.py", "sql/file_records.py"

MUTANTS = (
    ("link:expired-already", "BLK-61", SHAPES, "        download_url=file.link.url,\n        expires_at=timestamp(file.link.expires_at)", '        download_url=file.link.url,\n        expires_at="2026-01-01T00:00:00Z"'),
    ("link:for-two-days", "URL-10", SERVICE, "expires_at = self._clock() + self._link_lifetime\n        url", "expires_at = self._clock() + self._link_lifetime * 48\n        url"),
    ("link:an-upload-link-of-yesterday", "BLK-50", SHAPES, "return UploadUrl(link.url, timestamp(link.expires_at))", 'return UploadUrl(link.url, "2026-01-01T00:00:00Z")'),
    ("link:format-in-capitals", "BLK-62", SHAPES, "format=file.format.content_type.lower()", "format=str(file.format.content_type)"),
    ("link:compression-is-always-none", "BLK-63", SHAPES, "compression = Compression.GZIP if file.format.gzipped_whole else Compression.NONE", "compression = Compression.NONE"),
    ("link:one-byte-more", "BLK-64", SHAPES, "size_bytes=file.size_bytes", "size_bytes=file.size_bytes + 1"),
    ("link:results-of-an-aborted-job", "BLK-66", SERVICE, "if job.state is not BulkJobState.JOB_COMPLETE:", "if job.state in (BulkJobState.OPEN, BulkJobState.IN_PROGRESS):"),
    ("link:parquet-is-all-text", "FMT-12", EXPORTS, "    reader = export.reader(projected(export.columns, export.types))\n    counted", "    reader = export.reader(', '.join(f'CAST(#{number} AS VARCHAR) AS {name}' for number, name in enumerate(export.columns, 1)))\n    counted"),
    ("link:an-empty-string-is-null", "FMT-03", RECORDS, '"allow_quoted_nulls": "false"', '"allow_quoted_nulls": "true"'),
    ("link:results-while-running", "BLK-65", SERVICE, "if job.state is not BulkJobState.JOB_COMPLETE:", "if job.state in (BulkJobState.OPEN, BulkJobState.FAILED, BulkJobState.ABORTED):"),
    ("link:upload-for-exports", "BLK-52", SERVICE, "        if job.request.operation is Operation.QUERY:\n            raise Conflict", "        if job.request.operation is None:\n            raise Conflict"),
    ("link:upload-for-finished-jobs", "BLK-53", SERVICE, "        if job.state is not BulkJobState.OPEN:\n            raise Conflict(f\"A bulk job in state {job.state} takes no upload\"", "        if job.state is None:\n            raise Conflict(f\"A bulk job in state {job.state} takes no upload\""),
    ("link:no-upload-for-deletes", "BLK-51", SERVICE, "        if job.request.operation is Operation.QUERY:\n            raise Conflict", "        if job.request.operation is not Operation.UPSERT:\n            raise Conflict"),
    ("link:uploads-are-lost", "URL-01", FILES, "uploads/{job.job_id}{file_format", "uploads/{job.job_id}{len(job.state)}{file_format"),
    ("link:gzip-is-undone-on-the-way", "URL-13", LINKS, "    headers = _identity(scope) | shown(admitted.method, answer.headers, by_link=admitted.proof.link)\n", "    headers = _identity(scope) | shown(admitted.method, answer.headers, by_link=admitted.proof.link) | {'content-encoding': 'gzip'}\n"),
    ("link:compression-is-not-applied", "BLK-06", FILES, "Compression(request.compression)", "Compression.NONE"),
    ("link:every-export-is-csv", "BLK-04", FILES, "ContentType(request.content_type)", "ContentType.CSV"),
    ("link:exports-are-capped", "LIM-03", "services/bulk_transfers.py", 'query = self.query(job.request.query or "", job.tenant_id, job.db_user)', 'query = self.query(job.request.query or "", job.tenant_id, job.db_user).limit(10_000)'),
    ("link:an-import-without-a-file-completes", "BLK-26", "services/bulk_transfers.py", "        self._fetch(job, source.file)\n", "        try:\n            self._fetch(job, source.file)\n        except InvalidRequest:\n            return Outcome(1)\n"),
    ("link:updates-are-inserts", "FMT-16", FILES, "Change(request.operation,", 'Change(type(request.operation)("insert"),'),
    ("link:upserts-are-updates", "FMT-17", FILES, "Change(request.operation,", 'Change(type(request.operation)(request.operation.replace("upsert", "update")),'),
    ("link:the-id-field-is-ignored", "BLK-07", FILES, "request.object, request.external_id_field,", 'request.object, "id",'),
    ("link:refused-records-without-their-type", "FMT-20", "api/replies.py", 'media_type="text/csv"', 'media_type="application/json"'),
)  # fmt: skip
