"""What was read for a page, kept as long as nothing has changed (cache by version), bounded."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    version: str | None = None
    value: Any = None
    begun: int = 0  # readings, of which the value is the one of this number
    read: int = 0
    weight: int = 0


def _one(_: Any) -> int:
    return 1


class Kept:
    """Values by key, at most so many, or what weighs as much (`weigh`; None: what is not read yet); what was asked for longest
    ago goes first."""

    def __init__(self, most: int, weigh: Callable[[Any], int] = _one) -> None:
        self._most, self._weigh, self._weight = most, weigh, 0
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    async def get(
        self,
        key: Hashable,
        version: str,
        read: Callable[[], Awaitable[Any]],
        waiting: Callable[[], AbstractAsyncContextManager[Any]] = nullcontext,
    ) -> Any:
        """The value of that version, or a newer one: the kept one, or what `read` gives. Of those who ask for it at once, one
        reads, and the others wait for it, each within `waiting`."""
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        self._weigh_again(key, entry)
        before = entry.begun  # what these find may be older than the version
        while entry.lock.locked():
            async with waiting(), entry.lock:
                pass
        async with entry.lock:
            if entry.version != version and entry.read <= before:
                entry.begun += 1
                entry.value = await read()
                entry.version, entry.read = version, entry.begun
                self._weigh_again(key, entry)
            return entry.value

    def _weigh_again(self, key: Hashable, entry: _Entry) -> None:
        if self._entries.get(key) is not entry:  # forgotten, while it was read
            return
        weight = self._weigh(entry.value)
        self._weight += weight - entry.weight
        entry.weight = weight
        while self._weight > self._most:
            self._weight -= self._entries.popitem(last=False)[1].weight
