"""Mails: to whom, when, what stands in them, and what becomes of them when the mail server does not take them."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from asyncpg import Connection

from actions.registry import COMMENT, NOTE
from jobs import mail_server as mail_server_of_jobs
from jobs.mailing import send_due
from queries.jobs import Job
from queries.mails import is_mail_due
from queries.notifications import read_notifications_of
from settings import MailServer, Settings
from tests.jobs.conftest import until
from tests.journeys import ADMIN, ANI, BUDI, CITRA, DESK, DESK_TOO, MANAGER, NET
from tests.mail_server import DROP, Post, body_of, mail_server
from tests.queries.life import Wish, change, close, do, identify, problem_in, report, submission, to_net
from tests.told import forget_all, tell_all

Send = Callable[[], Awaitable[list[str]]]


@pytest.fixture
async def post(connection: Connection) -> AsyncIterator[tuple[Post, MailServer]]:
    """A mail server; everybody has an address."""
    await connection.execute("UPDATE employee SET email = nik || '@toko.example'")
    async with mail_server() as (post, server):
        yield post, server


@pytest.fixture
def sends(connection: Connection, settings: Settings, post: tuple[Post, MailServer]) -> Send:
    """Tells all, lets two minutes pass, and has the job done: to whom something was sent by it."""

    async def send() -> list[str]:
        await tell_all(connection)
        await pass_minutes(connection, 2)
        before = len(post[0].recipients)
        await work(connection, settings, post[1])
        return sorted(address.partition("@")[0] for address in post[0].recipients[before:])

    return send


async def work(connection: Connection, settings: Settings, server: MailServer | None) -> None:
    """Do the job, if there is anything for it to do."""
    if await is_mail_due(connection):
        await send_due(connection, Job(1, "mailing", 1, {}), replace(settings, mail_server=server))


async def pass_minutes(connection: Connection, minutes: float) -> None:
    """What is due later is that much nearer."""
    await connection.execute(
        "UPDATE mail SET due_at = due_at - make_interval(secs => $1), tried_at = tried_at - make_interval(secs => $1)",
        minutes * 60.0,
    )


async def comment(connection: Connection, problem_id: int, nik: str, text: str = "Mati lagi.") -> None:
    await do(connection, COMMENT, Wish(problem_id, 1, submission(nik)), comment=text)


async def test_what_is_told_is_mailed_to_whom_it_is_told(connection: Connection, sends: Send) -> None:
    """Who is told is asked in tests/security/test_told.py: mails go to the same."""
    problem_id = await problem_in(connection, "open")
    await forget_all(connection)
    for what in (
        lambda: comment(connection, problem_id, BUDI, f"@{NET} tolong"),
        lambda: _then(connection, problem_id, to_net),
        lambda: do(connection, NOTE, Wish(problem_id, 1, submission(NET)), note=f"@{MANAGER} @{ANI}"),
    ):
        await what()
        await tell_all(connection)
        told = {row["nik"] for row in await connection.fetch("SELECT nik FROM notification WHERE read_at IS NULL")}
        assert told and await sends() == sorted(told)
        await connection.execute("UPDATE notification SET read_at = now()")


async def _then(connection: Connection, problem_id: int, verb: Callable) -> None:
    await verb(connection, await change(connection, problem_id, DESK))


async def test_it_leaves_after_two_minutes_and_bundled(
    connection: Connection, settings: Settings, post: tuple[Post, MailServer]
) -> None:
    problem_id = await report(connection)
    await tell_all(connection)
    await comment(connection, problem_id, BUDI, "Pertama.")
    await tell_all(connection)
    late = await connection.fetchval("SELECT max(m.due_at - n.at) FROM mail m JOIN notification n ON n.id = m.first_id")
    assert late.total_seconds() == 120
    await pass_minutes(connection, 1.9)
    await work(connection, settings, post[1])
    assert post[0].mails == []
    await comment(connection, problem_id, ANI, "Kedua.")
    await tell_all(connection)
    await pass_minutes(connection, 0.1)
    await work(connection, settings, post[1])
    texts = {mail["To"]: body_of(mail, "plain") for mail in post[0].mails}
    assert len(post[0].mails) == 3 and post[0].connections == 1, "one a person, on one connection"
    assert re.findall("Pertama|Kedua", texts[f"{DESK}@toko.example"]) == ["Pertama", "Kedua"]
    assert re.findall("Pertama|Kedua", texts[f"{ANI}@toko.example"]) == ["Pertama"]
    for _ in range(2):
        await pass_minutes(connection, 60)
        await work(connection, settings, post[1])
    assert [mail["To"] for mail in post[0].mails[3:]] == [f"{BUDI}@toko.example"], "nothing twice"


async def test_what_was_read_is_not_mailed(connection: Connection, sends: Send, post) -> None:
    problem_id = await report(connection)
    await tell_all(connection)
    await read_notifications_of(connection, DESK, problem_id)
    assert await sends() == [DESK_TOO]
    assert await connection.fetchval("SELECT count(*) FROM mail") == 1, "a mail without anything in it is none"


async def test_nothing_that_is_out_of_reach_when_it_is_sent(connection: Connection, sends: Send, post) -> None:
    problem_id = await report(connection)
    await connection.execute("INSERT INTO following (problem_id, nik) VALUES ($1, $2)", problem_id, BUDI)
    await close(connection, await change(connection, await _opened(connection, problem_id), DESK))
    await do(connection, NOTE, await change(connection, problem_id, DESK), note=f"@{NET} Rahasia sekali.")
    await tell_all(connection)
    await connection.execute("UPDATE employee SET store_code = 'T02' WHERE nik = $1", BUDI)
    await connection.execute("DELETE FROM division_member WHERE nik = $1", NET)
    assert await sends() == [ANI, DESK, DESK_TOO]
    assert "Rahasia" not in "".join(body_of(mail, kind) for mail in post[0].mails for kind in ("plain", "html"))


async def _opened(connection: Connection, problem_id: int) -> int:
    await identify(connection, await change(connection, problem_id, DESK))
    return problem_id


async def test_a_mail_and_its_headers(connection: Connection, settings: Settings, sends: Send, post) -> None:
    problem_id = await report(connection)
    await sends()
    await comment(connection, problem_id, BUDI, 'Kata <b>toko</b> & "kasir".\nBaris dua.')
    await sends()
    first, second = (mail for mail in post[0].mails if mail["To"] == f"{DESK}@toko.example")
    assert first["Subject"] == second["Subject"] == f"[K-{problem_id}] Printer mati"
    assert second["From"] == "SIH <sih@localhost>" and second["Auto-Submitted"] == "auto-generated"
    assert second["List-Unsubscribe"] == "<http://localhost:8080/profile>"
    assert first["Message-ID"] != second["Message-ID"] and first["Message-ID"] in second["References"]
    assert first["References"].split()[0] == second["References"].split()[0]
    assert second["In-Reply-To"] == first["Message-ID"]
    plain, html = body_of(second, "plain"), body_of(second, "html")
    assert '> Kata <b>toko</b> & "kasir".\n> Baris dua.' in plain
    assert "&lt;b&gt;toko&lt;/b&gt;" in html and "<b>toko" not in html
    link = f"http://localhost:8080/problems/{problem_id}"
    assert link in plain and f'href="{link}"' in html
    assert "WIB" in plain and "prefers-color-scheme: dark" in html and "<img" not in html and "url(" not in html
    said = re.sub(r"\s+", " ", _Text.of(html))
    for line in plain.splitlines():
        words = re.sub(r"^> |: http\S+$", "", line).strip(" -")
        assert words in said, (words, said)


class _Text(HTMLParser):
    """The text of HTML whose tags are all closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @classmethod
    def of(cls, html: str) -> str:
        parser = cls()
        parser.feed(html)
        parser.close()
        assert parser.open == []
        return "".join(parser.texts)


