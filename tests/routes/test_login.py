"""Logging in, in two steps, and out: SPEC §4, to the letter."""

import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import asyncpg
import pytest
from asyncpg import Connection
from starlette.applications import Starlette

from app import create_app
from settings import Settings
from tests.client import Client, forms
from tests.conftest import PIN, People
from tests.journeys import ADMIN, ANI, BUDI, DESK, KIKI, MANAGER, PIC
from tests.memberships import belong
from tests.routes.catalogue import faulty, is_page
from tests.security.test_headers import assert_headers

UNKNOWN = "NIK Belum Terdaftar!"
DEACTIVATED = "Maaf akun ini telah dinonaktifkan oleh admin!"
UNREADABLE = "Gagal Mendapatkan Data User!"
WRONG = "NIK atau PIN salah!"


@pytest.fixture
async def away(settings: Settings) -> AsyncIterator[Client]:
    """A browser on an application whose database is away."""
    application = create_app(dataclasses.replace(settings, database_url="postgresql://sih@127.0.0.1:1/sih"))
    async with application.router.lifespan_context(application):
        yield Client(application)


# The first step ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("typed", [ANI, " 1.0 0-01 ", "10001\n"])
async def test_a_nik_shows_name_and_workplace_and_asks_for_the_pin(typed: str, htmx: bool, nobody: Client) -> None:
    response = await nobody.post("/login/nik", {"nik": typed}, htmx=htmx)
    assert response.status_code == 200
    assert is_page(response) is not htmx
    assert "Ani Lestari" in response.text
    assert "T01 — Toko Bandung" in response.text
    assert forms(response.text)["/login"] == {"next": "/problems", "nik": ANI, "pin": ""}
    assert not faulty(response.text)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("99999", UNKNOWN),
        (KIKI, DEACTIVATED),
        ("", "NIK terdiri dari 4 sampai 16 angka."),
        ("123", "NIK terdiri dari 4 sampai 16 angka."),
        ("1" * 17, "NIK terdiri dari 4 sampai 16 angka."),
        ("１０００a", "NIK terdiri dari 4 sampai 16 angka."),
        ("' OR 1=1 --", "NIK terdiri dari 4 sampai 16 angka."),
    ],
)
async def test_a_nik_that_opens_nothing(typed: str, says: str, htmx: bool, nobody: Client) -> None:
    response = await nobody.post("/login/nik", {"nik": typed}, htmx=htmx)
    assert response.status_code == 422
    assert is_page(response) is not htmx
    assert says in response.text
    assert faulty(response.text) == {"nik"}
    assert forms(response.text)["/login/nik"]["nik"] == typed
    assert "/login" not in forms(response.text), "no PIN is asked for"
    assert "Kiki Amalia" not in response.text


# The second step --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_the_right_pin_leads_to_the_list(htmx: bool, nobody: Client) -> None:
    step = await nobody.post("/login/nik", {"nik": ANI})
    response = await nobody.post("/login", forms(step.text)["/login"] | {"pin": PIN}, htmx=htmx)
    if htmx:
        assert (response.status_code, response.headers["HX-Redirect"]) == (200, "/problems")
    else:
        assert (response.status_code, response.headers["Location"]) == (303, "/problems")
    assert "Ani Lestari" in (await nobody.get("/problems")).text


@pytest.mark.parametrize("nik", [ANI, "99999", KIKI, "abc", "", "１０００a"])
async def test_a_wrong_pin_says_no_more_than_that(nik: str, nobody: Client) -> None:
    """Also for whoever does not exist or is deactivated, with the right PIN even."""
    for pin in ("000000", "", " ", "x" * 65, "\x00", "４８２９１４", *([PIN] if nik != ANI else [])):
        response = await nobody.post("/login", {"nik": nik, "pin": pin})
        if response.status_code == 429:
            break  # enough was tried
        assert response.status_code == 422
        assert WRONG in response.text
        assert forms(response.text)["/login/nik"]["nik"] == nik, "both can be tried again"
        assert pin.strip("\x00 ") == "" or pin not in response.text
        assert ("/login" in forms(response.text)) is (nik.isascii() and nik.isdigit()), "whoever it is"
    assert (await nobody.get("/problems")).headers["Location"].startswith("/login")


async def test_after_a_wrong_pin_the_right_one_opens(nobody: Client) -> None:
    response = await nobody.post("/login", {"nik": ANI, "pin": "000000", "next": "/problems/new"})
    assert faulty(response.text) == {"pin"}
    again = forms(response.text)["/login"]
    assert again == {"next": "/problems/new", "nik": ANI, "pin": ""}, "a PIN is never shown again"
    assert (await nobody.post("/login", again | {"pin": PIN})).headers["Location"] == "/problems/new"


