"""Sessions: how long they last, what ends them, and who may see and end them."""

import re
from dataclasses import replace

import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from app import create_app
from formats.browsers import describe_browser
from settings import Settings
from tests.client import Client, forms
from tests.conftest import PIN
from tests.memberships import belong

ANI, BUDI, ADMIN = "10001", "10002", "90001"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)


async def log_in(client: Client, nik: str = ANI, **more: str):
    response = await client.post("/login", {"nik": nik, "pin": PIN, **more})
    assert response.status_code == 303, response.text
    return response


async def is_in(client: Client) -> bool:
    response = await client.get("/problems")
    assert response.status_code in (200, 303)
    return response.status_code == 200


def replayed(app: Starlette, client: Client) -> Client:
    """Another browser with the same session: the cookie as somebody may have copied it."""
    copy = Client(app)
    copy.cookies.set("sih", client.cookies["sih"])
    return copy


def cookie(response, name: str) -> str:
    return next(c for c in response.headers.get_list("set-cookie") if c.startswith(f"{name}="))


async def test_the_id_is_random_signed_and_kept_as_a_hash(app: Starlette, nobody: Client, connection: Connection):
    await log_in(nobody)
    signed = nobody.cookies["sih"]
    id = signed.rpartition(".")[0]
    assert len(id) >= 43  # 256 bits
    stored = await connection.fetchval("SELECT id_hash FROM session")
    assert id.encode() not in stored and signed.encode() not in stored
    forged = id[:-1] + ("A" if id[-1] != "A" else "B") + signed[len(id) :]
    swapped = f"{id[:-1]}.{signed.rpartition('.')[2]}"
    for value in ("", ".", forged, id, f"{id}.", f"x{signed}", swapped, stored.hex(), "é.\xff", "a" * 4000):
        headers = {"Cookie": f"sih={value}".encode("latin-1")}
        assert (await Client(app).request("GET", "/problems", headers=headers)).status_code == 303, value


async def test_keys_rotate_without_anybody_being_thrown_out(settings: Settings, connection: Connection):
    old = create_app(settings)
    rotated = create_app(
        Settings(
            **{**vars(settings), "secret_keys": ("a key for tests", "a newer one"), "pin_peppers": settings.secret_keys}
        )
    )
    async with old.router.lifespan_context(old), rotated.router.lifespan_context(rotated):
        before = Client(old)
        await log_in(before)
        assert await is_in(replayed(rotated, before))
        after = Client(rotated)
        await log_in(after)
        assert not await is_in(replayed(old, after))  # signed with the newer key
    settings = replace(settings, secret_keys=("a newer one",), pin_peppers=settings.secret_keys)
    later = create_app(settings)
    async with later.router.lifespan_context(later):
        assert not await is_in(replayed(later, before))
        assert await is_in(replayed(later, after))


async def test_a_login_makes_a_new_session_and_ends_the_old(app: Starlette, nobody: Client):
    await log_in(nobody)
    copy = replayed(app, nobody)
    first = nobody.cookies["sih"]
    await log_in(nobody, BUDI)
    assert nobody.cookies["sih"] != first
    assert not await is_in(copy)
    assert BUDI in (await nobody.get("/problems")).text


async def test_a_session_of_one_s_own_choice_is_not_taken(app: Starlette):
    """Fixation: the id that came with the login is not the one that goes on."""
    victim, attacker = Client(app), Client(app)
    await log_in(attacker, BUDI)
    planted = attacker.cookies["sih"]
    response = await victim.post("/login", {"nik": ANI, "pin": PIN}, headers={"Cookie": f"sih={planted}"})
    assert response.status_code == 303 and planted not in cookie(response, "sih")
    assert not await is_in(replayed(app, attacker))


@pytest.mark.parametrize(
    ("personal", "idle", "absolute"),
    [({}, "30 minutes", "12 hours"), ({"personal": "yes"}, "7 days", "30 days")],
    ids=["shared", "personal"],
)
async def test_limits_are_chosen_at_login(nobody: Client, connection: Connection, personal, idle: str, absolute: str):
    response = await log_in(nobody, **personal)
    assert ("Max-Age=" in cookie(response, "sih")) == bool(personal)
    await connection.execute(
        "UPDATE session SET last_seen_at = now() - $1::text::interval + interval '2 minutes'", idle
    )
    assert await is_in(nobody)
    seen = await connection.fetchval("SELECT now() - last_seen_at < interval '1 minute' FROM session")
    assert seen  # being there is being active
    await connection.execute("UPDATE session SET last_seen_at = now() - $1::text::interval - interval '1 second'", idle)
    assert not await is_in(nobody)

    await log_in(nobody, **personal)
    await connection.execute(
        "UPDATE session SET created_at = created_at - $1::text::interval, expires_at = expires_at - $1::text::interval"
        " WHERE ended_at IS NULL",
        absolute,
    )
    assert not await is_in(nobody)


