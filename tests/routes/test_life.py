"""The life of a problem, by plain form posts."""

from asyncpg import Connection

ANI, BUDI, CITRA = "10001", "10002", "10003"
DESK, NET, GA, PIC = "20001", "20003", "20004", "30001"


async def report(people, **values) -> str:
    ani = await people(ANI)
    response = await ani.submit(
        "/problems/new", "/problems", title="Printer mati", description="Tidak menyala sejak pagi.", **values
    )
    assert response.status_code == 303, response.text
    return response.headers["Location"]


async def test_report_to_confirmation(people, connection: Connection):
    path = await report(people)
    desk = await people(DESK)
    r = await desk.submit(
        f"{path}/opening", f"{path}/opening", category="NET-WIFI", impact="1", urgency="2", identification="Kabel"
    )
    assert r.status_code == 303, r.text
    r = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="it", division="IT-NET", reason="Perlu ahli")
    assert r.status_code == 303, r.text
    net = await people(NET)
    r = await net.submit(path, f"{path}/escalation/return", reason="Bukan kami")
    assert r.status_code == 303, r.text
    r = await desk.submit(f"{path}/escalation", f"{path}/escalation", kind="department", reason="Perlu tukang")
    assert r.status_code == 200, r.text
    from tests.client import forms

    fields = forms(r.text)[f"{path}/escalation/pic"]
    r = await desk.post(f"{path}/escalation/pic", fields | {"pic": PIC})
    assert r.status_code == 303, r.text
    pic = await people(PIC)
    r = await pic.submit(path, f"{path}/escalation/acceptance")
    assert r.status_code == 303, r.text
    r = await pic.submit(f"{path}/escalation", f"{path}/escalation", kind="other", reason="Perlu GA")
    assert r.status_code == 303, r.text
    ga = await people(GA)
    r = await ga.submit(path, f"{path}/escalation/acceptance")
    assert r.status_code == 303, r.text
    r = await ga.submit(f"{path}/closure", f"{path}/closure", solution="Diganti")
    assert r.status_code == 303, r.text
    ani = await people(ANI)
    r = await ani.submit(path, f"{path}/reopening")
    assert r.status_code == 303, r.text
    r = await ga.submit(f"{path}/closure", f"{path}/closure", solution="Diganti lagi")
    assert r.status_code == 303, r.text
    r = await ani.submit(path, f"{path}/confirmation")
    assert r.status_code == 303, r.text
    r = await ani.get(path)
    assert "dinyatakan beres" in r.text
    r = await ani.get("/problems")
    assert r.status_code == 200 and "Printer mati" in r.text
