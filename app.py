"""The front door of SIH: every route in one table, what stands before them, and the start."""

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import db
import demo
from doors import (
    ADMIN,
    HANDLER,
    NEWCOMER,
    OVERSEER,
    PHOTOS_AT_ONCE,
    PUBLIC,
    REPORTER,
    Door,
    StaticDoor,
    check_policies,
    problem,
)
from logs import RequestLog, configure_logging
from middleware import LimitInFlight, OnlyHttps, RefuseCrossSite, RefuseUnreadable, SecurityHeaders
from pins import PinHasher
from postgres import EmbeddedPostgres, EmbeddedPostgresError
from postgres_keeper import kept
from queries.budgets import forget_old
from routes import (
    bulk,
    closures,
    desk,
    drafts,
    employees,
    errors,
    escalations,
    health,
    help,
    login,
    openings,
    photos,
    pins,
    presence,
    problems,
    reports,
    sessions,
    stores,
    views,
)
from serving import serve
from settings import ROOT, Settings, SettingsError, read_settings

log = logging.getLogger("sih")

# Requests that a worker works on at once: ten have a connection to the database, the others wait for one.
IN_FLIGHT = 200

# fmt: off
DOORS = [
    Door("/",                                    PUBLIC,                 get=login.home),
    Door("/login",                               PUBLIC,                 get=login.show,         post=login.create),
    Door("/login/nik",                           PUBLIC,                                         post=login.find),
    Door("/logout",                              NEWCOMER,                                       post=login.delete),
    Door("/pin",                                 NEWCOMER,               get=pins.edit,          post=pins.update),
    Door("/sessions",                            REPORTER,               get=sessions.index),
    Door("/sessions/ending",                     REPORTER,                                       post=sessions.end_others),
    Door("/sessions/{session}/ending",           REPORTER,                                       post=sessions.end),

    Door("/problems",                            REPORTER,               get=problems.index,     post=reports.create, files=5),
    Door("/problems/new",                        REPORTER,               get=reports.new),
    Door("/problems/new/reporter",               HANDLER,                get=reports.find_reporter),
    Door("/problems/openings",                   HANDLER,                get=bulk.OPENING.new, post=bulk.OPENING.create),
    Door("/problems/escalations",                HANDLER,                get=bulk.ESCALATION.new, post=bulk.ESCALATION.create),
    Door("/problems/voidings",                   HANDLER,                get=bulk.VOIDING.new, post=bulk.VOIDING.create),
    Door("/problems/{id}",                       problem("see"),         get=problems.show),
    Door("/problems/{id}/comments",              problem("comment"),                             post=problems.comment, files=5),
    Door("/problems/{id}/photos/{seq}",          problem("see"),         get=photos.show),
    Door("/problems/{id}/photos/{seq}/image",    problem("see"),         get=photos.show_image),
    Door("/problems/{id}/photos/{seq}/thumbnail", problem("see"),        get=photos.show_thumbnail),
    Door("/problems/{id}/drafts/{form}",         problem("see"),                                 post=drafts.save),
    Door("/problems/{id}/drafts/{form}/discarding", problem("see"),                              post=drafts.discard),
    Door("/problems/{id}/presence",              problem("see"),                                 post=presence.beat),
    Door("/problems/{id}/opening",               problem("opening"),     get=openings.new,       post=openings.create),
    Door("/problems/{id}/escalation",            problem("escalation"),  get=escalations.new,    post=escalations.create),
    Door("/problems/{id}/escalation/fields",     problem("escalation"),  get=escalations.fields),
    Door("/problems/{id}/escalation/pic",        problem("escalation"),                          post=escalations.choose_pic),
    Door("/problems/{id}/escalation/acceptance", problem("answer"),                              post=escalations.accept),
    Door("/problems/{id}/escalation/return",     problem("answer"),                              post=escalations.send_back),
    Door("/problems/{id}/closure",               problem("closure"),     get=closures.new,       post=closures.create),
    Door("/problems/{id}/confirmation",          problem("confirmation"),                        post=closures.confirm),
    Door("/problems/{id}/reopening",             problem("reopening"),                           post=closures.reopen),
    Door("/problems/{id}/voiding",               problem("voiding"),                             post=closures.void),

    Door("/desk",                                OVERSEER,               get=desk.show),
    Door("/desk/next",                           HANDLER,                get=desk.show_next),

    Door("/stores",                              REPORTER,               get=stores.index),
    Door("/views",                               REPORTER,               get=views.index,        post=views.create),
    Door("/views/{id}/deletion",                 REPORTER,                                       post=views.delete),
    Door("/help",                                REPORTER,               get=help.show),
    Door("/drafts/{form}",                       REPORTER,                                       post=drafts.save),
    Door("/drafts/{form}/discarding",            REPORTER,                                       post=drafts.discard),

    Door("/admin/employees",                     ADMIN,                  get=employees.index),
    Door("/admin/employees/{nik}",               ADMIN,                  get=employees.show),
    Door("/admin/employees/{nik}/pin",           ADMIN,                                          post=employees.reset_pin),
    Door("/admin/employees/{nik}/sessions/ending", ADMIN,                                        post=employees.end_sessions),
    Door("/admin/employees/{nik}/deactivation",  ADMIN,                                          post=employees.deactivate),
    Door("/admin/employees/{nik}/activation",    ADMIN,                                          post=employees.activate),

    Door("/health/live",                         PUBLIC,                 get=health.live),
    Door("/health/ready",                        PUBLIC,                 get=health.ready),
    StaticDoor("/static", str(ROOT / "static")),
]
# fmt: on


