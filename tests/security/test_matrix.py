"""Who reaches what: every person at every door of app.DOORS, for a problem in each state. A door without an entry here fails."""

import re
import uuid

import pytest
from asyncpg import Connection

from app import DOORS
from doors import UNNOTICED
from tests.client import Client
from tests.conftest import People
from tests.security.world import HOLDERS, NIKS, STATES, World, door_at, report

PEOPLE = tuple(NIKS)
IN_REACH = {"reporter", "colleague", "desk", "net", "ga", "pic", "other_pic", "manager"}
HANDLERS = {"desk", "net", "ga", "pic", "other_pic"}

# Who has the right to an action, beside those who are named: "holder" is whoever holds the problem, "all" who reaches it.
RIGHTS = {
    "see": {"all"},
    "comment": {"all"},
    "opening": {"holder", "desk"},
    "escalation": {"holder"},
    "answer": {"holder"},
    "closure": {"holder"},
    "voiding": {"holder"},
    "confirmation": {"reporter"},
    "reopening": {"reporter"},
}
# The states in which an action is possible.
ADMITS = {
    "see": set(STATES),
    "comment": set(STATES),
    "opening": {"reported"},
    "escalation": {"open"},
    "answer": {"escalated"},
    "closure": {"open"},
    "voiding": {"reported", "open"},
    "confirmation": {"closed"},
    "reopening": {"closed"},
}
# The action of each door to a problem; "any state" where it answers with a part that is no form.
PROBLEM_DOORS = {
    "/problems/{id}": "see",
    "/problems/{id}/comments": "comment",
    "/problems/{id}/opening": "opening",
    "/problems/{id}/escalation": "escalation",
    "/problems/{id}/escalation/fields": "escalation",
    "/problems/{id}/escalation/pic": "escalation",
    "/problems/{id}/escalation/acceptance": "answer",
    "/problems/{id}/escalation/return": "answer",
    "/problems/{id}/closure": "closure",
    "/problems/{id}/confirmation": "confirmation",
    "/problems/{id}/reopening": "reopening",
    "/problems/{id}/voiding": "voiding",
    "/problems/{id}/photos/{seq}": "see",
    "/problems/{id}/photos/{seq}/image": "see",
    "/problems/{id}/photos/{seq}/thumbnail": "see",
    "/problems/{id}/drafts/{form}": "see",
    "/problems/{id}/drafts/{form}/discarding": "see",
    "/problems/{id}/presence": "see",
}
ANY_STATE = {"/problems/{id}/escalation/fields"}
# What an empty post is answered with where there is nothing that could be wrong with it.
NEVER_WRONG = {
    "/problems/{id}/drafts/{form}": 204,
    "/problems/{id}/drafts/{form}/discarding": 303,
    "/problems/{id}/presence": 200,
}

