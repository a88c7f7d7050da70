"""Keeps the embedded PostgreSQL running: whenever it ends by itself, it is started again."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from postgres import EmbeddedPostgres, EmbeddedPostgresError

log = logging.getLogger("sih.postgres")

# All in seconds.
GLANCE = 0.5  # between two looks at whether the server has ended
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30  # before it is started again; twice as long each time it has not stood
STANDS = 30  # after this time it does


@contextmanager
def kept(server: EmbeddedPostgres) -> Iterator[str]:
    """Run `server` until the context ends, and give its DSN, which stays good. Raises as its `start` does."""
    with server as url:
        stopping = Event()
        # The thread lives until the context ends, because the servers that it starts end with it.
        keeper = Thread(target=_keep, args=(server, stopping), name="postgres keeper", daemon=True)
        try:
            keeper.start()
            yield url
        finally:
            stopping.set()
            keeper.join()


def _keep(server: EmbeddedPostgres, stopping: Event) -> None:
    pause, started_at = 0.0, time.monotonic()
    while not stopping.wait(GLANCE):
        status = server.exit_status()
        if status is None:
            continue
        stood = time.monotonic() - started_at > STANDS
        pause = SHORTEST_PAUSE if stood else min(max(2 * pause, SHORTEST_PAUSE), LONGEST_PAUSE)
        log.error("embedded database ended", extra={"exit_status": status, "starting_in_seconds": pause})
        if stopping.wait(pause):
            return
        _restart(server, stopping)
        started_at = time.monotonic()


def _restart(server: EmbeddedPostgres, stopping: Event) -> None:
    try:
        server.restart(stopping)
    except EmbeddedPostgresError as error:
        if not stopping.is_set():
            log.error("embedded database does not start", extra={"error": str(error)})
    except Exception:  # whatever it is, the next try may do better
        log.exception("embedded database does not start")
    else:
        log.warning("embedded database started again")