@pytest.mark.parametrize("title", ["Mati\r\nBcc: x@y.example", "Mati\x0bX\u2028Bcc: x@y.example", "=?utf-8?q?Bcc?= é"])
async def test_a_title_or_a_name_begins_no_header(connection: Connection, sends: Send, post, title: str) -> None:
    problem_id = await report(connection)
    await connection.execute("UPDATE employee SET name = E'Dewi\\r\\nBcc: z@y.example' WHERE nik = $1", DESK)
    await connection.execute("ALTER TABLE problem DISABLE TRIGGER USER")
    await connection.execute("UPDATE problem SET title = $1 WHERE id = $2", title, problem_id)
    await connection.execute("ALTER TABLE problem ENABLE TRIGGER USER")
    assert await sends() == [DESK, DESK_TOO]
    for mail in post[0].mails:
        assert mail["Bcc"] is None and mail["X"] is None
        assert mail["Subject"].startswith(f"[K-{problem_id}] ") and len(mail.get_all("Subject")) == 1


@pytest.mark.parametrize("address", ["a,b@toko.example", "<a@b>x@y", '"a"b@c', "a@"])
async def test_an_address_that_is_none_gets_nothing_and_is_in_nobodys_way(
    connection: Connection, sends: Send, post, address: str
) -> None:
    if address != "a@":
        await connection.execute("ALTER TABLE employee DROP CONSTRAINT employee_email")
        await connection.execute("UPDATE employee SET email = $2 WHERE nik = $1", DESK, address)
    await report(connection)
    assert await sends() == [DESK_TOO] if address != "a@" else [DESK, DESK_TOO]
    assert all("@toko.example" in each and "," not in each for each in post[0].recipients)


