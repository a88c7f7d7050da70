"""The desk screen: what stands on it, who sees it, and that asking again costs nothing."""

import re
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from asyncpg import Connection

from queries.desk import LINES
from tests.client import HTMX
from tests.clocks import put_back, work_day_and_night

ANI, BUDI = "10001", "10002"
DESK, DODI, NET, PIC, MANAGER, ADMIN = "20001", "20002", "20003", "30001", "40001", "90001"


async def report(people, title: str) -> str:
    """Ani reports; the path of the problem."""
    ani = await people(ANI)
    response = await ani.submit("/problems/new", "/problems", title=title, description="Sejak pagi.")
    return response.headers["Location"]


async def open_problem(client, path: str, **values) -> None:
    fields = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Kabel"} | values
    response = await client.submit(f"{path}/opening", f"{path}/opening", **fields)
    assert response.status_code == 303, response.text


async def escalate(client, path: str, division: str = "IT-NET") -> None:
    response = await client.submit(
        f"{path}/escalation", f"{path}/escalation", kind="it", division=division, reason="Perlu ahli"
    )
    assert response.status_code == 303, response.text


@pytest.mark.parametrize("nik", [DESK, NET, PIC, MANAGER])
async def test_whoever_sees_all_sees_the_desk(people, nik):
    client = await people(nik)
    response = await client.get("/desk")
    assert response.status_code == 200
    assert 'aria-current="page"' in response.text and "Papan Meja Bantuan" in response.text


@pytest.mark.parametrize("nik", [ANI, ADMIN])
async def test_a_reporter_does_not(people, nik):
    client = await people(nik)
    assert (await client.get("/desk")).status_code == 403
    assert (await client.get("/desk", htmx=True)).status_code == 403
    assert (await client.get("/desk/next")).status_code == 403
    assert "/desk" not in (await client.get("/problems")).text


async def test_what_waits_for_whom_and_since_when(people, connection: Connection):
    """The most urgent first, and what waits longest."""
    long, urgent, short = [(await report(people, f"Kendala {n}")) for n in range(3)]
    desk = await people(DESK)
    for path, urgency in ((long, "2"), (urgent, "1"), (short, "2")):
        await open_problem(desk, path, urgency=urgency)
        await desk.submit(f"{path}/waiting", f"{path}/waiting", waiting_for="vendor", reason="Menunggu vendor")
    lines = re.findall(r'id="desk-waiting-(\d+)"[^>]*>(.*?)</li>', (await desk.get("/desk")).text, re.DOTALL)
    assert [line[0] for line in lines] == [path.rpartition("/")[2] for path in (urgent, long, short)]
    assert all("HD, Vendor" in line[1] for line in lines)
    waited = await connection.fetchval("SELECT at FROM event WHERE problem_id = 1 AND cause = 'paused'")
    assert f'datetime="{waited.astimezone(ZoneInfo("Asia/Jakarta")).isoformat(timespec="seconds")}"' in lines[1][1]


async def test_the_queue_at_a_glance(people):
    new, waiting, done = [await report(people, f"Kendala {word}") for word in ("baru", "menunggu", "selesai")]
    desk = await people(DESK)
    await open_problem(desk, waiting)
    await escalate(desk, waiting)
    await open_problem(desk, done)
    await desk.submit(f"{done}/closure", f"{done}/closure", solution="Diganti")
    board = (await desk.get("/desk")).text
    assert f'id="desk-reported-{new.rpartition("/")[2]}"' in board
    assert f'id="desk-unanswered-{waiting.rpartition("/")[2]}"' in board
    assert "Kendala selesai" not in board
    assert "/problems?year=all&amp;status=escalated&amp;holder=IT-NET" in board
    assert board.index('id="desk-holder-HD"') < board.index('id="desk-holder-IT-NET"')


