"""Spreadsheets are written in a process of their own: it takes the time that it takes, and gives all its memory back."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

from formats.sheets import END, Cell, Sheet, pack_rows, pack_sheet
from settings import ROOT


class WriterEnded(Exception):
    """The process ended before it was told all. What it said is the kind of its error only, which quotes no cell."""


class SheetFile:
    """A file that is being written: `begin` a sheet, `write` its rows, and so on; `finish` gives the file."""

    def __init__(self, process: asyncio.subprocess.Process, file: IO[bytes]) -> None:
        self._process, self._file = process, file

    async def begin(self, sheet: Sheet) -> None:
        """The rows that follow are of this sheet. Raises WriterEnded."""
        await self._tell(pack_sheet(sheet))

    async def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Rows of the sheet; waits until the process has taken most of them. Raises WriterEnded."""
        await self._tell(pack_rows(rows))

    async def finish(self) -> IO[bytes]:
        """The whole file, to be read from its beginning until the context ends. Raises WriterEnded."""
        await self._tell(END)
        if await self._process.wait():
            raise WriterEnded(await self._said())
        self._file.seek(0)
        return self._file

    async def _tell(self, line: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 -- a pipe, see below
        try:
            stdin.write(line)
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise WriterEnded(await self._said()) from None

    async def _said(self) -> str:
        stderr = self._process.stderr
        assert stderr is not None  # noqa: S101
        last = ((await stderr.read()).decode("ascii", "replace").strip().splitlines() or [""])[-1].partition(":")[0]
        return f"{await self._process.wait()} {last if re.fullmatch('[A-Za-z_.]+', last) else ''}".strip()


@asynccontextmanager
async def writing(format: str) -> AsyncIterator[SheetFile]:
    """A spreadsheet of that format; the process and all that it left on disk end with the context."""
    with TemporaryDirectory(prefix="sih-export-") as folder, TemporaryFile() as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "formats.sheet_writer", format, folder),
            cwd=ROOT,
            env={},  # no secret of ours
            stdin=asyncio.subprocess.PIPE,
            stdout=file.fileno(),
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield SheetFile(process, file)
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
