"""How a person changes their own contact and wishes, in one transaction; an address counts once it is confirmed."""

from actions.once import once
from actions.state import Request
from forms.form import Form
from forms.profile import DAILY, NEVER, kinds_of
from queries.profiles import (
    Profile,
    ask_to_confirm,
    get_profile,
    hold_contact,
    put_wishes,
    set_contact,
    stop_confirming,
)

HERE = "/profile"
SAVED = "Profil Anda disimpan."


class ContactChanged(Exception):
    """Somebody else has changed it since the form was shown."""


class TooMany(Exception):
    """No link is sent to another address today."""


async def save(request: Request, form: Form) -> str:
    """Record a form that is valid; what its person is told. Raises ContactChanged, TooMany, and as `once` does."""
    nik, data = request.state.viewer.nik, form.data
    before = await get_profile(request.state.connection, nik)
    async with once(request, HERE) as connection:
        if _touches_contact(before, form):
            await hold_contact(connection, nik)
            before = await get_profile(connection, nik)
            if before.version != request.state.form_key.version:
                raise ContactChanged
            email = before.email if data["email"] else None
            await set_contact(connection, nik, email, data["phone"])
        wishes = kinds_of(data, DAILY), kinds_of(data, NEVER)
        await put_wishes(connection, nik, *wishes, data["quiet_from"], data["quiet_until"])
        if data["email"] is None:
            await stop_confirming(connection, nik)
        elif data["email"] != before.email or data["email"] == before.refused_email:
            if not await ask_to_confirm(connection, nik, data["email"]):
                raise TooMany
            return f"{SAVED} Tautan konfirmasi dikirim ke {data['email']}."
    return SAVED


def _touches_contact(before: Profile, form: Form) -> bool:
    """Whether what is known of the employee is to be another: an address that is yet to be confirmed is not."""
    return form.data["phone"] != before.phone or (form.data["email"] is None and before.email is not None)
