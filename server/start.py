"""The start: settings, the port, the database with its schema, then the server."""

import asyncio
import gc
import logging
import multiprocessing
import multiprocessing.process
import os
import resource
import signal
import socket
import sys
import threading
from contextlib import ExitStack, suppress

import db
from auth.peppers import find_missing_peppers
from auth.pins import PinHasher
from demo.accounts import ACCOUNTS
from demo.loading import load_demo
from server.keys import generated_key
from server.migrate import migrate_database
from server.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresError
from server.postgres.keeper import kept
from server.protocol import serve
from settings import DEMO, Settings, SettingsError, read_settings
from web.logs import configure_logging

log = logging.getLogger("sih")

OPEN_FILES = 4096


def start(factory: str) -> None:
    """Serve the application that `factory` makes until SIGINT or SIGTERM, on its own Postgres if none is configured.

    Whatever keeps it from starting is said in one line on standard error; the exit status is then 1.
    """
    configure_logging()
    gc.freeze()  # what was imported stays until the end, where to look at all of it once more takes 0.1 s
    _allow_open_files()
    # Left to its default, SIGTERM would end the process without stopping the embedded server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        try:
            settings = read_settings()
            _check_port(settings)
            if settings.short_keys:
                log.warning("a key is short: secret_key and pin_pepper are to be 32 random characters or more")
            if settings.embedded:
                _start_embedded(settings, stack)
            has_demo = asyncio.run(_prepare(read_settings(), with_demo=settings.embedded))
            os.environ[DEMO] = read_settings().dsn if has_demo else ""
        except (SettingsError, EmbeddedPostgresError, db.SchemaMismatch, OSError) as error:
            sys.exit(f"SIH: {error}")
        print(_greeting(settings, has_demo), flush=True)
        serve(factory, settings.host, settings.port, settings.workers)


def _allow_open_files() -> None:
    """As many open files as this account may have, within reason: a connection is one, and so is a photo that is being sent."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def end_with_parent() -> None:
    """Have a worker stop as by SIGTERM when its parent has ended, however: one that lived on would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_stop_after, args=(parent,), name="end with parent", daemon=True).start()


def _stop_after(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _start_embedded(settings: Settings, stack: ExitStack) -> None:
    """Run our own Postgres until the stack closes; the workers, which read the environment anew, find it there."""
    url = stack.enter_context(kept(EmbeddedPostgres(settings.data, bin_folder=settings.postgres_bin)))
    os.environ |= {"DATABASE_URL": url, "secret_key": generated_key(settings.data / "secret_key")}
    os.environ.setdefault("pin_pepper", generated_key(settings.data / "pin_pepper"))


def _check_port(settings: Settings) -> None:
    """Say at once that the port is taken. Raises OSError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise OSError(
                f"{settings.host}:{settings.port} tidak dapat dipakai (PORT, HOST): {error.strerror}"
            ) from error


async def _prepare(settings: Settings, with_demo: bool) -> bool:
    """Bring the database to this schema, and the demo company into the embedded one, unless another is there: whether it is.
    Say so if hardly any PIN can be right.

    A database that is away can wait. The company has all the time it takes: on a busy machine more than a request may have, and
    without it nobody could log in.
    """
    database, has_demo = _unhurried(settings.dsn) if with_demo else db.create_database(settings.dsn), False
    await database.connect()
    try:
        await migrate_database(settings.dsn)
        async with db.acquire(database) as connection:
            pins = PinHasher(settings.peppers)
            if with_demo:
                has_demo = await load_demo(connection, pins.hash)
            peppers = await find_missing_peppers(connection, pins)
            if peppers and peppers.is_wrong_key:
                print(f"SIH: {peppers}", file=sys.stderr, flush=True)  # the workers say it in their log
    except db.DatabaseUnavailable as error:
        log.warning("database unavailable", extra={"error": str(error)})
    finally:
        await db.disconnect(database)
    return has_demo


def _unhurried(dsn: str) -> db.Database:
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    return db.create_database(dsn, db.SERVING | dict.fromkeys(limits, "0"), bounded=False)


def _greeting(settings: Settings, has_demo: bool) -> str:
    """Where SIH is, and who can log in to the demo company."""
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host  # noqa: S104
    lines = [f"SIH: http://{host}:{settings.port}"]
    if has_demo:
        lines += ["Perusahaan contoh (NIK, PIN):", *(f"  {a.nik}  {a.pin}  {a.who}" for a in ACCOUNTS)]
    return "\n".join(lines)
