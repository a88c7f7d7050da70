"""What waits for a person stands above the list: how much, and what comes first; and what has changed since they were here."""

import re

import pytest
from asyncpg import Connection

from actions.registry import ACCEPTANCE, WAITING
from tests.conftest import People
from tests.journeys import ANI, BUDI, DESK, FOR_VENDOR, GA, MANAGER, NET, PIC, PIC_TOO, do, problem_in


async def told(people: People, nik: str) -> str | None:
    """What the list says on top, without its tags; None for nothing."""
    page = (await (await people(nik)).get("/problems")).text
    found = re.search(r'<p class="tasks">(.*?)</p>', page, re.DOTALL)
    return found and " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


async def latest(people: People, nik: str) -> str:
    """Where the list leads to of one's reports."""
    page = (await (await people(nik)).get("/problems")).text
    return re.search(r'<a class="task" href="([^"]+)">', page)[1]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("reported", {DESK: "1 tugas menunggu Anda", ANI: None, NET: None, MANAGER: None}),
        ("escalated to IT-NET", {NET: "1 tugas menunggu Anda, 1 belum diterima", DESK: None, ANI: None, GA: None}),
        ("escalated to the PIC", {PIC: "1 tugas menunggu Anda, 1 belum diterima", PIC_TOO: None, DESK: None}),
        ("waiting", {ANI: None}),
        ("closed", {ANI: "1 laporan menunggu Anda: sudah beres?", DESK: None, BUDI: None}),
        ("confirmed", {ANI: None, DESK: None}),
        ("void", {ANI: None, DESK: None}),
    ],
)
async def test_what_waits_for_whom(people: People, state: str, says: dict[str, str | None]) -> None:
    path = await problem_in(people, state)
    for nik, sentence in says.items():
        line = await told(people, nik)
        of_reports = sentence is not None and "laporan" in sentence
        assert line == (f"{sentence} Buka" if of_reports else sentence), nik
        assert not of_reports or await latest(people, nik) == path, nik


async def test_what_waits_for_the_reporter(people: People) -> None:
    path = await problem_in(people, "open")
    await do(people, path, DESK, WAITING, FOR_VENDOR | {"waiting_for": "reporter"})
    assert await told(people, ANI) == "1 laporan menunggu Anda: mohon dijawab Buka"
    await (await people(ANI)).submit(path, f"{path}/comments", comment="Sudah saya coba.")
    assert await told(people, ANI) is None


async def test_what_is_counted_is_what_the_list_of_tasks_has(people: People) -> None:
    await problem_in(people, "open at IT-NET")
    await problem_in(people, "open at IT-NET")
    asked = await problem_in(people, "escalated to IT-NET")
    assert await told(people, NET) == "3 tugas menunggu Anda, 1 belum diterima"
    await do(people, asked, NET, ACCEPTANCE, {})
    assert await told(people, NET) == "3 tugas menunggu Anda"
    page = (await (await people(NET)).get("/problems")).text
    tasks = re.search(r'<p class="tasks">.*?<a href="([^"]+)"', page, re.DOTALL)[1].replace("&amp;", "&")
    listed = (await (await people(NET)).get(tasks)).text
    assert listed.count('id="problem-') - listed.count('id="problem-list"') == 3


async def test_what_has_changed_since_the_visit_before_is_marked(people: People, connection: Connection) -> None:
    """A visit ends with half an hour without a page; the first one marks nothing, and a page that asks by itself is no visit."""
    await problem_in(people, "reported")
    desk = await people(DESK)

    async def marked() -> list[str]:
        page = (await desk.get("/problems")).text
        return re.findall(r'<tr role="row" id="problem-(\d+)">\s*<th role="rowheader" class="number changed">', page)

    async def leave(minutes: int) -> None:
        await connection.execute(
            "UPDATE reader SET seen_at = seen_at - make_interval(mins => $1), visited_at = NULL WHERE nik = $2",
            minutes,
            DESK,
        )

    assert await marked() == []
    await leave(29)
    assert await marked() == []
    await leave(31)
    await problem_in(people, "reported")
    assert await marked() == ["2", "1"]
    assert await marked() == ["2", "1"], "all through the visit"
    await connection.execute(
        "UPDATE reader SET visited_at = (SELECT changed_at FROM problem WHERE id = 1) WHERE nik = $1", DESK
    )
    assert await marked() == ["2"]
    await connection.execute("UPDATE session SET last_seen_at = now() - interval '2 minutes'")
    await leave(29)
    await desk.get("/problems?shown=1.1:1", htmx=True)
    seen = await connection.fetchval("SELECT now() - seen_at FROM reader WHERE nik = $1", DESK)
    assert seen.total_seconds() > 29 * 60 - 5
