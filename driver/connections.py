"""The driver's connections (asyncpg), with an end to every wait: a server or network that is gone may never say so."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar, cast

import asyncpg

GIVE_BACK_LIMIT = 2  # seconds for a connection to be given back, or closed
# What a connection has prepared, those used last, and for how many seconds. In PostgreSQL one takes 0.2 MB (decision 0120).
KEPT_STATEMENTS = {"statement_cache_size": 200, "max_cached_statement_lifetime": 3600}


class NoAnswer(asyncpg.PostgresConnectionError):
    """The connection was cut, because an answer did not come in time."""


Method = TypeVar("Method", bound=Callable[..., Coroutine[Any, Any, Any]])


def _ended(method: Method) -> Method:
    """A method of a connection that raises NoAnswer when there is none within its `answer_limit`."""

    @wraps(method)
    async def ended(self: "BoundedConnection", *args: Any, **kwargs: Any) -> Any:
        due = self._wait_for_answer()
        try:
            result = await method(self, *args, **kwargs)
        except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
            if due is not None and self._loop.time() >= due:
                raise NoAnswer("no answer in time") from error
            raise
        finally:
            self._due = None
        self.answered_at = self._loop.time()
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

    # By when the statement that is being asked has to be answered, and the look at that. One is enough for all that are asked
    # until then: a timer that is made and taken back for each costs more than the rest of this.
    _due: float | None = None
    _look: asyncio.TimerHandle | None = None

    def _wait_for_answer(self) -> float | None:
        """From now on, until `_due` is None again; by when it has to be there."""
        if self.answer_limit is None:
            return None
        self._due = due = self._loop.time() + self.answer_limit
        if self._look is None:
            self._look = self._loop.call_at(due, self._cut_if_due)
        return due

    def _cut_if_due(self) -> None:
        self._look = None
        if self._due is None:
            return
        if self._loop.time() >= self._due:
            cut(self)
        else:
            self._look = self._loop.call_at(self._due, self._cut_if_due)

    def get_reset_query(self) -> str:
        """Nothing: a connection is given back without a word to the server. What is done with one leaves nothing behind (no SET,
        lock or LISTEN of the session), and a transaction that is still open is rolled back all the same."""
        return ""

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - it is the driver's
        await super().close(timeout=GIVE_BACK_LIMIT if timeout is None else timeout)


class CutAfter:
    """Cut the connection if what is done with it meanwhile takes longer than so many seconds, and raise NoAnswer."""

    __slots__ = ("_connection", "_cutting", "_end", "_seconds")

    def __init__(self, connection: asyncpg.Connection, seconds: float) -> None:
        self._connection, self._seconds = connection, seconds

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._end = loop.time() + self._seconds
        self._cutting = loop.call_later(self._seconds, cut, self._connection)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._cutting.cancel()
        if not isinstance(error, (asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
            return
        if asyncio.get_running_loop().time() >= self._end:
            raise NoAnswer("no answer in time") from error


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
