"""The own profile: an address that counts once it is confirmed, by whom it was shown to; a phone; what is mailed, and when."""

import re
from datetime import time
from uuid import UUID, uuid4

import pytest
from asyncpg import Connection

from tests.client import Client, forms
from tests.conftest import People
from tests.databases import KEYS
from tests.journeys import ADMIN, ANI, BUDI, DESK, report
from web import confirmation_tokens
from web.confirmation_tokens import issue_confirmation

EMAIL = "SELECT email FROM employee WHERE nik = '10001'"
HERE = "/profile"


async def save(person: Client, **values: str) -> str:
    """What is told after it was saved."""
    answer = await person.submit(HERE, HERE, **values)
    assert (answer.status_code, answer.headers.get("Location")) == (303, HERE), answer.text
    return re.search(r'class="flash success">(.*?)</p>', (await person.get(HERE)).text)[1]


async def link_of(connection: Connection, nik: str = ANI) -> str:
    """The link that is mailed, as its path."""
    key = await connection.fetchval("SELECT pending_key FROM profile WHERE nik = $1", nik)
    return f"{HERE}/confirmation?token={issue_confirmation(KEYS, nik, key)}"


async def press(person: Client, link: str) -> int:
    """Open the page of a link and say yes."""
    if (await person.get(link)).status_code == 404:
        return 404
    return (await person.submit(link, f"{HERE}/confirmation")).status_code


