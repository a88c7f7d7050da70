"""Pages of people who belong to several divisions and departments."""

import re

from asyncpg import Connection

from tests.client import forms
from tests.conftest import People
from tests.journeys import ADMIN, DESK, GA, IDENTIFICATION, OPENING, PIC, do, opened, problem_in
from tests.memberships import belong


async def test_my_problems_are_those_of_each_membership(people: People, connection: Connection) -> None:
    paths = [await problem_in(people, state) for state in ("open at IT-NET", "open", "open at the PIC")]
    await belong(connection, GA, "GA", "IT-NET", "HD")
    page = (await (await people(GA)).get("/problems?year=all&holder=me&status=unfinished")).text
    assert [path in page for path in paths] == [True, True, False]


async def test_a_pic_of_several_departments_is_chosen_with_one_of_them(people: People, connection: Connection) -> None:
    await belong(connection, PIC, "MNT", "PRC", "LOG")
    desk, path = await people(DESK), await opened(people)
    step = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason="Perlu tukang")
    fields = forms(step.text)[f"{path}/escalation/pic"]
    answer = await desk.post(f"{path}/escalation/pic", fields | {"pic": PIC})
    assert answer.status_code == 422 and "Pilih departemennya" in answer.text
    assert (await desk.post(f"{path}/escalation/pic", fields | {"pic": PIC, "department": "PRC"})).status_code == 303
    holder = "SELECT holder_department_code, holder_pic_nik FROM problem"
    assert tuple(await connection.fetchrow(holder)) == ("PRC", PIC)


async def test_an_admin_sees_all_of_them(people: People, connection: Connection) -> None:
    await belong(connection, GA, "GA", "HD", "PRC")
    page = (await (await people(ADMIN)).get(f"/admin/employees/{GA}")).text
    chosen = re.findall(r'name="(divisions|departments)" value="([^"]*)" checked', page)
    assert chosen == [("divisions", "GA"), ("divisions", "HD"), ("departments", "PRC")]


async def test_the_history_names_all_of_them(people: People, connection: Connection) -> None:
    await belong(connection, GA, "GA", "HD")
    path = await problem_in(people, "reported")
    await do(people, path, GA, OPENING, IDENTIFICATION)
    assert "</b> (GA, HD) membuka kendala" in (await (await people(GA)).get(path)).text
