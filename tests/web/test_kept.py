"""What is kept of what was read: by key and version, bounded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from web.kept import Kept


class Source:
    """What is read, and how often it was."""

    def __init__(self) -> None:
        self.read = 0

    async def __call__(self) -> int:
        self.read += 1
        await asyncio.sleep(0)
        return self.read


async def test_a_value_is_kept_as_long_as_its_version_stands() -> None:
    kept, source = Kept(2), Source()
    assert [await kept.get("a", version, source) for version in "112"] == [1, 1, 2]


async def test_what_was_asked_for_longest_ago_is_forgotten() -> None:
    kept, source = Kept(2), Source()
    for key in "abaca":  # of the two that are kept b is the older one when c comes
        await kept.get(key, "1", source)
    assert source.read == 3
    await kept.get("b", "1", source)
    assert source.read == 4


async def test_of_what_weighs_more_fewer_are_kept() -> None:
    kept, read = Kept(10, lambda text: len(text or "-")), []

    async def ask(key: str, length: int) -> None:
        async def source() -> str:
            read.append(key)
            return "x" * length

        assert await kept.get(key, "1", source) == "x" * length

    for key, length in (("a", 4), ("b", 4), ("a", 4), ("c", 6), ("a", 4), ("b", 4), ("d", 11), ("d", 11)):
        await ask(key, length)
    assert read == [
        "a",
        "b",
        "c",
        "b",
        "d",
        "d",
    ]  # c took the place of b, and b that of c; d is too heavy for all of it


async def test_of_those_who_ask_at_once_one_reads() -> None:
    kept, source = Kept(2), Source()
    assert await asyncio.gather(*(kept.get("a", "1", source) for _ in range(5))) == [1] * 5


async def test_what_could_not_be_read_is_read_by_the_next() -> None:
    async def fail() -> None:
        raise OSError

    kept, source = Kept(2), Source()
    with pytest.raises(OSError):
        await kept.get("a", "1", fail)
    assert await kept.get("a", "1", source) == 1


async def test_who_waits_does_so_within_what_is_given() -> None:
    kept, source, waited = Kept(2), Source(), []

    @asynccontextmanager
    async def waiting() -> AsyncIterator[None]:
        waited.append(source.read)
        yield

    await asyncio.gather(*(kept.get("a", "1", source, waiting) for _ in range(3)))
    assert waited == [1, 1] and source.read == 1


async def test_what_was_read_after_one_asked_is_new_enough() -> None:
    kept, source = Kept(2), Source()
    assert await asyncio.gather(*(kept.get("a", version, source) for version in "123")) == [1, 2, 2]
    assert await kept.get("a", "4", source) == 3
