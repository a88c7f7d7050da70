"""Fairness (bulkhead): how much of what a worker does at once is one session's, or one person's."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.types import Scope

from web.logs import note_reason

OF_A_PERSON = 30  # requests at once: a browser asks for six at a time, behind a proxy for some more
KNOWN = 10_000  # sessions whose person a worker remembers: more than are used in a day


class Share:
    """What is being done at this moment, by whose it is."""

    def __init__(self) -> None:
        self._of: Counter[Hashable] = Counter()

    def of(self, whose: Hashable) -> int:
        """How much of it is theirs."""
        return self._of[whose]

    @property
    def total(self) -> int:
        """How much of it there is."""
        return self._of.total()

    @contextmanager
    def one_more(self, whose: Hashable) -> Iterator[None]:
        """One more is theirs while the context lasts; who has nothing any more is forgotten."""
        self._of[whose] += 1
        try:
            yield
        finally:
            self._of[whose] -= 1
            if not self._of[whose]:
                del self._of[whose]


class Fairness:
    """The requests that are being worked on, by the person of the session that they name. Whose a session is, a worker knows from
    what it answered before; until then it counts for itself. That takes no connection: a refusal has to cost next to nothing."""

    def __init__(self) -> None:
        self._share = Share()
        self._people: dict[str, str] = {}  # NIK by session id, the one that was noted last at the end

    def note_person(self, session_id: str, nik: str) -> None:
        """Remember whose a session is, which never changes."""
        self._people.pop(session_id, None)
        self._people[session_id] = nik
        if len(self._people) > KNOWN:
            del self._people[next(iter(self._people))]

    def has_room(self, session_id: str | None) -> bool:
        """Whether one more of this session would be worked on; of who names none always."""
        return session_id is None or self._share.of(self._whose(session_id)) < OF_A_PERSON

    @contextmanager
    def one_of(self, scope: Scope, session_id: str | None) -> Iterator[None]:
        """One more of this session while the context lasts. Raises 503 where there is no room for it."""
        if not self.has_room(session_id):
            note_reason(scope, "too many of a person")
            raise HTTPException(503, headers={"Retry-After": "1"})
        with self._share.one_more(self._whose(session_id)):
            yield

    def _whose(self, session_id: str | None) -> str | None:
        return session_id and self._people.get(session_id, session_id)
