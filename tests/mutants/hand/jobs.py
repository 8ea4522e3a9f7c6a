"""Broken promises about jobs."""

SERVICE, SHAPES, BULK, QUERIES = "services/jobs.py", "api/shapes.py", "domain/bulk_jobs.py", "services/queries.py"

MUTANTS = (
    ("job:another-tenant-is-named", "TEN-08", SHAPES, "tenant_id=job.tenant_id", 'tenant_id="tenant-0"'),
    ("job:completed-is-called-succeeded", "JOB-03", "domain/jobs.py", 'COMPLETED = "COMPLETED"', 'COMPLETED = "SUCCEEDED"'),
    ("job:completed-is-failed", "JOB-13", QUERIES, "query_id=rows.query_id), JobStatus.COMPLETED", "query_id=rows.query_id), JobStatus.FAILED"),
    ("job:started-is-null", "JOB-05", SHAPES, "started_at=_timestamp_or_none(job.started_at),\n        completed_at=_timestamp_or_none(job.completed_at),\n        row_count", "started_at=None,\n        completed_at=_timestamp_or_none(job.completed_at),\n        row_count"),
    ("job:completed-at-is-set-from-the-start", "JOB-06", SHAPES, "completed_at=_timestamp_or_none(job.completed_at),\n        row_count", "completed_at=timestamp(job.completed_at or job.submitted_at),\n        row_count"),
    ("job:submitted-after-completed", "JOB-14", SHAPES, "submitted_at=timestamp(job.submitted_at)", "submitted_at=timestamp(job.submitted_at + __import__('datetime').timedelta(seconds=30))"),
    ("job:the-row-count-is-the-total", "JOB-13", QUERIES, "row_count=rows.row_count)", "row_count=rows.total_rows)"),
    ("job:the-row-count-is-null", "JOB-07", SHAPES, "row_count=job.row_count", "row_count=None"),
    ("job:the-time-is-null", "JOB-08", SHAPES, "execution_time_ms=job.execution_time_ms", "execution_time_ms=None"),
    ("job:the-time-is-in-seconds", "JOB-08", "domain/jobs.py", "total_seconds() * 1000)", "total_seconds())"),
    ("job:failures-without-a-reason", "JOB-09", SHAPES, "execution_time_ms=job.execution_time_ms,\n        error=job.error", "execution_time_ms=job.execution_time_ms,\n        error=None"),
    ("job:no-query-id", "JOB-10", SERVICE, "    yield job_id_of(job_id)\n", ""),
    ("job:no-bulk-jobs", "JOB-10", SERVICE, "return job or as_job(self._bulk_jobs.found(principal, job_id))", "if job is None:\n            raise NotFound('Job not found')\n        return job"),
    ("job:queued-is-running", "JOB-11", BULK, "BulkJobState.OPEN: JobStatus.QUEUED", "BulkJobState.OPEN: JobStatus.RUNNING"),
    ("job:running-is-queued", "JOB-11", BULK, "BulkJobState.IN_PROGRESS: JobStatus.RUNNING", "BulkJobState.IN_PROGRESS: JobStatus.QUEUED"),
    ("job:aborted-is-failed", "JOB-11", BULK, "BulkJobState.ABORTED: JobStatus.CANCELLED", "BulkJobState.ABORTED: JobStatus.FAILED"),
    ("job:results-without-rows", "JOB-22", SERVICE, "        return answer\n\n    def cancel", '        return replace(answer, rows=replace(answer.rows, rows_json=b"[]"))\n\n    def cancel'),
    ("job:results-with-another-count", "JOB-20", SERVICE, "        return answer\n\n    def cancel", "        return replace(answer, rows=replace(answer.rows, row_count=0))\n\n    def cancel"),
    ("job:results-of-an-import-are-500", "JOB-25", SERVICE, 'raise Conflict("An import has no rows to give', 'raise RuntimeError("An import has no rows to give'),
    ("job:cancel-of-a-finished-query", "JOB-31", SERVICE, "        if not self._state.move_job(cancelled):", "        if self._state.move_job(cancelled) is None:"),
    ("job:cancel-does-nothing", "JOB-30", SERVICE, "return as_job(self._bulk_jobs.abort(principal, job_id))", "return replace(as_job(self._bulk_jobs.found(principal, job_id)), status=JobStatus.CANCELLED)"),
    ("job:cancel-without-a-message", "JOB-30", "api/jobs.py", '"Job cancelled by user"', '""'),
    ("job:cancel-says-aborted", "JOB-30", "api/jobs.py", "JobCancelled(job.job_id, job.status,", 'JobCancelled(job.job_id, "ABORTED",'),
    ("job:cancel-answers-204", "GEN-13", "api/jobs.py", 'return json_reply(JobCancelled(job.job_id, job.status, "Job cancelled by user"))', 'return json_reply(JobCancelled(job.job_id, job.status, "Job cancelled by user"), status=202)'),
    ("job:unknown-is-500", "JOB-16", "services/bulk_jobs.py", 'raise NotFound("Job not found", job_id=job_id)', 'raise KeyError(job_id)'),
)  # fmt: skip
