"""The server's side of a connection: uvicorn's HTTP protocol, with an end to slow clients (slowloris) and endless heads."""

import sys
from collections import defaultdict
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from server.workers import Workers
from web.clients import is_within, network_of
from web.middleware import HEADERS

HEAD_LIMIT = 32 * 1024  # bytes of a request line and its headers; browsers send one or two thousand
HEAD_TIMEOUT = 10  # seconds to wait for a head, from the connection's beginning or from the answer before
WORKER_TIMEOUT = 30  # seconds without an answer of a worker to its parent; on a busy machine one takes many to start
KEEP_ALIVE = 5  # seconds that a connection may idle after an answer
WRITE_TIMEOUT = 60  # seconds for a client to read on; a photo of 400 KB over 2G takes twenty
LOOK_EVERY = 1.0  # seconds between looks at how long a client is waited for
CONNECTION_LIMIT = 800  # a worker; the usual limit of open files is 1,024, unless more can be had at the start

REFUSALS = {
    400: "Permintaan tidak dapat dibaca.",
    408: "Permintaan tidak selesai dikirim.",
    431: "Permintaan terlalu besar.",
}


class BoundedProtocol(HttpToolsProtocol):
    """Hangs up on clients beyond the limits above, with the headers that all answers have."""

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        self._unread = 0  # bytes that came since the end of a head or a piece of a body
        self._waits_for, self._since = self._what_is_missing(), self.loop.time()
        self._whose = network_of(self.client[0] if self.client else "")
        if len(self.connections) > CONNECTION_LIMIT and not self._make_room():
            self.transport.abort()
        else:
            self.loop.call_later(LOOK_EVERY, self._look)

    def _make_room(self) -> bool:
        """Hang up on one connection of whoever keeps most of them waiting, and trusted proxies last; False if none waits.

        No number an address: behind one are all people of a store. Of whose it is the connection that idles the longest, else
        the one whose request does not arrive, or whose answer is not read.
        """
        waiting: dict[str, list[BoundedProtocol]] = defaultdict(list)
        for other in self.connections:
            if not isinstance(other, BoundedProtocol) or other is self or other.transport.is_closing():
                continue
            if other._waits():
                waiting[other._whose].append(other)
        if not waiting:
            return False
        most = max(waiting, key=lambda whose: (not self._is_proxy(whose), len(waiting[whose])))
        max(waiting[most], key=lambda other: (other._waits(), -other._since)).transport.abort()
        return True

    def _waits(self) -> int:
        """How it waits for its client: 2 for a request, 1 for the rest of one or for an answer to be read, 0 not at all."""
        missing = self._what_is_missing()
        if missing is None:
            return int(self.cycle.more_body)
        return 1 if missing == "reader" else 2

    def _is_proxy(self, whose: str) -> bool:
        application: Any = self.app
        return is_within(whose, application.state.settings.trusted_proxies)

    def _look(self) -> None:
        """Again and again until the connection is lost: hang up on who has been waited for too long."""
        if self not in self.connections:
            return
        now, missing = self.loop.time(), self._what_is_missing()
        if missing != self._waits_for:
            self._waits_for, self._since = missing, now
        elif missing == "reader" and now - self._since > WRITE_TIMEOUT:
            self.transport.abort()
        elif missing not in (None, "reader") and now - self._since > HEAD_TIMEOUT:
            self._refuse(408)
        self.loop.call_later(LOOK_EVERY, self._look)

    def _what_is_missing(self) -> object:
        """What the client is waited for: a "reader" of what was written, or the head that follows a request; None while we work.

        What is closing stays open until all is read. The body of a request has its time where it is read, in web/bodies.py; one
        that nobody reads has to end in the time of the next head.
        """
        if self.transport.is_closing() or self.flow.write_paused:
            return "reader"
        return ("head after", self.cycle) if self.cycle is None or self.cycle.response_complete else None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._since = self.loop.time()  # who reads, although slowly, is waited for anew with every part of an answer

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > HEAD_LIMIT:  # of a head, of the sizes of chunks, of trailers
            self._refuse(431)

    def on_headers_complete(self) -> None:
        self._unread = 0
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > HEAD_LIMIT:
            self._refuse(431)
            raise ValueError("a head that is too long")  # ends the parsing
        if self.parser and self.parser.get_http_version() == "1.0":
            self.expect_100_continue = False  # which it knows nothing of
        super().on_headers_complete()
        self.headers = []  # for trailers, which are no headers of the request

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400)

    def _refuse(self, status: int) -> None:
        """Say so, if not in the middle of another answer, and hang up."""
        if self.transport.is_closing():
            return
        in_an_answer = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if not self.pipeline and not in_an_answer:
            body = REFUSALS[status].encode()
            headers = HEADERS | {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
            headers |= {"Cache-Control": "no-store", "Connection": "close"}
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            self.transport.write(STATUS_LINE[status] + head.encode() + b"\r\n" + body)
        self.transport.close()


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
    "timeout_worker_healthcheck": WORKER_TIMEOUT,
}


def serve(factory: str, host: str, port: int, workers: int) -> None:
    """Serve the application that `factory` names until SIGINT or SIGTERM. Raises SystemExit if a worker cannot begin."""
    if workers == 1:
        uvicorn.run(factory, factory=True, host=host, port=port, **OPTIONS)
        return
    config = uvicorn.Config(factory, factory=True, host=host, port=port, workers=workers, **OPTIONS)
    supervisor = Workers(config, [config.bind_socket()])
    supervisor.run()
    if supervisor.cannot_begin:
        sys.exit("SIH: proses pekerja tidak dapat mulai (a worker did not start; the log says why)")
