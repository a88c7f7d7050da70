"""What stands in a mail (MIME): headers, plain text and HTML, as its receiver may know it at this moment."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import unescape
from typing import Any

from asyncpg import Connection

from actions.notifications import address_of, tell_told
from queries.mails import Mail, Receiver, get_receiver, list_earlier
from queries.notifications import Notification, list_mailed
from settings import Settings
from web.confirmation_tokens import issue_confirmation
from web.render import render_text

MOST = 100  # that one mail tells


class NoAddress(Exception):
    """What is kept as an address is none."""


@dataclass(frozen=True)
class Letter:
    """A mail that is ready to be sent, and to whom."""

    mail: Mail
    address: str
    message: EmailMessage


async def compose(connection: Connection, settings: Settings, mail: Mail) -> Letter | None:
    """The letter; None if there is nobody, or nothing, to send it for."""
    receiver = await get_receiver(connection, mail.nik)
    if receiver is None:
        return None
    if mail.kind == "confirmation":
        return _confirmation(settings, mail, receiver)
    told = await list_mailed(connection, mail, MOST + 1) if receiver.email and not receiver.is_refused else []
    if not told:
        return None
    first, problem_id = told[0], mail.problem_id
    subject = f"[K-{problem_id}] {first.title}" if problem_id else f"Ringkasan: {_number(told)} pemberitahuan"
    context = {
        "heading": f"K-{problem_id} {first.title}" if problem_id else "Ringkasan harian",
        "url": f"{settings.base_url}/problems/{problem_id}" if problem_id else f"{settings.base_url}/notifications",
        "is_summary": problem_id is None,
        "told": told[:MOST][::-1],
        "has_more": len(told) > MOST,
        "sentence": tell_told,
        "address": lambda each: settings.base_url + address_of(each),
    }
    letter = _letter(settings, mail, receiver, receiver.email or "", subject, "told", context)
    if problem_id:
        _thread(letter.message, settings, mail, await list_earlier(connection, mail))
    return letter


def _number(told: list[Notification]) -> str:
    return f"{MOST} lebih" if len(told) > MOST else str(len(told))


def _confirmation(settings: Settings, mail: Mail, receiver: Receiver) -> Letter | None:
    if not (receiver.pending_email and receiver.pending_key):
        return None
    token = issue_confirmation(settings.secret_keys, mail.nik, receiver.pending_key)
    context = {"heading": "Konfirmasi surel", "url": f"{settings.base_url}/profile/confirmation?token={token}"}
    return _letter(settings, mail, receiver, receiver.pending_email, "Konfirmasi surel", "confirmation", context)


def _letter(
    settings: Settings, mail: Mail, receiver: Receiver, address: str, subject: str, name: str, context: dict[str, Any]
) -> Letter:
    context = {"receiver": receiver, "profile": f"{settings.base_url}/profile"} | context
    message = EmailMessage(SMTP)
    sender, sender_address = parseaddr(settings.mail_from)
    message["From"] = Address(sender, addr_spec=sender_address)
    message["To"] = _address(address)
    # One line, whatever stands in a title: what begins a header is never what somebody typed.
    message["Subject"] = " ".join("".join(c if c.isprintable() else " " for c in subject).split())
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = _message_id(settings, mail.id, mail.made_at)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # of Exchange
    message["List-Unsubscribe"] = f"<{settings.base_url}/profile>"
    # Everything was escaped, for HTML: in a plain text nothing is.
    message.set_content(unescape(render_text(f"templates/mail/{name}.txt", context)), cte="quoted-printable")
    html = render_text("templates/mail/told.html" if name == "told" else "templates/mail/confirmation.html", context)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return Letter(mail, address, message)


def _address(address: str) -> Address:
    """Of one receiver, and no more."""
    try:
        return Address(addr_spec=address)
    except (ValueError, HeaderParseError, IndexError):
        raise NoAddress from None


def _thread(message: EmailMessage, settings: Settings, mail: Mail, earlier: list[tuple[int, datetime]]) -> None:
    """Those of a problem hang together: by what would be its first, and those that were sent."""
    before = [_id(settings, f"problem-{mail.problem_id}"), *(_message_id(settings, *each) for each in earlier)]
    message["In-Reply-To"] = before[-1]
    message["References"] = " ".join(before)


def _message_id(settings: Settings, mail_id: int, made_at: datetime) -> str:
    """The same in every attempt, so that who gets it twice can tell."""
    return _id(settings, f"{mail_id}.{made_at.timestamp():.6f}")


def _id(settings: Settings, local: str) -> str:
    return f"<sih.{local}@{parseaddr(settings.mail_from)[1].rpartition('@')[2]}>"
