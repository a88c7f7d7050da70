"""PINs: how they are kept, which ones nobody may have, and how they change."""

import asyncio
import re
from datetime import date

import asyncpg
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

import db
from app import create_app
from auth.pins import PinHasher, new_initial_pin
from demo.accounts import ACCOUNTS
from forms.pins import read_pins, weakness
from settings import Settings
from tests.client import Client
from tests.conftest import KEYS, PIN, People
from tests.formats.test_text import DISGUISES

ANI, BUDI, ADMIN = "10001", "10002", "90001"
NEW = {"old_pin": PIN, "new_pin": "715829", "repeat_pin": "715829"}


async def log_in(client: Client, nik: str, pin: str):
    return await client.post("/login", {"nik": nik, "pin": pin})


async def reset(admin: Client, nik: str = ANI) -> str:
    """An initial PIN for `nik`, as the admin sees it."""
    answer = await admin.press(f"/admin/employees/{nik}/pin")
    assert answer.status_code == 200, answer.text
    return re.search(r'class="pin-shown">(\d{6})<', answer.text)[1]


@pytest.mark.parametrize(
    "pin",
    [
        "123456", "654321", "890123", "210987", "135791", "246802",
        "000000", "111111", "121212", "112211", "123123", "454545", "100001", "747474",
        "147258", "963852", "159753",
    ],
)  # fmt: skip
def test_weak_pins(pin: str):
    assert weakness(pin, "55550000")


@pytest.mark.parametrize("pin", ["100000", "481000", "000148", "200010", "910000"])
def test_no_part_of_the_nik(pin: str):
    assert weakness(pin, "20001000")


@pytest.mark.parametrize("pin", ["170845", "450817", "081745", "081945", "194508"])
def test_no_birth_date(pin: str):
    assert weakness(pin, "55556666", date(1945, 8, 17))
    assert not weakness(pin, "55556666")


def test_the_demo_company_has_none_of_them():
    assert not [account.nik for account in ACCOUNTS if weakness(account.pin, account.nik)]


def test_initial_pins_are_random_and_never_weak():
    pins = [new_initial_pin("10001", date(1990, 1, 2)) for _ in range(2000)]
    assert all(re.fullmatch("[0-9]{6}", pin) and not weakness(pin, "10001", date(1990, 1, 2)) for pin in pins)
    assert len(set(pins)) > 1950


async def test_the_pepper_is_not_in_the_hash():
    """Whoever has the table, and even the PIN, cannot tell that they belong together."""
    pins, others = PinHasher(["one"]), PinHasher(["another"])
    pin_hash = pins.hash(PIN)
    assert "$argon2id$" in pin_hash and PIN not in pin_hash
    assert await pins.matches(pin_hash, PIN)
    assert not await pins.matches(pin_hash, "482914")
    assert not await others.matches(pin_hash, PIN)
    assert not await pins.matches(None, PIN)
    assert not await pins.matches("!", PIN)


async def test_a_hash_costs_what_owasp_asks_for(costly_hashing):
    """argon2id with 19 MiB, 2 passes, 1 lane: the first of its choices. Others hash in no time."""
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in PinHasher(["one"]).hash(PIN)


async def test_peppers_rotate():
    old = PinHasher(["one"]).hash(PIN)
    rotated = PinHasher(["one", "two"])
    assert await rotated.matches(old, PIN)
    assert rotated.is_outdated(old) and not rotated.is_outdated(rotated.hash(PIN))


async def test_a_login_hashes_anew(settings: Settings, connection: Connection):
    app = create_app(Settings(**{**vars(settings), "pin_peppers": (*KEYS, "a newer one")}))
    before = await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1", ANI)
    async with app.router.lifespan_context(app):
        first, second = Client(app), Client(app)
        assert (await log_in(first, ANI, PIN)).status_code == 303
        after = await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1", ANI)
        assert after != before and not app.state.pins.is_outdated(after)
        assert (await log_in(second, ANI, PIN)).status_code == 303
        assert (await first.get("/problems")).status_code == 200  # the same PIN: nobody is logged out


