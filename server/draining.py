"""Graceful shutdown: told to stop (SIGTERM), a worker says that it is not ready, and serves on for a while (drain)."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from starlette.datastructures import State


@contextmanager
def draining(seconds: int, state: State) -> Iterator[None]:
    """Within the context SIGTERM sets `state.draining`, and takes its course `seconds` later; SIGINT is obeyed at once.

    A service manager may send SIGTERM to a worker beside its parent, which does so too: the second one changes nothing.
    """
    if not seconds:
        yield
        return
    loop, obey, began = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM), False

    def drain(number: int, frame: FrameType | None) -> None:
        nonlocal began
        if not began:
            began = state.draining = True
            loop.call_soon_threadsafe(loop.call_later, seconds, stop)

    def stop() -> None:
        if callable(obey):
            obey(signal.SIGTERM, None)

    signal.signal(signal.SIGTERM, drain)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, obey)
