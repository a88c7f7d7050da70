"""The work that goes on beside requests, as an admin sees it (job queue, dead letters)."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from actions.masters import MASTERS
from actions.once import submission_of
from actions.state import Request
from auth.accounts import as_admin
from forms.problems import read_id
from queries.jobs import list_jobs, retry_job
from queries.mails import list_unsent
from queries.profiles import list_refused
from queries.submissions import record
from web.render import page, see_other

LIMIT = 100
WORDS = {
    "alarms": "Peringatan target",
    "attendance": "Mencari kendala tanpa penanggung",
    "confirmation": "Konfirmasi otomatis",
    "departure": "Pengalihan kendala karyawan yang dinonaktifkan",
    "dissolution": "Pengalihan kendala divisi atau departemen yang dinonaktifkan",
    "export": "Ekspor",
    "fold": "Penghitungan rekap",
    "freeze": "Pembekuan rekap bulanan",
    "history": "Penghitungan rekap masa lalu",
    "holidays": "Hari libur tahun-tahun mendatang",
    "import": "Impor",
    "import_check": "Pemeriksaan berkas impor",
    "mailing": "Pengiriman surel",
    "note_search": "Indeks pencarian catatan",
    "overdue": "Penantian yang terlewat",
    "promise_history": "Penghitungan target masa lalu",
    "promises": "Penyesuaian target sesudah kalender, hari libur, atau target berubah",
    "resumption": "Akhir penantian",
    "search": "Indeks pencarian",
    "service": "Pembekuan waktu target bulan-bulan lalu",
    "telling": "Pemberitahuan",
    "tidying": "Perapian data sementara",
    "working_time": "Jam kerja tahun-tahun mendatang",
}
ERRORS = {
    "WorkerLost": "proses yang mengerjakannya berhenti di tengah jalan",
    "TimeoutError": "terlalu lama",
    "QueryCanceledError": "terlalu lama",
    "CancelledError": "dihentikan di tengah jalan",
    "UnknownKind": "jenisnya tidak dikenal versi ini",
    "DatabaseUnavailable": "basis data tidak dapat dihubungi",
    "DeadlockDetectedError": "bertabrakan dengan pekerjaan lain",
    "SerializationError": "bertabrakan dengan pekerjaan lain",
}


# Why a mail was not sent, by what is kept of it before the colon.
UNSENT = {
    "NoSettings": "SMTP_URL belum diisi",
    "NoServer": "server surel tidak dapat dihubungi, atau menolak masuk",
    "NotTaken": "server surel belum menerimanya",
    "NeverTaken": "server surel menolaknya",
    "NoAddress": "alamatnya bukan alamat surel",
    "NoSuchAddress": "server surel menolak alamatnya",
    "Superseded": "digantikan oleh yang lebih baru",
}
KINDS_OF_MAIL = {"summary": "Ringkasan harian", "confirmation": "Konfirmasi surel"}


async def index(request: Request) -> Response:
    """What is to be done, when, and why it was not yet."""
    jobs = await list_jobs(request.state.connection, LIMIT + 1)
    context = {"section": "jobs", "masters": MASTERS, "jobs": jobs[:LIMIT], "more": len(jobs) > LIMIT}
    context["unsent"] = await list_unsent(request.state.connection, request.state.viewer.nik, LIMIT)
    context["refused"] = await list_refused(request.state.connection, LIMIT)
    words = {"words": WORDS, "errors": ERRORS, "reasons": UNSENT, "mails": KINDS_OF_MAIL}
    return page(request, "templates/jobs.html", **words, **context)


async def retry(request: Request) -> Response:
    """Begin a job anew that has been given up."""
    state, number = request.state, read_id(request.path_params["id"])
    if not number:
        raise HTTPException(404)
    submission = submission_of(request)
    async with as_admin(state.connection, state.viewer, state.client) as connection:
        await record(connection, submission, "/admin/jobs")
        await retry_job(connection, number)
    return see_other(request, "/admin/jobs", "Pekerjaan dimulai lagi.")
