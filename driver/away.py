"""How the driver (asyncpg) says that a server cannot answer now, and why."""

import asyncpg

from driver.connections import NoAnswer, is_lost

# How a server says that it cannot answer now, and what of it the log says: the first class that fits. Gone, shutting down, too
# slow, full, or blocked by somebody else.
AWAY: dict[type[BaseException], str] = {
    NoAnswer: "no answer",
    asyncpg.QueryCanceledError: "timeout",
    asyncpg.CannotConnectNowError: "away",
    asyncpg.AdminShutdownError: "away",
    asyncpg.OperatorInterventionError: "crash",
    asyncpg.PostgresConnectionError: "crash",
    asyncpg.DiskFullError: "disk full",
    asyncpg.TooManyConnectionsError: "too many connections",
    asyncpg.InsufficientResourcesError: "no resources",
    asyncpg.LockNotAvailableError: "lock",
    asyncpg.DeadlockDetectedError: "lock",
    asyncpg.ReadOnlySQLTransactionError: "read only",
    asyncpg.InternalClientError: "crash",  # the driver has half noticed that the connection is lost
}


def is_away(error: BaseException, connection: asyncpg.Connection) -> bool:
    """Whether an error says that the server cannot answer now, rather than that it was asked wrongly."""
    # The driver raises the same class for a lost connection and for a mistake in a call.
    return isinstance(error, tuple(AWAY)) or (isinstance(error, asyncpg.InterfaceError) and is_lost(connection))


def reason_of(error: BaseException) -> str | None:
    """The reason of the first error known in the chain: what follows the loss of a connection hides it; None if none is known."""
    link: BaseException | None = error
    while link is not None:
        for known, reason in AWAY.items():
            if isinstance(link, known):
                return reason
        link = link.__cause__ or link.__context__
    return None
