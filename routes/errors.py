"""What is said when there is nothing to show: pages for browsers, a message in place for htmx."""

from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import auth
import db
from middleware import security_headers
from render import page, partial, wants_partial

MESSAGES = {
    400: ("Permintaan tidak dapat dibaca", "Muat ulang halaman ini, lalu coba lagi."),
    403: ("Tidak dapat dilakukan", "Halaman atau tindakan itu bukan wewenang Anda."),
    404: ("Tidak ditemukan", "Halaman atau kendala ini tidak ada, atau tidak termasuk yang dapat Anda lihat."),
    405: ("Tidak dapat dilakukan", "Alamat ini tidak menerima permintaan seperti itu."),
    408: ("Terlalu lama", "Yang dikirim tidak sampai seluruhnya. Periksa sambungan Anda, lalu coba lagi."),
    413: ("Terlalu besar", "Yang dikirim melebihi batas. Ringkas isian Anda, lalu kirim lagi."),
    415: ("Permintaan tidak dapat dibaca", "Isian dikirim dalam bentuk yang tidak dikenal. Muat ulang halaman ini."),
    500: ("Terjadi kesalahan", "Kesalahan ini sudah dicatat. Coba lagi; bila berulang, hubungi meja bantuan."),
    503: (
        "Data sedang tidak dapat dimuat",
        "Basis data tidak menjawab. Coba lagi sebentar lagi; sistem akan pulih sendiri.",
    ),
}
FOREIGN = (
    "Permintaan ditolak",
    "Permintaan itu tidak berasal dari halaman SIH. Buka halaman ini langsung, lalu coba lagi.",
)
NOT_HTTPS = ("Sambungan tidak aman", "SIH hanya melayani lewat HTTPS. Buka alamat ini dengan https://, lalu coba lagi.")
BUSY = ("Server sedang sibuk", "Terlalu banyak permintaan sedang dilayani. Coba lagi sebentar lagi.")


async def http_error(request: Request, error: HTTPException) -> Response:
    """The answer to an HTTP error that a door or the router raised."""
    await _recognise(request)
    response = _error(request, error.status_code, *MESSAGES.get(error.status_code, MESSAGES[400]))
    response.headers.update(error.headers or {})
    return response


async def unavailable(request: Request, error: Exception) -> Response:
    """The database is away: said, not hidden."""
    response = _error(request, 503, *MESSAGES[503])
    response.headers["Retry-After"] = "5"
    return response


async def crash(request: Request, error: Exception) -> Response:
    """A mistake of ours. What it was stands in the log, never on the page."""
    response = _error(request, 500, *MESSAGES[500])
    # Starlette answers this outside of all other middleware.
    response.headers.update(security_headers(request.url.scheme))
    return response


async def foreign(request: Request) -> Response:
    """An order from another site's page, or from none."""
    return _error(request, 403, *FOREIGN)


async def unreadable(request: Request) -> Response:
    """What no browser sends, or what is meant for another host."""
    return _error(request, 400, *MESSAGES[400])


async def busy(request: Request) -> Response:
    """More at once than a worker takes on."""
    response = _error(request, 503, *BUSY)
    response.headers["Retry-After"] = "2"
    return response


async def not_https(request: Request) -> Response:
    """An order over plain http from another machine: whatever was in it, it was sent in the open."""
    return _error(request, 403, *NOT_HTTPS)


async def _recognise(request: Request) -> None:
    """Who is logged in, for the header of the page, where no door has found out: at an address that does not exist."""
    if not hasattr(request.state, "viewer") and auth.has_session_id(request):
        with suppress(db.DatabaseUnavailable):
            async with db.acquire(request.app.state.database) as connection:
                request.state.viewer = await auth.get_viewer(request, connection)


def _error(request: Request, status: int, title: str, text: str) -> Response:
    if wants_partial(request):
        # On top of the part that was asked for, where the person is looking: what was typed in it stays.
        headers = {"HX-Reswap": "afterbegin", "HX-Push-Url": "false"}
        return partial(request, "partials/error.html", status=status, headers=headers, title=title, text=text)
    return page(request, "templates/error.html", status=status, title=title, text=text, code=status)
