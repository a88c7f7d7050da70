"""Keeps the embedded PostgreSQL running: whenever it ends by itself, it is started again."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from server.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresError

log = logging.getLogger("sih.postgres")

# All in seconds.
GLANCE = 0.5  # between two looks at whether the server has ended
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 30  # before it is started again; twice as long each time that has failed


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
    pause = SHORTEST_PAUSE
    while not stopping.wait(GLANCE):
        status = server.exit_status()
        if status is None:
            continue
        log.error("embedded database ended", extra={"exit_status": status, "starting_in_seconds": pause})
        if stopping.wait(pause):
            return
        pause = SHORTEST_PAUSE if _restart(server, stopping) else min(2 * pause, LONGEST_PAUSE)


def _restart(server: EmbeddedPostgres, stopping: Event) -> bool:
    """Whether it runs again."""
    try:
        server.restart(stopping)
    except EmbeddedPostgresError as error:
        if not stopping.is_set():
            log.error("embedded database does not start", extra={"error": str(error)})
    except Exception:  # whatever it is, the next try may do better
        log.exception("embedded database does not start")
    else:
        log.warning("embedded database started again")
        return True
    return False
