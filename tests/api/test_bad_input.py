"""Whatever is sent: the error envelope, never a page, never a traceback, never a connection that hangs."""

from __future__ import annotations

import gzip
import time

import pytest

from tests.emulator import DEMO_KEY, Answer, Emulator
from tests.raw_connection import AS_DEMO, RawConnection, connected, request
from tests.requirements import requirement

QUERY = b'{"sql": "SELECT 1 AS a"}'
JSON = b"Content-Type: application/json\r\n"
MIB = 2**20
OFFER = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
BODIES = {
    "empty": b"",
    "blank": b"  \n",
    "null": b"null",
    "number": b"5",
    "text": b'"SELECT 1"',
    "array": b"[]",
    "array-of-requests": b'[{"sql": "SELECT 1"}]',
    "no-json": b"SELECT 1",
    "half-json": b'{"sql": "SELECT 1',
    "single-quotes": b"{'sql': 'SELECT 1'}",
    "more-behind": QUERY + b" x",
    "comment": b'{"sql": "SELECT 1" /* x */}',
    "nan": b'{"sql": NaN}',
    "huge-number": b'{"sql": 1e99999}',
    "latin-1": b'{"sql": "SELECT \'\xe9\' AS a"}',
    "utf-16": '{"sql": "SELECT 1"}'.encode("utf-16"),
    "overlong-utf-8": b'{"sql": "\xc0\xaf"}',
    "lone-surrogate": b'{"sql": "SELECT \'\\ud800\' AS a"}',
    "surrogate-in-utf-8": b'{"sql": "SELECT \'\xed\xa0\x80\' AS a"}',
    "deep-array": b"[" * 100_000,
    "deep-object": b'{"sql":' * 50_000,
    "form": b"sql=SELECT+1",
    "xml": b"<?xml version='1.0'?><sql>SELECT 1</sql>",
    "gzip": gzip.compress(QUERY),
    "parquet": b"PAR1\x00\x01\x02",
}
STATEMENTS = {
    "null-byte": b"SELECT 1\\u0000 AS a",
    "null-byte-in-a-literal": b"SELECT '\\u0000' AS a",
    "bell": b"SELECT \\u0007 1 AS a",
    "parentheses": b"(" * 99_000,
    "balanced-parentheses": b"SELECT " + b"(" * 40_000 + b"1" + b")" * 40_000,
    "brackets": b"SELECT " + b"[" * 90_000,
    "minus-signs": b"SELECT " + b"- " * 40_000 + b"1",
    "nots": b"SELECT " + b"NOT " * 20_000 + b"TRUE",
    "cases": b"SELECT " + b"CASE WHEN " * 9_000,
    "one-long-name": b"SELECT " + b"x" * 99_000,
    "unknown-signs": b"\\u2603" * 1000,
    "quotes": b"'" * 99_999,
}
TYPES = {
    "none": b"",
    "empty": b"Content-Type:\r\n",
    "text": b"Content-Type: text/plain\r\n",
    "form": b"Content-Type: application/x-www-form-urlencoded\r\n",
    "multipart": b"Content-Type: multipart/form-data; boundary=x\r\n",
    "json-like": b"Content-Type: application/json5\r\n",
    "json-suffix": b"Content-Type: application/vnd.api+json\r\n",
    "no-type": b"Content-Type: ;;;\r\n",
}
NOT_HTTP = {
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 32,
    "words": b"hello\r\n\r\n",
    "http-2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "unknown-method": b"FETCH /v1/queries HTTP/1.1\r\nHost: a\r\n\r\n",
    "connect": b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    "two-lengths": b"POST /v1/queries HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "negative-length": b"POST /v1/queries HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n",
    "length-and-chunks": (
        b"POST /v1/queries HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "bad-header": b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
    "control-character": b"GET /health HTTP/1.1\r\nX-A: a\x7f\r\n\r\n",
    "null-in-path": b"GET /health\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "long-path": b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
}


def is_envelope(answer: Answer) -> bool:
    error = answer.json["error"]
    return answer.headers["content-type"] == "application/json" and error.keys() == {"code", "message", "details"}


def posted(connection: RawConnection, body: bytes, headers: bytes = JSON) -> Answer:
    length = b"Content-Length: %d\r\n" % len(body)
    head = request(connection.netloc, "POST", "/v1/queries", AS_DEMO + headers + length)
    return connection.exchange(head + body)


def still_serves(connection: RawConnection) -> bool:
    """Tell whether the same connection answers the next query."""
    return connection.call("POST", "/v1/queries", AS_DEMO, QUERY).status == 200


@requirement("QRY-08", "GEN-02", "ERR-01", "ERR-10")
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_json_object_of_text_is_refused(server: Emulator, body: bytes) -> None:
    with connected(server.url) as connection:
        answer = posted(connection, body)

        assert (answer.status, answer.code, is_envelope(answer)) == (400, "INVALID_REQUEST", True)
        assert still_serves(connection)


@requirement("QRY-60", "ERR-01", "ERR-23")
@pytest.mark.parametrize("sql", STATEMENTS.values(), ids=STATEMENTS)
def test_a_monstrous_statement_is_refused(server: Emulator, sql: bytes) -> None:
    with connected(server.url) as connection:
        answer = posted(connection, b'{"sql": "%b"}' % sql)

        assert (answer.status, is_envelope(answer)) == (400, True)
        assert answer.code in {"INVALID_SQL", "SQL_BLOCKED"}
        assert len(answer.content) < 2_000
        assert still_serves(connection)


@requirement("GEN-03", "HDR-03")
@pytest.mark.parametrize("content_type", TYPES.values(), ids=TYPES)
def test_another_content_type_is_refused_by_its_header(server: Emulator, content_type: bytes) -> None:
    with connected(server.url) as connection:
        answer = posted(connection, QUERY, content_type)

        assert (answer.status, answer.code, answer.details["field"]) == (400, "INVALID_REQUEST", "Content-Type")
        assert still_serves(connection)


@requirement("GEN-03", "HDR-03")
@pytest.mark.parametrize(
    "content_type", [b"application/json; charset=utf-8", b"APPLICATION/JSON", b"application/json;x=y ; charset=UTF-8"]
)
def test_json_with_parameters_is_json(server: Emulator, content_type: bytes) -> None:
    with connected(server.url) as connection:
        assert posted(connection, QUERY, b"Content-Type: %b\r\n" % content_type).status == 200


@requirement("ERR-17", "LIM-05")
def test_a_body_of_ten_megabytes_is_too_large(server: Emulator) -> None:
    with connected(server.url) as connection:
        answer = posted(connection, b'{"sql": "' + b"x" * 10_000_000 + b'"}')

        assert (answer.status, answer.code, is_envelope(answer)) == (413, "PAYLOAD_TOO_LARGE", True)
        assert still_serves(connection)


@requirement("ERR-17", "LIM-05")
def test_a_body_of_chunks_is_measured_too(server: Emulator) -> None:
    chunks = (b"%x\r\n" % MIB + b" " * MIB + b"\r\n") * 7 + b"0\r\n\r\n"
    with connected(server.url) as connection:
        head = request(connection.netloc, "POST", "/v1/queries", AS_DEMO + JSON + b"Transfer-Encoding: chunked\r\n")
        answer = connection.exchange(head + chunks)

        assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")
        assert still_serves(connection)


@requirement("LIM-05")
def test_a_body_just_within_the_limit_is_read(server: Emulator) -> None:
    with connected(server.url) as connection:
        assert posted(connection, QUERY + b" " * (6 * MIB - len(QUERY))).status == 200


@requirement("GEN-10", "ERR-17")
def test_the_size_is_looked_at_before_the_content_type(server: Emulator) -> None:
    with connected(server.url) as connection:
        assert posted(connection, b"x" * (6 * MIB + 1), TYPES["text"]).status == 413


@requirement("GEN-10")
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [("/v1/nothing", AS_DEMO, 404), ("/v1/queries", b"", 401)],
    ids=["route", "credential"],
)
def test_a_large_body_nobody_reads_does_not_hang(server: Emulator, path: str, headers: bytes, status: int) -> None:
    with connected(server.url) as connection:
        answer = connection.call("POST", path, headers, b"x" * 10_000_000)

        assert (answer.status, is_envelope(answer)) == (status, True)
        assert still_serves(connection)