async def test_every_count_is_a_link_to_the_list_that_shows_exactly_those(people):
    desk = await people(DESK)
    for path in [await report(people, f"Kendala {n}") for n in range(6)]:
        number = int(path.rpartition("/")[2])
        if number > 1:
            await open_problem(desk, path, urgency="1" if number % 2 else "3")
        if number > 3:
            target = {"kind": "department", "pic": PIC, "department": "MNT", "reason": "Perlu"}
            fields = await desk.form(f"{path}/escalation", f"{path}/escalation") | target
            assert (await desk.post(f"{path}/escalation/pic", fields)).status_code == 303
    board = (await desk.get("/desk")).text
    counts = re.findall(r'<a [^>]*href="(/problems\?[^"]*)"[^>]*>((?:(?!</a>).)*?)</a>', board, re.DOTALL)
    shown = [(unescape(url), int(re.sub(r"<[^>]*>", " ", text).split()[-1])) for url, text in counts]
    assert ("/problems?year=all&status=escalated&holder=MNT:30001", 3) in shown
    assert ("/problems?year=all&status=unfinished&priority=1", 2) in shown
    for url, number in shown:
        rows = re.findall(r'<tr role="row" id="problem-', (await desk.get(url)).text)
        assert len(rows) == number, url


async def test_the_most_urgent_comes_first_and_nothing_critical_is_left_out(people):
    desk = await people(DESK)
    number, later = LINES + 5, 3
    for n in range(number):
        path = await report(people, f"Kendala {n + 1}")
        await open_problem(desk, path, impact="3" if n < later else "1", urgency="1")
        await escalate(desk, path)
    board = (await desk.get("/desk")).text
    waiting = [int(number) for number in re.findall(r'id="desk-unanswered-(\d+)"', board)]
    critical = list(range(later + 1, number + 1))
    assert waiting == critical, "all of priority 1, and of the rest as many as a wall has room for"
    assert board.count('class="critical"') == len(critical)
    assert re.search(rf'href="/problems\?year=all&amp;status=escalated&amp;sort=priority"[^>]*>semua {number}<', board)


async def test_what_is_late_or_due_today_comes_first_what_is_critical_before_all(people, connection: Connection):
    """Each line says how far it is; how many there are stands above, and beside each holder."""
    await work_day_and_night(connection)
    today = await connection.fetchval(
        "SELECT extract(epoch FROM now() - date_trunc('day', now(), 'Asia/Jakarta')) / 3600"
    )
    desk, hours = await people(DESK), timedelta(hours=1)
    lengths = {"1": 4.5, "2": 9, "3": 17}  # P1 is to be solved in 4 hours, P2 in 8, P3 in 16
    paths = {}
    for n, (urgency, length) in enumerate([*lengths.items(), ("2", -1), ("2", 0)]):
        paths[n] = await report(people, f"Kendala {n}")
        await open_problem(desk, paths[n], urgency=urgency)
        if length:
            late = length if length > 0 else max(8 - (24 - float(today)) / 2, 0)
            await put_back(connection, n + 1, timedelta(), late * hours)
    await connection.execute("UPDATE problem SET due_at = now() + interval '2 days' WHERE id = 5")
    await escalate(desk, paths[1])
    board = (await desk.get("/desk")).text
    lines = re.findall(r'id="desk-due-(\d+)" class="([^"]*)">.*?<time [^>]*>(.*?)</time>', board, re.DOTALL)
    late = [(line[0], "desk-late" in line[1]) for line in lines]
    assert late == [("1", True), ("2", True), ("3", True), ("4", False)]
    far = ["terlambat 30 menit", "terlambat 1 jam", "terlambat 1 jam"]
    assert [line[2] for line in lines[:3]] == far and lines[3][2].startswith("sisa ")
    counts = re.findall(r'<p class="panel[^"]*"><span>(Terlambat|Target).*?<b>(\d+)</b>', board)
    assert counts == [("Terlambat", "3"), ("Target", "1")]
    late = re.findall(r'id="desk-holder-(\S+)">.*?data-label="Terlambat"[^>]*>(\d+|–)', board, re.DOTALL)
    assert late == [("HD", "2"), ("IT-NET", "1")]
    assert board.index('id="desk-due"') < board.index('id="desk-holders"') < board.index('id="desk-reported"')