async def test_the_login_page_asks_and_the_default_is_short(nobody: Client):
    page = (await nobody.post("/login/nik", {"nik": ANI})).text
    assert "Perangkat pribadi, biarkan saya tetap masuk" in page
    assert forms(page)["/login"].keys() == {"next", "nik", "pin"}  # not checked
    again = await nobody.post("/login", {"nik": ANI, "pin": "000001", "personal": "yes"})
    assert forms(again.text)["/login"]["personal"] == "yes"


async def test_cookies_over_http_and_https(app: Starlette, nobody: Client):
    plain = await log_in(nobody)
    for name in ("sih", "sih-device"):
        text = cookie(plain, name)
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(text.split("; ")) and "Secure" not in text
    far = Client(app, "203.0.113.9")
    secure = await log_in(far)
    for name in ("__Host-sih", "__Host-sih-device"):
        text = cookie(secure, name)
        assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(text.split("; ")) and "Domain" not in text
        assert ANI not in text
    assert await is_in(far)


async def test_plain_http_is_for_this_machine_only(app: Starlette):
    far = Client(app, "203.0.113.9")
    far.base_url = "http://testserver:8080"
    answer = await far.get("/problems?q=a")
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://testserver/problems?q=a")
    answer = await far.post("/login", {"nik": ANI, "pin": PIN})
    assert answer.status_code == 403 and "set-cookie" not in answer.headers
    assert (await far.get("/health/live")).status_code == 200
    near = Client(app, "::1")
    assert (await near.get("/login")).status_code == 200


async def test_a_proxy_is_believed_only_if_it_is_configured(settings: Settings, connection: Connection):
    headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"}

    async def spent(trusted: tuple[str, ...]) -> str:
        app = create_app(Settings(**{**vars(settings), "trusted_proxies": trusted}))
        async with app.router.lifespan_context(app):
            await Client(app).post("/login", {"nik": ANI, "pin": "000001"}, headers=headers)
            return await connection.fetchval("SELECT key FROM budget WHERE kind = 'address' ORDER BY at DESC LIMIT 1")

    assert await spent(()) == "127.0.0.1"
    assert await spent(("10.0.0.0/8",)) == "127.0.0.1"
    assert await spent(("127.0.0.1",)) == "203.0.113.9"  # the last that a trusted one has added
    assert await spent(("127.0.0.0/8", "203.0.113.0/24")) == "198.51.100.7"


