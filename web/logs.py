"""Structured log lines: one JSON object each, without NIK, PIN, session or typed text."""

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("sih.request")

# What every record has, and what uvicorn adds for a terminal.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: when, how grave, who says it, what, and its extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[0]:
            # Where it happened, but not what was said: a database error quotes the row.
            line["error"] = record.exc_info[0].__name__
            line["traceback"] = traceback.format_tb(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging() -> None:
    """Send every log line to standard error, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)  # Python's own, which would be no JSON
    for noisy in ("databases", "uvicorn"):  # where they connect to, and how they come and go
        logging.getLogger(noisy).setLevel(logging.WARNING)


def note_reason(scope: Scope, reason: str) -> None:
    """Have the line of this request say why it is answered with 503."""
    scope["sih.reason"] = reason


class RequestLog:
    """One line a request: its door (never the path, which can be typed by anybody), status, milliseconds, and why it is a 503."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            duration = round((time.perf_counter() - began) * 1000, 1)
            door = scope.get("sih.door", "-")
            line = {"method": scope["method"], "door": door, "status": status, "ms": duration}
            reason = {"reason": scope["sih.reason"]} if "sih.reason" in scope else {}
            log.info("request", extra=line | reason)
