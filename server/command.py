"""`bin/sih`, the operators' command line: one subcommand a thing to do, one line that says what was done or what is wrong.

Exit status 0: done; 1: what was to be done could not be, or what was looked at is not as it should be; 2: it was not begun, for
something is wrong with the arguments or the settings, or the database is away.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import quote

import db
from auth.first_admin import NotMade, make_first_admin
from auth.pins import PinHasher
from queries.chains import list_sealed_changes, list_sealed_events
from queries.leaving import list_unattended
from server.chains import Verdict, verify
from server.importing import IMPORTED, Feed, NotTaken, import_file
from server.keys import generated_key
from server.master_check import find_misnoted
from server.migrate import migrate_database
from server.postgres.embedded import DataFolderInUse, EmbeddedPostgres, EmbeddedPostgresError
from server.promise_check import find_mispromised
from server.recap_check import find_miscounted, mend_miscounted
from server.session import session
from settings import Settings, SettingsError, read_settings
from web.logs import configure_logging

NAMED = 10  # of what is wrong
MASTER = "master:"  # begins what names a row of the chain of master data


class Failed(Exception):
    """The message says in one line what is wrong."""


class Command(NamedTuple):
    """A subcommand: `run` gets the settings, in which the database is named, and the arguments by name; it returns in one line
    what it did, or raises Failed, SchemaMismatch or DatabaseUnavailable. `arguments` are those of argparse's add_argument."""

    run: Callable[..., Coroutine[Any, Any, str]]
    help: str
    arguments: Mapping[str, Mapping[str, Any]]


async def _migrate(settings: Settings) -> str:
    before, after = await migrate_database(settings.dsn)
    if before is None:
        return f"the database was empty, and has the schema of version {after} now"
    if before == after:
        return f"nothing to migrate: the schema has version {after}"
    return f"migrated from schema version {before} to {after}"


async def _admin(settings: Settings, nik: str, name: str) -> str:
    await migrate_database(settings.dsn)
    async with session(settings.dsn) as connection:
        try:
            admin = await make_first_admin(connection, PinHasher(settings.peppers), nik, name)
        except NotMade as error:
            raise Failed(str(error)) from error
    return (
        f"{admin.nik} {admin.name} is the first admin; the initial PIN, shown this once and good until "
        f"{admin.until:%Y-%m-%d %H:%M} UTC, is {admin.pin}"
    )


async def _verify(settings: Settings, noted: list[tuple[str, int, str]]) -> str:
    rows = {chain: (seq, hash) for chain, seq, hash in noted}
    async with session(settings.dsn) as connection:
        events = await verify(connection, list_sealed_events, rows.get(""))
        changes = await verify(connection, list_sealed_changes, rows.get(MASTER))
        misnoted = await find_misnoted(connection)
        unattended, miscounted = await list_unattended(connection, NAMED), await find_miscounted(connection)
        mispromised = await find_mispromised(connection)
    if events.wrong:
        raise Failed(f"BROKEN: {events.wrong}")
    if changes.wrong:
        raise Failed(f"BROKEN: of master data {changes.wrong}")
    if misnoted:
        raise Failed(
            f"MISNOTED: {len(misnoted)} of the master data are otherwise than they and their changes were noted, the first of "
            f"them {', '.join(misnoted[:NAMED])}"
        )
    if unattended.problems:
        numbers = ", ".join(f"K-{number}" for number in unattended.first)
        raise Failed(
            f"UNATTENDED: nobody can act on {unattended.problems} unfinished problems, the first of them {numbers}"
        )
    if miscounted.problems:
        numbers = ", ".join(f"K-{number}" for number in miscounted.problems[:NAMED])
        raise Failed(
            f"MISCOUNTED: the recap counts {len(miscounted.problems)} problems otherwise than their histories say, the first "
            f"of them {numbers}; `bin/sih recount` counts them anew"
        )
    if miscounted.months:
        raise Failed(
            f"MISCOUNTED: sums of {_in_words(miscounted.months)} are not those of their movements; `bin/sih recount` adds "
            "them up anew"
        )
    if miscounted.misfrozen:
        raise Failed(
            f"MISCOUNTED: how soon problems of {_in_words(miscounted.misfrozen)} were answered and solved, and how many in time, "
            "is frozen otherwise than it was; only a backup has the right numbers"
        )
    if miscounted.in_list:
        raise Failed(
            f"MISCOUNTED: {miscounted.in_list} numbers beside the list are wrong; `bin/sih recount` counts them anew"
        )
    if mispromised:
        numbers = ", ".join(f"K-{number}" for number in mispromised[:NAMED])
        raise Failed(
            f"MISPROMISED: when {len(mispromised)} problems are due is not what follows from their histories and working time, "
            f"the first of them {numbers}"
        )
    last_ones = f"{MASTER}{_last_of(changes)} {_last_of(events)}"
    return f"whole: {events.count} rows, and {changes.count} of master data; note the last ones: {last_ones}"