def test_a_body_with_a_get_is_ignored(server: Emulator) -> None:
    with connected(server.url) as connection:
        assert connection.call("GET", "/v1/bulk/jobs", AS_DEMO, b"{" * 100_000).status == 200
        assert still_serves(connection)


@requirement("GEN-02")
def test_a_body_of_chunks_is_a_body(server: Emulator) -> None:
    with connected(server.url) as connection:
        head = request(connection.netloc, "POST", "/v1/queries", AS_DEMO + JSON + b"Transfer-Encoding: chunked\r\n")
        chunks = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (5, QUERY[:5], len(QUERY) - 5, QUERY[5:])

        assert connection.exchange(head + chunks).json["data"] == [{"a": 1}]


def test_a_body_that_comes_in_small_pieces_is_read(server: Emulator) -> None:
    with connected(server.url) as connection:
        for byte in request(connection.netloc, "POST", "/v1/queries", AS_DEMO, QUERY):
            connection.send(bytes([byte]))

        assert connection.receive().json["data"] == [{"a": 1}]


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/", "/v2/queries", "/v1/jobs", "/v1/nothing", "/index.html"])
@requirement("GEN-09", "ERR-15")
def test_an_unknown_path_is_not_found(server: Emulator, path: str) -> None:
    with connected(server.url) as connection:
        answer = connection.call("GET", path)

        assert (answer.status, answer.code, is_envelope(answer)) == (404, "NOT_FOUND", True)
        assert still_serves(connection)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@requirement("GEN-09", "ERR-15", "GEN-13")
