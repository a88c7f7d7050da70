"""Structured log lines: one JSON object each, without NIK, PIN, session or typed text."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from starlette.types import Scope

log = logging.getLogger("sih.request")

# What every record has, and what uvicorn adds for a terminal.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


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
        return _encode(line)


def configure_logging() -> None:
    """Send every log line to standard error, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)  # Python's own, which would be no JSON
    # What no line says is not looked for either (the logging HOWTO's "Optimization").
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for noisy in ("databases", "uvicorn"):  # where they connect to, and how they come and go
        logging.getLogger(noisy).setLevel(logging.WARNING)


def note_reason(scope: Scope, reason: str) -> None:
    """Have the line of this request say why it is answered with 503."""
    scope["sih.reason"] = reason


def log_request(scope: Scope, status: int, seconds: float) -> None:
    """Write the line of a request: its door (never the path, which can be typed by anybody), status, milliseconds, and why it is
    a 503."""
    door = scope.get("sih.door", "-")
    line = {"method": scope["method"], "door": door, "status": status, "ms": round(seconds * 1000, 1)}
    if "sih.reason" in scope:
        line["reason"] = scope["sih.reason"]
    log.info("request", extra=line)
