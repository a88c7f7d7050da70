"""Tables that people send (XLSX, CSV) are read in a process of their own (sandbox), which holds what a hostile one may take."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import IO

from formats.packages import DAMAGED, TOO_LARGE
from formats.tables import LINE, Head, Row, Unreadable, unpack
from settings import ROOT

log = logging.getLogger("sih.tables")

TIMEOUT = 60  # seconds until the process has said something more, when the machine is busy; of a core it has less


class ReadTable:
    """A table that is being read: its head, then its rows, once, in portions."""

    def __init__(self, head: Head, process: asyncio.subprocess.Process) -> None:
        self.head, self._process = head, process

    async def portions(self) -> AsyncIterator[list[Row]]:
        """The rows that are not blank, in order, some hundreds at a time. Raises Unreadable."""
        while (said := await _next(self._process)) is not None:
            assert not isinstance(said, Head)  # noqa: S101 -- said once
            yield said


@asynccontextmanager
async def reading(file: IO[bytes], known: Collection[str] = ()) -> AsyncIterator[ReadTable]:
    """The table in a file on disk (an open one, with a descriptor of its own), which may have any name.

    `known` are the labels of the columns that are looked for: they decide which of several sheets is meant, and which separator.
    Raises Unreadable. The process ends with the context.
    """
    file.flush()
    file.seek(0)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "formats.table_reader", json.dumps(list(known))),
        cwd=ROOT,
        env={},  # no secret of ours
        stdin=file.fileno(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE,
    )
    try:
        head = await _next(process)
        assert isinstance(head, Head)  # noqa: S101 -- it is what is said first
        yield ReadTable(head, process)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _next(process: asyncio.subprocess.Process) -> Head | list[Row] | None:
    stdout, stderr = process.stdout, process.stderr
    assert stdout is not None and stderr is not None  # noqa: S101 -- pipes, see above
    try:
        async with asyncio.timeout(TIMEOUT):
            line = await stdout.readline()
    except (TimeoutError, ValueError):
        raise Unreadable(TOO_LARGE) from None
    if not line.endswith(b"\n"):
        code = await _note(process)
        raise Unreadable(TOO_LARGE if code < 0 else DAMAGED)
    return unpack(line)


async def _note(process: asyncio.subprocess.Process) -> int:
    """Log what ended the process before it had said all: a limit, or an error, of which only the kind quotes no cell."""
    assert process.stderr is not None  # noqa: S101
    said = (await process.stderr.read()).decode("ascii", "replace").strip().splitlines() or [""]
    kind, code = said[-1].partition(":")[0], await process.wait()
    log.warning("table reader ended", extra={"code": code, "error": kind if kind.isidentifier() else ""})
    return code
