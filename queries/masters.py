"""Records of the master data: what is there, and its history (audit trail, optimistic lock). All kinds are asked alike."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from asyncpg import Connection, Record

from formats.search import like
from queries.rows import read_row, read_rows

State = dict[str, Any]  # of one of the master data: its fields by name; with its `code`, where it is to be written


class Master(NamedTuple):
    """One of the master data as it was last committed; `version` counts its changes."""

    kind: str
    code: str
    name: str
    active: bool
    version: int
    state: State


class MasterChange(NamedTuple):
    """A change of one: the fields that differ, before and after; who did it (None: nobody who was logged in), and from where:
    `form`, `deactivation T01 T02` (what hung on T01 went to T02), `import 7`, `command`, `setup`, or `hand`. What was made by it
    was {} before."""

    seq: int
    at: datetime
    kind: str
    code: str
    name: str
    version: int
    actor_nik: str | None
    actor_name: str | None
    cause: str
    before: State
    after: State


class MasterChanged(Exception):
    """It is no longer what was seen."""


async def get_master(connection: Connection, kind: str, code: str) -> Master | None:
    """The one of that code; None if there is none."""
    record = await connection.fetchrow(
        "SELECT kind, code, name, active, version, state FROM master_record WHERE kind = $1 AND code = $2", kind, code
    )
    return read_row(Master, record)


async def list_masters(
    connection: Connection, kind: str, words: Sequence[str], active: bool | None, after: str, limit: int
) -> list[Master]:
    """Those of a kind of which each word is a part of the code, the name, the store or the model, by code, beyond `after`; at
    most `limit`. `active` None: all."""
    records = await connection.fetch(
        """
        SELECT kind, code, name, active, version, state FROM master_record
         WHERE kind = $1 AND search_text LIKE ALL ($2) AND ($3::boolean IS NULL OR active = $3) AND code > $4
         ORDER BY code LIMIT $5
        """,
        kind,
        list(map(like, words)),
        active,
        after,
        limit,
    )
    return read_rows(Master, records)


async def list_masters_by_name(
    connection: Connection, kind: str, words: Sequence[str], active: bool | None, after: str, limit: int
) -> list[Master]:
    """The same by name, beyond the one with the code `after`: passed in that order (master_record_name), or found by the two
    longest of the words (master_record_search)."""
    found = await (
        _search_by_name(connection, kind, words, active, after, limit)
        if words
        else _walk_by_name(connection, kind, active, after, limit)
    )
    return read_rows(Master, found)


async def _walk_by_name(connection: Connection, kind: str, active: bool | None, after: str, limit: int) -> list[Record]:
    return await connection.fetch(
        """
        SELECT kind, code, name, active, version, state FROM master_record
         WHERE kind = $1 AND ($2::boolean IS NULL OR active = $2)
           AND (lower(name) COLLATE "C", code) > (
               coalesce((SELECT lower(r.name) COLLATE "C" FROM master_record r WHERE r.kind = $1 AND r.code = $3), ''), $3)
         ORDER BY lower(name) COLLATE "C", code LIMIT $4
        """,
        kind,
        active,
        after,
        limit,
    )


async def _search_by_name(
    connection: Connection, kind: str, words: Sequence[str], active: bool | None, after: str, limit: int
) -> list[Record]:
    longest = sorted(words, key=len, reverse=True)[:2]
    return await connection.fetch(
        """
        SELECT kind, code, name, active, version, state FROM master_record
         WHERE search_text LIKE $6 AND search_text LIKE $7 AND search_text LIKE ALL ($2) AND kind = $1
           AND ($3::boolean IS NULL OR active = $3)
           AND (lower(name) COLLATE "C", code) > (
               coalesce((SELECT lower(r.name) COLLATE "C" FROM master_record r WHERE r.kind = $1 AND r.code = $4), ''), $4)
         ORDER BY lower(name) COLLATE "C", code LIMIT $5
        """,
        kind,
        list(map(like, words)),
        active,
        after,
        limit,
        like(longest[0]),
        like(longest[-1]),
    )


async def list_codes(connection: Connection, kinds: Sequence[str], limit: int) -> dict[str, dict[str, str]]:
    """The names of the active ones of some kinds, by kind and code, in the order of the codes; at most `limit` of each."""
    records = await connection.fetch(
        """
        SELECT k.kind, r.code, r.name
          FROM unnest($1::text[]) AS k (kind)
         CROSS JOIN LATERAL (SELECT code, name FROM master_record r WHERE r.kind = k.kind AND r.active ORDER BY code LIMIT $2) r
        """,
        kinds,
        limit,
    )
    return _by_kind(kinds, records)


async def find_codes(connection: Connection, codes: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """The names of those that are active of these codes, by kind."""
    kinds, sought = list(codes), [(kind, code) for kind in codes for code in codes[kind]]
    records = await connection.fetch(
        """
        SELECT r.kind, r.code, r.name
          FROM unnest($1::text[], $2::text[]) AS s (kind, code) JOIN master_record r USING (kind, code)
         WHERE r.active
        """,
        [kind for kind, _ in sought],
        [code for _, code in sought],
    )
    return _by_kind(kinds, records)


def _by_kind(kinds: Iterable[str], records: Sequence[Record]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {kind: {} for kind in kinds}
    for kind, code, name in records:
        found[kind][code] = name
    return found


async def get_present_state(connection: Connection, kind: str, code: str) -> State:
    """The state of one as it is in this transaction, with its code; what is noted of it follows at the commit."""
    return await connection.fetchval("SELECT master_state($1, $2)", kind, code) | {"code": code}


async def list_states(connection: Connection, kind: str, codes: Sequence[str]) -> dict[str, State]:
    """The states of those of these codes that there are."""
    records = await connection.fetch(
        "SELECT code, state FROM master_record WHERE kind = $1 AND code = ANY ($2)", kind, codes
    )
    return dict(map(tuple, records))


async def get_usual_length(connection: Connection, kind: str) -> int | None:
    """How many characters the codes of all of that kind have; None if that differs, or there are none."""
    return await connection.fetchval(
        """
        SELECT CASE WHEN min(length(code)) = max(length(code)) THEN min(length(code)) END FROM master_record WHERE kind = $1
        """,
        kind,
    )


async def list_parents(connection: Connection, kind: str) -> dict[str, str | None]:
    """Of a tree: under which each stands."""
    records = await connection.fetch(
        "SELECT code, state ->> 'parent' AS parent FROM master_record WHERE kind = $1", kind
    )
    return dict(map(tuple, records))


async def list_master_changes(
    connection: Connection,
    kind: str | None,
    code: str | None,
    before: int | None,
    limit: int,
    actor: str | None = None,
) -> list[MasterChange]:
    """The changes of one, of a kind or of all, or of these those by one person, the latest first, before number `before`; at
    most `limit`."""
    records = await connection.fetch(
        """
        SELECT c.seq, c.at, c.kind, c.code, r.name, c.version, c.actor_nik, e.name AS actor_name, c.cause, c.before, c.after
          FROM master_change c JOIN master_record r USING (kind, code) LEFT JOIN employee e ON e.nik = c.actor_nik
         WHERE ($1::text IS NULL OR c.kind = $1) AND ($2::text IS NULL OR c.code = $2) AND ($3::bigint IS NULL OR c.seq < $3)
           AND ($5::text IS NULL OR c.actor_nik = $5)
         ORDER BY c.seq DESC LIMIT $4
        """,
        kind,
        code,
        before,
        limit,
        actor,
    )
    return read_rows(MasterChange, records)


async def list_changes_since(connection: Connection, kind: str, code: str, version: int) -> list[MasterChange]:
    """What has been changed of one since a version was seen, the earliest first."""
    records = await connection.fetch(
        """
        SELECT c.seq, c.at, c.kind, c.code, r.name, c.version, c.actor_nik, e.name AS actor_name, c.cause, c.before, c.after
          FROM master_change c JOIN master_record r USING (kind, code) LEFT JOIN employee e ON e.nik = c.actor_nik
         WHERE c.kind = $1 AND c.code = $2 AND c.version > $3
         ORDER BY c.version
        """,
        kind,
        code,
        version,
    )
    return read_rows(MasterChange, records)


async def hold_kinds(connection: Connection, kinds: Sequence[str]) -> None:
    """Whoever changes others of these kinds by a form, an import or a deactivation waits until the transaction ends. All at once,
    in one order, and before anybody is locked, so that of two never each waits for the other."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(1397310468, hashtext(k.kind)) FROM (SELECT unnest($1::text[]) AS kind ORDER BY 1) k",
        sorted(set(kinds)),
    )


async def check_seen(connection: Connection, kind: str, code: str, version: int) -> None:
    """That one, whose kind is held, is what was seen; `version` 0: there was none. Raises MasterChanged."""
    present = await connection.fetchval("SELECT version FROM master_record WHERE kind = $1 AND code = $2", kind, code)
    if (present or 0) != version:
        raise MasterChanged


async def set_cause(connection: Connection, cause: str) -> None:
    """Where what follows in this transaction comes from, for the changes that the database notes at its end."""
    await connection.execute("SELECT set_config('sih.cause', $1, true)", cause)
