"""One's own contact, and what one wants to be told by mail."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.once import once
from actions.profile import HERE, ContactChanged, TooMany, save
from actions.state import Request
from actions.submit import check_key
from forms.form import Form
from forms.profile import FIELDS, KINDS, TOO_MANY, read_profile, values_of
from queries.profiles import confirm_email, get_profile, hold_contact
from web.confirmation_tokens import read_confirmation
from web.render import page, see_other

CONFIRMATION = "/profile/confirmation"
CHANGED = "Data Anda diubah oleh orang lain sejak halaman ini dibuka. Periksa lagi isian Anda, lalu simpan."


async def edit(request: Request) -> Response:
    """The form, with what is chosen now."""
    return await _show(request, None)


async def update(request: Request) -> Response:
    """Other wishes at once; another address once it is confirmed."""
    form = check_key(request, read_profile(request.state.raw))
    if not form.valid:
        return await _show(request, form, 422)
    try:
        notice = await save(request, form)
    except ContactChanged:
        return await _show(request, form.with_message(CHANGED), 409)
    except TooMany:
        return await _show(request, form.with_error("email", TOO_MANY), 422)
    return see_other(request, HERE, notice)


async def ask_confirm(request: Request) -> Response:
    """Whether the address of a link is to be the viewer's: a page, so that a program that follows links confirms nothing."""
    token, viewer = request.query_params.get("token", ""), request.state.viewer
    key = read_confirmation(request.app.state.settings.secret_keys, token, viewer.nik)
    profile = await get_profile(request.state.connection, viewer.nik)
    address = profile.pending_email if key and key == profile.pending_key else None
    context = {"section": "profile", "form": Form(), "address": address, "link_token": token}
    return page(request, "templates/profile/confirmation.html", status=200 if address else 404, **context)


async def confirm(request: Request) -> Response:
    """It is, from now on."""
    nik = request.state.viewer.nik
    key = read_confirmation(request.app.state.settings.secret_keys, request.state.raw.get("link", ""), nik)
    if key is None:
        raise HTTPException(422)
    async with once(request, HERE) as connection:
        await hold_contact(connection, nik)
        if not await confirm_email(connection, nik, key):
            raise HTTPException(422)
    return see_other(request, HERE, "Surel Anda sudah dikonfirmasi.")


async def _show(request: Request, form: Form | None, status: int = 200) -> Response:
    """The form as it was typed, or as it stands now."""
    profile = await get_profile(request.state.connection, request.state.viewer.nik)
    quiet = (profile.quiet_from, profile.quiet_until)
    values = values_of(profile.email, profile.phone, profile.daily, profile.silent, quiet)
    context = {"section": "profile", "kinds": KINDS, "profile": profile, "form": form or Form(FIELDS, values)}
    context["sends_mail"] = request.app.state.settings.mail_server is not None
    return page(request, "templates/profile/index.html", status=status, **context)
