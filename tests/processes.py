"""`python app.py` as a process of its own, and what is left of it."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from settings import DATABASE_PARTS, ROOT

OURS = (
    *DATABASE_PARTS,
    "DATABASE_URL",
    "secret_key",
    "pin_pepper",
    "HOST",
    "PORT",
    "WORKERS",
    "ALLOWED_HOSTS",
    "SIH_DATA",
    "POSTGRES_BIN",
    "DRAIN_SECONDS",
)
# Without the certificates of this machine, which take longer to load than a page, each time.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
PATIENCE = 60  # seconds; a start takes two, on a machine with nothing else to do


class Process:
    """`python app.py` with only the settings that are given, on a free port unless one is named; of the house in `root`."""

    def __init__(self, folder: Path, *, root: Path = ROOT, **settings: str) -> None:
        settings.setdefault("DRAIN_SECONDS", "0")
        self.port = int(settings.setdefault("PORT", str(free_port())))
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self._out, self._err = folder / f"{self.port}.out", folder / f"{self.port}.err"
        with self._out.open("a") as out, self._err.open("a") as err:
            # A shell gives what it starts in the background no SIGINT, which all that follows inherits.
            self.process = subprocess.Popen(
                ["env", "--default-signal=INT", sys.executable, "app.py"],
                cwd=root,
                env=environment | settings,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    def serving(self) -> "Process":
        """Wait until it answers that it is ready."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, self.err
            with suppress(httpx2.TransportError):
                if self.status("/health/ready") == 200:
                    return self
            time.sleep(0.05)
        pytest.fail(f"does not serve: {self.err}")

    def browser(self) -> httpx2.Client:
        base = f"http://127.0.0.1:{self.port}"
        return httpx2.Client(base_url=base, verify=PLAIN, headers={"Sec-Fetch-Site": "same-origin"})

    def status(self, path: str) -> int:
        return httpx2.get(f"http://127.0.0.1:{self.port}{path}", verify=PLAIN).status_code

    def workers(self) -> list[int]:
        """The numbers of the processes that serve, if they are others than this one."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                is_child = f"\nPPid:\t{self.process.pid}\n" in (process / "status").read_text()
                if is_child and b"spawn_main" in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
        return sorted(found)

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Send the signal, as a terminal or a service manager would; the exit status."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def working_on(folder: Path) -> list[str]:
    """The command lines of all processes that name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if os.fsencode(folder) in command:
                found.append(command.replace(b"\0", b" ").decode())
    return found


def members_of(group: int) -> list[str]:
    """The command lines of all processes of a group: what a process that leads one has started, and itself."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(process.name)) == group and (command := (process / "cmdline").read_bytes()):
                found.append(command.replace(b"\0", b" ").decode())
    return found


def assert_nobody_works_on(folder: Path) -> None:
    end = time.monotonic() + 10
    while working_on(folder):
        assert time.monotonic() < end, working_on(folder)
        time.sleep(0.05)


def log_in(browser: httpx2.Client, nik: str, pin: str) -> None:
    response = browser.post("/login", data={"nik": nik, "pin": pin})
    assert (response.status_code, response.headers["Location"]) == (303, "/problems"), response.text
