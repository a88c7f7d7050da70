"""What the forms of actions offer to choose from."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from asyncpg import Connection

from forms.assignments import offer_members
from forms.escalations import offer_pics
from forms.fields import label_codes
from forms.form import Offer
from forms.openings import group_categories
from queries.assignments import list_members
from queries.categories import list_categories
from queries.divisions import list_active_it_divisions
from queries.employees import Employee, list_pics
from queries.escalations import get_other_division, list_it_divisions
from queries.jobs import get_time
from queries.problems import Problem


async def offer_identification(
    connection: Connection, viewer: Employee, problem: Problem, typed: Mapping[str, str]
) -> Offer:
    """The categories."""
    return await offer_categories(connection)


def identified_as(problem: Problem) -> Mapping[str, str]:
    """What stands in the form that corrects the identification."""
    return {
        "category": problem.category_code or "",
        "impact": str(problem.impact or ""),
        "urgency": str(problem.urgency or ""),
        "identification": problem.identification or "",
    }


async def offer_categories(connection: Connection, ids: Sequence[int] = ()) -> Offer:
    """The categories, whatever the problem."""
    return {"category": group_categories(await list_categories(connection))}


async def offer_divisions(connection: Connection, ids: Sequence[int]) -> Offer:
    """The IT divisions, whatever the problem."""
    return {"division": label_codes(await list_active_it_divisions(connection))}


async def offer_targets(connection: Connection, viewer: Employee, problem: Problem, typed: Mapping[str, str]) -> Offer:
    """Where an escalation to a division can go; `other_division` is where one outside IT would."""
    return {
        "division": label_codes(await list_it_divisions(connection, problem.id)),
        "other_division": await get_other_division(connection, problem.id),
    }


def suggested_target(problem: Problem) -> Mapping[str, str]:
    """What stands in the form of an escalation at first: the division that owns the category, unless that has the problem, or is
    the desk, to which nothing is passed on."""
    if problem.owner_code == problem.holder_division_code:
        return {}
    if problem.owner_kind == "it":
        return {"kind": "it", "division": problem.owner_code or ""}
    return {"kind": "other"} if problem.owner_kind == "other" else {}


async def offer_receivers(
    connection: Connection, viewer: Employee, problem: Problem, typed: Mapping[str, str]
) -> Offer:
    """The departments and their PICs, but the one who holds the problem."""
    pics = [pic for pic in await list_pics(connection) if pic.nik != problem.holder_pic_nik]
    return offer_pics(pics, typed.get("department", ""))


async def offer_colleagues(
    connection: Connection, viewer: Employee, problem: Problem, typed: Mapping[str, str]
) -> Offer:
    """The members of the division that holds the problem, but the one to whom it is assigned."""
    return offer_members(await list_members(connection, [problem.id]), problem.assignee_nik)


async def offer_colleagues_of_several(connection: Connection, ids: Sequence[int]) -> Offer:
    """The members of the divisions that hold the problems."""
    return offer_members(await list_members(connection, ids))


async def offer_present(connection: Connection, viewer: Employee, problem: Problem, typed: Mapping[str, str]) -> Offer:
    """The present, in the zone of the viewer's workplace: what is waited for comes later."""
    return {"until": (await get_time(connection)).astimezone(ZoneInfo(viewer.time_zone))}
