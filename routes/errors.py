"""What is said when there is nothing to show: pages for browsers, a message in place for htmx."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.responses import Response

import db
from actions.state import Request
from auth import sessions
from auth.accounts import NotAllowed
from formats.indonesian import file_size
from forms.files import FILE_LIMIT, TOTAL_LIMIT
from web.bodies import FilesTooLarge
from web.clients import read_client
from web.logs import note_reason
from web.middleware import security_headers
from web.render import is_by_htmx, page, partial
from web.swaps import swap_of_error

BUSY = ("Server sedang sibuk", "Terlalu banyak permintaan sedang dilayani. Coba lagi sebentar lagi.")
MESSAGES = {
    400: ("Permintaan tidak dapat dibaca", "Muat ulang halaman ini, lalu coba lagi."),
    403: ("Tidak dapat dilakukan", "Halaman atau tindakan itu bukan wewenang Anda."),
    404: ("Tidak ditemukan", "Halaman atau kendala ini tidak ada, atau tidak termasuk yang dapat Anda lihat."),
    405: ("Tidak dapat dilakukan", "Alamat ini tidak menerima permintaan seperti itu."),
    408: ("Terlalu lama", "Yang dikirim tidak sampai seluruhnya. Periksa sambungan Anda, lalu coba lagi."),
    409: (
        "Formulir ini milik orang lain",
        "Formulir ini dibuka oleh orang lain di peramban ini. Tidak ada yang dicatat, dan isiannya disimpan untuk pemiliknya.",
    ),
    413: ("Terlalu besar", "Yang dikirim melebihi batas. Ringkas isian Anda, lalu kirim lagi."),
    415: ("Permintaan tidak dapat dibaca", "Isian dikirim dalam bentuk yang tidak dikenal. Muat ulang halaman ini."),
    422: (
        "Tidak dapat diproses",
        "Formulir ini tidak lengkap atau sudah pernah dikirim. Muat ulang halaman, lalu coba lagi.",
    ),
    429: ("Unggahan lain masih berjalan", "Tunggu sampai kiriman Anda yang lain selesai, lalu kirim lagi."),
    500: ("Terjadi kesalahan", "Kesalahan ini sudah dicatat. Coba lagi; bila berulang, hubungi meja bantuan."),
    503: BUSY,
}
AWAY = (
    "Data sedang tidak dapat dimuat",
    "Basis data tidak menjawab. Coba lagi sebentar lagi; sistem akan pulih sendiri.",
)
CROWDED = ("Server sedang sibuk", "Basis data sedang melayani terlalu banyak permintaan. Coba lagi sebentar lagi.")
FULL = (
    "Tempat penyimpanan penuh",
    "Basis data tidak dapat menyimpan apa pun lagi. Hubungi pengelola sistem; sementara itu data yang ada tetap dapat dilihat.",
)
READ_ONLY = (
    "Data sedang hanya dapat dilihat",
    "Untuk sementara tidak ada yang dapat dicatat. Coba lagi sebentar lagi; sistem akan pulih sendiri.",
)
# What is said of a database that cannot answer, by the reason; that it is AWAY for any other.
UNAVAILABLE = {
    "busy": CROWDED,
    "too many connections": CROWDED,
    "lock": CROWDED,
    "timeout": CROWDED,
    "no resources": CROWDED,
    "disk full": FULL,
    "read only": READ_ONLY,
}
FOREIGN = (
    "Permintaan ditolak",
    "Permintaan itu tidak berasal dari halaman SIH. Buka halaman ini langsung, lalu coba lagi.",
)
FILES_TOO_LARGE = (
    "Lampiran terlalu besar",
    f"Semua lampiran bersama paling besar {file_size(TOTAL_LIMIT)}, masing-masing {file_size(FILE_LIMIT)}. Kembali ke isian "
    "Anda, kurangi lampirannya, lalu kirim lagi.",
)
FILES_OF_NOBODY = (
    "Lampiran terlalu besar",
    "Sesi Anda sudah berakhir, dan lampiran sebesar itu tidak dapat diterima. Kembali ke isian Anda, lalu kirim lagi tanpa "
    "lampiran: isian Anda tersimpan, dan dipulihkan setelah Anda masuk.",
)
NOT_HTTPS = ("Sambungan tidak aman", "SIH hanya melayani lewat HTTPS. Buka alamat ini dengan https://, lalu coba lagi.")
ANOTHER_SCHEMA = (
    "SIH belum dapat dipakai",
    "Versi basis data tidak sama dengan versi SIH ini. Hubungi pengelola sistem: sebabnya tertulis di log.",
)


async def http_error(request: Request, error: HTTPException) -> Response:
    """The answer to an HTTP error that a door or the router raised. Who is turned away for want of room waits for nothing."""
    if error.status_code != 503:
        await _recognise(request)
    title, text = MESSAGES.get(error.status_code, MESSAGES[400])
    if isinstance(error, FilesTooLarge):
        title, text = FILES_TOO_LARGE if hasattr(request.state, "viewer") else FILES_OF_NOBODY
    response = _error(request, error.status_code, title, text)
    response.headers.update(error.headers or {})
    return response


async def not_allowed(request: Request, error: Exception) -> Response:
    """The right was taken away between the door and the deed."""
    return _error(request, 403, *MESSAGES[403])


async def unavailable(request: Request, error: db.DatabaseUnavailable) -> Response:
    """The database is away, or full: said, not hidden. What was typed can be sent again from the page that says so."""
    note_reason(request.scope, error.reason)
    title, text = UNAVAILABLE.get(error.reason, AWAY)
    response = _error(request, 503, title, text, _sent(request))
    response.headers["Retry-After"] = "5"
    return response


def _sent(request: Request) -> list[tuple[str, str]]:
    """The fields of a form that was posted and not recorded, to be sent once more; none of one with PINs in it."""
    raw = getattr(request.state, "raw", None)
    if raw is None or "key" not in raw or any(name.endswith("pin") for name in raw):
        return []
    return raw.multi_items()


async def another_schema(request: Request, error: Exception) -> Response:
    """The database is another version's: nothing is read from it or written to it."""
    note_reason(request.scope, "schema")
    return _error(request, 503, *ANOTHER_SCHEMA)


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
    note_reason(request.scope, "too many requests")
    response = _error(request, 503, *BUSY)
    response.headers["Retry-After"] = "2"
    return response