async def test_an_address_counts_once_it_is_confirmed(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    assert "ani@baru.example" in await save(ani, email="ani@baru.example")
    assert await connection.fetchval(EMAIL) is None
    assert await connection.fetchval("SELECT count(*) FROM mail WHERE kind = 'confirmation' AND nik = $1", ANI) == 1
    assert "ani@baru.example menunggu konfirmasi" in (await ani.get(HERE)).text
    link = await link_of(connection)
    page = (await ani.get(link)).text
    assert "ani@baru.example" in page and await connection.fetchval(EMAIL) is None, "a page that is opened is no yes"
    assert await press(ani, link) == 303
    assert await connection.fetchval(EMAIL) == "ani@baru.example"
    assert await press(ani, link) == 404, "once"
    row = await connection.fetchrow("SELECT actor_nik, cause, after FROM master_change ORDER BY seq DESC LIMIT 1")
    assert row == (ANI, "profile", {"email": "ani@baru.example"})
    assert "profil sendiri" in (await (await people(ADMIN)).get(f"/admin/employees/{ANI}")).text


async def test_a_link_is_good_for_whom_it_was_sent_to_and_for_a_day(
    people: People, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ani, budi = await people(ANI), await people(BUDI)
    await save(ani, email="ani@baru.example")
    link = await link_of(connection)
    opened = forms((await ani.get(link)).text)[f"{HERE}/confirmation"]
    assert await press(budi, link) == 404 and "ani@" not in (await budi.get(link)).text
    assert await press(ani, f"{HERE}/confirmation?token={issue_confirmation(('x',), ANI, uuid4())}") == 404
    for token in ("", "x", link.partition("=")[2][:-1], issue_confirmation(KEYS, ANI, UUID(int=1))):
        assert await press(ani, f"{HERE}/confirmation?token={token}") == 404
    with monkeypatch.context() as patch:
        patch.setattr(confirmation_tokens, "VALID", -1)
        assert await press(ani, link) == 404
    await save(ani, email="ani@lain.example")
    assert await press(ani, link) == 404, "another one was asked for"
    assert (await ani.post(f"{HERE}/confirmation", opened)).status_code == 422
    assert await connection.fetchval(EMAIL) is None
    assert await press(ani, await link_of(connection)) == 303
    assert await connection.fetchval(EMAIL) == "ani@lain.example"


async def test_only_so_many_links_are_sent_in_a_day(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    for n in range(5):
        await save(ani, email=f"ani{n}@baru.example")
        await connection.execute("UPDATE mail SET due_at = NULL, last_id = 0, sent_at = now()")
    answer = await ani.submit(HERE, HERE, email="ani9@baru.example", commented="daily")
    assert answer.status_code == 422 and "ani9@baru.example" in answer.text and "besok" in answer.text
    assert await connection.fetchval("SELECT daily FROM profile") == []


async def test_an_address_and_a_phone_can_be_taken_back(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET email = 'ani@toko.example' WHERE nik = $1", ANI)
    ani = await people(ANI)
    assert 'value="ani@toko.example"' in (await ani.get(HERE)).text, "what an admin entered counts"
    await save(ani, phone="0812-3456-7890")
    assert await connection.fetchrow("SELECT email, phone FROM employee WHERE nik = $1", ANI) == (
        "ani@toko.example",
        "0812-3456-7890",
    )
    assert await connection.fetchval("SELECT count(*) FROM mail") == 0, "the same address is confirmed already"
    await save(ani, email="", phone="")
    assert await connection.fetchrow("SELECT email, phone FROM employee WHERE nik = $1", ANI) == (None, None)


async def test_a_refused_address_is_confirmed_anew(people: People, connection: Connection) -> None:
    await connection.execute("UPDATE employee SET email = 'ani@toko.example' WHERE nik = $1", ANI)
    await connection.execute(
        "INSERT INTO profile (nik, refused_email, refused_at, refusal)"
        " VALUES ($1, 'ani@toko.example', now(), 'NoSuchAddress: 550 No')",
        ANI,
    )
    ani, admin = await people(ANI), await people(ADMIN)
    assert "ditolak oleh server surel" in (await ani.get(HERE)).text
    jobs = (await admin.get("/admin/jobs")).text
    assert "Alamat surel yang ditolak" in jobs and "550 No" in jobs
    await save(ani)
    assert await press(ani, await link_of(connection)) == 303
    assert "ditolak" not in (await ani.get(HERE)).text + (await admin.get("/admin/jobs")).text


async def test_wishes_are_kept(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    await save(ani, commented="daily", reached="never", quiet_from="21.00", quiet_until="06:30")
    row = await connection.fetchrow("SELECT daily, silent, quiet_from, quiet_until FROM profile WHERE nik = $1", ANI)
    assert row == (["commented"], ["reached"], time(21), time(6, 30))
    page = (await ani.get(HERE)).text
    assert 'value="21:00"' in page and '<option value="daily" selected>' in page
    await save(ani, commented="direct", reached="direct", quiet_from="", quiet_until="")
    row = await connection.fetchrow("SELECT daily, silent, quiet_from, quiet_until FROM profile WHERE nik = $1", ANI)
    assert row == ([], [], None, None)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("email", {"email": "ani"}),
        ("phone", {"phone": "hubungi saya"}),
        ("target", {"target": "kadang"}),
        ("quiet_until", {"quiet_from": "21.00"}),
        ("quiet_from", {"quiet_until": "21.00"}),
        ("quiet_until", {"quiet_from": "21.00", "quiet_until": "21.00"}),
        ("quiet_from", {"quiet_from": "25.00", "quiet_until": "21.00"}),
    ],
)
async def test_what_is_wrong(people: People, connection: Connection, field: str, values: dict[str, str]) -> None:
    answer = await (await people(ANI)).submit(HERE, HERE, **values)
    assert answer.status_code == 422
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    for value in values.values():
        assert value == "kadang" or f'value="{value}"' in answer.text
    assert await connection.fetchval("SELECT count(*) FROM profile") == 0


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(people: People, connection: Connection) -> None:
    ani = await people(ANI)
    form = forms((await ani.get(HERE)).text)[HERE]
    await connection.execute("UPDATE employee SET phone = '0811-1111-1111' WHERE nik = $1", ANI)
    answer = await ani.post(HERE, form | {"phone": "0812-2222-2222"})
    assert answer.status_code == 409 and "0812-2222-2222" in answer.text
    assert await connection.fetchval("SELECT phone FROM employee WHERE nik = $1", ANI) == "0811-1111-1111"


async def test_an_admin_sees_mails_that_did_not_go_and_no_more_of_problems(
    people: People, connection: Connection
) -> None:
    await report(people, title="Sangat rahasia")
    await connection.execute(
        """
        INSERT INTO mail (nik, kind, problem_id, last_id, address, error)
        VALUES ($1, 'problem', 1, 1, 'dewi@toko.example', 'NoSettings: '),
               ($1, 'summary', NULL, 1, 'dewi@toko.example', 'NotTaken: 451 <later>')
        """,
        DESK,
    )
    page = (await (await people(ADMIN)).get("/admin/jobs")).text
    assert "[K-1]" in page and "rahasia" not in page, "an admin sees of problems what a reporter does"
    assert page.count("dewi@toko.example") == 2 and "SMTP_URL belum diisi" in page and "451 &lt;later&gt;" in page
    await connection.execute("UPDATE employee SET store_code = 'T01' WHERE nik = $1", ADMIN)
    assert "Sangat rahasia" in (await (await people.log_in(ADMIN)).get("/admin/jobs")).text
