"""How pages look to the viewer."""

from starlette.responses import Response

from actions.once import once
from actions.state import Request
from actions.submit import check_key
from forms.appearance import FIELDS, read_appearance
from forms.form import Form
from queries.readers import set_appearance
from web.render import page, see_other

HERE = "/appearance"


async def edit(request: Request) -> Response:
    """The form, with what is chosen now."""
    viewer = request.state.viewer
    return _show(request, Form(FIELDS, {"theme": viewer.theme, "density": viewer.density}))


async def update(request: Request) -> Response:
    """Another look, from the next page on."""
    form = check_key(request, read_appearance(request.state.raw))
    if not form.valid:
        return _show(request, form, 422)
    async with once(request, HERE) as connection:
        await set_appearance(connection, request.state.viewer.nik, form.data["theme"], form.data["density"])
    return see_other(request, HERE, "Pilihan Anda disimpan, dan berlaku di semua perangkat Anda.")


def _show(request: Request, form: Form, status: int = 200) -> Response:
    return page(request, "templates/appearance.html", status=status, section="appearance", form=form)
