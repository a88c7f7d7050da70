"""What somebody was told, on the page: the number in every header, the list, reading it; following, and being named."""

import re
from html import unescape

import httpx2
import pytest
from asyncpg import Connection

from tests.client import Client
from tests.conftest import People
from tests.journeys import (
    ADMIN,
    ANI,
    BUDI,
    CITRA,
    DESK,
    DESK_TOO,
    MANAGER,
    NET,
    close,
    escalate,
    opened,
    problem_in,
    report,
)
from tests.routes.catalogue import contents
from tests.told import forget_all, tell_all, told

PAGES = ("/problems", "/problems/1", "/problems/new", "/desk", "/recap", "/help", "/sessions", "/notifications")


def number(page: httpx2.Response) -> str:
    """What the link in the header is called."""
    found = re.search(r'<a class="told" .*?</a>', page.text, re.DOTALL)
    assert found, page.text[:2000]
    label = re.search(r'aria-label="([^"]*)"', found[0])
    return label[1] if label else re.sub(r"<[^>]*>", "", found[0]).strip()


def lines(page: httpx2.Response) -> list[str]:
    """What is listed, without its time."""
    found = re.findall(r'<li class="notification.*?>(.*?)</li>', page.text, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<time.*?</time>|<[^>]*>", " ", line)).split()) for line in found]


async def comment(people: People, path: str, nik: str, text: str) -> None:
    assert (await (await people(nik)).submit(path, f"{path}/comments", comment=text)).status_code == 303


@pytest.fixture
async def told_twice(people: People, connection: Connection) -> Client:
    """Somebody of the desk who was told of two problems."""
    for _ in range(2):
        await report(people)
    await tell_all(connection)
    return await people(DESK)


async def test_every_page_says_how_many_are_not_read(told_twice: Client, people: People) -> None:
    for path in PAGES:
        page = await told_twice.get(path)
        left = 1 if path not in PAGES[:1] else 2  # the second page is that of a problem
        assert number(page) == f"Pemberitahuan, {left} belum dibaca", path
        assert number(await (await people(DESK_TOO)).get(path)).startswith("Pemberitahuan"), path
    for nik in (ANI, ADMIN):
        assert number(await (await people(nik)).get("/problems")) == "Pemberitahuan"


async def test_a_page_that_is_there_already_does_not_keep_an_old_number(
    told_twice: Client, people: People, connection: Connection
) -> None:
    async def again(page: httpx2.Response) -> httpx2.Response:
        return await httpx2.AsyncClient.get(
            told_twice, page.request.url.path, headers={"If-None-Match": page.headers["ETag"]}
        )

    await told_twice.get("/problems/2")
    pages = [await told_twice.get(path) for path in ("/problems", "/desk", "/problems/2")]
    await told_twice.press("/notifications/reading")
    await told_twice.get("/notifications")  # the notice
    for page in pages:
        now = await again(page)
        assert now.status_code == 200 and number(now) == "Pemberitahuan", page.request.url
        assert (await again(now)).status_code == 304
    # What is told of the problem alone, which has not changed, is read by looking at it.
    seen = await told_twice.get("/problems/2")
    await connection.execute(
        """
        INSERT INTO notification (nik, problem_id, kind, alarm, at)
        SELECT $1, problem_id, 'target', 'x', now() FROM generate_series(1, 2) problem_id
        """,
        DESK,
    )
    await told_twice.get("/problems/1")
    await connection.execute("UPDATE unread SET number = 0 WHERE nik = $1", DESK)  # the number alone would not tell
    assert (await again(seen)).status_code == 200


async def test_it_is_said_who_did_what_and_where(people: People, connection: Connection) -> None:
    path = await opened(people)
    await forget_all(connection)
    await comment(people, path, BUDI, "Mati <lagi>.")
    await escalate(people, path, DESK)
    await comment(people, path, DESK_TOO, "@10001 @20003 Sudah dicek.")
    await (await people(DESK)).submit(path, f"{path}/notes", note="@20003 Toko ini lagi.")
    await tell_all(connection)
    net, ani = await (await people(NET)).get("/notifications"), await (await people(ANI)).get("/notifications")
    assert lines(net) == [
        "K-1 Printer mati Dewi Anggraini (HD) menyebut Anda dalam catatan internal. @20003 Toko ini lagi. Belum dibaca ·",
        "K-1 Printer mati Dodi Pratama (HD) menyebut Anda dalam komentar. @10001 @20003 Sudah dicek. Belum dibaca ·",
        "K-1 Printer mati Dewi Anggraini (HD) mengalihkan kendala ke IT-NET — Jaringan. Perlu ahlinya. Belum dibaca ·",
    ]
    assert lines(ani) == [
        "K-1 Printer mati Dodi Pratama (HD) menyebut Anda dalam komentar. @10001 @20003 Sudah dicek. Belum dibaca ·",
        "K-1 Printer mati Budi Santoso berkomentar. Mati <lagi>. Belum dibaca ·",
    ]
    targets = re.findall(r'href="(/problems/1#[a-z]+-\d+)"', net.text)
    assert targets == ["/problems/1#note-1", "/problems/1#event-5", "/problems/1#event-4"]
    page = (await (await people(NET)).get(path)).text
    assert all(f'id="{target.partition("#")[2]}"' in page for target in targets)


async def test_a_problem_that_is_opened_is_read_and_the_others_are_not(told_twice: Client, people: People) -> None:
    await (await people(DESK_TOO)).get("/problems/1")
    assert [line.endswith("Belum dibaca ·") for line in lines(await told_twice.get("/notifications"))] == [True, True]
    beside = await told_twice.get("/problems/1", htmx=True)
    assert number(beside) == "Pemberitahuan, 1 belum dibaca", "it says so beside the list too"
    assert [line.endswith("Belum dibaca ·") for line in lines(await told_twice.get("/notifications"))] == [True, False]
    assert number(await told_twice.get("/problems")) == "Pemberitahuan, 1 belum dibaca"


async def test_all_that_was_shown_is_read_and_nothing_that_came_after(
    told_twice: Client, people: People, connection: Connection
) -> None:
    fields = await told_twice.form("/notifications", "/notifications/reading")
    await report(people)
    await tell_all(connection)
    for _ in range(2):
        answer = await told_twice.post("/notifications/reading", fields)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/notifications")
    page = await told_twice.get("/notifications")
    assert number(page) == "Pemberitahuan, 1 belum dibaca"
    assert [line.endswith("Belum dibaca ·") for line in lines(page)] == [True, False, False]
    assert "Tandai semua dibaca" in page.text
    await told_twice.submit("/notifications", "/notifications/reading")
    assert "Tandai semua dibaca" not in (await told_twice.get("/notifications")).text


async def test_a_page_has_fifty(people: People, connection: Connection) -> None:
    await report(people)
    await connection.execute(
        """
        INSERT INTO notification (nik, problem_id, kind, event_seq, at, read_at)
        SELECT $1, 1, 'commented', 1000 + n, now(), now() FROM generate_series(1, 120) n
        """,
        DESK,
    )
    desk, path, seen = await people(DESK), "/notifications", []
    while path:
        page = await desk.get(path)
        seen.append(len(lines(page)))
        found = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = unescape(found[1]) if found else ""
    assert seen == [50, 50, 20]
    assert (await desk.get("/notifications?before=x")).status_code == 200


async def test_what_is_out_of_reach_by_now_is_listed_for_nobody(people: People, connection: Connection) -> None:
    """Also where nobody has noticed: a list looks at who may know of it at this moment."""
    path = await report(people)
    await connection.executemany(
        "INSERT INTO notification (nik, problem_id, kind, event_seq, at) VALUES ($1, 1, 'outcome', 1, now())",
        [(CITRA,), (ADMIN,), (BUDI,)],
    )
    await connection.execute(
        """
        INSERT INTO note (problem_id, author_nik, text) VALUES (1, '20001', 'Rahasia');
        INSERT INTO notification (nik, problem_id, kind, note_seq, at) SELECT nik, 1, 'mentioned', 1, now()
          FROM employee WHERE nik IN ('10001', '10002', '40001')
        """
    )
    pages = {nik: await (await people(nik)).get("/notifications") for nik in (CITRA, ADMIN, BUDI, ANI, MANAGER)}
    assert {nik: len(lines(page)) for nik, page in pages.items()} == {CITRA: 0, ADMIN: 0, BUDI: 1, ANI: 0, MANAGER: 1}
    assert "Rahasia" not in "".join(page.text for nik, page in pages.items() if nik != MANAGER)
    assert path not in pages[CITRA].text and "Rahasia" in pages[MANAGER].text


async def test_who_follows_is_told_until_they_stop(people: People, connection: Connection) -> None:
    path = await opened(people)
    before = await contents(connection)
    budi = await people(BUDI)
    page = await budi.get(path)
    assert "Ikuti</button>" in page.text and "Berhenti mengikuti" not in page.text
    answer = await budi.submit(path, f"{path}/following", htmx=True)
    assert "Anda mengikuti kendala ini." in answer.text and "Berhenti mengikuti" in answer.text
    assert [table for table in await contents(connection) if "submission" not in table][:2] == before[:2]
    followed = await budi.get(path)
    assert (await again(budi, followed)).status_code == 304
    await forget_all(connection)
    await comment(people, path, DESK, "Sedang dikerjakan.")
    await tell_all(connection)
    assert set(await told(connection)) == {ANI, BUDI, DESK_TOO}
    followed = await budi.get(path)
    answer = await budi.submit(path, f"{path}/following/ending")
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    await budi.get(path)  # the notice
    assert (await again(budi, followed)).status_code == 200
    await forget_all(connection)
    await close(people, path)
    await tell_all(connection)
    assert set(await told(connection)) == {ANI}
    assert (await (await people(CITRA)).press(f"{path}/following")).status_code == 404


async def again(person: Client, page: httpx2.Response) -> httpx2.Response:
    return await httpx2.AsyncClient.get(
        person, page.request.url.path, headers={"If-None-Match": page.headers.get("ETag", "")}
    )


async def test_who_is_named_is_named_by_name_if_they_may_know(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET name = 'Eka <b>Saputra</b> @10003' WHERE nik = $1", NET)
    path = await problem_in(people, "open at IT-NET")
    text = "@20003, @２０００１. @10003 @10009 @99999 dan a@20003.id @200030001 @10002"
    await comment(people, path, ANI, text)
    await (await people(DESK)).submit(path, f"{path}/notes", note="@10001 @20003 @10003")
    for nik in (ANI, DESK):
        page = (await (await people(nik)).get(path)).text
        said = re.findall(r'<div class="event-note" dir="auto">(.*?)</div>', page, re.DOTALL)
        plain = [unescape(re.sub(r"</?(?:b|bdi)\b[^>]*>", "", part)) for part in said]
        expected = (
            "@Eka <b>Saputra</b> @10003, @Dewi Anggraini. @10003 @10009 @99999 dan a@20003.id @200030001 @Budi Santoso"
        )
        assert expected in plain, plain
        if nik == DESK:
            assert "@10001 @Eka <b>Saputra</b> @10003 @10003" in plain, "who reads no notes is not named in one"
        assert "Eka &lt;b&gt;" in page and "Citra" not in page and "Kiki" not in page
