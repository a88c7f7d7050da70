"""What a problem's page and the list say of targets: what is due when, how far that is, and why."""

import re
from datetime import timedelta
from html import unescape

import pytest
from asyncpg import Connection

from queries.promises import raise_alarms
from tests.clocks import put_back, replay, work_day_and_night
from tests.conftest import People
from tests.journeys import ANI, DESK, MANAGER, NET, problem_in

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
async def connection(connection: Connection) -> Connection:
    """In a company that works day and night. P2 is to be answered in an hour and solved in eight."""
    await work_day_and_night(connection)
    return connection


async def told(people: People, path: str, nik: str = DESK) -> dict[str, str]:
    """What the block `Target` says, by the word before it; "" is its first line."""
    html = (await (await people(nik)).get(path)).text
    block = re.search(r'<section [^>]*id="target".*?</section>', html, re.DOTALL)
    if block is None:
        return {}
    first = re.search(r'<p class="target-next">(.*?)</p>', block[0], re.DOTALL)
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", block[0], re.DOTALL)
    return {word: _text(said) for word, said in (("", first[1] if first else ""), *facts)}


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


async def row_of(people: People, path: str, nik: str = DESK) -> str:
    """The cell `Target` of the problem's row in the list, with its tags."""
    html = (await (await people(nik)).get("/problems?year=all")).text
    row = html.partition(f'id="problem-{number_of(path)}"')[2].partition("</tr>")[0]
    return row.partition('class="target')[2].partition("</td>")[0]


def number_of(path: str) -> int:
    return int(path.rpartition("/")[2])


async def test_what_is_new_is_to_be_answered_first(people: People, connection: Connection) -> None:
    path = await problem_in(people, "reported")
    await put_back(connection, number_of(path), 20 * MINUTE)
    said = await told(people, path, ANI)
    assert re.match("Respons sisa (39|40) menit sampai ", said[""])
    assert said["Respons"] == "terpakai 20 menit dari 1 jam"
    assert re.fullmatch(r"sisa 1 hari 15 jam, \d+ \w+ .*; terpakai 20 menit dari 40 jam", said["Penyelesaian"])
    assert said["Jam kerja"] == "UMUM — Jam kerja umum, hari ini 00.00–24.00 WIB"
    due = await connection.fetchval("SELECT due_at FROM problem")
    cell = await row_of(people, path)
    assert re.match(r'"><b>sisa (39|40) menit</b> <time datetime="', cell) and f"{due:%M:%S}+07:00" in cell


async def test_what_is_late_says_since_when_and_who_used_the_time(people: People, connection: Connection) -> None:
    """The holders' minutes add up to what was used; the holder's own part is nobody's who only reports."""
    await connection.execute(
        "INSERT INTO target (code, name, division_code, resolution) VALUES ('NET', 'IT-NET', 'IT-NET', 60)"
    )
    path = await problem_in(people, "open at IT-NET")
    await put_back(connection, number_of(path), 90 * MINUTE, 30 * MINUTE, 7 * HOUR, 3 * HOUR)
    said = await told(people, path, MANAGER)
    assert re.match("Penyelesaian terlambat 4 jam sejak ", said[""])
    assert said["Mengapa terlambat"] == "HD 2 jam + IT-NET 10 jam = 12 jam waktu kerja"
    assert said["Penyelesaian"] == "terpakai 12 jam dari 8 jam"
    assert said["Respons"] == "terlambat 30 menit; terpakai 1 jam 30 menit dari 1 jam"
    assert re.match("terlambat 9 jam, .*; terpakai 10 jam dari 1 jam", said["Bagian IT-NET"])
    assert {"Mengapa terlambat", "Bagian IT-NET"}.isdisjoint(await told(people, path, ANI))
    assert re.match(' late"><b>terlambat 4 jam</b> <time ', await row_of(people, path))