# The other doors: what nobody, everybody who is logged in, handlers, and admins get, for GET and for an empty POST. The one
# who is asked about is Ani, by her NIK, and her only session.
PLAIN_DOORS = {
    "/": {"GET": (303, 303, 303, 303)},
    "/login": {"GET": (200, 303, 303, 303), "POST": (422, 422, 422, 422)},
    "/login/nik": {"POST": (422, 422, 422, 422)},
    "/pin": {"GET": ("login", 200, 200, 200), "POST": ("login", 422, 422, 422)},
    "/sessions": {"GET": ("login", 200, 200, 200)},
    "/sessions/ending": {"POST": ("login", 303, 303, 303)},
    "/sessions/{session}/ending": {"POST": ("login", 404, 404, 404)},  # of somebody else
    "/problems": {"GET": ("login", 200, 200, 200), "POST": ("login", 422, 422, 422)},
    "/problems/new": {"GET": ("login", 200, 200, 200)},
    "/problems/new/reporter": {"GET": ("login", 403, 200, 403)},
    "/problems/openings": {"GET": ("login", 403, 422, 403), "POST": ("login", 403, 422, 403)},
    "/problems/escalations": {"GET": ("login", 403, 422, 403), "POST": ("login", 403, 422, 403)},
    "/problems/voidings": {"GET": ("login", 403, 422, 403), "POST": ("login", 403, 422, 403)},
    "/desk": {"GET": ("login", 403, 200, 403)},
    "/desk/next": {"GET": ("login", 403, 303, 403)},
    "/stores": {"GET": ("login", 200, 200, 200)},
    "/views": {"GET": ("login", 200, 200, 200), "POST": ("login", 422, 422, 422)},
    "/views/{id}/deletion": {"POST": ("login", 404, 404, 404)},
    "/help": {"GET": ("login", 200, 200, 200)},
    "/drafts/{form}": {"POST": ("login", 204, 204, 204)},
    "/drafts/{form}/discarding": {"POST": ("login", 303, 303, 303)},
    "/admin/employees": {"GET": ("login", 403, 403, 200)},
    "/admin/employees/{nik}": {"GET": ("login", 403, 403, 200)},
    "/admin/employees/{nik}/pin": {"POST": ("login", 403, 403, 200)},
    "/admin/employees/{nik}/sessions/ending": {"POST": ("login", 403, 403, 303)},
    "/admin/employees/{nik}/deactivation": {"POST": ("login", 403, 403, 303)},
    "/admin/employees/{nik}/activation": {"POST": ("login", 403, 403, 303)},
    "/health/live": {"GET": (200, 200, 200, 200)},
    "/health/ready": {"GET": (200, 200, 200, 200)},
    "/static": {"GET": (404, 404, 404, 404)},
    "/logout": {"POST": ("login", 303, 303, 303)},  # the last one: what follows would be nobody's
}
OVERSEEN = {"/desk"}  # to managers as to handlers
SOMEBODY = "20002"  # who does nothing here but have a session


def test_every_door_has_an_entry() -> None:
    assert {door.path for door in DOORS} == PROBLEM_DOORS.keys() | PLAIN_DOORS.keys()
    for door in DOORS:
        if door.path in PLAIN_DOORS and hasattr(door, "endpoints"):
            assert door.endpoints.keys() == PLAIN_DOORS[door.path].keys(), door.path


def expected(person: str, door: str, state: str, method: str) -> int | str:
    """The status of one cell: 422 stands for a form that came as far as its content, which is empty."""
    action = PROBLEM_DOORS[door]
    if person == "nobody":
        return "login"
    if person not in IN_REACH:
        return 404
    rights = RIGHTS[action] | ({HOLDERS[state]} if "holder" in RIGHTS[action] else set())
    if person not in rights and "all" not in rights:
        return 403
    if state not in ADMITS[action] and door not in ANY_STATE:
        return 409
    return 200 if method == "GET" else NEVER_WRONG.get(door, 422)


def plain(person: str, door: str, method: str) -> int | str:
    """The status of one cell of PLAIN_DOORS."""
    as_handler = person in HANDLERS or (person == "manager" and door in OVERSEEN)
    column = 0 if person == "nobody" else 2 if as_handler else 3 if person == "admin" else 1
    return PLAIN_DOORS[door][method][column]


def assert_cell(response, wanted: int | str, htmx: bool, where: str) -> None:
    if wanted == "login":
        wanted = 401 if htmx else 303
        assert "/login?next=" in (response.headers.get("HX-Redirect") or response.headers.get("Location", "")), where
    assert response.status_code == wanted, f"{where}: {response.status_code}, not {wanted}"


async def ask(client: Client, method: str, path: str, fields: dict[str, str], htmx: bool):
    return await (client.get(path, htmx=htmx) if method == "GET" else client.post(path, fields, htmx=htmx))


