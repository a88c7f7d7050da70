"""The server's side of a connection: uvicorn's HTTP protocol, with an end to everything that a client can draw out."""

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from middleware import HEADERS

HEAD_LIMIT = 32 * 1024  # bytes of a request line and its headers; browsers send one or two thousand
HEAD_TIMEOUT = 10  # seconds for them to arrive, from the connection's beginning or from the first byte after an answer
KEEP_ALIVE = 5  # seconds that a connection may idle after an answer
WRITE_TIMEOUT = 60  # seconds for a client to read on; a photo of 400 KB over 2G takes twenty
CONNECTION_LIMIT = 800  # a worker; the usual limit of open files is 1,024
REFUSED_LIMIT = 100  # of those beyond, how many are told so; the others are cut off at once

MALFORMED = "Permintaan tidak dapat dibaca."
TOO_LARGE = "Permintaan terlalu besar."
TOO_SLOW = "Permintaan tidak selesai dikirim."
BUSY = "Server sedang sibuk. Coba lagi sebentar lagi."


class BoundedProtocol(HttpToolsProtocol):
    """Refuses what does not fit the limits above, before the application sees it, with the headers that all answers have."""

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        self._head_size, self._head_timer, self._write_timer = 0, None, None
        self._in_body, self._beside_body, self._linger_timer = False, 0, None
        # Told when it has asked: what is closed with something unread is reset, and the answer is lost with it.
        self._beyond = len(self.connections) - CONNECTION_LIMIT
        if self._beyond > REFUSED_LIMIT:
            self.transport.abort()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._stop_write_timer()
        self._stop_lingering()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._beyond > 0:
            self._refuse(503, BUSY)
            return
        if self._head_timer is not None:
            self._head_size += len(data)
        self._beside_body += len(data)
        super().data_received(data)
        if self._head_timer is not None and self._head_size > HEAD_LIMIT:
            self._refuse(431, TOO_LARGE)
        elif self._in_body and self._beside_body > HEAD_LIMIT:  # sizes of chunks, trailers
            self._refuse(400, MALFORMED)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._abort_later()

    def resume_writing(self) -> None:
        self._stop_write_timer()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._abort_later()  # closing waits until all is read

    def on_message_begin(self) -> None:
        if self._head_timer is None:
            self._await_head()
        self._in_body = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_body:
            self._refuse(400, MALFORMED)  # a trailer: nothing here asks for one
        else:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._stop_timer()
        self._in_body, self._beside_body = True, 0
        if self.transport.is_closing():
            return
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > HEAD_LIMIT:
            self._refuse(431, TOO_LARGE)
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._beside_body = 0
        if self.cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        self._stop_lingering()
        if self.cycle is not None:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        if self.cycle.response_complete and self.cycle.more_body:
            self._linger_timer = self.loop.call_later(HEAD_TIMEOUT, self._hang_up)  # for what nobody will read
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, MALFORMED)

    def _await_head(self) -> None:
        self._head_size = 0
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self._head_late)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._refuse(408, TOO_SLOW)

    def _refuse(self, status: int, text: str) -> None:
        """Say so and hang up; not in the middle of another answer."""
        self._stop_timer()
        if self.transport.is_closing():
            return
        in_an_answer = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not self.pipeline and not in_an_answer:
            body = text.encode()
            headers = HEADERS | {
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                "Connection": "close",
            }
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            self.transport.write(STATUS_LINE[status] + head.encode() + b"\r\n" + body)
        self._hang_up()

    def _stop_lingering(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
            self._linger_timer = None

    def _hang_up(self) -> None:
        self.transport.close()
        self._abort_later()

    def _abort_later(self) -> None:
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(WRITE_TIMEOUT, self.transport.abort)

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None


# How uvicorn serves, in tests as well.
OPTIONS = {
    "loop": "uvloop",
    "http": BoundedProtocol,
    "ws": "none",
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "timeout_keep_alive": KEEP_ALIVE,
    "timeout_graceful_shutdown": 10,
}


def serve(factory: str, host: str, port: int, workers: int) -> None:
    """Serve the application that `factory` names until SIGINT or SIGTERM."""
    uvicorn.run(factory, factory=True, host=host, port=port, workers=workers, **OPTIONS)