async def not_https(request: Request) -> Response:
    """An order over plain http from another machine: whatever was in it, it was sent in the open."""
    return _error(request, 403, *NOT_HTTPS)


async def _recognise(request: Request) -> None:
    """Who is logged in, for the header of the page, where no door has found out: at an address that does not exist, say.

    It is one of what is done at once for that person, and left undone beyond it: the header is not worth a connection of others.
    """
    client, fairness = read_client(request), request.app.state.fairness
    if hasattr(request.state, "viewer") or not client.session_id or not fairness.has_room(client.session_id):
        return
    with suppress(db.DatabaseUnavailable, db.SchemaMismatch), fairness.one_of(request.scope, client.session_id):
        async with db.acquire(request.app.state.database) as connection:
            viewer = await sessions.get_viewer(connection, client)
        if viewer:
            fairness.note_person(client.session_id, viewer.nik)
            request.state.viewer = viewer


def _error(request: Request, status: int, title: str, text: str, sent: Sequence[tuple[str, str]] = ()) -> Response:
    """`sent` are the fields of a form that is not recorded, and can be sent again from the page."""
    context = {"title": title, "text": text}
    if is_by_htmx(request):
        headers = swap_of_error(request, status)
        return partial(request, "partials/error.html", status=status, headers=headers, **context)
    if sent:
        return page(
            request, "templates/unsent.html", status=status, **context, code=status, sent=sent, path=request.url.path
        )
    again = status >= 500 and request.method == "GET"
    return page(request, "templates/error.html", status=status, **context, code=status, again=again)


HANDLERS: dict[type[Exception], Callable[..., Awaitable[Response]]] = {
    HTTPException: http_error,
    NotAllowed: not_allowed,
    db.DatabaseUnavailable: unavailable,
    db.SchemaMismatch: another_schema,
    Exception: crash,
}
