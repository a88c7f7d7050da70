"""What bench/fuzz.py makes requests of: names and values that fit, that nearly fit, and that nobody would send."""

from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote

from PIL import Image

NIKS = ("10001", "10003", "20001", "20003", "20004", "30001", "40001", "90001")
PIN = "482913"
METHODS = ("GET",) * 8 + ("POST",) * 10 + ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "X" * 50, "get")
FIELDS = [
    "key", "version", "nik", "pin", "next", "title", "description", "asset", "reporter", "comment", "category", "impact",
    "urgency", "identification", "kind", "division", "department", "pic", "reason", "solution", "year", "status", "store",
    "q", "after", "before", "personal", "old_pin", "new_pin", "repeat_pin",
    "photo", "token", "doing", "then", "back", "query", "name", "problem", "problems",
]  # fmt: skip
GOOD = {
    "nik": NIKS, "pin": (PIN,), "next": ("/problems", "/problems/1"), "title": ("Printer mati",), "description": ("Sejak pagi",),
    "asset": ("T01-PRN-01", ""), "reporter": NIKS, "comment": ("Baik",), "category": ("NET-WIFI", "FAS-AC", "UMUM"),
    "impact": ("1", "2", "3"), "urgency": ("1", "2", "3"), "identification": ("Kabel",), "kind": ("it", "other", "department"),
    "division": ("IT-NET", "IT-POS", "GA"), "department": ("MNT", "PRC"), "pic": ("30001", "30002"), "reason": ("Perlu ahli",),
    "solution": ("Diganti",), "year": ("2026", "all"), "status": ("open", "closed", "void"), "store": ("T01", "HO"),
    "q": ("printer", "K-1", "1"), "after": ("1", "50"), "before": ("1", "2"),
    "personal": ("yes",), "old_pin": (PIN,), "new_pin": (PIN, "123456"), "repeat_pin": (PIN,),
    "doing": ("opening", "escalation"), "then": ("next",), "back": ("/problems",), "query": ("year=all&status=open",),
    "name": ("Punya saya",), "problem": ("1", "2"), "problems": ("1 2 3", "4"),
}  # fmt: skip
NASTY = [
    "", " ", "\x00", "a\x00b", "\r\nX: y", "%", "%_%_%", "\\", "'", "''; DROP TABLE problem; --", '"><script>alert(1)</script>',
    "{{7*7}}", "${7*7}", "../../../etc/passwd", "-1", "0", "1e309", "NaN", "Infinity", "9" * 19, "9" * 400, "2147483648",
    "9223372036854775808", "٣", "²", "𝟙", "１", "\u202e", "\u200b", "\ufeff", "\uffff", "\U0010ffff", "e\u0301" * 50, "a" * 121,
    "a" * 4001, "😀" * 2000, "//evil.example", "/\\evil.example", "javascript:alert(1)", "null", "true", "[]", "{}", "🏴" * 30,
    "a " * 50, "% " * 50, "_ " * 50, "\\ " * 50, "K-" + "9" * 18, "K-" + "9" * 30, "é" * 100, "İ" * 100, "ß" * 120, "=1+1",
]  # fmt: skip
# What stands for a place in a path; None: the number of a problem. An admin may log out these people, and let them in no longer.
PLACES = {
    "{id}": None, "{nik}": ("10002", "20002", "30002"), "{session}": range(1, 200), "{seq}": range(1, 4),
    "{form}": ("report", "comment", "opening", "escalation", "closure"),
}  # fmt: skip
RAW = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"%", b"%zz", b"%u0041", b"\xf4\x90\x80\x80", b"+", b"&&&", b"=", b";"]
TYPES = (
    ["application/x-www-form-urlencoded"] * 8
    + ["multipart/form-data; boundary=x"] * 3
    + [
        f"multipart/form-data; boundary=x; charset={name}"
        for name in ("utf-8", "utf-16", "punycode", "undefined", "idna")
    ]
    + [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 300,
        "application/json",
    ]
    + [
        "text/plain",
        "",
        ";",
        "\xff",
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data; boundary*=x'y",
    ]
)
# What urllib reads as an address, or raises for.
_ADDRESSES = (
    b"http://[", b"http://]", b"http://[::1", b"http://[x]/problems", b"//[", b"//x", b"http://testserver:x/", b"http://testserver:99999/",
    b"http://testserver/problems?q=%", b"http://testserver/%00", b"http://a\xe2\x84\x80b/", b"http://\xff/", b"/problems", b"?",
    b"#", b"http:", b"javascript:alert(1)", b"http://testserver/problems/1?shown=9", b"http://" + b"a/" * 2000,
)  # fmt: skip
_RARE = (b"gzip", b"http://[", b"null", b"*", b"bytes=0-1", b"//x", b"")
RARE_HEADERS = {
    b"hx-current-url": _ADDRESSES,
    b"origin": _ADDRESSES,
} | dict.fromkeys(
    [
        b"accept-encoding", b"range", b"if-none-match", b"if-modified-since", b"x-forwarded-for", b"x-forwarded-proto",
        b"x-http-method-override", b"transfer-encoding", b"expect", b"accept-language",
    ],
    _RARE,
)  # fmt: skip


def _photo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "JPEG")
    return file.getvalue()


PHOTO = _photo()


@dataclass
class Shot:
    """One request, as a server would hand it to the application."""

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    chunks: list[bytes]

    def scope(self) -> dict:
        return {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": self.method, "scheme": "http",
            "path": self.path, "raw_path": quote(self.path).encode(), "query_string": self.query, "root_path": "",
            "headers": self.headers, "client": ("127.0.0.1", 40000), "server": ("127.0.0.1", 8080), "state": {},
        }  # fmt: skip
