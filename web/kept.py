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


class Kept:
    """Values by key, at most so many: of what was asked for longest ago nothing is kept."""

    def __init__(self, most: int) -> None:
        self._most = most
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
        while len(self._entries) > self._most:
            self._entries.popitem(last=False)
        before = entry.begun  # what these find may be older than the version
        while entry.lock.locked():
            async with waiting(), entry.lock:
                pass
        async with entry.lock:
            if entry.version != version and entry.read <= before:
                entry.begun += 1
                entry.value = await read()
                entry.version, entry.read = version, entry.begun
            return entry.value
