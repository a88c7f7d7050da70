"""The processes that serve, where there are several, and when one is replaced (supervisor, health check)."""

import logging
import time
from contextlib import suppress
from socket import socket
from weakref import WeakKeyDictionary

from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors.multiprocess import Multiprocess, Process

log = logging.getLogger("sih")


class Workers(Multiprocess):
    """Replaces a worker that has ended, or that has not answered for as long as `timeout_worker_healthcheck` allows.

    uvicorn's own waits for the answer of one after the other, for five seconds each: of those that start slowly it kills one
    after the other, for ever, and meanwhile it notices neither the end of a worker nor a signal.
    """

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._heard: WeakKeyDictionary[Process, float] = WeakKeyDictionary()  # when each last answered

    @property
    def cannot_begin(self) -> bool:
        """Whether a worker failed before it served, as every other one would."""
        return any(worker.exitcode == STARTUP_FAILURE for worker in self.processes)

    def keep_subprocess_alive(self) -> None:
        """Look at each once, without waiting; not once told to stop: then they end by themselves."""
        if self.should_exit.is_set():
            return
        for index, worker in enumerate(self.processes):
            if self._answers(worker):
                continue
            worker.kill()
            worker.join()
            if self.cannot_begin:
                self.should_exit.set()
                return
            log.warning("worker replaced", extra={"exit_status": worker.exitcode})
            self.processes[index] = Process(self.config, self.sockets)
            self.processes[index].start()

    def _answers(self, worker: Process) -> bool:
        now = time.monotonic()
        self._heard.setdefault(worker, now)
        with suppress(OSError, EOFError):
            worker.parent_conn.send(b"ping")
            while worker.parent_conn.poll():
                worker.parent_conn.recv()
                self._heard[worker] = now
        return worker.process.is_alive() and now - self._heard[worker] < self.config.timeout_worker_healthcheck