async def _log_out(client: Client, connection: Connection) -> None:
    answer = await client.submit("/problems", "/logout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "sih" not in client.cookies


async def _deactivate(client: Client, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", ANI)


async def _deactivate_and_back(client: Client, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET active = false WHERE nik = $1", ANI)
    await connection.execute("UPDATE employee SET active = true WHERE nik = $1", ANI)


async def _change_pin(client: Client, connection: Connection) -> None:
    answer = await client.press("/pin", {"old_pin": PIN, "new_pin": "715829", "repeat_pin": "715829"})
    assert answer.status_code == 303, answer.text


async def _move(client: Client, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET store_code = 'T02' WHERE nik = $1", ANI)


async def _promote(client: Client, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET is_manager = true WHERE nik = $1", ANI)


async def _join_a_division(client: Client, connection: Connection) -> None:
    await belong(connection, ANI, "GA")


ENDS = [_log_out, _deactivate, _deactivate_and_back, _change_pin, _move, _promote, _join_a_division]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))
async def test_an_ended_session_is_refused(app: Starlette, nobody: Client, connection: Connection, end):
    """Replayed by a plain page, by htmx, and by an order."""
    await log_in(nobody)
    copy = replayed(app, nobody)
    assert await is_in(copy)
    await end(nobody, connection)
    assert not await is_in(copy)
    partial = await copy.get("/problems", htmx=True)
    assert partial.status_code == 401 and partial.headers["HX-Redirect"].startswith("/login")
    assert (await copy.post("/problems", {"title": "Printer"})).headers["Location"].startswith("/login")
    assert await connection.fetchval("SELECT count(*) FROM problem") == 0


async def test_a_change_that_gives_no_other_right_ends_nothing(nobody: Client, connection: Connection):
    await log_in(nobody)
    await connection.execute("UPDATE employee SET name = 'Ani Kusuma', birth_date = '1990-01-02' WHERE nik = $1", ANI)
    assert await is_in(nobody)


async def test_a_new_right_works_at_the_next_login(nobody: Client, connection: Connection):
    await log_in(nobody)
    await connection.execute("UPDATE employee SET is_admin = true WHERE nik = $1", ANI)
    assert not await is_in(nobody)
    await log_in(nobody)
    assert (await nobody.get("/admin/employees")).status_code == 200


async def test_the_page_lists_one_s_own_sessions(app: Starlette, nobody: Client, people):
    await log_in(nobody)
    phone = Client(app)
    phone.headers["User-Agent"] = PHONE
    await log_in(phone)
    await people(BUDI)
    page = (await phone.get("/sessions")).text
    assert page.count("Terakhir aktif") == 2
    assert page.count("Perangkat ini") == 1 and "Chrome di Android" in page
    assert re.search(r"Masuk <time datetime=\"[^\"]+\+07:00\">\d+ \w+ \d{4} \d\d\.\d\d WIB", page)
    assert 'href="/sessions"' in (await phone.get("/problems")).text


async def test_ending_one(app: Starlette, nobody: Client):
    await log_in(nobody)
    other = Client(app)
    await log_in(other)
    [action] = set(re.findall(r'href="(/sessions/\d+/ending)"', (await nobody.get("/sessions")).text))
    answer = await nobody.press(action)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sessions")
    assert await is_in(nobody) and not await is_in(other)
    assert (await nobody.post(action)).status_code == 404


async def test_ending_all_others(app: Starlette, nobody: Client, people):
    budi = await people(BUDI)
    others = [Client(app) for _ in range(2)]
    for client in (nobody, *others):
        await log_in(client)
    assert (await nobody.press("/sessions/ending")).status_code == 303
    assert await is_in(nobody) and await is_in(budi)
    assert not any([await is_in(other) for other in others])


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "1e3"])
async def test_a_session_that_is_not_there(nobody: Client, number: str):
    await log_in(nobody)
    assert (await nobody.press(f"/sessions/{number}/ending")).status_code == 404


async def test_nobody_ends_another_person_s_session(people, connection: Connection):
    ani, budi = await people(ANI), await people(BUDI)
    number = await connection.fetchval("SELECT id FROM session WHERE nik = $1", BUDI)
    assert (await ani.press(f"/sessions/{number}/ending")).status_code == 404
    assert await is_in(budi)


async def test_an_admin_ends_others(people, app: Starlette):
    ani, admin = await people(ANI), await people(ADMIN)
    page = await admin.get(f"/admin/employees/{ANI}")
    assert page.status_code == 200 and page.text.count("Terakhir aktif") == 1
    assert (await admin.press(f"/admin/employees/{ANI}/sessions/ending")).status_code == 303
    assert not await is_in(ani) and await is_in(admin)


async def test_an_admin_deactivates_and_activates(people, app: Starlette, connection: Connection):
    ani, admin = await people.log_in(ANI), await people(ADMIN)
    assert (await admin.press(f"/admin/employees/{ANI}/deactivation", {"version": "1"})).status_code == 303
    assert not await is_in(ani)
    assert "Maaf akun ini telah dinonaktifkan oleh admin!" in (await ani.post("/login/nik", {"nik": ANI})).text
    assert (await Client(app).post("/login", {"nik": ANI, "pin": PIN})).status_code == 422
    assert await connection.fetchval("SELECT count(*) FROM device WHERE nik = $1", ANI) == 0
    assert (await admin.press(f"/admin/employees/{ANI}/activation", {"version": "2"})).status_code == 303
    await log_in(Client(app))


async def test_an_admin_does_not_lock_themselves_out(people):
    admin = await people(ADMIN)
    for action in ("deactivation", "pin"):
        assert (await admin.press(f"/admin/employees/{ADMIN}/{action}")).status_code == 422
    assert await is_in(admin)


async def test_the_admin_s_doors_are_shown_to_admins(people):
    for nik in (BUDI, "20001", "30001", "40001", ADMIN):
        page = await (await people(nik)).get("/problems")
        assert ("/admin/employees" in page.text) is (nik == ADMIN)


async def test_the_admin_finds_people(people):
    admin = await people(ADMIN)
    assert "Ani Lestari" in (await admin.get("/admin/employees?q=lestari")).text
    assert "Ani Lestari" in (await admin.get("/admin/employees?q=10001")).text
    nothing = await admin.get("/admin/employees?q=%25")
    assert "Tidak ada yang cocok" in nothing.text
    assert (await admin.get("/admin/employees?q=" + "a" * 101)).status_code == 422
    for nik in ("77777", "x", "%00"):
        assert (await admin.get(f"/admin/employees/{nik}")).status_code == 404


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE, "Chrome di Android"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge di Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox di Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari di iPhone",
        ),
        ("", "Peramban lain di perangkat lain"),
        ("<script>" * 1000, "Peramban lain di perangkat lain"),
    ],
)
def test_a_browser_in_words(user_agent: str, words: str):
    assert describe_browser(user_agent) == words