# Too often --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nik", [ANI, "99999", KIKI])
async def test_too_many_attempts_have_to_wait(nik: str, nobody: Client, people: People, connection: Connection) -> None:
    """And the right PIN has to wait too: it would tell who tries that it is the right one."""
    for _ in range(5):
        assert (await nobody.post("/login", {"nik": nik, "pin": "000000"})).status_code == 422
    for pin in ("000000", PIN):
        response = await nobody.post("/login", {"nik": nik, "pin": pin})
        assert response.status_code == 429
        assert "Terlalu banyak percobaan. Coba lagi dalam 1 menit." in response.text
        assert 1 <= int(response.headers["Retry-After"]) <= 30
    await people(BUDI)  # others do not wait

    await connection.execute("UPDATE budget SET blocked_until = now() WHERE kind = 'nik' AND key = $1", nik)
    response = await nobody.post("/login", {"nik": nik, "pin": PIN})
    assert response.status_code == (303 if nik == ANI else 422)


async def test_many_attempts_at_once_cannot_outrun_the_count(app: Starlette) -> None:
    answers = await asyncio.gather(*(Client(app).post("/login", {"nik": ANI, "pin": f"{pin:06}"}) for pin in range(12)))
    assert sorted(answer.status_code for answer in answers) == [422] * 5 + [429] * 7


# The database is away ---------------------------------------------------------------------------------------------------


async def test_without_a_database_the_login_says_so_and_stays_usable(away: Client) -> None:
    page = await away.get("/login?next=/problems/new")
    assert page.status_code == 200
    assert forms(page.text)["/login/nik"] == {"next": "/problems/new", "nik": ""}
    for htmx in (False, True):
        first = await away.post("/login/nik", {"nik": ANI, "next": "/problems/new"}, htmx=htmx)
        second = await away.post("/login", {"nik": ANI, "pin": PIN, "next": "/problems/new"}, htmx=htmx)
        for response in (first, second):
            assert response.status_code == 503
            assert is_page(response) is not htmx
            assert UNREADABLE in response.text
            assert forms(response.text)["/login/nik"] == {"next": "/problems/new", "nik": ANI}
    assert (await away.get("/")).headers["Location"] == "/login"


async def test_without_a_database_no_page_is_blank(away: Client) -> None:
    for path in ("/problems", "/problems/1", "/problems/new", "/problems/1/closure", "/problems/1/escalation"):
        for htmx in (False, True):
            response = await away.get(path, htmx=htmx)
            assert response.status_code == 503
            assert is_page(response) is not htmx
            assert "Data sedang tidak dapat dimuat" in response.text
            assert response.headers["Retry-After"] == "5"
            assert_headers(response)
    post = await away.post("/problems", {"title": "x"}, htmx=True)
    assert post.status_code == 503
    assert post.headers["HX-Reswap"] == "afterbegin", "what was typed stays where it is"
    assert (await away.get("/nothing")).status_code == 404
    assert (await away.get("/health/live")).status_code == 200
    assert (await away.get("/health/ready")).status_code == 503


async def test_a_database_that_goes_away_and_comes_back(people: People, connection: Connection, server: str) -> None:
    """Its connections are cut and no new one is let in; then it is back, and so is the application, by itself."""
    ani, name = await people(ANI), await connection.fetchval("SELECT current_database()")
    keeper = await asyncpg.connect(server)
    try:
        await keeper.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await keeper.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
        for _ in range(3):
            response = await ani.get("/problems")
            assert response.status_code == 503
            assert "Data sedang tidak dapat dimuat" in response.text
        await keeper.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert (await ani.get("/problems")).status_code == 200
    finally:
        await keeper.close()


# Sessions ---------------------------------------------------------------------------------------------------------------


async def test_logging_out_of_one_browser_leaves_the_other(people: People, app: Starlette) -> None:
    ani, other = await people(ANI), Client(app)
    await other.post("/login", {"nik": ANI, "pin": PIN})
    await other.post("/logout")
    assert (await ani.get("/problems")).status_code == 200


# Where to go next -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/problems?year=2026&q=a+b%26", "/problems/7", "/problems/7/escalation?kind=it", "/problems/new"]
)
async def test_after_the_login_comes_the_page_that_was_asked_for(path: str, nobody: Client) -> None:
    to_login = (await nobody.get(path)).headers["Location"]
    assert to_login == f"/login?next={quote(path, safe='/')}"
    step = await nobody.post("/login/nik", forms((await nobody.get(to_login)).text)["/login/nik"] | {"nik": ANI})
    response = await nobody.post("/login", forms(step.text)["/login"] | {"pin": PIN})
    assert response.headers["Location"] == path
    assert (await nobody.get(to_login)).headers["Location"] == path, "whoever is logged in is led on"


