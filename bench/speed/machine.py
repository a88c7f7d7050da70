"""What processes use of the machine: processor time and memory, from /proc; and on which core they run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SERVER, OTHERS = 0, 1  # the core of the server that is measured; that of the database and of the load
TICK = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Have what is started meanwhile run on one core; on a machine that has but one, there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core} & before or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def processor_seconds(root: int) -> float:
    """What a process and those below it have used so far, those that have ended since included."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # gone by now
            fields = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            children.setdefault(int(fields[1]), []).append(pid)
            used[pid] = sum(map(int, fields[11:15])) * TICK
    total, left = 0.0, [root]
    while left:
        pid = left.pop()
        total += used.get(pid, 0.0)
        left += children.get(pid, [])
    return total


def resident_bytes(pid: int) -> int:
    """The memory that a process occupies (RSS)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