async def test_changing_it(app: Starlette, people, connection: Connection):
    ani, elsewhere = await people(ANI), Client(app)
    await log_in(elsewhere, ANI, PIN)
    before = ani.cookies["sih"]
    answer = await ani.submit("/pin", "/pin", **NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/problems")
    assert ani.cookies["sih"] != before
    assert (await ani.get("/problems")).status_code == 200
    assert (await elsewhere.get("/problems")).status_code == 303
    assert (await log_in(Client(app), ANI, PIN)).status_code == 422
    assert (await log_in(Client(app), ANI, "715829")).status_code == 303
    # It goes on no longer than it would have.
    assert await connection.fetchval("SELECT count(DISTINCT expires_at - created_at) FROM session") == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"old_pin": "000001"}, "PIN lama salah!"),
        ({"old_pin": ""}, "Harap isi form kosong!"),
        ({"new_pin": "71582", "repeat_pin": "71582"}, "PIN terdiri dari 6 angka."),
        ({"new_pin": "7158291", "repeat_pin": "7158291"}, "PIN terdiri dari 6 angka."),
        ({"new_pin": "71582a", "repeat_pin": "71582a"}, "PIN terdiri dari 6 angka."),
        ({"new_pin": "٧١٥٨٢", "repeat_pin": "٧١٥٨٢"}, "PIN terdiri dari 6 angka."),
        ({"repeat_pin": "715820"}, "Ulangi PIN baru tidak sama"),
        ({"new_pin": PIN, "repeat_pin": PIN}, "PIN baru harus berbeda"),
        ({"new_pin": "123456", "repeat_pin": "123456"}, "mudah ditebak"),
        ({"new_pin": "100019", "repeat_pin": "100019"}, "bagian dari NIK"),
    ],
)
async def test_what_is_wrong_with_a_change(app: Starlette, people, wrong: dict[str, str], said: str):
    ani = await people(ANI)
    answer = await ani.press("/pin", NEW | wrong)
    assert answer.status_code == 422 and said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not any(pin in answer.text for pin in {PIN, "715829"})
    assert (await log_in(Client(app), ANI, PIN)).status_code == 303


async def test_the_birth_date_is_asked_of_the_database(people, connection: Connection):
    await connection.execute("UPDATE employee SET birth_date = '1982-05-17' WHERE nik = $1", ANI)
    ani = await people(ANI)
    assert (await ani.press("/pin", NEW | {"new_pin": "170582", "repeat_pin": "170582"})).status_code == 422


