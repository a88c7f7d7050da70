"""How reporter and store are reached: by links that a handler is offered, and nobody else."""

from asyncpg import Connection

from tests.conftest import People
from tests.journeys import ANI, BUDI, DESK, GA, MANAGER, PIC, problem_in

REACHED = """
    UPDATE employee SET phone = '0812-3456-7890', email = 'ani@toko.example' WHERE nik = '10001';
    UPDATE store SET phone = '(021) 555 0100' WHERE code = 'T01';
"""


async def test_a_handler_is_offered_links(people: People, connection: Connection) -> None:
    path = await problem_in(people, "reported")
    before = (await (await people(DESK)).get(path)).text
    assert "tel:" not in before and "wa.me" not in before
    await connection.execute(REACHED)
    for nik in (DESK, GA, PIC):
        page = (await (await people(nik)).get(path)).text
        assert '<a href="tel:+6281234567890">0812-3456-7890</a>' in page
        assert '<a href="https://wa.me/6281234567890?text=Kendala%20K-1%3A%20" rel="noreferrer">WhatsApp</a>' in page
        assert '<a href="mailto:ani%40toko.example?subject=K-1">ani@<wbr>toko.example</a>' in page
        assert '<a href="tel:+62215550100">(021) 555 0100</a>' in page and page.count("wa.me") == 1


async def test_nobody_else_is(people: People, connection: Connection) -> None:
    path = await problem_in(people, "reported")
    await connection.execute(REACHED)
    for nik in (ANI, BUDI, MANAGER):
        page = (await (await people(nik)).get(path)).text
        assert "Printer" in page
        for text in ("tel:", "wa.me", "mailto:", "0812", "555 0100", "toko.example"):
            assert text not in page, (nik, text)