# What the server does not take ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "answer"),
    [(stage, answer) for stage in ("MAIL", "RCPT", "DATA") for answer in ("451 Later", "421 Busy", DROP)]
    + [("EHLO", DROP)],  # by another answer the client says HELO
)
async def test_what_is_not_taken_now_is_sent_within_a_minute(
    connection: Connection, sends: Send, post, stage: str, answer: str
) -> None:
    post[0].answers[stage] = answer
    await report(connection)
    assert await sends() == []
    assert await connection.fetchval("SELECT max(due_at) - now() <= interval '1 minute' FROM mail")
    assert await connection.fetchval("SELECT count(error) FROM mail") == 2
    post[0].answers.clear()
    assert await sends() == [DESK, DESK_TOO]
    assert await connection.fetchval("SELECT count(*) FROM mail WHERE sent_at IS NULL OR error IS NOT NULL") == 0


async def test_only_what_the_protocol_cannot_know_is_sent_twice(connection: Connection, sends: Send, post) -> None:
    """The connection is lost after a mail was taken, before that was said."""
    post[0].answers["SENT"] = [DROP]
    await report(connection)
    assert sorted(await sends() + await sends()) == [DESK, DESK, DESK_TOO]
    ids = [mail["Message-ID"] for mail in post[0].mails]
    assert len(ids) == 3 and len(set(ids)) == 2, "by its Message-ID the second is known"


async def test_it_is_tried_at_growing_intervals_for_a_day(connection: Connection, sends: Send, post) -> None:
    post[0].answers["RCPT"] = "451 Later"
    await report(connection)
    pauses: list[float] = []
    await sends()
    while await connection.fetchval("SELECT count(due_at) FROM mail"):
        pause = await connection.fetchval("SELECT extract(epoch FROM max(due_at) - now())::float FROM mail")
        pauses.append(round(pause))
        await pass_minutes(connection, pause / 60 + 0.01)
        await sends()
    assert [round(p, -1) for p in pauses[:4]] == [30, 60, 120, 240] and max(pauses) <= 3600
    assert 23 * 3600 < sum(pauses) < 26 * 3600
    assert post[0].mails == []


