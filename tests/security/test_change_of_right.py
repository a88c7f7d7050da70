"""Forms change what they name and nothing else; a right that is taken away is gone at the next request."""

import uuid

import pytest
from asyncpg import Connection

from tests.client import forms
from tests.conftest import PIN, People
from tests.journeys import (
    ANI,
    BUDI,
    CITRA,
    DESK,
    GA,
    MANAGER,
    NET,
    PIC,
    accept,
    escalate,
    escalate_to_pic,
    opened,
    problem_in,
    report,
    stored,
)
from tests.memberships import belong
from tests.routes.catalogue import envelope

# Everything that a table has and a form does not: posted with every form, it changes nothing.
FORGED = {
    "id": "1", "problem_id": "1", "status": "closed", "year": "1999", "reported_at": "1999-01-01", "changed_at": "1999-01-01",
    "reporter_nik": "10003", "reporter": "10003", "recorded_by_nik": "10003", "actor_nik": "10003", "nik": "10003",
    "store_code": "T02", "store": "T02", "asset_tag": "T02-PRN-01", "asset_text": "palsu", "search_text": "palsu",
    "holder_division_code": "LOG", "holder_department_code": "PRC", "holder_pic_nik": "30002", "holder": "LOG",
    "category_code": "UMUM", "priority": "1", "confirmed_at": "1999-01-01", "note": "palsu", "cause": "voided",
    "is_admin": "true", "is_manager": "true", "scopes": "admin", "sees_all": "true", "division_code": "HD", "active": "false",
    "pin_hash": "x", "sent_by_nik": "10003", "answer": "accepted", "to_pic_nik": "30002", "__proto__": "x", "viewer": "x",
}  # fmt: skip
# Fields of other forms, which this one does not have: a field's name means something in its own form only.
FOREIGN = {
    "title": "palsu", "description": "palsu", "asset": "palsu", "comment": "palsu", "identification": "palsu",
    "category": "UMUM", "impact": "3", "urgency": "3", "kind": "it", "division": "IT-POS", "department": "PRC", "pic": "30002",
    "reason": "palsu", "solution": "palsu", "pin": "000000", "next": "//example.com",
}  # fmt: skip
OF_A_PROBLEM = (
    "SELECT to_jsonb(p) - '{id,reported_at,changed_at,confirmed_at}'::text[] FROM problem p WHERE id = $1",
    "SELECT jsonb_agg(to_jsonb(v) - '{problem_id,at,before,after}'::text[] ORDER BY seq) FROM event v WHERE problem_id = $1",
    "SELECT jsonb_agg(to_jsonb(c) - '{problem_id,during}'::text[] ORDER BY during) FROM custody c WHERE problem_id = $1",
    """SELECT jsonb_agg(to_jsonb(x) - '{id,problem_id,sent_at,answered_at}'::text[] ORDER BY id)
         FROM escalation x WHERE problem_id = $1""",
)


async def test_fields_that_a_form_does_not_have_change_nothing(people, connection: Connection) -> None:
    """Three problems live the same life, two of them with a lot forged into every form: they end the same."""
    people_before = await connection.fetch("SELECT * FROM employee ORDER BY nik")
    honest = await _life(people, {})
    lives = honest, await _life(people, FORGED), await _life(people, FOREIGN)
    for question in OF_A_PROBLEM:
        first, second, third = [await connection.fetchval(question, int(p.rsplit("/", 1)[1])) for p in lives]
        assert first == second == third
    assert await connection.fetch("SELECT * FROM employee ORDER BY nik") == people_before


