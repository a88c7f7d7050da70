"""How often something may be tried: budgets, which every worker sees. The rules are rows of budget_rule."""

from typing import NamedTuple

from asyncpg import Connection

from queries.drafts import RETENTION
from queries.employees import Person
from queries.rows import read_only_row
from queries.uploads import forget_left

OLD_PIN = "old pin"
CALLERS = "callers"
COMMENTS = "comments"
CHANGES = "changes"
INITIAL_PINS = "initial pins"
OF_A_PROBLEM = " of a problem"  # ends the name of the budget that a person has for each problem, beside that for all


class Attempt(NamedTuple):
    """A try that was counted before it was made.

    `wait` is the seconds to wait if none is allowed now, and `budget` says by which budget; `ahead` is the wait that begins
    if this try fails. `kinds` and `keys` are what it was spent on.
    """

    wait: int
    budget: str | None
    ahead: int
    kinds: list[str]
    keys: list[str]

    @property
    def by_stranger(self) -> bool:
        """Whether it was made from a device that the NIK is not known on."""
        return "nik" in self.kinds


async def count_login(connection: Connection, nik: str, device_hash: bytes | None, address: str) -> Attempt:
    """Count a try to log in as `nik`, in one statement, before its PIN is looked at."""
    record = await connection.fetchrow(
        """
        SELECT coalesce(wait, 0) AS wait, budget_kind AS budget, coalesce(ahead, 0) AS ahead, kinds, keys
          FROM count_login($1, $2, $3)
        """,
        nik,
        device_hash,
        address,
    )
    return read_only_row(Attempt, record)


async def count_old_pin(connection: Connection, nik: str) -> Attempt:
    """Count a try at the old PIN of whoever chooses a new one."""
    record = await connection.fetchrow(
        """
        SELECT coalesce(wait, 0) AS wait, budget_kind AS budget, coalesce(ahead, 0) AS ahead, $1::text[] AS kinds,
               $2::text[] AS keys
          FROM spend($1, $2)
        """,
        [OLD_PIN],
        [nik],
    )
    return read_only_row(Attempt, record)


async def count_use(connection: Connection, kind: str, nik: str) -> int:
    """Count that `nik` does something that has a budget, as CALLERS; the seconds to wait if it may not be done now."""
    return await connection.fetchval("SELECT wait FROM spend(ARRAY[$1], ARRAY[$2])", kind, nik) or 0


async def count_use_of(connection: Connection, kind: str, nik: str, problem_id: int) -> int:
    """Count COMMENTS or CHANGES by `nik` on a problem: there is a budget for all problems, and one for each."""
    kinds, keys = [kind, kind + OF_A_PROBLEM], [nik, f"{nik} {problem_id}"]
    return await connection.fetchval("SELECT wait FROM spend($1, $2)", kinds, keys) or 0


async def count_initial_pin(connection: Connection, by_nik: str, nik: str) -> int:
    """Count that a store head makes a PIN for `nik`; the seconds to wait if it may not be done now."""
    kinds, keys = [INITIAL_PINS, f"{INITIAL_PINS} of a person"], [by_nik, nik]
    return await connection.fetchval("SELECT wait FROM spend($1, $2)", kinds, keys) or 0


async def count_stranger_miss(connection: Connection) -> None:
    """Count a stranger's wrong PIN towards the breaker."""
    await connection.execute("SELECT spend(ARRAY['everyone'], ARRAY[''])")


class Lookup(NamedTuple):
    """Who a NIK is (None: nobody), or the seconds to wait before that can be asked."""

    person: Person | None
    wait: int = 0


async def look_up(connection: Connection, nik: str, device_hash: bytes | None, address: str) -> Lookup:
    """Who has the NIK, which is counted, in one statement, as a name that `address` learns."""
    (record,) = await connection.fetch(
        """
        SELECT e.nik, e.name, e.active AND e.leaving_since IS NULL AS active, s.code AS store_code, s.name AS store_name,
               l.wait
          FROM count_lookup($1, $2, $3) AS l (wait)
          LEFT JOIN (employee e JOIN store s ON s.code = e.store_code) ON e.nik = $1 AND l.wait = 0
        """,
        nik,
        device_hash,
        address,
    )
    *person, wait = record
    return Lookup(Person._make(person) if record["nik"] else None, wait)


async def give_back(connection: Connection, attempt: Attempt) -> None:
    """The try succeeded: it cost nothing, and the wrong ones before it are forgotten."""
    await connection.execute("SELECT give_back($1, $2)", attempt.kinds, attempt.keys)


async def give_back_lookup(connection: Connection, nik: str, address: str) -> None:
    """Whoever asked for `nik` has logged in: they learned their own name."""
    await connection.execute(
        """
        WITH gone AS (DELETE FROM lookup WHERE address = $1 AND nik = $2 RETURNING kind, address)
        SELECT give_back(array_agg(kind), array_agg(address)) FROM gone HAVING count(*) > 0
        """,
        address,
        nik,
    )


async def forget_waits(connection: Connection, nik: str) -> None:
    """Let a person whose PIN an admin has reset try it at once, whatever others tried before."""
    await connection.execute("SELECT give_back(ARRAY['nik', $2], ARRAY[$1, $1])", nik, OLD_PIN)


async def forget_old(connection: Connection) -> None:
    """Drop what counts no more: spent budgets, lookups, sessions, devices and drafts of long ago."""
    await connection.execute("DELETE FROM lookup WHERE at < now() - interval '1 day'")
    await connection.execute("DELETE FROM budget WHERE at < now() - interval '2 days'")
    await connection.execute("DELETE FROM session WHERE least(ended_at, expires_at) < now() - interval '30 days'")
    await connection.execute("DELETE FROM device WHERE last_login_at < now() - interval '180 days'")
    await connection.execute("DELETE FROM draft WHERE at < now() - $1::interval", RETENTION)
    await connection.execute(
        """
        WITH photos AS (
            DELETE FROM draft_photo p WHERE made_at < now() - $1::interval
               AND NOT EXISTS (SELECT FROM draft d WHERE d.nik = p.nik AND d.key = p.key))
        DELETE FROM draft_file f WHERE made_at < now() - $1::interval
           AND NOT EXISTS (SELECT FROM draft d WHERE d.nik = f.nik AND d.key = f.key)
        """,
        RETENTION,
    )
    await forget_left(connection)
