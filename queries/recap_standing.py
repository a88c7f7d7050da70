"""How far the recap is: its first month, which months are frozen, and how much of the history is counted."""

from datetime import date, datetime
from typing import NamedTuple

from asyncpg import Connection


class Frozen(NamedTuple):
    """When and as which version the numbers of a month were frozen."""

    month: date
    version: int
    frozen_at: datetime


class Preparation(NamedTuple):
    """How many problems of the history from before there were recaps are counted, and of how many."""

    counted: int
    of: int


class Standing(NamedTuple):
    """How far the recap is. `first` is the first month of which anything is counted, the present one where nothing is, and
    `last_frozen` the last one that is frozen. `counted` of `up_to` problems from before there were recaps are counted.

    From the month `served_since` on, how soon problems were answered and solved is frozen too; the history up to the problem
    `unpromised` has no promises yet.

    `restated` is the number of the last restatement, `unsettled` the present minute since 1970 while that is no hour ago, or 0.
    """

    first: date
    last_frozen: date | None
    counted: int
    up_to: int
    restated: int
    unsettled: int
    served_since: date | None
    unpromised: int

    @property
    def preparation(self) -> Preparation | None:
        """How far the counting of the history is; None once it is done, and the numbers are right."""
        return Preparation(self.counted, self.up_to) if self.counted < self.up_to else None

    def is_frozen(self, month: date) -> bool:
        """Whether the numbers of a month stay, and what changes them is a restatement."""
        return self.last_frozen is not None and month <= self.last_frozen

    def is_served(self, month: date) -> bool:
        """Whether how soon its problems were answered and solved stays, too."""
        return self.is_frozen(month) and self.served_since is not None and month >= self.served_since

    @property
    def version(self) -> str:
        """A text that changes with what changes the numbers beside a problem: history that is counted, months frozen."""
        return f"{self.counted}.{self.up_to}.{self.last_frozen}.{self.served_since}.{self.unpromised}"

    @property
    def version_of_frozen(self) -> str:
        """A text that changes with all that changes the numbers of a frozen month: with what is restated, in whatever month; and
        for an hour after that every minute, since a transaction that began before may have restated, too, and end later."""
        return f"{self.version}.{self.restated}.{self.unsettled}"


async def get_standing(connection: Connection) -> Standing:
    """How far the recap is at this moment."""
    rows = await connection.fetch(
        """
        SELECT coalesce((SELECT min(m.month) FROM movement m), date_trunc('month', now() AT TIME ZONE 'Asia/Jakarta')::date),
               (SELECT max(r.month) FROM recap_month r), c.counted, c.up_to,
               coalesce(r.id, 0),
               CASE WHEN r.at > now() - interval '1 hour' THEN floor(extract(epoch FROM now()) / 60)::bigint ELSE 0 END,
               (SELECT min(s.month) FROM service_month s), c.unpromised
          FROM counting c LEFT JOIN (SELECT l.id, l.at FROM restatement l ORDER BY l.id DESC LIMIT 1) r ON true
        """
    )
    return Standing(*rows[0])


async def get_freeze(connection: Connection, month: date) -> Frozen | None:
    """When the month was frozen; None if its numbers are those of now."""
    row = await connection.fetchrow("SELECT month, version, frozen_at FROM recap_month WHERE month = $1", month)
    return Frozen(*row) if row else None