async def _life(people, extra: dict[str, str]) -> str:
    ani, desk, net, pic, ga = [await people(nik) for nik in (ANI, DESK, NET, PIC, GA)]

    async def send(client, page, action, **values):
        fields = await client.form(page, action)
        return stored(await client.post(action, extra | fields | values))

    fields = await ani.form("/problems/new", "/problems")
    own = {"title": "Sama", "description": "Sama", "asset": "T01-PRN-01"}
    path = (stored(await ani.post("/problems", extra | fields | own))).headers["Location"]
    await send(ani, path, f"{path}/comments", comment="Sama")
    opening = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Sama"}
    await send(desk, f"{path}/opening", f"{path}/opening", **opening)
    await send(desk, f"{path}/escalation", f"{path}/escalation", kind="it", division="IT-NET", reason="Sama")
    await send(net, path, f"{path}/escalation/acceptance")
    fields = await net.form(f"{path}/escalation", f"{path}/escalation")
    step = await net.post(f"{path}/escalation", extra | fields | {"kind": "department", "reason": "Sama"})
    action = f"{path}/escalation/pic"
    chosen = {"pic": PIC, "department": "MNT"}
    stored(await net.post(action, extra | forms(step.text)[action] | chosen))
    await send(pic, path, f"{path}/escalation/return", reason="Sama")
    await send(net, f"{path}/escalation", f"{path}/escalation", kind="other", reason="Sama")
    await send(ga, path, f"{path}/escalation/acceptance")
    await send(ga, f"{path}/closure", f"{path}/closure", solution="Sama")
    await send(ani, path, f"{path}/reopening", reason="Sama")
    await send(ga, f"{path}/closure", f"{path}/closure", solution="Sama")
    await send(ani, path, f"{path}/confirmation")
    return path


async def test_a_reporter_cannot_report_for_somebody_else(people: People, connection: Connection) -> None:
    path = await report(people, title="Atas nama orang lain", reporter=CITRA)
    row = await connection.fetchrow("SELECT reporter_nik, store_code FROM problem WHERE id = $1", int(path[10:]))
    assert tuple(row) == (ANI, "T01")


TAKEN = {  # who, what is done to them, the state of a problem, the door, the status before, and that of the next session
    "left the division": (NET, [], "open at IT-NET", "/closure", 200, 404),
    "other division": (NET, ["GA"], "open at IT-NET", "/closure", 200, 403),
    "left the desk": (DESK, ["GA"], "reported", "/opening", 200, 403),
    "no longer a manager": (MANAGER, "is_manager = false", "open at IT-NET", "", 200, 404),
    "moved to another store": (BUDI, "store_code = 'T02'", "open at IT-NET", "", 200, 404),
    "own problem, moved away": (ANI, "store_code = 'T02'", "open at IT-NET", "", 200, 200),
    "deactivated": (NET, "active = false", "open at IT-NET", "", 200, None),
    "made a manager": (CITRA, "is_manager = true", "open at IT-NET", "", 404, 200),
    "made an admin": (CITRA, "is_admin = true", "open at IT-NET", "", 404, 404),
    "made a handler": (CITRA, ["IT-NET"], "open at IT-NET", "/closure", 404, 200),
}


async def change_right(connection: Connection, nik: str, change: str | list[str]) -> None:
    """What somebody belongs to, if it is a list, or a column of theirs."""
    if isinstance(change, list):
        await belong(connection, nik, *change)
    else:
        await connection.execute(f"UPDATE employee SET {change} WHERE nik = $1", nik)


@pytest.mark.parametrize("case", TAKEN)
async def test_a_change_of_right_works_at_the_next_request(people: People, connection: Connection, case: str) -> None:
    nik, change, state, door, before, after = TAKEN[case]
    client, path = await people(nik), await problem_in(people, state) + door
    assert (await client.get(path)).status_code == before
    await change_right(connection, nik, change)
    assert (await client.get(path)).status_code == 303, "the session that had the old right is over"
    login = await client.post("/login", {"nik": nik, "pin": PIN})
    if case == "deactivated":
        assert login.status_code == 422
    else:
        assert login.status_code == 303
        assert (await client.get(path)).status_code == after


@pytest.mark.parametrize("change", [[], ["PRC"], "active = false"])
async def test_a_former_pic_can_no_longer_act(people: People, connection: Connection, change: str | list[str]) -> None:
    """Not even on a problem of the own store, which stays in sight, and not with a form that was open before."""
    await connection.execute("UPDATE employee SET store_code = 'T01' WHERE nik = $1", PIC)
    pic, path = await people(PIC), await problem_in(people, "escalated to the PIC")
    fields = await pic.form(path, f"{path}/escalation/acceptance")
    await change_right(connection, PIC, change)
    response = await pic.post(f"{path}/escalation/acceptance", fields)
    assert response.status_code in (403, 303)
    held = "SELECT status, holder_division_code FROM problem WHERE id = $1"
    assert tuple(await connection.fetchrow(held, int(path[10:]))) == ("open", "HD")


