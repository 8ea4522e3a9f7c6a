"""Runs one query through the client that openapi-python-client generates, and prints its row."""

import os

from spectra_client import AuthenticatedClient
from spectra_client.api.query import execute_query
from spectra_client.models import QueryRequest, QueryResult

client = AuthenticatedClient(base_url=os.environ["API_URL"], token="your-api-key")
answer = execute_query.sync(
    client=client,
    x_tenant_id="tenant-123",
    body=QueryRequest(sql="SELECT COUNT(*) FROM sales"),
)
if not isinstance(answer, QueryResult):
    raise SystemExit(f"not a result: {answer}")
print(answer.data[0].to_dict())  # noqa: T201 - what a script answers, it prints
