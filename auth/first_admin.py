"""The first admin of a company that has none (bootstrap), whom nobody could make who is logged in."""

from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection

from auth.pins import PinHasher, new_initial_pin
from formats.text import clean
from forms.login import read_nik
from queries.first_admin import has_admin, hold_people, insert_admin, insert_company
from queries.masters import set_cause
from queries.security_events import note

NAME_LENGTH = 120


class NotMade(Exception):
    """There is none more than before; the message says why."""


class FirstAdmin(NamedTuple):
    """An admin with an initial PIN, which is good until then."""

    nik: str
    name: str
    pin: str
    until: datetime


async def make_first_admin(connection: Connection, pins: PinHasher, nik: str, name: str) -> FirstAdmin:
    """Make an admin, and the head office and the desk if they are missing, in one transaction. Of several at once one does.

    Raises NotMade where there is an admin, or somebody with that NIK, or what was given is no NIK or no name.
    """
    form, name = read_nik({"nik": nik}), " ".join(clean(name).split())
    if not form.valid:
        raise NotMade(f"{nik!r} is no NIK, which has 4 to 16 digits")
    if not 0 < len(name) <= NAME_LENGTH:
        raise NotMade(f"a name has 1 to {NAME_LENGTH} characters")
    nik = form.text("nik")
    pin = new_initial_pin(nik)
    pin_hash = await pins.hash_apart(pin)
    async with connection.transaction():
        await hold_people(connection)
        if await has_admin(connection):
            raise NotMade("there is an admin already, who can make others")
        await set_cause(connection, "command")
        await insert_company(connection)
        until = await insert_admin(connection, nik, name, pin_hash)
        if until is None:
            raise NotMade(f"somebody has the NIK {nik}")
        await note(connection, "scope changed", nik, cause="command", before={"admin": False}, after={"admin": True})
        await note(connection, "pin reset", nik, cause="command")
    return FirstAdmin(nik, name, pin, until)
