"""What was read for a page, kept as long as nothing has changed (cache by version), bounded."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    version: str | None = None
    value: Any = None


class Kept:
    """Values by key, at most so many: of what was asked for longest ago nothing is kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    async def get(self, key: Hashable, version: str, read: Callable[[], Awaitable[Any]]) -> Any:
        """The value of that version: the kept one, or what `read` gives. Of those who ask for it at once, one reads."""
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        while len(self._entries) > self._most:
            self._entries.popitem(last=False)
        async with entry.lock:
            if entry.version != version:
                entry.value = await read()
                entry.version = version
            return entry.value
