"""A program that keeps one worker alive: when it is killed, the next one is forked, which costs no time for imports.

    python -m tests.jobs.nursery DATABASE_URL [POLL [telling] [mailing]]

POLL is the seconds between two looks at the queue. `telling` has it tell what is in the outbox, `mailing` send what is due to the
server at MAIL_PORT, each to be killed by that. It prints the number of each worker. Its jobs leave a row in the table `effect`,
which counts them.
"""

import asyncio
import os
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path
from threading import Timer

from asyncpg import Connection

from jobs import worker
from jobs.kind import Kind
from jobs.registry import KINDS as REAL
from jobs.worker import working
from queries.jobs import Job
from queries.mails import is_mail_due
from queries.outbox import is_filled
from settings import MailServer, Settings
from tests.conftest import settings_for


async def count(connection: Connection, job: Job, settings: Settings) -> None:
    """Leave a row. If asked to, kill the process at some moment of the first attempt: before it, after it, in the commit."""
    if job.arguments.get("dies") and job.attempt == 1:
        killing = Timer(random.uniform(0, 0.008), os.kill, (os.getpid(), signal.SIGKILL))
        killing.daemon = True
        killing.start()
    await asyncio.sleep(0.002)
    await connection.execute(
        "INSERT INTO effect (job, attempt, pid) VALUES ($1, $2, $3)", job.id, job.attempt, os.getpid()
    )
    await asyncio.sleep(0.002)


async def kill(connection: Connection, job: Job, settings: Settings) -> None:
    """End the process, whenever it is tried."""
    os.kill(os.getpid(), signal.SIGKILL)


async def wait(connection: Connection, job: Job, settings: Settings) -> None:
    """Take long in the first attempt."""
    await asyncio.sleep(60 if job.attempt == 1 else 0)
    await count(connection, job, settings)


async def alarm(connection: Connection, job: Job, settings: Settings) -> None:
    """Raise alarms, and take long before that is committed."""
    await REAL["alarms"].run(connection, job, settings)
    await wait(connection, job, settings)


async def tell(connection: Connection, job: Job, settings: Settings) -> None:
    """Tell what is in the outbox; kill the process every other time, at some moment of it."""
    if random.random() < 0.5:
        killing = Timer(random.uniform(0, 0.03), os.kill, (os.getpid(), signal.SIGKILL))
        killing.daemon = True
        killing.start()
    await REAL["telling"].run(connection, job, settings)
    await asyncio.sleep(0.002)


async def mail(connection: Connection, job: Job, settings: Settings) -> None:
    """Send what is due, to the server at MAIL_PORT; kill the process every other time, at some moment of it."""
    if random.random() < 0.5:
        killing = Timer(random.uniform(0, 0.15), os.kill, (os.getpid(), signal.SIGKILL))
        killing.daemon = True
        killing.start()
    server = MailServer("127.0.0.1", int(os.environ["MAIL_PORT"]), "", "", tls=False)
    await REAL["mailing"].run(connection, job, replace(settings, mail_server=server))


KINDS = {
    "alarms": Kind(alarm, pause=0.2),
    "count": Kind(count, pause=0.2),
    "kill": Kind(kill, attempts=3, pause=0.05),
    "wait": Kind(wait, pause=0.2),
    **{name: replace(REAL[name], pause=0.2) for name in ("export", "import_check", "import")},
}


MORE = {
    "telling": Kind(tell, pause=0.05, wanted=is_filled),
    "mailing": Kind(mail, pause=0.05, wanted=is_mail_due),
}


async def work(url: str) -> None:
    async with working(settings_for(url, Path()), KINDS):
        await asyncio.Event().wait()


def main(url: str, poll: str = str(worker.POLL), *more: str) -> None:
    worker.POLL = float(poll)
    KINDS.update({name: MORE[name] for name in more})
    while True:
        child = os.fork()
        if child == 0:
            asyncio.run(work(url))
        print(child, flush=True)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