def test_a_known_path_with_another_method_is_not_found(server: Emulator, method: str) -> None:
    with connected(server.url) as connection:
        answer = connection.call(method, "/v1/queries")

        assert (answer.status, answer.code, is_envelope(answer)) == (404, "NOT_FOUND", True)
        assert still_serves(connection)


@requirement("GEN-10")
def test_an_unknown_route_is_not_found_whoever_asks(server: Emulator) -> None:
    assert server.request("POST", "/v1/nothing", None, {"Authorization": "Bearer wrong"}).code == "NOT_FOUND"


@pytest.mark.parametrize("content", NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_no_http_is_refused_in_the_same_form_and_the_connection_ends(server: Emulator, content: bytes) -> None:
    with connected(server.url) as connection:
        answer = connection.exchange(content)

        assert (answer.status, answer.code, is_envelope(answer)) == (400, "INVALID_REQUEST", True)
        assert answer.headers["x-request-id"]
        assert connection.ended()


@requirement("AUTH-03", "ERR-13")
def test_two_authorizations_are_refused(server: Emulator) -> None:
    with connected(server.url) as connection:
        lines = f"Authorization: Bearer {DEMO_KEY}\r\n".encode() + AS_DEMO
        answer = connection.call("POST", "/v1/queries", lines, QUERY)

        assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("size", [20_000, MIB], ids=["20-kB", "1-MiB"])
def test_a_huge_header_does_no_harm(server: Emulator, size: int) -> None:
    with connected(server.url) as connection:
        answer = connection.call("POST", "/v1/queries", AS_DEMO + b"X-Large: " + b"x" * size + b"\r\n", QUERY)

        assert answer.status == 200
        assert still_serves(connection)


def test_two_thousand_headers_do_no_harm(server: Emulator) -> None:
    many = b"".join(b"X-%d: x\r\n" % number for number in range(2000))
    with connected(server.url) as connection:
        assert connection.call("POST", "/v1/queries", AS_DEMO + many, QUERY).status == 200


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.0"])
def test_a_request_that_offers_an_upgrade_is_served_as_it_is(server: Emulator, protocol: bytes) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: %b\r\nHTTP2-Settings: AAMAAABkAAQ\r\n" % protocol
    with connected(server.url) as connection:
        answer = connection.call("POST", "/v1/queries", AS_DEMO + offer, QUERY)

        assert (answer.status, answer.json["data"]) == (200, [{"a": 1}])
        assert still_serves(connection)


@pytest.mark.parametrize("cut", [b"POST", b"Upg", b"rade: h", b"h2c\r", b"\r\n\r", b'{"sql"'], ids=repr)
def test_an_offer_that_comes_in_two_parts_is_declined_too(server: Emulator, cut: bytes) -> None:
    with connected(server.url) as connection:
        whole = request(connection.netloc, "POST", "/v1/queries", AS_DEMO + OFFER, QUERY)
        first, _, second = whole.partition(cut)
        connection.call("GET", "/health")
        connection.send(first + cut)
        time.sleep(0.05)
        answer = connection.exchange(second)

        assert (answer.status, answer.json["data"]) == (200, [{"a": 1}])
        assert still_serves(connection)


def test_an_offer_sent_byte_by_byte_is_declined_too(server: Emulator) -> None:
    with connected(server.url) as connection:
        for byte in request(connection.netloc, "POST", "/v1/queries", AS_DEMO + OFFER, QUERY):
            connection.send(bytes([byte]))

        assert connection.receive().json["data"] == [{"a": 1}]


def test_offers_sent_ahead_are_all_declined(server: Emulator) -> None:
    with connected(server.url) as connection:
        one = request(connection.netloc, "POST", "/v1/queries", AS_DEMO + OFFER, QUERY)
        connection.send(one * 3)

        assert [connection.receive().json["data"] for _ in range(3)] == [[{"a": 1}]] * 3


def test_an_offer_without_a_body_is_declined(server: Emulator) -> None:
    with connected(server.url) as connection:
        assert connection.call("GET", "/health", OFFER).status == 200
        assert still_serves(connection)


def test_a_tunnel_is_refused(server: Emulator) -> None:
    with connected(server.url) as connection:
        assert connection.exchange(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n").status in {400, 404}


def test_requests_sent_ahead_are_answered_in_their_order(server: Emulator) -> None:
    bodies = [b'{"sql": "SELECT %d AS a"}' % number for number in range(5)]
    bodies[2] = b"{"
    with connected(server.url) as connection:
        connection.send(b"".join(request(connection.netloc, "POST", "/v1/queries", AS_DEMO, body) for body in bodies))
        answers = [connection.receive() for _ in bodies]

    assert [answer.status for answer in answers] == [200, 200, 400, 200, 200]
    assert [answer.json["data"][0]["a"] for answer in answers if answer.status == 200] == [0, 1, 3, 4]


def test_a_client_that_leaves_does_no_harm(server: Emulator) -> None:
    with connected(server.url) as connection:
        whole = request(connection.netloc, "POST", "/v1/queries", AS_DEMO, QUERY)
        connection.send(whole[:-5])

    assert server.query("SELECT 1 AS a").status == 200
