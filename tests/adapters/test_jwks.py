"""Key sets, from files and from a web server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm
from spectra_emulator.adapters.json_web_tokens import Issuer, JsonWebTokens
from spectra_emulator.adapters.jwks import KeySet, KeySetError, key_set, signing_keys

from tests.adapters.tokens import (
    CLAIMS,
    ISSUER,
    NOW,
    OTHER_PRIVATE_KEY,
    PRIVATE_KEY,
    SECRET,
    document,
    hs256,
    refusal,
    rs256,
    web_key,
)
from tests.requirements import requirement


class KeyServer:
    """A local web server whose answers a test sets; `paths` lists what was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.paths: list[str] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/jwks"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, key_server: KeyServer, *arguments: object) -> None:
        self.key_server = key_server
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.key_server.paths.append(self.path)
        status, body = self.key_server.answers.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Location", "/jwks")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    key_server = KeyServer()
    thread = threading.Thread(target=key_server.server.serve_forever, args=(0.01,))
    thread.start()
    yield key_server
    key_server.server.shutdown()
    thread.join()
    key_server.server.server_close()


@requirement("AUTH-07")
@pytest.mark.parametrize("name", ["jku", "x5u", "jwk"])
def test_a_token_brings_no_key_of_its_own(key_server: KeyServer, name: str) -> None:
    headers = {"kid": "k9", "jku": key_server.url, "x5u": key_server.url, "jwk": web_key(OTHER_PRIVATE_KEY)}
    keys = KeySet(lambda: document(web_key(PRIVATE_KEY, kid="k1")), remote=False)
    issuer = Issuer(ISSUER.issuer, ISSUER.audience, keys=keys)
    token = jwt.encode(CLAIMS, OTHER_PRIVATE_KEY, "RS256", headers={"kid": "k9", name: headers[name]})
    assert refusal(token, issuer) == "UnknownKey"
    assert key_server.paths == []


@requirement("AUTH-07")
def test_keys_are_fetched_once_when_a_token_first_needs_them(key_server: KeyServer, tmp_path: Path) -> None:
    key_server.answers["/jwks"] = (200, document(web_key(PRIVATE_KEY, kid="k1")))
    issuer = Issuer(ISSUER.issuer, ISSUER.audience, SECRET, key_set(key_server.url, tmp_path))
    tokens = JsonWebTokens(issuer, lambda: NOW)
    assert (tokens.waits_for_network, key_server.paths) == (True, [])
    assert [tokens.credential(token).subject for token in (hs256(), rs256(), rs256())] == ["ada"] * 3
    assert key_server.paths == ["/jwks"]


def test_unknown_keys_are_asked_for_within_bounds(key_server: KeyServer) -> None:
    key_server.answers["/jwks"] = (200, document(web_key(PRIVATE_KEY, kid="k1")))
    clock = iter([0.0, 1.0, 29.0, 31.0, 31.0, 32.0])
    read = key_set(key_server.url, Path()).read
    keys = KeySet(read, remote=True, min_refresh_seconds=30, monotonic=lambda: next(clock))
    found = [keys.key(key_id) is not None for key_id in ("k2", "k2", "k3", "k4", "k1", "k5")]
    assert found == [False, False, False, False, True, False]
    assert len(key_server.paths) == 2


def test_a_key_published_later_is_found(key_server: KeyServer) -> None:
    key_server.answers["/jwks"] = (200, document(web_key(PRIVATE_KEY, kid="k1")))
    keys = KeySet(key_set(key_server.url, Path()).read, remote=True, min_refresh_seconds=0)
    assert keys.key("k2") is None
    key_server.answers["/jwks"] = (200, document(web_key(PRIVATE_KEY, kid="k2")))
    assert keys.key("k2") is not None


@requirement("AUTH-03")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((302, b""), id="redirect"),
        pytest.param((404, b"{}"), id="not found"),
        pytest.param((500, b""), id="failure"),
        pytest.param((200, b"<html>"), id="no JSON"),
        pytest.param((200, b'{"keys": 1}'), id="no keys"),
        pytest.param((200, b"[" * 100_000), id="nested"),
        pytest.param((200, b" " * 1_000_001), id="too long"),
    ],
)
def test_unreadable_keys_let_nobody_in(key_server: KeyServer, answer: tuple[int, bytes]) -> None:
    key_server.answers = {"/elsewhere": answer, "/jwks": (200, document(web_key(PRIVATE_KEY, kid="k1")))}
    keys = key_set(key_server.url.replace("/jwks", "/elsewhere"), Path())
    assert refusal(rs256(), Issuer(ISSUER.issuer, ISSUER.audience, keys=keys)) == "UnknownKey"
    assert key_server.paths == ["/elsewhere"]


def test_an_unreachable_server_lets_nobody_in(key_server: KeyServer) -> None:
    key_server.server.server_close()
    keys = key_set(key_server.url, Path())
    assert refusal(rs256(), Issuer(ISSUER.issuer, ISSUER.audience, keys=keys)) == "UnknownKey"


@pytest.mark.parametrize("source", ["ftp://host/jwks", "file:///etc/passwd", "http://", "data://x"])
def test_keys_come_over_http_only(source: str) -> None:
    with pytest.raises(KeySetError, match="is no http or https URL"):
        key_set(source, Path())


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(web_key(PRIVATE_KEY, kid="k1", use="enc"), id="for encryption"),
        pytest.param(web_key(PRIVATE_KEY, kid="k1", alg="RS512"), id="for another algorithm"),
        pytest.param({"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}, id="symmetric"),
        pytest.param({"kty": "RSA", "kid": "k1", "n": "AQAB", "e": "AQAB"}, id="short"),
        pytest.param({"kty": "RSA", "kid": "k1", "n": "é", "e": "AQAB"}, id="not base64"),
        pytest.param({"kty": "RSA", "kid": "k1", "e": "AQAB"}, id="no modulus"),
    ],
)
def test_only_keys_fit_to_sign_are_taken(key: dict[str, object]) -> None:
    assert [each["kid"] for each in signing_keys(document(key, web_key(PRIVATE_KEY, kid="good")))] == ["good"]


def test_a_private_key_in_a_set_is_reduced_to_its_public_part() -> None:
    private = {**RSAAlgorithm.to_jwk(PRIVATE_KEY, as_dict=True), "kid": "k1"}
    (key,) = signing_keys(document(private))
    assert key.keys() == {"kty", "kid", "n", "e"}


def test_a_key_that_is_published_twice_is_not_trusted() -> None:
    twice = document(web_key(PRIVATE_KEY, kid="k1"), web_key(OTHER_PRIVATE_KEY, kid="k1"))
    assert KeySet(lambda: twice, remote=False).key("k1") is None
