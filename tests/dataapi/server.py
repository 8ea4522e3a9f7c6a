"""The Data API over HTTP: JSON 1.1 by botocore's own service model, in which every call and every answer is checked."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from tests.dataapi.acted import ActedRedshift
from tests.dataapi.operations import CallError, Operations
from tests.dataapi.statements import Gate

MODEL = botocore.session.get_session().get_service_model("redshift-data")
ANSWER_LOST = "the answer is lost"


@dataclass
class Trouble:
    """Befalls the next calls of an operation; `code` is the API's, or `ANSWER_LOST`."""

    operation: str
    code: str
    times: int = 1


@dataclass
class DataApiServer:
    """`calls` are all operations with what was given, in order."""

    url: str
    operations: Operations
    troubles: list[Trouble] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def redshift(self) -> ActedRedshift:
        return self.operations.redshift

    def trouble(self, operation: str, code: str, times: int = 1) -> None:
        self.troubles.append(Trouble(operation, code, times))

    @contextmanager
    def held(self, pattern: str, *, after: bool = False) -> Iterator[Gate]:
        """Hold statements that match until the block ends."""
        gate = Gate(re.compile(pattern, re.DOTALL), after)
        self.operations.gates.append(gate)
        try:
            yield gate
        finally:
            gate.opened.set()
            self.operations.gates.remove(gate)

    def sent(self, operation: str) -> list[dict[str, Any]]:
        return [given for name, given in self.calls if name == operation]

    def ran(self, pattern: str) -> list[str]:
        """Return the statements that came to run and match."""
        all_of_them = [sql for one in self.operations.statements.values() for sql in one.sqls]
        return [sql for sql in all_of_them if re.search(pattern, sql)]

    def answer(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Answer a call, checked against the model both ways.

        Raises: CallError.
        """
        self.calls.append((operation, given))
        self._befall(operation)
        model = MODEL.operation_model(operation)
        _check(given, model.input_shape)
        answer = self.operations.answer(operation, given)
        _check(answer, model.output_shape)
        self._lose(operation)
        return answer

    def _befall(self, operation: str) -> None:
        for one in [
            one for one in self.troubles if one.operation == operation and one.times and one.code != ANSWER_LOST
        ]:
            one.times -= 1
            raise CallError(one.code, "It was asked for")

    def _lose(self, operation: str) -> None:
        for one in [
            one for one in self.troubles if one.operation == operation and one.times and one.code == ANSWER_LOST
        ]:
            one.times -= 1
            raise ConnectionAbortedError


def _check(content: dict[str, Any], shape: Any) -> None:
    report = ParamValidator().validate(content, shape)
    if report.has_errors():
        raise CallError("ValidationException", report.generate_report())


@contextmanager
def data_api_server(redshift: ActedRedshift, **options: Any) -> Iterator[DataApiServer]:
    """Serve on a loopback port until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as http:
        http.daemon_threads = True
        served = DataApiServer(f"http://127.0.0.1:{http.server_port}", Operations(redshift, **options))
        http.served = served  # type: ignore[attr-defined] # the handler finds it there
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            http.shutdown()
            thread.join()


def _require_signed(prefix: str, authorization: str) -> None:
    if prefix != MODEL.metadata["targetPrefix"] or "redshift-data/aws4_request" not in authorization:
        raise CallError("AccessDeniedException", "Not signed for this service", 403)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer a call."""
        served: DataApiServer = self.server.served  # type: ignore[attr-defined] # as above
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        prefix, _, operation = self.headers["X-Amz-Target"].partition(".")
        status = 200
        try:
            _require_signed(prefix, self.headers["Authorization"])
            answer = served.answer(operation, given)
        except CallError as error:
            status, answer = error.status, {"__type": error.code, "Message": str(error)}
        except ConnectionAbortedError:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._send(status, json.dumps(answer).encode())

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"application/x-amz-json-{MODEL.metadata['jsonVersion']}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
