"""Mailing: hands what is due over to the mail server, one mail after another on one connection."""

import logging
import time

from asyncpg import Connection, InterfaceError, PostgresError

import db
from jobs.letters import Letter, NoAddress, compose
from jobs.mail_server import Mailer, NeverTaken, NoServer, NoSuchAddress, NotTaken
from queries.jobs import Job
from queries.mails import (
    Mail,
    begin_mail,
    drop_mail,
    hold_mail,
    keep_mails,
    note_refusal,
    note_sent,
    note_unsent,
    put_off_mails,
)
from settings import MailServer, Settings

log = logging.getLogger("sih.mail")

GOES_ON = 60  # seconds in which another mail is begun; what is due then is the next job's
WORKING = db.SERVING | {"application_name": "sih mails", "idle_in_transaction_session_timeout": "180s"}
ERROR_LENGTH = 500  # characters


async def send_due(connection: Connection, job: Job, settings: Settings) -> None:
    """Send what is due. Each mail is noted as sent in a transaction of its own, right after the server has taken it: should this
    end between the two, that one is sent again, and no other."""
    if settings.mail_server is None:
        await keep_mails(connection, "NoSettings: ")
        return
    database = db.create_database(settings.dsn, WORKING, size=1)
    await database.connect()
    try:
        async with db.acquire(database) as own:
            await _send_all(own, settings, settings.mail_server)
    finally:
        await db.disconnect(database)


async def _send_all(connection: Connection, settings: Settings, server: MailServer) -> None:
    mailer, end = Mailer(server, settings), time.monotonic() + GOES_ON
    try:
        while time.monotonic() < end and (mail := await begin_mail(connection)):
            async with connection.transaction():
                if not await hold_mail(connection, mail):
                    continue
                lost = await _send_one(connection, settings, mailer, mail)
            if lost:
                await put_off_mails(connection, lost)
                return
    finally:
        await mailer.close()


async def _send_one(connection: Connection, settings: Settings, mailer: Mailer, mail: Mail) -> str | None:
    """Send one that is held; why none can be sent at all, if that is so. What cannot be written is in nobody's way."""
    try:
        letter = await compose(connection, settings, mail)
    except (PostgresError, InterfaceError):
        raise
    except Exception as error:
        log.exception("mail not written", extra={"mail": mail.id})
        await note_unsent(connection, mail, None, _described(error), is_last=isinstance(error, NoAddress))
        return None
    if letter is None:
        await drop_mail(connection, mail)
        return None
    return await _send(connection, mailer, letter)


async def _send(connection: Connection, mailer: Mailer, letter: Letter) -> str | None:
    """Send one, and note what came of it; why none can be sent at all, if that is so."""
    mail, address, lost = letter.mail, letter.address, None
    try:
        await mailer.send(letter.message, address)
    except NoServer as error:
        lost = _described(error)
        await note_unsent(connection, mail, address, lost)
    except NotTaken as error:
        await note_unsent(connection, mail, address, _described(error))
    except NoSuchAddress as error:
        await note_unsent(connection, mail, address, _described(error), is_last=True)
        if mail.kind != "confirmation":  # which is sent to none that is in use
            await note_refusal(connection, mail.nik, address, _described(error))
    except NeverTaken as error:
        await note_unsent(connection, mail, address, _described(error), is_last=True)
    else:
        await note_sent(connection, mail, address)
        log.info("mail sent", extra={"mail": mail.id, "kind": mail.kind})
        return None
    log.warning("mail not sent", extra={"mail": mail.id, "kind": mail.kind, "attempt": mail.attempts})
    return lost


def _described(error: Exception) -> str:
    """What is kept of an error: its class, and what the server said, in one line."""
    said = " ".join(f"{type(error).__name__}: {error}".replace("\x00", "").split())
    return said.encode("utf-8", "replace").decode()[:ERROR_LENGTH]