async def test_asking_again_is_answered_304_until_something_changes(people, connection: Connection):
    desk = await people(DESK)
    first = await desk.get("/desk", htmx=True)
    assert first.status_code == 200 and "<html" not in first.text
    for _ in range(2):  # a minute may end between two requests
        tag = {"HX-PTag": first.headers["HX-PTag"]}
        again = await desk.request("GET", "/desk", headers=HTMX | tag)
        if again.status_code == 304:
            break
        first = again
    assert again.status_code == 304 and not again.content
    await report(people, "Yang baru")
    changed = await desk.request("GET", "/desk", headers=HTMX | tag)
    assert changed.status_code == 200 and "Yang baru" in changed.text


async def test_from_problem_to_problem(people):
    first, second, third = [await report(people, f"Kendala {n}") for n in (1, 2, 3)]
    desk, net = await people(DESK), await people(NET)

    async def after(client, path: str) -> str:
        return (await client.get(f"/desk/next?after={path.rpartition('/')[2]}")).headers["Location"]

    assert await after(desk, "/problems/0") == first
    assert await after(desk, first) == second
    assert await after(desk, third) == first
    assert await after(net, first) == "/problems"
    await open_problem(desk, second)
    await escalate(desk, second)
    assert await after(desk, first) == third
    assert await after(net, first) == second
    assert await after(net, second) == "/problems", "the one that is left is no next one"
    assert (await desk.get("/desk/next?after=kosong")).headers["Location"] == first


async def test_what_comes_next_is_new_then_urgent_and_what_one_was_at_lately_comes_round_again(
    people, connection: Connection
):
    low, high, new, newer = [await report(people, f"Kendala {n}") for n in (1, 2, 3, 4)]
    desk, dodi = await people(DESK), await people(DODI)
    await open_problem(dodi, low, impact="3", urgency="3")
    await open_problem(dodi, high, impact="1", urgency="1")
    await connection.execute("DELETE FROM presence")
    passed_by, here = [], "/problems/0"
    for _ in range(6):
        here = (await desk.get(f"/desk/next?after={here.rpartition('/')[2]}")).headers["Location"]
        await desk.get(here)
        passed_by.append(here)
    assert passed_by == [new, newer, high, low, new, newer]
    await connection.execute("UPDATE presence SET seen_at = now() - interval '11 minutes'")
    assert (await desk.get("/desk/next")).headers["Location"] == new


async def test_two_of_the_desk_are_not_led_to_the_same_problem(people):
    first, second = [await report(people, f"Kendala {n}") for n in (1, 2)]
    desk, dodi = await people(DESK), await people(DODI)
    assert (await desk.get("/desk/next")).headers["Location"] == first
    assert (await dodi.get("/desk/next")).headers["Location"] == second, "before the page of the first has loaded"
    assert (await desk.get(f"/desk/next?after={first.rpartition('/')[2]}")).headers["Location"] == second, (
        "rather than none"
    )


@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("escalation", {"kind": "it", "division": "IT-NET", "reason": "Perlu ahli"}),
        ("closure", {"solution": "Diganti"}),
    ],
)
async def test_a_form_may_lead_to_the_next_problem(people, form: str, values: dict[str, str]):
    first, second = [await report(people, f"Kendala {n}") for n in (1, 2)]
    desk = await people(DESK)
    await open_problem(desk, first)
    assert "Kirim, lalu berikutnya" in (await desk.get(f"{first}/{form}")).text
    response = await desk.submit(f"{first}/{form}", f"{first}/{form}", htmx=True, then="next", **values)
    on = await desk.get(response.headers["HX-Redirect"])
    assert on.headers["Location"] == second
    assert "Tersimpan. Ini kendala berikutnya." in (await desk.get(second)).text
