"""People who are logged in: sessions made as a login makes them, and the cookies of their browsers."""

import hashlib
from collections.abc import Iterator
from itertools import cycle

from asyncpg import Connection
from itsdangerous import Signer

from auth.clients import hash_id, new_id
from auth.sessions import PERSONAL
from queries.sessions import insert_session

SECRET = "a-key-of-the-benches-with-32-characters-and-more"
REPORTERS = 1_000


async def log_in(connection: Connection, nik: str) -> str:
    """A session of the person; the cookie that the browser sends."""
    id = new_id()
    await insert_session(connection, hash_id(id), nik, PERSONAL, "wrk")
    return f"sih={Signer(SECRET, salt='sih.session', digest_method=hashlib.sha256).sign(id).decode()}"


class People:
    """Who is logged in: NIK and cookie, by what they are."""

    def __init__(self, managers: dict[str, str], handlers: dict[str, str], reporters: dict[str, str]) -> None:
        self.managers, self.handlers, self.reporters = managers, handlers, reporters

    @property
    def overseers(self) -> Iterator[str]:
        """The cookies of those who see all, again and again."""
        return cycle([*self.managers.values(), *self.handlers.values()])


async def log_all_in(connection: Connection) -> People:
    """All managers and handlers, and some reporters of all zones."""

    async def some(condition: str, limit: int) -> dict[str, str]:
        rows = await connection.fetch(
            f"SELECT nik FROM employee e WHERE {condition} ORDER BY hashtext(nik) LIMIT $1",  # noqa: S608
            limit,
        )
        return {row["nik"]: await log_in(connection, row["nik"]) for row in rows}

    return People(
        await some("is_manager", 40),
        await some("'handler' = ANY (scopes)", 1_000),
        await some("scopes = '{reporter}' AND store_code <> 'HO'", REPORTERS),
    )