ELSEWHERE = (
    *("//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\\\evil", "/\t/evil.example"),
    *("http://evil.example/", "https://evil.example", "https:evil.example", "http:/evil.example", " //evil.example"),
    *("javascript:alert(1)", "data:text/html,x", "evil", "?x", "#x", ""),
    *("/problems\r\nSet-Cookie: a=b", "/problems\nx", " /problems", "/ evil", "\x00", "/%0d\x0aevil"),
)
ODD = ("/\x85/evil.example", "/%0d%0aX: y\r\nX: y", "/☃", "/..//evil.example")


async def test_no_login_leads_to_another_site(app: Starlette, nobody: Client) -> None:
    for next in ELSEWHERE:
        page = await nobody.get(f"/login?next={quote(next, safe='')}")
        assert forms(page.text)["/login/nik"]["next"] == "/problems", next
    for htmx in (False, True):
        browser = Client(app)
        await browser.post("/login", {"nik": ANI, "pin": PIN})
        for next in (*ELSEWHERE, *ODD):
            response = await browser.post("/login", {"nik": ANI, "pin": PIN, "next": next}, htmx=htmx)
            where = response.headers.get("Location") or response.headers["HX-Redirect"]
            again = (await browser.get(f"/login?next={quote(next, safe='')}")).headers["Location"]
            for path in (where, again):
                assert re.fullmatch(r"/(?!/)[!-~]*", path) and "\\" not in path, next
                assert path == "/problems" or next in ODD, next
            assert "X" not in response.headers


async def test_the_address_that_htmx_names_leads_to_no_other_site(nobody: Client) -> None:
    for current in ("http://evil.example/problems/7?x=1", "//evil.example//x", "javascript:x", "x", ""):
        headers = {"HX-Current-URL": current, "HX-Request-Type": "partial"}
        response = await nobody.post("/problems", headers=headers)
        assert response.headers["HX-Redirect"] in (
            "/login?next=/problems",
            "/login?next=/problems/7%3Fx%3D1",  # the path alone is taken
        )


# Who is logged in now ---------------------------------------------------------------------------------------------------


async def test_the_header_names_who_is_logged_in_now(nobody: Client) -> None:
    for nik, name in ((ANI, "Ani Lestari"), (DESK, "Dewi Anggraini")):
        assert (await nobody.post("/login", {"nik": nik, "pin": PIN})).status_code == 303
        for path in ("/problems", "/problems/new", "/problems/999"):
            page = (await nobody.get(path)).text
            header = re.sub(r"<[^>]+>", " ", page.partition("<header")[2].partition("</header>")[0])
            assert f"{nik} " in header
            assert name in header
    await nobody.post("/logout")
    assert "Keluar" not in (await nobody.get("/login")).text


async def test_a_change_of_role_or_workplace_ends_the_session_and_works_in_the_next(
    people: People, connection: Connection
) -> None:
    ani = await people(ANI)
    lookup = ("/problems/new/reporter", {"reporter": "10002"})
    assert (await ani.post(*lookup)).status_code == 403
    await belong(connection, ANI, "HD")
    assert (await ani.post(*lookup)).status_code == 303
    await ani.post("/login", {"nik": ANI, "pin": PIN})
    assert (await ani.post(*lookup)).status_code == 200
    await belong(connection, ANI)
    await connection.execute("UPDATE employee SET store_code = 'T02', name = 'Ani Baru' WHERE nik = $1", ANI)
    assert (await ani.post(*lookup)).status_code == 303
    await ani.post("/login", {"nik": ANI, "pin": PIN})
    page = await ani.get("/problems")
    assert "Ani Baru" in page.text
    assert "Toko Denpasar" in page.text
    assert (await ani.post(*lookup)).status_code == 403


async def test_everybody_lands_on_the_list(people: People) -> None:
    for nik in (ANI, DESK, PIC, MANAGER, ADMIN):
        person = await people(nik)
        assert (await person.get("/")).headers["Location"] == "/problems"
        assert "Daftar Kendala" in (await person.get("/problems")).text


async def test_who_has_forgotten_the_pin_is_told_whom_to_ask_and_no_name(
    nobody: Client, connection: Connection
) -> None:
    asked = [await nobody.get("/login"), await nobody.post("/login", {"nik": ANI, "pin": "000000"})]
    for page in asked:
        said = page.text.partition("<summary>Lupa PIN?</summary>")[2].partition("</details>")[0]
        assert "Kepala Toko" in said and "Admin" in said
        for name in await connection.fetch("SELECT name FROM employee"):
            assert name["name"] not in said


async def test_people_of_the_demo_company_are_offered_by_no_configured_database(nobody: Client) -> None:
    """And who names one of them gets in by no other way than the PIN."""
    assert 'name="account"' not in (await nobody.get("/login")).text
    refused = await nobody.post("/login", {"account": ANI})
    assert refused.status_code == 422
    assert (await nobody.get("/problems")).status_code == 303