def _last_of(chain: Verdict) -> str:
    return f"{chain.seq}:{chain.hash.hex()}"


async def _import(settings: Settings, kind: str, file: Path, full: bool, dry_run: bool, force: bool) -> str:
    try:
        took = await import_file(settings, kind, file, Feed(full, dry_run, force))
    except (OSError, NotTaken) as error:
        raise Failed(str(error)) from None
    if took.wrong:
        raise Failed(took.in_words)
    return took.in_words


async def _recount(settings: Settings) -> str:
    async with session(settings.dsn, bounded=False) as connection:
        found, frozen = await mend_miscounted(connection)
    if frozen:
        raise Failed(
            f"frozen numbers of {_in_words(frozen)} were changed by hand, and are never changed: only a backup has the right "
            "ones; all else is counted anew"
        )
    if not found.anything:
        return "nothing to recount: the recap counts what the histories of problems say, the list what there is"
    return (
        f"counted anew: {len(found.problems)} problems, the sums of {_in_words(found.months) or 'no month'}, "
        f"{found.in_list} numbers beside the list"
    )


def _in_words(months: list[date]) -> str:
    return ", ".join(f"{month:%Y-%m}" for month in months)


def _noted_row(text: str) -> tuple[str, int, str]:
    """A row as `verify` prints the last ones: of which chain, its number and hash. Raises ArgumentTypeError."""
    if not (row := re.fullmatch(rf"({MASTER}|)([0-9]{{1,18}}):([0-9a-f]{{64}})", text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no row that was printed before")
    return row[1], int(row[2]), row[3]


COMMANDS = {
    "admin": Command(
        _admin,
        "make the first admin of a company that has none, and the schema of an empty database; prints the initial PIN, once",
        {"nik": {"metavar": "NIK"}, "name": {"metavar": "NAME"}},
    ),
    "import": Command(
        _import,
        "take over a table (XLSX or CSV) of one kind: what is new or changed in it, by the labels of the forms as headings",
        {
            "kind": {"metavar": "KIND", "choices": list(IMPORTED), "help": ", ".join(IMPORTED)},
            "file": {"metavar": "FILE", "type": Path},
            "--full": {"action": "store_true", "help": "deactivate the employees who are not in it any more"},
            "--dry-run": {"action": "store_true", "help": "only say what would be done"},
            "--force": {"action": "store_true", "help": "with --full: also if more than a tenth would leave"},
        },
    ),
    "migrate": Command(_migrate, "bring the database to the schema of this version", {}),
    "recount": Command(_recount, "count anew what `verify` says is counted wrongly", {}),
    "verify": Command(
        _verify,
        "check that the chains of security events and of changes of master data are whole, that master data is as it was noted, "
        "that somebody can act on every unfinished problem, that the recap counts what the histories of problems say, "
        "and the list what there is, and that problems are due when their promises say, which add up",
        {
            "noted": {
                "metavar": "SEQ:HASH",
                "nargs": "*",
                "type": _noted_row,
                "help": "the last rows that were noted before",
            }
        },
    ),
}


def main(arguments: list[str] | None = None) -> None:
    """Run the subcommand that `arguments`, or those of the process, name."""
    configure_logging()
    given = vars(_parser().parse_args(arguments))
    name = given.pop("command")
    with ExitStack() as stack:
        try:
            settings = _with_database(read_settings(), stack)
            print(asyncio.run(COMMANDS[name].run(settings, **given)))
        except (Failed, db.SchemaMismatch) as error:
            sys.exit(f"sih {name}: {error}")
        except (SettingsError, EmbeddedPostgresError) as error:
            _not_begun(f"sih {name}: {error}")
        except db.DatabaseUnavailable as error:
            _not_begun(f"sih {name}: the database is away, or not ready for this ({error})")


def _not_begun(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/sih", description="SIH, with the settings in the environment.")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=command.help, description=command.help)
        for argument, options in command.arguments.items():
            subparser.add_argument(argument, **options)
    return parser


def _with_database(settings: Settings, stack: ExitStack) -> Settings:
    """The settings, naming the configured database, or the embedded one, which may be running or not, with its key."""
    if settings.database_url:
        return settings
    try:
        url = stack.enter_context(EmbeddedPostgres(settings.data, bin_folder=settings.postgres_bin))
    except DataFolderInUse:
        url = f"postgresql://postgres@/postgres?host={quote(str((settings.data / 'socket').resolve()))}"
    peppers = settings.pin_peppers or (generated_key(settings.data / "pin_pepper"),)
    return replace(settings, database_url=url, pin_peppers=peppers)


if __name__ == "__main__":
    main()