@pytest.mark.parametrize(("stage", "remembered"), [("RCPT", True), ("DATA", False), ("MAIL", False)])
async def test_what_is_refused_is_not_tried_again(
    connection: Connection, sends: Send, post, stage: str, remembered: bool
) -> None:
    post[0].answers[stage] = ["550 No such user", *[""] * 9]
    problem_id = await report(connection)
    [other] = await sends()
    await pass_minutes(connection, 24 * 60)
    assert await sends() == []
    refused = ({DESK, DESK_TOO} - {other}).pop()
    await comment(connection, problem_id, BUDI)
    await tell_all(connection)
    waiting = {row["nik"] for row in await connection.fetch("SELECT nik FROM mail WHERE due_at IS NOT NULL")}
    assert (refused in waiting) is not remembered
    assert await sends() == sorted({ANI, other} if remembered else {ANI, DESK, DESK_TOO})
    await connection.execute("UPDATE employee SET email = 'lain@toko.example' WHERE nik = $1", refused)
    await comment(connection, problem_id, BUDI, "Sekali lagi.")
    assert "lain" in await sends()


async def test_without_a_server_everything_waits_and_with_one_all_of_it_goes(
    connection: Connection, settings: Settings, sends: Send, post
) -> None:
    nowhere = MailServer("127.0.0.1", 1, "", "", tls=False)
    await report(connection)
    await report(connection)
    await tell_all(connection)
    await pass_minutes(connection, 2)
    await work(connection, settings, nowhere)
    assert await connection.fetchval("SELECT count(*) FROM mail WHERE error LIKE 'NoServer: %' AND due_at > now()") == 4
    assert await sends() == [DESK, DESK, DESK_TOO, DESK_TOO]


async def test_without_settings_mails_are_kept(connection: Connection, settings: Settings, post) -> None:
    await report(connection)
    await tell_all(connection)
    await pass_minutes(connection, 2)
    await work(connection, settings, None)
    rows = await connection.fetch("SELECT address, error FROM mail WHERE due_at IS NULL ORDER BY 1")
    assert rows == [(f"{nik}@toko.example", "NoSettings: ") for nik in (DESK, DESK_TOO)]
    assert not await is_mail_due(connection)


async def test_senders_that_are_killed_lose_nothing(connection: Connection, post, nursery, monkeypatch) -> None:
    """Two of them, each killed about every other time; what was taken and not committed is sent again, and nothing else."""
    await connection.execute("CREATE TABLE effect (job bigint NOT NULL, attempt integer NOT NULL, pid integer)")
    monkeypatch.setenv("MAIL_PORT", str(post[1].port))
    for _ in range(60):
        await report(connection)
    await tell_all(connection)
    await pass_minutes(connection, 2)
    workers = nursery("mailing"), nursery("mailing")

    async def all_sent() -> bool:
        await connection.execute("UPDATE mail SET due_at = now() WHERE due_at > now() + interval '1 second'")
        return await connection.fetchval("SELECT count(*) = 120 FROM mail WHERE sent_at IS NOT NULL")

    await until(all_sent)
    for worker in workers:
        os.killpg(worker.pid, 9)
    killed = sum(len(worker.stdout.read().split()) for worker in workers)
    sent = [(mail["To"], mail["Subject"], mail["Message-ID"]) for mail in post[0].mails]
    expected = {(f"{nik}@toko.example", f"[K-{n}] Printer mati") for nik in (DESK, DESK_TOO) for n in range(1, 61)}
    assert {each[:2] for each in sent} == expected and len(set(sent)) == 120
    assert len(sent) - 120 <= killed - 2, "twice only what a killed one had in hand"


# What people want ---------------------------------------------------------------------------------------------------------


async def test_a_kind_comes_at_once_in_a_summary_or_not(connection: Connection, sends: Send, post) -> None:
    await connection.execute(
        "INSERT INTO profile (nik, daily, silent) VALUES ($1, '{commented,reached}', '{}'), ($2, '{}', '{reached}')",
        DESK,
        DESK_TOO,
    )
    first, second = await report(connection), await report(connection)
    await comment(connection, first, BUDI, "Halo <semua>.")
    await connection.execute("UPDATE mail SET due_at = now() WHERE kind = 'problem'")
    assert await sends() == [ANI, DESK_TOO]
    due = await connection.fetchval(
        "SELECT to_char(due_at AT TIME ZONE 'Asia/Jakarta', 'HH24:MI') FROM mail WHERE nik = $1", DESK
    )
    # Two minutes were let pass since.
    assert due == "06:58"
    await pass_minutes(connection, 24 * 60)
    assert await sends() == [DESK]
    mail = post[0].mails[-1]
    assert mail["Subject"] == "Ringkasan: 3 pemberitahuan" and mail["References"] is None
    plain = body_of(mail, "plain")
    assert [f"K-{n}" in plain for n in (first, second)] == [True, True] and "> Halo <semua>." in plain
    await pass_minutes(connection, 48 * 60)
    assert await sends() == []


