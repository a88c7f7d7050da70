"""The load: wrk, Debian's package, with its connections busy all the time."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from bench.speed.machine import OTHERS, pinned

CONNECTIONS = 32
SCRIPT = Path(__file__).with_name("load.lua")
KEY = "00000000-0000-4000-8000-000000000000"  # stands for a form's key, another one each time (load.lua)
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
_runs = count(1)


class NoLoad(Exception):
    """wrk is not there, or did not do what it was told; the message says what to do."""


@dataclass(frozen=True)
class Shot:
    """A request as it is sent."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] | None = None

    @property
    def method(self) -> str:
        """A form is posted."""
        return "GET" if self.form is None else "POST"

    @property
    def line(self) -> str:
        """What load.lua reads."""
        headers = "|".join(f"{name}: {value}" for name, value in (self.headers | (FORM if self.form else {})).items())
        return f"{self.method}\t{self.path}\t{headers}\t{urlencode(self.form or {})}\n"


@dataclass(frozen=True)
class Load:
    """What came of it: how many requests were answered in how many seconds, the bytes of the answers, the latency in milliseconds
    of half of them and of all but one in a hundred; how many had an answer of 400 and more, or none."""

    requests: int
    seconds: float
    bytes: int
    p50: float
    p99: float
    refused: int
    broken: int


def send(port: int, shots: Iterable[Shot], seconds: float, *, once: bool = False) -> Load:
    """Send the requests again and again for so many seconds, or `once` each, if that takes less. Raises NoLoad."""
    if not (wrk := shutil.which("wrk")):
        raise NoLoad("wrk is needed: run 'apt-get install wrk' as root")
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
        file.writelines(shot.line for shot in shots)
        file.flush()
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", SCRIPT]
        arguments = [file.name, str(next(_runs)), "once" if once else "again"]
        with pinned(OTHERS):
            done = subprocess.run(
                [*command, f"http://127.0.0.1:{port}", "--", *arguments], capture_output=True, text=True
            )
    for line in done.stdout.splitlines():
        if line.startswith("MEASURED "):
            requests, duration, size, p50, p99, refused, broken = map(int, line.split()[1:])
            return Load(requests, duration / 1e6, size, p50 / 1000, p99 / 1000, refused, broken)
    raise NoLoad(f"wrk measured nothing: {done.stdout}{done.stderr}")
