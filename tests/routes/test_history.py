"""A long history: its newest part is shown, what came before on demand, and one person does not make it long in an hour."""

import re
import time

from asyncpg import Connection

from actions.registry import SENTENCES
from tests.conftest import People
from tests.journeys import ANI, CITRA, problem_in

COMMENTS = """
    INSERT INTO event (problem_id, seq, actor_nik, cause, version, note)
    SELECT $1, (SELECT max(seq) FROM event WHERE problem_id = $1) + n,
           '10001', 'commented', 1, 'Komentar ' || n || repeat(' yang panjang', 40) FROM generate_series(1, $2) n
"""


async def comment(connection: Connection, times: int) -> None:
    """That many comments of Ani's to the first problem; what is searched is not made of them, which would take long."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(COMMENTS, 1, times)


def seqs(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="event-(\d+)"', html)]


def earlier(html: str) -> str:
    found = re.search(r'rel="prev" href="([^"#]+)#history" hx-get="([^"]+)"', html)
    assert not found or found[1] == found[2], "without scripting it is the same"
    return found[1] if found else ""


async def test_the_newest_part_is_shown_and_the_rest_on_demand(people: People, connection: Connection) -> None:
    path = await problem_in(people, "reported")
    await comment(connection, 129)
    ani = await people(ANI)
    for htmx in (False, True):
        url, shown = path, []
        while url:
            html = (await ani.get(url, htmx=htmx)).text
            assert ("<html" in html) is not htmx
            shown = [*seqs(html), *shown]
            url = earlier(html)
        assert shown == list(range(1, 131))
    assert "80 riwayat sebelumnya" in (await ani.get(path)).text
    old = (await ani.get(f"{path}?before=4")).text
    assert seqs(old) == [1, 2, 3] and f'href="{path}#history">Riwayat terbaru<' in old
    part = (await ani.get(f"{path}?before=4", htmx=True)).text
    assert part.lstrip().startswith("<li") and seqs(part) == [1, 2, 3]
    assert (await (await people(CITRA)).get(f"{path}?before=4", htmx=True)).status_code == 404
    for odd in ("x", "0", "-1", str(2**63)):
        assert (await ani.get(f"{path}?before={odd}")).status_code == 200


async def test_a_page_is_bounded_however_long_its_history(people: People, connection: Connection) -> None:
    path = await problem_in(people, "reported")
    ani = await people(ANI)
    sizes = []
    for more in (60, 4000):
        await comment(connection, more)
        began = time.process_time()
        sizes.append(len((await ani.get(path)).content))
        assert time.process_time() - began < 0.5
    assert abs(sizes[0] - sizes[1]) < 2000, sizes


async def test_one_person_does_not_fill_a_history(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE budget_rule SET capacity = 2 WHERE kind = 'comments of a problem'")
    path, other = await problem_in(people, "reported"), await problem_in(people, "reported")
    ani = await people(ANI)
    for _ in range(2):
        assert (await ani.submit(path, f"{path}/comments", comment="Halo")).status_code == 303
    answer = await ani.submit(path, f"{path}/comments", comment="Sekali lagi")
    assert (answer.status_code, "Sekali lagi</textarea>" in answer.text) == (429, True)
    assert "Coba lagi dalam 1 menit." in answer.text
    assert (await ani.submit(other, f"{other}/comments", comment="Halo")).status_code == 303


async def test_every_cause_has_its_sentence(connection: Connection) -> None:
    rule = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'event_known_cause'"
    causes = set(re.findall(r"'([a-z -]+)'", await connection.fetchval(rule)))
    assert causes - {"reported"} <= SENTENCES.keys() and "handed over" in causes


async def test_what_the_version_that_comes_has_done_is_told_somehow(people: People, connection: Connection) -> None:
    path = await problem_in(people, "open")
    await connection.execute("""
        SET session_replication_role = replica;
        ALTER TABLE event DROP CONSTRAINT event_known_cause;
        ALTER TABLE problem DROP CONSTRAINT problem_known_status;
        INSERT INTO event (problem_id, seq, actor_nik, cause, version) VALUES (1, 3, '20001', 'merged', 3);
        UPDATE problem SET status = 'merged'
    """)
    ani = await people(ANI)
    assert "Dewi Anggraini</bdi></b> (HD) mengubah kendala ini." in (await ani.get(path)).text
    assert (await ani.get("/problems?year=all")).status_code == 200