def create_worker() -> Starlette:
    """The application of a process that serves it, from the environment. Raises as create_app and read_settings do."""
    configure_logging()
    return create_app(read_settings())


def create_app(settings: Settings) -> Starlette:
    """The application. Raises RuntimeError if a route names no policy."""
    check_policies(DOORS)
    app = Starlette(
        routes=DOORS,
        lifespan=_lifespan,
        middleware=[
            Middleware(RequestLog),
            Middleware(SecurityHeaders),
            Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies)),
            Middleware(LimitInFlight, limit=IN_FLIGHT, refuse=errors.busy),
            Middleware(RefuseUnreadable, allowed_hosts=settings.allowed_hosts, refuse=errors.unreadable),
            Middleware(OnlyHttps, refuse=errors.not_https),
            Middleware(RefuseCrossSite, refuse=errors.foreign),
            Middleware(GZipMiddleware, compresslevel=6),
        ],
        exception_handlers={
            HTTPException: errors.http_error,
            db.DatabaseUnavailable: errors.unavailable,
            Exception: errors.crash,
        },
    )
    app.router.redirect_slashes = False  # an address is right or it does not exist
    app.state.settings = settings
    app.state.database = db.create_database(settings.database_url)
    app.state.boards = {}  # the desk screen as it was last read, with its version, by time zone
    app.state.board_lock = asyncio.Lock()
    app.state.photo_limiter = CapacityLimiter(PHOTOS_AT_ONCE)
    app.state.pins = _pin_hasher(settings)
    return app


def _pin_hasher(settings: Settings) -> PinHasher:
    return PinHasher(settings.pin_peppers or settings.secret_keys)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    await app.state.database.connect()
    tasks = [asyncio.create_task(_apply_schema(app)), asyncio.create_task(_tidy(app))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await db.disconnect(app.state.database)


async def _apply_schema(app: Starlette) -> None:
    """A database that is away when SIH starts gets its schema when it comes back."""
    try:
        await db.apply_schema_when_available(app.state.database)
    except db.SchemaMismatch as error:
        log.critical("schema mismatch", extra={"error": str(error)})


async def _tidy(app: Starlette) -> None:
    """Every hour, drop what no longer counts."""
    while True:
        await asyncio.sleep(3600)
        try:
            async with db.acquire(app.state.database) as connection:
                await forget_old(connection)
        except Exception as error:  # whatever it is, the next hour may do better
            log.warning("tidying failed", extra={"error": type(error).__name__})


def main() -> None:
    """Serve SIH until SIGINT or SIGTERM, on its own Postgres if none is configured.

    Whatever keeps it from starting is said in one line on standard error; the exit status is then 1.
    """
    configure_logging()
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
            asyncio.run(_prepare(read_settings(), with_demo=settings.embedded))
        except (SettingsError, EmbeddedPostgresError, db.SchemaMismatch, OSError) as error:
            sys.exit(f"SIH: {error}")
        print(_greeting(settings), flush=True)
        serve("app:create_worker", settings.host, settings.port, settings.workers)


def _start_embedded(settings: Settings, stack: ExitStack) -> None:
    """Run our own Postgres until the stack closes; the workers, which read the environment anew, find it there."""
    url = stack.enter_context(kept(EmbeddedPostgres(settings.data, bin_folder=settings.postgres_bin)))
    os.environ |= {"DATABASE_URL": url, "secret_key": _generated_key(settings.data / "secret_key")}
    os.environ.setdefault("pin_pepper", _generated_key(settings.data / "pin_pepper"))


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


def _generated_key(file: Path) -> str:
    """A key of the embedded database, for its sessions or its PINs, made once."""
    if not file.exists():
        unfinished = file.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(32))
        unfinished.rename(file)  # whole or not at all
    return file.read_text()


async def _prepare(settings: Settings, with_demo: bool) -> None:
    """Make the schema if the database is empty, and the demo company in the embedded one. A database that is away can wait."""
    database = db.create_database(settings.database_url)
    await database.connect()
    try:
        async with db.acquire(database) as connection:
            await db.apply_schema(connection)
            if with_demo:
                await demo.load_demo(connection, _pin_hasher(settings).hash)
    except db.DatabaseUnavailable as error:
        log.warning("database unavailable", extra={"error": str(error)})
    finally:
        await db.disconnect(database)


def _greeting(settings: Settings) -> str:
    """Where SIH is, and who can log in to the demo company."""
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host  # noqa: S104
    lines = [f"SIH: http://{host}:{settings.port}"]
    if settings.embedded:
        lines += ["Perusahaan contoh (NIK, PIN):", *(f"  {a.nik}  {a.pin}  {a.who}" for a in demo.ACCOUNTS)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
