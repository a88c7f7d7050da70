"""The driver's connections (asyncpg), with an end to every wait: a server or network that is gone may never say so."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any, TypeVar, cast

import asyncpg

GIVE_BACK_LIMIT = 2  # seconds for a connection to be given back, or closed


class NoAnswer(asyncpg.PostgresConnectionError):
    """The connection was cut, because an answer did not come in time."""


Method = TypeVar("Method", bound=Callable[..., Coroutine[Any, Any, Any]])


def _ended(method: Method) -> Method:
    """A method of a connection that raises NoAnswer when there is none within its `answer_limit`."""

    @wraps(method)
    async def ended(self: "BoundedConnection", *args: Any, **kwargs: Any) -> Any:
        with cut_after(self, self.answer_limit):
            result = await method(self, *args, **kwargs)
        self.answered_at = asyncio.get_running_loop().time()
        return result

    return cast(Method, ended)


class BoundedConnection(asyncpg.Connection):
    """One on which no wait is without an end.

    Not by the driver's own `command_timeout`: when it is over, the driver asks the server to cancel, and waits for that as long
    again before the next statement, a ROLLBACK.
    """

    answer_limit: float | None = None  # seconds
    connected_at = answered_at = 0.0  # by the clock of the event loop

    execute = _ended(asyncpg.Connection.execute)
    executemany = _ended(asyncpg.Connection.executemany)
    fetch = _ended(asyncpg.Connection.fetch)
    fetchrow = _ended(asyncpg.Connection.fetchrow)
    fetchval = _ended(asyncpg.Connection.fetchval)
    copy_records_to_table = _ended(asyncpg.Connection.copy_records_to_table)

    def get_reset_query(self) -> str:
        """Nothing: a connection is given back without a word to the server. What is done with one leaves nothing behind (no SET,
        lock or LISTEN of the session), and a transaction that is still open is rolled back all the same."""
        return ""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - it is the driver's
        await super().close(timeout=GIVE_BACK_LIMIT if timeout is None else timeout)


@contextmanager
def cut_after(connection: asyncpg.Connection, seconds: float | None) -> Iterator[None]:
    """Cut the connection if what is done with it takes longer, and raise NoAnswer; None: let it take its time."""
    if seconds is None:
        yield
        return
    loop = asyncio.get_running_loop()
    end, cutting = loop.time() + seconds, loop.call_later(seconds, cut, connection)
    try:
        yield
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        if loop.time() >= end:
            raise NoAnswer("no answer in time") from error
        raise
    finally:
        cutting.cancel()


def cut(connection: asyncpg.Connection) -> None:
    """Leave the server without a word; who waits for an answer gets the error of a lost connection."""
    with suppress(asyncpg.InterfaceError):  # the pool has taken it back
        connection.terminate()


def reads_only(connection: asyncpg.Connection) -> bool:
    """Whether nothing can be written: to a standby, or a server that was told so. As it has said when it last answered."""
    said = connection.get_settings()
    return "on" in (getattr(said, "in_hot_standby", ""), getattr(said, "default_transaction_read_only", ""))


def is_lost(connection: asyncpg.Connection) -> bool:
    """Whether nothing can be asked on it any more."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # so much so that the pool has taken it back
        return True