async def test_in_quiet_hours_only_priority_1_comes(connection: Connection, sends: Send, post) -> None:
    clock = "(now() AT TIME ZONE 'Asia/Jakarta')::time"
    await connection.execute(
        f"""
        INSERT INTO profile (nik, quiet_from, quiet_until)
        SELECT nik, {clock} - interval '1 hour', {clock} + interval '1 hour' FROM employee
        """
    )
    problem_id = await report(connection)
    assert await sends() == []
    left = await connection.fetchval("SELECT max(extract(epoch FROM due_at - now()))::int FROM mail")
    assert 3590 <= left <= 3600
    await comment(connection, problem_id, BUDI)
    await tell_all(connection)
    await connection.execute(
        f"UPDATE profile SET quiet_from = {clock} - interval '2 hours', quiet_until = {clock} - interval '1 second'"
    )
    await pass_minutes(connection, 61)
    assert await sends() == [ANI, DESK, DESK_TOO]
    await connection.execute(f"UPDATE profile SET quiet_until = {clock} + interval '1 hour'")
    await connection.execute("ALTER TABLE problem DISABLE TRIGGER USER")
    await connection.execute(
        """
        UPDATE problem SET category_code = 'NET-WIFI', impact = 1, urgency = 1, identification = 'x', status = 'open'
        """
    )
    await comment(connection, problem_id, BUDI)
    assert await sends() == [ANI, DESK, DESK_TOO]


async def test_who_has_no_address_or_may_not_come_in_gets_nothing(connection: Connection, sends: Send) -> None:
    await connection.execute("UPDATE employee SET email = NULL WHERE nik = $1", DESK)
    await report(connection)
    await tell_all(connection)
    assert await connection.fetchval("SELECT count(*) FROM mail") == 1
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", DESK_TOO)
    assert await sends() == []


async def test_a_link_that_confirms(connection: Connection, settings: Settings, sends: Send, post) -> None:
    key = uuid4()
    await connection.execute(
        "INSERT INTO profile (nik, pending_email, pending_key) VALUES ($1, 'ani@baru.example', $2)", CITRA, key
    )
    await connection.execute("INSERT INTO mail (nik, kind, due_at) VALUES ($1, 'confirmation', now())", CITRA)
    assert await sends() == ["ani"]
    assert "/profile/confirmation?token=" in body_of(post[0].mails[0], "plain")
    assert post[0].mails[0]["Subject"] == "Konfirmasi surel"
    assert ADMIN not in body_of(post[0].mails[0], "html")


async def test_no_password_is_sent_without_tls(
    connection: Connection, settings: Settings, post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To another machine: where STARTTLS is not offered, nothing is sent."""
    monkeypatch.setattr(mail_server_of_jobs, "OWN", ())
    await report(connection)
    await tell_all(connection)
    await pass_minutes(connection, 2)
    await work(connection, settings, replace(post[1], user="sih", password="rahasia"))
    assert post[0].mails == [] and post[0].connections == 1
    errors = await connection.fetch("SELECT DISTINCT split_part(error, ':', 1), error ~ 'rahasia' FROM mail")
    assert errors == [("NoServer", False)]


async def test_without_the_tls_that_is_set_nothing_is_sent(connection: Connection, settings: Settings, post) -> None:
    """A server that is to begin with TLS, and does not."""
    await report(connection)
    await tell_all(connection)
    await pass_minutes(connection, 2)
    await work(connection, settings, replace(post[1], tls=True))
    assert post[0].mails == []
    assert await connection.fetchval("SELECT count(*) FROM mail WHERE error LIKE 'NoServer: %'") == 2
