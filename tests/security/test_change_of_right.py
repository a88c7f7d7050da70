"""Forms change what they name and nothing else; a right that is taken away is gone at the next request."""

import uuid

import pytest
from asyncpg import Connection

from tests.client import forms
from tests.conftest import PIN
from tests.security.world import NIKS, World, done, identify, pass_to_net, pass_to_pic, report, version

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
    ani, desk, net, pic, ga = [await people(NIKS[name]) for name in ("reporter", "desk", "net", "pic", "ga")]

    async def send(client, page, action, **values):
        fields = await client.form(page, action)
        return await done(client.post(action, extra | fields | values))

    fields = await ani.form("/problems/new", "/problems")
    own = {"title": "Sama", "description": "Sama", "asset": "T01-PRN-01"}
    path = (await done(ani.post("/problems", extra | fields | own))).headers["Location"]
    await send(ani, path, f"{path}/comments", comment="Sama")
    opening = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Sama"}
    await send(desk, f"{path}/opening", f"{path}/opening", **opening)
    await send(desk, f"{path}/escalation", f"{path}/escalation", kind="it", division="IT-NET", reason="Sama")
    await send(net, path, f"{path}/escalation/acceptance")
    fields = await net.form(f"{path}/escalation", f"{path}/escalation")
    step = await net.post(f"{path}/escalation", extra | fields | {"kind": "department", "reason": "Sama"})
    action = f"{path}/escalation/pic"
    chosen = {"pic": NIKS["pic"], "department": "MNT"}
    await done(net.post(action, extra | forms(step.text)[action] | chosen))
    await send(pic, path, f"{path}/escalation/return", reason="Sama")
    await send(net, f"{path}/escalation", f"{path}/escalation", kind="other", reason="Sama")
    await send(ga, path, f"{path}/escalation/acceptance")
    await send(ga, f"{path}/closure", f"{path}/closure", solution="Sama")
    await send(ani, path, f"{path}/reopening", reason="Sama")
    await send(ga, f"{path}/closure", f"{path}/closure", solution="Sama")
    await send(ani, path, f"{path}/confirmation")
    return path


async def test_a_reporter_cannot_report_for_somebody_else(world: World, connection: Connection) -> None:
    path = await report(await world("reporter"), "Atas nama orang lain", reporter=NIKS["stranger"])
    row = await connection.fetchrow("SELECT reporter_nik, store_code FROM problem WHERE id = $1", int(path[10:]))
    assert tuple(row) == (NIKS["reporter"], "T01")


TAKEN = {  # who, what is done to them, the state of a problem, the door, the status before, and that of the next session
    "left the division": ("net", "division_code = NULL", "open", "/closure", 200, 404),
    "other division": ("net", "division_code = 'GA'", "open", "/closure", 200, 403),
    "left the desk": ("desk", "division_code = 'GA'", "reported", "/opening", 200, 403),
    "no longer a manager": ("manager", "is_manager = false", "open", "", 200, 404),
    "moved to another store": ("colleague", "store_code = 'T02'", "open", "", 200, 404),
    "own problem, moved away": ("reporter", "store_code = 'T02'", "open", "", 200, 200),
    "deactivated": ("net", "active = false", "open", "", 200, None),
    "made a manager": ("stranger", "is_manager = true", "open", "", 404, 200),
    "made an admin": ("stranger", "is_admin = true", "open", "", 404, 404),
    "made a handler": ("stranger", "division_code = 'IT-NET'", "open", "/closure", 404, 200),
}


@pytest.mark.parametrize("case", TAKEN)
async def test_a_change_of_right_works_at_the_next_request(world: World, connection: Connection, case: str) -> None:
    name, change, state, door, before, after = TAKEN[case]
    client, path = await world(name), world.paths[state] + door
    assert (await client.get(path)).status_code == before
    await connection.execute(f"UPDATE employee SET {change} WHERE nik = $1", NIKS[name])
    assert (await client.get(path)).status_code == 303, "the session that had the old right is over"
    login = await client.post("/login", {"nik": NIKS[name], "pin": PIN})
    if case == "deactivated":
        assert login.status_code == 422
    else:
        assert login.status_code == 303
        assert (await client.get(path)).status_code == after


@pytest.mark.parametrize("change", ["department_code = NULL", "department_code = 'PRC'", "active = false"])
async def test_a_former_pic_can_no_longer_act(world: World, connection: Connection, change: str) -> None:
    """Not even on a problem of the own store, which stays in sight, and not with a form that was open before."""
    await connection.execute("UPDATE employee SET store_code = 'T01' WHERE nik = $1", NIKS["pic"])
    pic, path = await world("pic"), world.paths["escalated"]
    fields = await pic.form(path, f"{path}/escalation/acceptance")
    await connection.execute(f"UPDATE employee SET {change} WHERE nik = $1", NIKS["pic"])
    response = await pic.post(f"{path}/escalation/acceptance", fields)
    assert response.status_code in (403, 303)
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", int(path[10:])) == "escalated"


