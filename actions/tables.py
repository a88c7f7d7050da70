"""Tables as they are sent, and as they are given back: received, row by row, and the files of what was wrong in one (upload)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import PurePath
from typing import IO

from asyncpg import Connection

from actions.importing import columns_of, fields_of
from actions.master import Master
from actions.register import Register
from actions.state import Request
from formats.corrections import faulty_row, faulty_sheet, template
from formats.headings import Columns
from formats.sheets import Sheet
from formats.tables import Fault, Head, Row, Unreadable, cell_of, plain_cell
from formats.text import clean
from forms.imports import NO_ROWS, TITLES, not_read
from queries.imported_rows import RawRow, insert_rows, list_wrong_rows
from queries.imports import Import, Sent, count_rows, insert_import
from web.tables import ReadTable, reading
from web.writing import SheetFile

NAME_LENGTH = 100  # characters of a file's name that are kept
PORTION = 500  # rows


class Received:
    """A table that is being read: `keep` keeps it, in the transaction of a connection."""

    def __init__(self, table: ReadTable, master: Master | Register) -> None:
        self._table, self._columns = table, columns_of(master, table.head.headings)

    async def keep(self, connection: Connection, nik: str | None, kind: str, name: str) -> int:
        """Keep all of its rows as an import that `nik` sends, or nobody; its id. Raises Unreadable."""
        head, notices = self._table.head, [*self._table.head.notices, *not_read(self._columns.unknown)]
        sent = Sent(nik, kind, _file_name(name), list(head.headings), notices, head.from_1904)
        import_id = await insert_import(connection, sent)
        async for rows in self._table.portions():
            await insert_rows(connection, import_id, [_raw(row, self._columns) for row in rows])
        if not await count_rows(connection, import_id):
            raise Unreadable(NO_ROWS)
        return import_id


@asynccontextmanager
async def in_turn(request: Request) -> AsyncIterator[None]:
    """One's turn to have a table read or written, of which a worker does one at a time: it may take hundreds of megabytes, and
    keeps a connection. Who waits for it has none. Raises 429 and 503 where too many wait, and DatabaseUnavailable."""
    state, of_app = request.state, request.app.state
    with of_app.decoding_posts.one_of(request, state.viewer.nik):
        async with AsyncExitStack() as turn:
            async with state.lease.given_back():
                await turn.enter_async_context(of_app.tables.turn(state.viewer.nik))
            state.connection = state.lease.connection
            yield


@asynccontextmanager
async def received(file: IO[bytes], master: Master | Register) -> AsyncIterator[Received]:
    """A table of that kind in a file. Raises Unreadable."""
    async with reading(file, [f.label for f in fields_of(master)]) as table:
        yield Received(table, master)


def template_of(kind: str, master: Master | Register) -> Sheet:
    """An empty table of that kind."""
    return template(TITLES[kind], [f.label for f in fields_of(master)])


async def write_wrong_rows(connection: Connection, imported: Import, file: SheetFile) -> None:
    """The rows that are wrong as they were sent, each with what is wrong with it."""
    head, after = Head(tuple(imported.headings), "xlsx", from_1904=imported.from_1904), 0
    await file.begin(faulty_sheet(head))
    while rows := await list_wrong_rows(connection, imported.id, after, PORTION):
        await file.write(_given_back(head, row) for row in rows)
        after = rows[-1].number


def _given_back(head: Head, row: RawRow) -> list[str | None]:
    cells = tuple(map(cell_of, row.cells))
    return faulty_row(head, Row(row.number, cells), [Fault(*fault) for fault in row.misread])


def _raw(row: Row, columns: Columns) -> RawRow:
    misread = [list(fault) for fault in row.faults if fault.column in (None, *columns.places.values())]
    return RawRow(row.number, list(map(plain_cell, row.cells)), misread)


def _file_name(name: str) -> str:
    return clean(PurePath(name.replace("\\", "/")).name)[-NAME_LENGTH:].strip() or "tanpa nama"
