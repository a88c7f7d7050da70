"""What the first pages weigh, compressed, and how they come up on a phone with a bad network. Nothing comes from elsewhere and
nothing stands in the console: every person is watched for that."""

import pytest

from bench.first_view import OBSERVE, View, first_view, slow_network
from tests.person import MANAGER_OF_THE_DEMO, PHONE

KB = 1024


@pytest.fixture
def seen_by(onlookers):
    """`await seen_by(nik, path)`: how that page is, the first and the second time, without a network that is slow or with."""

    async def look(nik: str | None, path: str, *, slow: bool = False) -> tuple[View, View]:
        person = await onlookers(nik, size=PHONE, fresh=True)
        await person.context.add_init_script(OBSERVE)
        if slow:
            person.context.set_default_timeout(60_000)
            await slow_network(person.page)
        return await first_view(person.page, path), await first_view(person.page, path)

    return look


async def test_the_login_page_is_light(seen_by):
    cold, warm = await seen_by(None, "/login")
    assert cold.requests <= 5
    assert cold.bytes <= 27 * KB
    assert warm.bytes <= 10 * KB


async def test_the_list_is_light(seen_by):
    """Fifty rows, and the form of Ekspor, which is 0.3 KB. Warm, all of it goes before the server has to hear from the browser
    again (ten packets, 14 KB)."""
    cold, warm = await seen_by(MANAGER_OF_THE_DEMO, "/problems?year=2025")
    assert cold.bytes <= 45 * KB
    assert warm.bytes <= 11.5 * KB
    assert warm.requests == 1


@pytest.mark.parametrize(("nik", "path"), [(None, "/login"), (MANAGER_OF_THE_DEMO, "/problems?year=2025")])
async def test_nothing_moves_while_a_page_comes_up_slowly(seen_by, nik, path):
    """How long it takes, on a slow processor too, is measured by bench/first_view.py; here only that it is not twice as long."""
    cold, warm = await seen_by(nik, path, slow=True)
    assert max(cold.cls, warm.cls) <= 0.02
    assert 0 < cold.lcp <= 5
    assert 0 < warm.lcp <= 3