async def test_the_old_pin_cannot_be_guessed_in_an_open_session(people):
    ani = await people(ANI)
    answers = [(await ani.press("/pin", NEW | {"old_pin": "000001"})).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    refused = await ani.press("/pin", NEW)
    assert refused.status_code == 429
    assert "Terlalu banyak percobaan" in refused.text and int(refused.headers["Retry-After"]) <= 30


async def test_an_initial_pin(app: Starlette, people, connection: Connection):
    ani, admin = await people(ANI), await people(ADMIN)
    pin = await reset(admin)
    assert pin not in (await admin.get(f"/admin/employees/{ANI}")).text  # never again
    assert (await ani.get("/problems")).status_code == 303
    assert (await log_in(Client(app), ANI, PIN)).status_code == 422
    left = await connection.fetchval("SELECT pin_initial_until - now() FROM employee WHERE nik = $1", ANI)
    assert 6.9 < left.total_seconds() / 86400 <= 7

    newcomer = Client(app)
    assert (await log_in(newcomer, ANI, pin)).status_code == 303
    # Nothing but the change is open.
    for path in ("/problems", "/problems/new", "/sessions", "/problems/1"):
        answer = await newcomer.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/pin?next={path}")
    partial = await newcomer.get("/problems", htmx=True)
    assert partial.status_code == 403 and partial.headers["HX-Redirect"].startswith("/pin")
    assert (await newcomer.post("/problems", {"title": "Printer"})).headers["Location"].startswith("/pin")
    page = await newcomer.get("/pin?next=/problems/new")
    assert page.status_code == 200 and "Pilih PIN Anda sendiri" in page.text
    answer = await newcomer.submit("/pin?next=/problems/new", "/pin", **(NEW | {"old_pin": pin}))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/problems/new")
    assert (await newcomer.get("/problems")).status_code == 200
    assert await connection.fetchval("SELECT pin_initial_until FROM employee WHERE nik = $1", ANI) is None


async def test_the_initial_pin_itself_cannot_be_kept(app: Starlette, people):
    pin = await reset(await people(ADMIN))
    newcomer = Client(app)
    await log_in(newcomer, ANI, pin)
    answer = await newcomer.press("/pin", {"old_pin": pin, "new_pin": pin, "repeat_pin": pin})
    assert answer.status_code == 422


async def test_a_newcomer_can_log_out(app: Starlette, people):
    newcomer = Client(app)
    await log_in(newcomer, ANI, await reset(await people(ADMIN)))
    assert (await newcomer.post("/logout")).headers["Location"] == "/login"


async def test_an_initial_pin_expires(app: Starlette, people, connection: Connection):
    pin = await reset(await people(ADMIN))
    await connection.execute("UPDATE employee SET pin_initial_until = now() - interval '1 second' WHERE nik = $1", ANI)
    answer = await log_in(Client(app), ANI, pin)
    assert answer.status_code == 422 and "sudah tidak berlaku" in answer.text
    wrong = await log_in(Client(app), ANI, "000001")  # who does not know it is not told
    assert "sudah tidak berlaku" not in wrong.text


async def test_an_expired_one_cannot_be_changed_in_a_session_that_lasts(app: Starlette, people, connection: Connection):
    pin = await reset(await people(ADMIN))
    newcomer = Client(app)
    await newcomer.post("/login", {"nik": ANI, "pin": pin, "personal": "yes"})
    await connection.execute("UPDATE employee SET pin_initial_until = now() - interval '1 second' WHERE nik = $1", ANI)
    answer = await newcomer.press("/pin", NEW | {"old_pin": pin})
    assert answer.status_code == 422
    assert "sudah tidak berlaku" in answer.text


async def test_a_reset_ends_the_wait_and_every_trust(app: Starlette, people, connection: Connection):
    device, admin = await people.log_in(ANI), await people(ADMIN)
    for _ in range(5):
        await log_in(Client(app, "203.0.113.9"), ANI, "000001")
    assert (await log_in(Client(app), ANI, PIN)).status_code == 429
    pin = await reset(admin)
    assert await connection.fetchval("SELECT count(*) FROM device WHERE nik = $1", ANI) == 0
    assert (await log_in(device, ANI, pin)).status_code == 303


async def test_the_pin_of_the_moment_counts(app: Starlette, nobody: Client, connection: Connection, monkeypatch):
    """A PIN that was changed while it was being checked opens nothing."""
    matches = PinHasher.matches

    async def slowly(self: PinHasher, pin_hash: str, pin: str) -> bool:
        right = await matches(self, pin_hash, pin)
        await connection.execute("UPDATE employee SET pin_hash = '!', pin_changed_at = now() WHERE nik = $1", ANI)
        return right

    monkeypatch.setattr(PinHasher, "matches", slowly)
    assert (await log_in(nobody, ANI, PIN)).status_code == 422
    assert await connection.fetchval("SELECT count(*) FROM session") == 0


async def test_hashing_holds_no_connection(settings: Settings, monkeypatch: pytest.MonkeyPatch, while_hashing):
    """There is only one, and somebody else needs it."""
    monkeypatch.setattr(db, "POOL_SIZE", 1)
    monkeypatch.setattr(db, "ACQUIRE_TIMEOUT", 1)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        people = People(app)
        ani, budi, admin = await people(ANI), await people(BUDI), await people(ADMIN)
        others: list[int] = []

        async def act() -> None:
            others.append((await budi.get("/problems")).status_code)

        while_hashing(act)
        assert (await log_in(Client(app), ANI, PIN)).status_code == 303
        assert (await ani.press("/pin", NEW | {"old_pin": "000001"})).status_code == 422
        assert (await ani.press("/pin", NEW)).status_code == 303
        await reset(admin)
        assert others == [200] * 5


@pytest.mark.parametrize("change", ["pin_hash = '!', pin_changed_at = now()", "active = false"])
async def test_a_pin_that_changed_while_it_was_checked_is_not_changed(
    people, connection: Connection, while_hashing, change: str
):
    ani = await people(ANI)
    while_hashing(lambda: connection.execute(f"UPDATE employee SET {change} WHERE nik = $1", ANI))
    answer = await ani.press("/pin", NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/pin")
    pin_hash = await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1", ANI)
    assert not await PinHasher(KEYS).matches(pin_hash, NEW["new_pin"])
    assert (await ani.get("/problems")).headers["Location"].startswith("/login")


async def test_a_session_that_was_ended_meanwhile_changes_nothing(app, people, connection: Connection, while_hashing):
    ani = await people(ANI)
    while_hashing(lambda: connection.execute("UPDATE session SET ended_at = now() WHERE nik = $1", ANI))
    answer = await ani.press("/pin", NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/pin")
    assert await connection.fetchval("SELECT count(*) FROM session WHERE ended_at IS NULL") == 0
    pin_hash = await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1", ANI)
    assert await PinHasher(KEYS).matches(pin_hash, PIN), "nothing was changed"
    assert await connection.fetchval("SELECT count(*) FROM security_event WHERE kind = 'pin changed'") == 0


@pytest.mark.parametrize(
    "meanwhile",
    [
        "UPDATE employee SET active = false WHERE nik = $1",
        "UPDATE employee SET is_admin = false WHERE nik = $1",
        "UPDATE session SET ended_at = now() WHERE nik = $1",
    ],
)
async def test_who_is_no_admin_any_more_resets_no_pin(people, connection: Connection, while_hashing, meanwhile: str):
    await connection.execute("UPDATE employee SET is_admin = true WHERE nik = $1", BUDI)  # the last one stays
    admin = await people(ADMIN)
    before = await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1", ANI)
    while_hashing(lambda: connection.execute(meanwhile, ADMIN))
    answer = await admin.press(f"/admin/employees/{ANI}/pin")
    assert answer.status_code == 403 and "pin-shown" not in answer.text
    assert await connection.fetchval("SELECT pin_hash FROM employee WHERE nik = $1", ANI) == before
    assert await connection.fetchval("SELECT count(*) FROM security_event WHERE kind = 'pin reset'") == 0


@pytest.mark.parametrize("how", ["by the admin", "by the person elsewhere", "by logging out"])
async def test_sessions_that_are_ended_while_the_pin_changes_are_all_ended(
    app: Starlette, people, connection: Connection, database_url: str, how: str
):
    """The change has begun to be written; who ends the sessions waits for it, and then ends the one that goes on too."""
    ani, admin, elsewhere, copy = await people(ANI), await people(ADMIN), Client(app), Client(app)
    await log_in(elsewhere, ANI, PIN)
    copy.cookies.set("sih", ani.cookies["sih"])
    ends = {
        "by the admin": lambda: admin.press(f"/admin/employees/{ANI}/sessions/ending"),
        "by the person elsewhere": lambda: elsewhere.press("/sessions/ending"),
        "by logging out": lambda: copy.post("/logout"),
    }

    async def until_waiting(count: int) -> None:
        while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < count:  # noqa: ASYNC110 -- a database has no event
            await asyncio.sleep(0.01)

    other = await asyncpg.connect(database_url)
    try:
        async with asyncio.timeout(10):
            async with other.transaction():
                await other.execute("SELECT lock_security_events()")
                change = asyncio.create_task(ani.press("/pin", NEW))
                await until_waiting(1)
                end = asyncio.create_task(ends[how]())
                await until_waiting(2)
            assert {(await change).status_code, (await end).status_code} == {303}
    finally:
        await other.close()
    assert (await ani.get("/problems")).headers["Location"].startswith("/login")
    live = await connection.fetchval("SELECT count(*) FROM session WHERE ended_at IS NULL AND nik = $1", ANI)
    assert live == 0


async def test_two_changes_at_once_make_one(app: Starlette, people, connection: Connection):
    ani, elsewhere = await people(ANI), Client(app)
    await log_in(elsewhere, ANI, PIN)
    other = NEW | {"new_pin": "620947", "repeat_pin": "620947"}
    answers = await asyncio.gather(ani.press("/pin", NEW), elsewhere.press("/pin", other))
    assert [answer.headers.get("Location") for answer in answers].count("/problems") == 1
    assert await connection.fetchval("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_pin_is_its_digits(disguise: str):
    """Chosen or asked for, pasted from wherever."""
    old, new, repeated = (DISGUISES[disguise](pin) for pin in ("482 913", "715.829", "715-829"))
    form = read_pins({"old_pin": old, "new_pin": new, "repeat_pin": repeated}, ANI, None)
    assert (form.valid, form.values) == (True, {"old_pin": PIN, "new_pin": "715829", "repeat_pin": "715829"})