async def test_while_the_clock_stands_it_says_so_and_what_remains(people: People, connection: Connection) -> None:
    path = await problem_in(people, "waiting at IT-NET")
    await put_back(connection, number_of(path), 30 * MINUTE, 30 * MINUTE, HOUR, HOUR, 5 * HOUR)
    said = await told(people, path, NET)
    assert said[""] == "Penyelesaian berhenti, sisa 5 jam waktu kerja"
    assert said["Penyelesaian"] == "terpakai 3 jam dari 8 jam"
    assert re.fullmatch(r"menunggu vendor sejak \d+ \w+ [\d.]+", said["Berhenti"])
    assert await row_of(people, path) == '">berhenti'
    await put_back(connection, number_of(path), 30 * MINUTE, 30 * MINUTE, HOUR, 7 * HOUR, 5 * HOUR)
    said = await told(people, path, NET)
    assert re.match("Penyelesaian terlambat 6 jam, berhenti sejak ", said[""]), "what is missed stays so"
    assert said["Mengapa terlambat"].endswith("= 9 jam waktu kerja; tidak dihitung: IT-NET menunggu vendor 5 jam")


@pytest.mark.parametrize(
    ("length", "first"),
    [(7 * HOUR, "Penyelesaian tepat waktu, target "), (10 * HOUR, "Penyelesaian terlambat 2 jam 40 menit, target ")],
)
async def test_what_is_over_was_kept_or_missed(
    length: timedelta, first: str, people: People, connection: Connection
) -> None:
    path = await problem_in(people, "closed")
    await put_back(connection, number_of(path), 40 * MINUTE, length, 50 * HOUR)
    said = await told(people, path)
    assert said[""].startswith(first)
    assert said["Respons"] == "tepat waktu; terpakai 40 menit dari 1 jam"
    assert said["Jam kerja"] == "UMUM — Jam kerja umum", "the hours of today are of no concern"
    assert await row_of(people, path) == ' none">–'


async def test_holidays_between_are_named_if_nobody_worked_on_them(people: People, connection: Connection) -> None:
    path = await problem_in(people, "open")
    await connection.execute("UPDATE calendar SET closes_on = 'national' WHERE code = 'UMUM'")
    await connection.execute(
        """
        INSERT INTO holiday (date, name, kind) SELECT (now() AT TIME ZONE 'Asia/Jakarta')::date - n, k || n, k
          FROM (VALUES (1, 'national'), (2, 'joint'), (9, 'national')) v (n, k)
        """
    )
    await connection.execute("SELECT renew_working_time(ARRAY['UMUM'], '2020-01-01')")
    await connection.execute(
        "INSERT INTO holiday (date, name) SELECT (now() AT TIME ZONE 'Asia/Jakarta')::date - 3, 'declared afterwards'"
    )
    await put_back(connection, number_of(path), 48 * HOUR, 48 * HOUR)
    assert re.fullmatch(r"\d+ \w+ 20\d\d national1", (await told(people, path))["Libur"])


async def test_without_a_target_nothing_is_due(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE target SET active = false")
    path, waiting = await problem_in(people, "open"), await problem_in(people, "waiting")
    for each in (path, waiting):
        await replay(connection, number_of(each))
    html = (await (await people(DESK)).get(path)).text
    assert "Tidak ada target untuk kendala ini." in html
    assert [await row_of(people, each) for each in (path, waiting)] == [' none">–'] * 2
    assert await told(people, await problem_in(people, "void")) == {}


async def test_a_row_that_is_kept_shows_a_target_that_was_moved(people: People, connection: Connection) -> None:
    """Which changes no version of the problem."""
    path = await problem_in(people, "open")
    before = await row_of(people, path)
    await connection.execute("UPDATE target SET resolution = 960 WHERE code = 'P2'")
    await connection.execute("SELECT renew_promises(0, 10)")
    assert re.match('"><b>sisa 7 jam</b>', before) and re.match('"><b>sisa 15 jam</b>', await row_of(people, path))


async def test_what_was_raised_is_told_to_whoever_oversees_it(people: People, connection: Connection) -> None:
    path = await problem_in(people, "open")
    await put_back(connection, number_of(path), timedelta(), 9 * HOUR)
    await raise_alarms(connection, 10)
    told_of = (await told(people, path, MANAGER))["Peringatan"]
    assert re.fullmatch(r"Penyelesaian 100% \(meja bantuan\) \d+ \w+ \d\d\.\d\d", told_of), "of each the last"
    assert "Peringatan" not in await told(people, path, ANI)
