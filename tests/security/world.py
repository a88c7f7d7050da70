"""The company with a problem in each state, and who is who to them."""

import re
from collections.abc import Awaitable, Callable

from tests.client import Client, forms
from tests.photos import images

# Who is asked, by the name of the relation to the problems, which Ani reports in the store T01.
NIKS = {
    "nobody": None,
    "reporter": "10001",
    "colleague": "10002",  # of the same store
    "stranger": "10003",  # of another store
    "desk": "20001",
    "net": "20003",  # the division that holds the open and the closed one
    "ga": "20004",  # a division that holds none
    "pic": "30001",  # to whom the escalated one is passed on
    "other_pic": "30002",
    "manager": "40001",
    "admin": "90001",
}
HOLDERS = {"reported": "desk", "open": "net", "escalated": "pic", "closed": "net"}
STATES = tuple(HOLDERS)


class World:
    """Paths of the problems by state; and a browser for each of NIKS who is asked for: `await world("desk")`."""

    def __init__(self, people: Callable[[str], Awaitable[Client]], nobody: Client) -> None:
        self.paths: dict[str, str] = {}
        self._people, self._nobody = people, nobody

    async def __call__(self, name: str) -> Client:
        return await self._people(NIKS[name]) if name != "nobody" else self._nobody


async def build(people: Callable[[str], Awaitable[Client]], nobody: Client) -> World:
    """Four problems in the four states, made as people would."""
    world = World(people, nobody)
    ani, desk, net = await world("reporter"), await world("desk"), await world("net")
    world.paths = {state: await report_with_photo(ani, f"Perkara {state}") for state in STATES}
    for state in ("open", "escalated", "closed"):
        await identify(desk, world.paths[state])
    for state in ("open", "closed"):
        await pass_to_net(desk, net, world.paths[state])
    await pass_to_pic(desk, world.paths["escalated"])
    path = world.paths["closed"]
    await done(net.submit(f"{path}/closure", f"{path}/closure", solution="Diganti"))
    return world


async def done(request) -> object:
    response = await request
    assert response.status_code == 303, response.text
    return response


async def report(client: Client, title: str, **values: str) -> str:
    response = await done(client.submit("/problems/new", "/problems", title=title, description="Sejak pagi.", **values))
    path = response.headers["Location"]
    assert re.fullmatch(r"/problems/[0-9]+", path)
    return path


async def report_with_photo(client: Client, title: str) -> str:
    fields = await client.form("/problems/new", "/problems") | {"title": title, "description": "Sejak pagi."}
    response = await done(client.post("/problems", fields, files={"photo": ("a.png", images.png(8, 8), "image/png")}))
    return response.headers["Location"]


def door_at(path: str, number: int | str = 1, *, nik: str = "10001", session: int = 1) -> str:
    """The address of a door at a problem, its first photo and its comment; at a person, and at a session."""
    form = "comment" if "{id}" in path else "report"
    return path.format(id=number, seq=1, form=form, nik=nik, session=session)


async def identify(client: Client, path: str, **values: str) -> None:
    fields = {"category": "NET-WIFI", "impact": "1", "urgency": "2", "identification": "Kabel putus"} | values
    await done(client.submit(f"{path}/opening", f"{path}/opening", **fields))


async def pass_to_net(desk: Client, net: Client, path: str) -> None:
    fields = {"kind": "it", "division": "IT-NET", "reason": "Perlu ahli"}
    await done(desk.submit(f"{path}/escalation", f"{path}/escalation", **fields))
    await done(net.submit(path, f"{path}/escalation/acceptance"))


async def pass_to_pic(client: Client, path: str, pic: str = "30001") -> None:
    fields = {"kind": "department", "reason": "Perlu tukang"}
    response = await client.submit(f"{path}/escalation", f"{path}/escalation", **fields)
    assert response.status_code == 200, response.text
    action = f"{path}/escalation/pic"
    await done(client.post(action, forms(response.text)[action] | {"pic": pic}))


def version(html: str) -> str:
    """The version of the problem that a page shows, as its forms carry it."""
    return re.search(r'name="version" value="([0-9]+)"', html)[1]
