"""A table is read in a process of its own, which says what it found in portions, and ends."""

from tempfile import TemporaryFile

import pytest

from formats.tables import PORTION, Unreadable
from tests.books import book, rows
from web.tables import reading


async def numbers_in(content: bytes) -> list[list[int]]:
    with TemporaryFile() as file:
        file.write(content)
        async with reading(file, ("NIK", "Nama")) as table:
            assert table.head.headings[:2] == ("NIK", "Nama")
            return [[row.number for row in portion] async for portion in table.portions()]


async def test_a_table_comes_in_portions() -> None:
    csv = "NIK;Nama\n" + "".join(f"{n};Zoë\n" for n in range(PORTION + 1))
    assert [len(portion) for portion in await numbers_in(csv.encode("utf-16"))] == [PORTION, 1]
    assert await numbers_in(book(rows("1|Sari|", "2||"))) == [[2, 3]]


async def test_what_cannot_be_read_is_said_before_or_among_the_rows() -> None:
    with pytest.raises(Unreadable, match="rusak"):
        await numbers_in(book(rows("1"))[:-30])
    with pytest.raises(Unreadable, match="Tanda kutip"):
        await numbers_in(b"NIK;Nama\n" + b"1;x\n" * PORTION + b'2;"')


async def test_a_process_that_is_left_ends() -> None:
    with TemporaryFile() as file:
        file.write(b"NIK;Nama\n" + b"1;x\n" * 100_000)
        async with reading(file) as table:
            process = table._process
    assert process.returncode is not None
