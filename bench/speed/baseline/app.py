"""The paper's design, to be measured beside SIH: Flask, templates, and a connection to the database for each query.

Query and the lookup of a NIK are those of the paper (Kode Program 4 to 6); what it shows in pictures only is written in the same
way. The PIN is left out: whoever names a NIK is logged in.
"""

import os

import psycopg2
import psycopg2.extras
from flask import Flask, jsonify, redirect, render_template, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user

PAGE = 50

app = Flask(__name__)
app.secret_key = os.environ["secret_key"]  # noqa: SIM112 (the paper's name)
login_manager = LoginManager(app)
login_manager.login_view = "login"


class Query:
    """A query, with a connection of its own that ends with it."""

    def __init__(self):
        self._connection = psycopg2.connect(os.environ["DATABASE_URL"], options="-c search_path=paper")
        self._cursor = self._connection.cursor(cursor_factory=psycopg2.extras.DictCursor)

    def __del__(self):
        self._cursor.close()
        self._connection.close()

    def select(self, query, parameters):
        self._cursor.execute(query, parameters)
        return self._cursor.fetchall()

    def execute(self, query, parameters):
        self._cursor.execute(query, parameters)
        rows = self._cursor.fetchall() if self._cursor.description else []
        self._connection.commit()
        return rows


class User(UserMixin):
    """Who is logged in."""

    def __init__(self, row):
        self.id, self.nama, self.kode_toko, self.divisi = row["nik"], row["nama"], row["kode_toko"], row["divisi"]


@login_manager.user_loader
def load_user(nik):
    rows = Query().select(
        "SELECT nik, nama, kode_toko, divisi FROM tbl_karyawan WHERE nik = %(nik)s AND status = 'T'", {"nik": nik}
    )
    return User(rows[0]) if rows else None


def find_user(nik):
    """The lookup of the first step of the login."""
    return Query().select(
        """
        SELECT k.nik AS nik_karyawan, k.nama AS nama_karyawan, k.status, t.kode AS kode_toko, t.nama AS nama_toko
          FROM tbl_karyawan k INNER JOIN tbl_toko t ON k.kode_toko = t.kode
         WHERE k.nik = %(nik)s
        """,
        {"nik": nik},
    )


@app.post("/searchUserAccount")
def search_user_account():
    rows = find_user(request.form.get("nik"))
    if not rows:
        return jsonify(status=False, message="NIK Belum Terdaftar!")
    if rows[0]["status"] != "T":
        return jsonify(status=False, message="Maaf akun ini telah dinonaktifkan oleh admin!")
    return jsonify(dict(rows[0]))


@app.post("/login")
def login():
    login_user(load_user(request.form["nik"]))
    return redirect("/problem")


@app.get("/problem")
@login_required
def list_problem():
    page = int(request.args.get("halaman", 1))
    rows = Query().select(
        """
        SELECT p.id, p.dilaporkan, p.judul, p.status, t.nama AS toko, k.nama AS pelapor, d.nama AS penanggung
          FROM tbl_problem p
          JOIN tbl_toko t ON t.kode = p.kode_toko
          JOIN tbl_karyawan k ON k.nik = p.nik
          JOIN tbl_divisi d ON d.kode = p.divisi
         WHERE p.tahun = %(tahun)s ORDER BY p.id DESC LIMIT %(limit)s OFFSET %(offset)s
        """,
        {"tahun": request.args["tahun"], "limit": PAGE, "offset": (page - 1) * PAGE},
    )
    return render_template("list.html", problems=rows, tahun=request.args["tahun"], page=page)


def get_problem(id):
    return Query().select(
        """
        SELECT p.*, t.nama AS toko, k.nama AS pelapor, d.nama AS penanggung
          FROM tbl_problem p
          JOIN tbl_toko t ON t.kode = p.kode_toko
          JOIN tbl_karyawan k ON k.nik = p.nik
          JOIN tbl_divisi d ON d.kode = p.divisi
         WHERE p.id = %(id)s
        """,
        {"id": id},
    )[0]


@app.get("/problem/<int:id>")
@login_required
def show_problem(id):
    events = Query().select(
        """
        SELECT r.waktu, r.kejadian, r.alasan, k.nama FROM tbl_riwayat r LEFT JOIN tbl_karyawan k ON k.nik = r.nik
         WHERE r.id_problem = %(id)s ORDER BY r.id
        """,
        {"id": id},
    )
    return render_template("problem.html", problem=get_problem(id), events=events)


def insert_event(id, kejadian, alasan):
    Query().execute(
        "INSERT INTO tbl_riwayat (id_problem, waktu, nik, kejadian, alasan) VALUES (%s, now(), %s, %s, %s)",
        (id, current_user.id, kejadian, alasan),
    )


@app.post("/problem")
@login_required
def create_problem():
    rows = Query().execute(
        """
        INSERT INTO tbl_problem (tahun, dilaporkan, nik, kode_toko, judul, uraian, status, divisi)
        VALUES (extract(year FROM now()), now(), %s, %s, %s, %s, 'reported', 'HD') RETURNING id
        """,
        (current_user.id, current_user.kode_toko, request.form["judul"], request.form["uraian"]),
    )
    insert_event(rows[0]["id"], "reported", None)
    return redirect(f"/problem/{rows[0]['id']}")


@app.post("/problem/<int:id>/penyelesaian")
@login_required
def escalate_problem(id):
    Query().execute(
        "UPDATE tbl_problem SET status = 'escalated', divisi = %s WHERE id = %s", (request.form["divisi"], id)
    )
    insert_event(id, "escalated", request.form["alasan"])
    return redirect(f"/problem/{id}")


@app.post("/problem/<int:id>/komentar")
@login_required
def comment_problem(id):
    insert_event(id, "commented", request.form["komentar"])
    return redirect(f"/problem/{id}")


@app.get("/")
def ready():
    return "ok"
