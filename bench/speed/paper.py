"""The screens of the paper's design that are measured beside those of SIH, under their names."""

from itertools import islice

from bench.speed.load import Shot
from bench.speed.world import Screen, World, fetch, get, post

PEOPLE = 20


async def _log_in(world: World) -> list[str]:
    """The cookies of some handlers."""
    cookies = []
    for nik in islice(world.people.handlers, PEOPLE):
        _, headers, _ = fetch(world.ports["paper"], Shot("/login", {}, {"nik": nik}))
        cookies.append(headers["Set-Cookie"].partition(";")[0])
    return cookies


async def _list(world: World) -> list[Shot]:
    return get([f"/problem?tahun={world.year}"], await _log_in(world))


async def _deep(world: World) -> list[Shot]:
    return get([f"/problem?tahun={world.year}&halaman=1000"], await _log_in(world))


async def _problem(world: World) -> list[Shot]:
    return get([f"/problem/{id}" for id, _ in await world.some_problems(1_000)], await _log_in(world), 1_000)


async def _report(world: World) -> list[Shot]:
    said = "Sejak pagi lampunya merah dan kertasnya tersangkut."
    return [
        post("/problem", cookie, judul="Printer kasir 2 tidak mencetak", uraian=said) for cookie in await _log_in(world)
    ]


async def _escalation(world: World) -> list[Shot]:
    people, said = await _log_in(world), {"divisi": "IT-NET", "alasan": "Perlu pemeriksaan oleh tim tujuan"}
    problems = await world.some_problems(1_000)
    return [post(f"/problem/{id}/penyelesaian", people[id % PEOPLE], **said) for id, _ in problems]


async def _comment(world: World) -> list[Shot]:
    people, said = await _log_in(world), "Sudah dicek bersama pelapor, hasilnya belum baik."
    return [
        post(f"/problem/{id}/komentar", people[id % PEOPLE], komentar=said)
        for id, _ in await world.some_problems(1_000)
    ]


async def _lookup(world: World) -> list[Shot]:
    rows = await world.connection.fetch("SELECT nik FROM employee ORDER BY hashtext(nik) LIMIT 10000")
    return [Shot("/searchUserAccount", {}, {"nik": row["nik"]}) for row in rows]


SCREENS = (
    Screen("year", "list of a year", _list),
    Screen("deep", "list of a year, page 1,000", _deep),
    Screen("problem", "problem's page", _problem),
    Screen("report", "report", _report, r"302 /problem/\d+"),
    Screen("escalation", "escalation", _escalation, r"302 /problem/\d+"),
    Screen("comment", "comment", _comment, r"302 /problem/\d+"),
    Screen("lookup", "NIK lookup", _lookup),
)
