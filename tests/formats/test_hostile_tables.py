"""Hostile files are refused in words, soon, and within the memory that the process may have."""

import resource
import time
from tempfile import TemporaryFile

import pytest

from formats.tables import Unreadable
from tests.hostile_tables import HOSTILE
from web.tables import reading

SECONDS = 5


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_table_is_refused(name: str) -> None:
    make, said = HOSTILE[name]
    with TemporaryFile() as file:
        file.write(make())
        began, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        with pytest.raises(Unreadable, match=said) as refused:
            async with reading(file, ("NIK", "Nama")) as table:
                async for _ in table.portions():
                    pass
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    print(f"{name}: {took:.2f} {time.monotonic() - began:.2f} s, {after.ru_maxrss // 1024} MB: {refused.value}")
    assert took < SECONDS
