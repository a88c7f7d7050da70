"""What every answer carries, and the line of the log about it. Pure ASGI."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.compression import Coding, compress_first, compress_part
from web.logs import log_request
from web.middleware import add_security_headers
from web.swaps import name_swap


class Answers:
    """Stands before all others: every answer carries the security headers and the swap that was asked for, is compressed for
    whoever takes that, and has its line in the log.

    One layer for all of it: each has every message of every answer go through two calls more.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, answer = time.perf_counter(), _Answer(scope, send)
        try:
            await self.app(scope, receive, answer.send)
        finally:
            log_request(scope, answer.status, time.perf_counter() - began)


class _Answer:
    """The answer to one request on its way out. Its head waits for the first part of its body, of which it says the length."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.status = 500  # where none comes, or nothing after its head: then the page of a crash is the answer
        self._scope = scope
        self._send = send
        self._head: Message | None = None
        self._coding: Coding | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        if self._head:
            head, self._head = self._head, None
            self.status = head["status"]
            self._coding = compress_first(self._scope, head, message)
            add_security_headers(self._scope, head)
            name_swap(self._scope, head)
            await self._send(head)
        elif self._coding:
            compress_part(self._coding, message)
        await self._send(message)
