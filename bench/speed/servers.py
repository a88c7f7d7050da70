"""The servers that are measured, each a process on the one core that is theirs."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from bench.speed.load import CONNECTIONS
from bench.speed.machine import SERVER, pinned, processor_seconds, resident_bytes
from bench.speed.people import SECRET
from settings import ROOT
from tests.processes import OURS, free_port

PATIENCE = 60  # seconds for a start


class Server:
    """A process that answers on `port`; its output is kept in `folder`. `answers` are those that were measured."""

    def __init__(self, name: str, folder: Path, command: list[str], settings: dict[str, str], ready: str) -> None:
        self.name, self.port, self.answers = name, free_port(), 0
        self._log, self._ready = folder / f"{name}.log", ready
        self._command = [word.replace("PORT", str(self.port)) for word in command]
        self._environment = {key: value for key, value in os.environ.items() if key not in OURS}
        self._environment |= settings | {"PORT": str(self.port)}

    def __enter__(self) -> Self:
        with self._log.open("w") as log, pinned(SERVER):
            self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__(None, None, None)
                raise RuntimeError(f"{self.name} does not serve: {self._log.read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)

    def _answers(self) -> bool:
        with suppress(URLError, OSError):
            return urlopen(f"http://127.0.0.1:{self.port}{self._ready}").status == 200
        return False

    @property
    def processor_seconds(self) -> float:
        """What it has used so far."""
        return processor_seconds(self._process.pid)

    @property
    def resident_megabytes(self) -> float:
        """What it occupies of the memory."""
        return resident_bytes(self._process.pid) / 2**20


def app(folder: Path, url: str) -> Server:
    """SIH as it is shipped, with one worker, on the database at `url`, behind a proxy on this machine."""
    settings = {"DATABASE_URL": url, "secret_key": SECRET, "TRUSTED_PROXIES": "127.0.0.1"}
    return Server("app", folder, [sys.executable, "app.py"], settings, "/health/ready")


def paper(folder: Path, url: str) -> Server:
    """The paper's design, with packages of its own (bench/speed/baseline/), on a server for production."""
    packages = [ROOT / ".uv/bin/uv", "run", "-q", "--no-project", "--with-requirements", "requirements-bench.lock"]
    server = ["gunicorn", "-b", "127.0.0.1:PORT", "-k", "gthread", "--threads", str(CONNECTIONS), "--keep-alive", "60"]
    command = [*map(str, packages), *server, "--chdir", "bench/speed/baseline", "app:app"]
    return Server("paper", folder, command, {"DATABASE_URL": url, "secret_key": SECRET}, "/")


def floor(folder: Path) -> Server:
    """A bare Starlette route on uvicorn."""
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "bench.speed.floor:app",
        "--port",
        "PORT",
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    return Server("floor", folder, command, {}, "/")