@pytest.mark.parametrize("person", PEOPLE)
async def test_matrix(people: People, world: World, connection: Connection, person: str) -> None:
    await people(SOMEBODY)
    about = {"nik": SOMEBODY, "session": await connection.fetchval("SELECT id FROM session WHERE nik = $1", SOMEBODY)}
    client, cells = await world(person), 0
    before = await connection.fetch("SELECT id, version, status FROM problem ORDER BY id")
    for door in DOORS:
        for state, path in world.paths.items() if door.path in PROBLEM_DOORS else [("", "")]:
            for method in getattr(door, "endpoints", ("GET",)):
                for htmx in (False, True):
                    where = f"{person} {method} {door.path} {state} {'htmx' if htmx else ''}"
                    if state:
                        wanted = expected(person, door.path, state, method)
                        number = int(path.rsplit("/", 1)[1])
                        fields = await envelope(connection, number) if wanted == 409 else {}
                        response = await ask(client, method, door_at(door.path, number), fields, htmx)
                    elif door.path == "/logout":
                        continue
                    else:
                        wanted = plain(person, door.path, method)
                        response = await ask(client, method, door_at(door.path, **about), {}, htmx)
                    unnoticed = wanted == "login" and htmx and door.path.endswith(UNNOTICED)
                    assert_cell(response, 204 if unnoticed else wanted, htmx, where)
                    cells += 1
    response = await client.post("/logout")
    assert_cell(response, plain(person, "/logout", "POST"), False, f"{person} /logout")
    assert cells == 242  # of one person: a new door or state changes it
    assert await connection.fetch("SELECT id, version, status FROM problem ORDER BY id") == before


async def envelope(connection: Connection, number: int) -> dict[str, str]:
    """What lets a form come as far as its conflict."""
    version = await connection.fetchval("SELECT version FROM problem WHERE id = $1", number)
    return {"key": str(uuid.uuid4()), "version": str(version)}


@pytest.mark.parametrize("person", PEOPLE[1:])
async def test_lists_counts_and_searches_show_only_what_is_in_reach(world: World, person: str) -> None:
    client = await world(person)
    elsewhere = await report(await world("stranger"), "Perkara Denpasar")
    mine = {path.rsplit("/", 1)[1] for path in world.paths.values()}
    theirs = elsewhere.rsplit("/", 1)[1]
    seen = (mine if person in IN_REACH else set()) | (
        {theirs} if person in HANDLERS | {"manager", "stranger"} else set()
    )
    queries = {"": seen, "&q=Perkara": seen, f"&q={theirs}": seen & {theirs}, f"&q=K-{theirs}": seen & {theirs}}
    queries |= {"&q=Denpasar": seen & {theirs}, "&q=Citra": seen & {theirs}, f"&after={theirs}": seen - {theirs}}
    for query, ids in queries.items():
        for htmx in (False, True):
            response = await client.get(f"/problems?year=all{query}", htmx=htmx)
            assert response.status_code == 200
            assert set(re.findall(r'id="problem-([0-9]+)"', response.text)) == ids, query
            if "after" not in query:
                counts = re.search(r"<span>Semua</span> <b>([0-9.]+)</b>", response.text)
                assert int(counts[1]) == len(ids), query
    response = await client.get("/problems?store=T02")
    assert response.status_code == (200 if person in HANDLERS | {"manager", "stranger"} else 422)


async def test_someone_elses_form_key_tells_nothing_and_changes_nothing(world: World, connection: Connection) -> None:
    """Whoever learns the key of a form can neither replay it nor learn where it led."""
    ani, citra = await world("reporter"), await world("stranger")
    fields = await ani.form("/problems/new", "/problems") | {"title": "Rahasia", "description": "Milik Ani"}
    first = await ani.post("/problems", fields)
    count = await connection.fetchval("SELECT count(*) FROM problem")
    stolen = await citra.post("/problems", fields)
    assert stolen.status_code == 422 and first.headers["Location"] not in stolen.text
    again = await ani.post("/problems", fields)
    assert again.headers["Location"] == first.headers["Location"]
    other_door = await ani.post(f"{world.paths['open']}/comments", fields | {"comment": "x", "version": "1"})
    assert other_door.status_code == 422
    assert await connection.fetchval("SELECT count(*) FROM problem") == count


@pytest.mark.parametrize(
    "number", ["0", "-1", "1.0", "%31", "%D9%A1", "1%00", "9" * 19, "9" * 5000, "1%2F..", "1;x", "1%3Fx"]
)
async def test_a_number_that_is_none_is_404(world: World, number: str) -> None:
    response = await (await world("desk")).get(f"/problems/{number}")
    assert response.status_code == (200 if number == "%31" else 404)
