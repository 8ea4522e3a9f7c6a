"""HTTP as uvicorn reads it, but for two things: what is no HTTP, and offers of another protocol."""

from __future__ import annotations

from typing import cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from spectra_emulator.api.errors import no_http_answer
from spectra_emulator.api.wire_faults import ABORT

_CONNECT = b"CONNECT"


class HttpProtocol(HttpToolsProtocol):
    """Answers what is no HTTP in the form of every other error, and declines every upgrade.

    The parser takes what follows a head that offers one (Java's client does, unasked) for the other protocol. Such a
    head is given to it once more, without the offer, so that the request is read like any other.
    """

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self.logger.warning("Invalid HTTP request received.")
            self.send_400_response("")

    def on_headers_complete(self) -> None:
        if not self._offers_upgrade():
            cast("dict[str, object]", self.scope)[ABORT] = self.transport.abort
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._offers_upgrade():
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        self.transport.write(no_http_answer())
        self.transport.close()

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                following = data[upgrade.args[0] :]
                data = self._head_without_offer() + following if self._offers_upgrade() else b""
            else:
                data = b""

    def _offers_upgrade(self) -> bool:
        return self.parser.should_upgrade() and self.parser.get_method() != _CONNECT

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        first = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)
        kept = (b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade")
        return first + b"".join(kept) + b"\r\n"