async def test_a_receiver_who_is_none_any_more_is_a_conflict(world: World, connection: Connection) -> None:
    """Also between the check of the form and the change: here, the trigger of the schema is the last one to look."""
    desk, path = await world("desk"), await report(await world("reporter"), "Serah")
    await identify(desk, path)
    step = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason="Perlu tukang")
    fields = forms(step.text)[f"{path}/escalation/pic"] | {"pic": NIKS["pic"]}
    await connection.execute("""
        CREATE FUNCTION leaves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE employee SET active = false WHERE nik = NEW.to_pic_nik; RETURN NEW; END $$;
        CREATE TRIGGER escalation_0_leaves BEFORE INSERT ON escalation FOR EACH ROW EXECUTE FUNCTION leaves();
    """)
    response = await desk.post(f"{path}/escalation/pic", fields)
    assert response.status_code == 409
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", int(path[10:])) == "open"
    assert await connection.fetchval("SELECT active FROM employee WHERE nik = $1", NIKS["pic"])


async def test_a_pic_cannot_pass_a_problem_on_to_the_own_hands(world: World) -> None:
    pic, path = await world("pic"), world.paths["escalated"]
    await done(pic.submit(path, f"{path}/escalation/acceptance"))
    step = await pic.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason="Perlu tukang")
    fields = forms(step.text)[f"{path}/escalation/pic"]
    response = await pic.post(f"{path}/escalation/pic", fields | {"pic": NIKS["pic"]})
    assert response.status_code == 422 and "tidak ada dalam pilihan" in response.text


async def test_version_games(world: World, connection: Connection) -> None:
    """A version that was never seen, or that will come, opens nothing; one that was seen while holding it is a conflict."""
    path, number = world.paths["open"], int(world.paths["open"][10:])
    net, desk, ga = await world("net"), await world("desk"), await world("ga")
    current = int(version((await net.get(path)).text))
    for someone, expected in ((ga, {403}), (desk, {403, 409})):
        for seen in ("0", "-1", "1", "2", str(current), str(current + 1), "999999999", "1e3", "٣", "1" * 400, ""):
            fields = {"key": str(uuid.uuid4()), "version": seen, "solution": "Selesai"}
            response = await someone.post(f"{path}/closure", fields)
            assert response.status_code in expected, seen
    fields = {"key": str(uuid.uuid4()), "version": str(current + 1), "solution": "Selesai"}
    assert (await net.post(f"{path}/closure", fields)).status_code == 409
    assert await connection.fetchval("SELECT version FROM problem WHERE id = $1", number) == current


async def test_repeated_fields_and_fields_in_the_query_count_once(world: World, connection: Connection) -> None:
    """Of a field that is posted twice the last one counts, and nothing in the address stands in for a field."""
    net, path = await world("net"), world.paths["open"]
    fields = await net.form(f"{path}/closure", f"{path}/closure")
    response = await net.post(f"{path}/closure?solution=Dari+alamat&version=1", fields)
    assert response.status_code == 422
    body = f"key={fields['key']}&version={fields['version']}&version=1&solution=Selesai"
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await net.post(f"{path}/closure", None, content=body, headers=head)).status_code == 409
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", int(path[10:])) == "open"


async def test_an_escalation_passes_through_the_hands_it_names_only(world: World, connection: Connection) -> None:
    """A division that is no IT division, none at all, or the holder itself cannot be forged as the target."""
    net, path = await world("net"), world.paths["open"]
    for division in ("GA", "HD", "IT-NET", "XX", "it-pos", "IT-POS\x00", "IT-POS "):
        fields = await net.form(f"{path}/escalation", f"{path}/escalation")
        response = await net.post(
            f"{path}/escalation",
            fields | {"kind": "it", "division": division, "reason": "" if "POS" in division else "x"},
        )
        assert response.status_code == 422, division
    assert await connection.fetchval("SELECT status FROM problem WHERE id = $1", int(path[10:])) == "open"
    await pass_to_net(await world("desk"), net, await _opened(world))
    await pass_to_pic(await world("desk"), await _opened(world))


async def _opened(world: World) -> str:
    path = await report(await world("reporter"), "Satu lagi")
    await identify(await world("desk"), path)
    return path
