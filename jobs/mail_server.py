"""The mail server (SMTP client): one connection for many mails, made when the first one is sent."""

import ssl
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import urlsplit

import aiosmtplib
from aiosmtplib import SMTP, SMTPException

from settings import MailServer, Settings

LIMIT = 20  # seconds for each answer
OWN = ("localhost", "127.0.0.1", "::1")  # where a password is sent without TLS too


class NoServer(Exception):
    """There is none, or it lets nobody in: no mail can be sent now."""


class NotTaken(Exception):
    """It did not take this mail, now."""


class NeverTaken(Exception):
    """It will not take this mail."""


class NoSuchAddress(NeverTaken):
    """It takes nothing for this address."""


class Mailer:
    """Sends mails by the server of the settings. To be closed."""

    def __init__(self, server: MailServer, settings: Settings) -> None:
        needs_tls = bool(server.user) and server.host not in OWN
        self._client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls,
            start_tls=False if server.tls else True if needs_tls else None,  # None: where it is offered
            local_hostname=urlsplit(settings.base_url).hostname,
            tls_context=ssl.create_default_context(),
            timeout=LIMIT,
        )

    async def send(self, message: EmailMessage, address: str) -> None:
        """Have it taken. Raises NoServer, NotTaken, NeverTaken, NoSuchAddress; after NotTaken it may have been taken, if the
        connection was lost before the last answer."""
        await self._connect()
        try:
            await self._client.send_message(message, recipients=[address])
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise _judged(refused.code, refused.message, NoSuchAddress) from None
        except aiosmtplib.SMTPNotSupported as error:  # an address that this server cannot write
            raise NoSuchAddress(str(error)) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _judged(error.code, error.message, NeverTaken) from None
        except (SMTPException, OSError) as error:
            self._client.close()
            raise NotTaken(_described(error)) from None

    async def close(self) -> None:
        """Take leave, if anybody is there."""
        with suppress(SMTPException, OSError):
            if self._client.is_connected:
                await self._client.quit()
        self._client.close()

    async def _connect(self) -> None:
        if self._client.is_connected:
            return
        try:
            await self._client.connect()
        except (SMTPException, OSError, ValueError) as error:
            self._client.close()
            raise NoServer(_described(error)) from None


def _judged(code: int, message: str, otherwise: type[NeverTaken]) -> Exception:
    """What an answer of the server means: by 4xx not now."""
    said = f"{code} {message}"
    return otherwise(said) if code >= 500 else NotTaken(said)


def _described(error: Exception) -> str:
    return f"{type(error).__name__} {error}"
