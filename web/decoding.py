"""Files that were sent are decoded in a process of their own (sandbox), by turns of the people who sent them (fair queue)."""

import asyncio
import logging
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from tempfile import SpooledTemporaryFile
from weakref import WeakValueDictionary

from formats.picture import Picture, TooHeavy, unpack
from settings import ROOT

log = logging.getLogger("sih.decoding")

AT_ONCE = 1  # files that a worker has decoded at a time: one may take hundreds of megabytes
TIMEOUT = 60  # seconds for one, when the machine is busy; of a core it has less


class Turns:
    """Who decodes next: of each person one file, in the order of asking, so that many of one keep nobody else waiting."""

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(AT_ONCE)
        self._own: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, nik: str) -> AsyncIterator[None]:
        """Wait for one's turn, and keep it."""
        own = self._own.setdefault(nik, asyncio.Lock())
        async with own, self._all:
            yield


async def decode(file: SpooledTemporaryFile) -> Picture:
    """The picture in a file. Neither the file nor its pixels are ever in the memory of this process.

    Raises as `make_picture` does.
    """
    file.rollover()
    file.seek(0)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "formats.decoder"),
        cwd=ROOT,
        env={},  # no secret of ours
        stdin=file.fileno(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            answer, said = await process.communicate()
    except TimeoutError:
        raise TooHeavy from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        _note(process.returncode, said)
    return unpack(answer)


def _note(code: int, said: bytes) -> None:
    """Log what ended the process, unless it was a limit: of what it said the kind of the error only, which quotes no file."""
    last = (said.decode("ascii", "replace").strip().splitlines() or [""])[-1].partition(":")[0]
    kind = last if re.fullmatch(r"[A-Za-z_.]+(Error|Exception)", last) else "unknown"
    if kind != "MemoryError" and code not in (-signal.SIGXCPU, -signal.SIGKILL):
        log.error("decoder ended", extra={"code": code, "error": kind})