async def test_a_receiver_who_is_none_any_more_is_a_conflict(people: People, connection: Connection) -> None:
    """Also between the check of the form and the change: here, the trigger of the schema is the last one to look."""
    desk, path = await people(DESK), await opened(people)
    step = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason="Perlu tukang")
    fields = forms(step.text)[f"{path}/escalation/pic"] | {"pic": PIC}
    await connection.execute("""
        CREATE FUNCTION leaves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE employee SET active = false WHERE nik = NEW.to_pic_nik; RETURN NEW; END $$;
        CREATE TRIGGER escalation_0_leaves BEFORE INSERT ON escalation FOR EACH ROW EXECUTE FUNCTION leaves();
    """)
    response = await desk.post(f"{path}/escalation/pic", fields)
    assert response.status_code == 409
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", int(path[10:])) == "open"
    assert await connection.fetchval("SELECT active FROM employee WHERE nik = $1", PIC)


async def test_a_pic_cannot_pass_a_problem_on_to_the_own_hands(people: People) -> None:
    pic, path = await people(PIC), await problem_in(people, "escalated to the PIC")
    stored(await pic.submit(path, f"{path}/escalation/acceptance"))
    step = await pic.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason="Perlu tukang")
    fields = forms(step.text)[f"{path}/escalation/pic"]
    response = await pic.post(f"{path}/escalation/pic", fields | {"pic": PIC})
    assert response.status_code == 422 and "PIC ini tidak ada" in response.text


async def test_version_games(people: People, connection: Connection) -> None:
    """A version that was never seen, or that will come, opens nothing; one that was seen while holding it is a conflict."""
    path = await problem_in(people, "open at IT-NET")
    net, desk, ga = await people(NET), await people(DESK), await people(GA)
    current = int((await envelope(connection, path))["version"])
    for someone, expected in ((ga, {403}), (desk, {403, 409})):
        for seen in ("0", "-1", "1", "2", str(current), str(current + 1), "999999999", "1e3", "٣", "1" * 400, ""):
            fields = {"key": str(uuid.uuid4()), "version": seen, "solution": "Selesai"}
            response = await someone.post(f"{path}/closure", fields)
            assert response.status_code in expected, seen
    fields = {"key": str(uuid.uuid4()), "version": str(current + 1), "solution": "Selesai"}
    assert (await net.post(f"{path}/closure", fields)).status_code == 409
    assert await connection.fetchval("SELECT version FROM problem WHERE id = $1", int(path[10:])) == current


async def test_repeated_fields_and_fields_in_the_query_count_once(people: People, connection: Connection) -> None:
    """Of a field that is posted twice the last one counts, and nothing in the address stands in for a field."""
    net, path = await people(NET), await problem_in(people, "open at IT-NET")
    fields = await net.form(f"{path}/closure", f"{path}/closure")
    response = await net.post(f"{path}/closure?solution=Dari+alamat&version=1", fields)
    assert response.status_code == 422
    body = f"key={fields['key']}&version={fields['version']}&version=1&solution=Selesai"
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await net.post(f"{path}/closure", None, content=body, headers=head)).status_code == 409
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", int(path[10:])) == "open"


async def test_an_escalation_passes_through_the_hands_it_names_only(people: People, connection: Connection) -> None:
    """A division that is no IT division, none at all, or the holder itself cannot be forged as the target."""
    net, path = await people(NET), await problem_in(people, "open at IT-NET")
    for division in ("GA", "HD", "IT-NET", "XX", "it-pos", "IT-POS\x00", "IT-POS "):
        fields = await net.form(f"{path}/escalation", f"{path}/escalation")
        response = await net.post(
            f"{path}/escalation",
            fields | {"kind": "it", "division": division, "reason": "" if "POS" in division else "x"},
        )
        assert response.status_code == 422, division
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", int(path[10:])) == "open"
    path = await opened(people)
    await escalate(people, path)
    await accept(people, path)
    await escalate_to_pic(people, await opened(people))
