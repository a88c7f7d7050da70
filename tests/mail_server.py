"""A mail server (aiosmtpd) that keeps what it is sent, and answers, at any stage of the dialogue, as a test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from settings import MailServer

DROP = "drop"  # in place of an answer: the connection is lost


class Post:
    """What was sent, and how often somebody connected. `answers` are by stage: EHLO, MAIL, RCPT, DATA (before the content), SENT
    (after it is kept), LOST (after it came, not kept); to every attempt, or, of a list, to one each."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.answers: dict[str, str | list[str]] = {}

    def answer(self, stage: str, server: SMTP) -> str | None:
        wanted = self.answers.get(stage)
        if isinstance(wanted, list):
            wanted = wanted.pop(0) if wanted else None
        if wanted == DROP:
            server.transport.abort()
        return wanted

    async def handle_EHLO(self, server, session: Session, envelope, hostname, responses):
        session.host_name = hostname
        answer = self.answer("EHLO", server)
        return [answer] if answer else responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if answer := self.answer("MAIL", server):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.answer("RCPT", server):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope: Envelope):
        if answer := self.answer("DATA", server):
            return answer
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        return self.answer("SENT", server) or "250 OK"


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[Post, MailServer]]:
    """A server on this machine, and how it is set."""
    post = Post()

    def accept() -> SMTP:
        post.connections += 1
        return SMTP(post, hostname="mail.test", loop=asyncio.get_running_loop())

    server = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield post, MailServer("127.0.0.1", port, "", "", tls=False)
    finally:
        server.close()
        await server.wait_closed()


def body_of(mail: EmailMessage, kind: str) -> str:
    """The text of a mail, plain or html."""
    part = mail.get_body((kind,))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")
