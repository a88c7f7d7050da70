"""The way through the house is one-way, and every thing is in its room."""

import ast
import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

import app
from bench.guards import read_guards
from doors import check_policies
from settings import ROOT, read_settings
from tests.sources import MODULES, TEMPLATES, name_of, room_of

# The layers: what each room may use of ours, beside itself.
MAY_USE = {
    "settings": set(),
    "driver": set(),
    "db": {"driver"},
    "formats": set(),
    "web": {"auth", "formats", "settings"},
    "forms": {"formats"},
    "queries": {"formats"},
    "auth": {"db", "formats", "forms", "queries"},
    "actions": {"auth", "db", "formats", "forms", "queries", "web"},
    "doors": {"actions", "auth", "db", "forms", "queries", "web"},
    "routes": {"actions", "auth", "db", "formats", "forms", "queries", "web"},
    "jobs": {"actions", "db", "formats", "forms", "queries", "settings", "web"},
    "demo": {"formats"},
    "server": {"actions", "auth", "db", "demo", "formats", "forms", "queries", "settings", "web"},
    "app": {"actions", "auth", "db", "demo", "doors", "jobs", "routes", "server", "settings", "web"},
}
# No script or style of our own in a page, and nothing that puts a text there as it stands.
FORBIDDEN = (
    *(r"\|\s*safe\b", r"\|\s*tojson\b", r"\bautoescape\b", r"\bMarkup\b"),
    *(r"<script(?![^>]*\bsrc=)", r"\sstyle=", r"\son[a-z]+=", r"\bjs:", r"javascript:", r"hx-on", r"hx-ext="),
)
SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b[\s\S]*\b(FROM|INTO|SET)\b")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_a_module_uses_only_what_stands_below_it() -> None:
    ours = {room_of(module) for module in MODULES}
    for path in MODULES:
        used = {name.split(".")[0] for name in imports_of(path)} & ours
        assert used <= MAY_USE[room_of(path)] | {room_of(path)}, name_of(path)


def test_a_route_knows_no_other_route() -> None:
    for path in MODULES:
        if room_of(path) == "routes":
            assert not [name for name in imports_of(path) if name.startswith("routes")], name_of(path)


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("databases", {"db"}),
        ("asyncpg", {"actions", "auth", "db", "demo", "driver", "jobs", "queries", "routes", "server"}),
        ("starlette", {"actions", "app", "doors", "routes", "server", "web"}),
        ("jinja2", {"web"}),
    ],
)
def test_a_package_is_used_only_where_it_belongs(package: str, rooms: set[str]) -> None:
    users = {room_of(path) for path in MODULES if any(name.split(".")[0] == package for name in imports_of(path))}
    assert users <= rooms


def test_only_the_settings_read_the_environment() -> None:
    readers = {room_of(path) for path in MODULES if "os.environ" in path.read_text() or "getenv" in path.read_text()}
    # The start hands its workers what it has found; the launcher hands the server's programs their own environment.
    assert readers <= {"settings", "server"}


def strings_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_only_queries_hold_sql() -> None:
    holders = {room_of(path) for path in MODULES if any(SQL.search(text) for text in strings_of(path))}
    assert holders <= {"queries", "db", "demo"}


def test_sizes() -> None:
    for path in MODULES:
        text = path.read_text()
        assert text.count("\n") <= 300, name_of(path)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= (30 if room_of(path) == "routes" else 50), f"{name_of(path)}: {node.name}"


def test_a_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").iterdir()]
    assert sorted(numbers) == sorted(set(numbers))


def test_a_template_holds_to_the_rules() -> None:
    for path in TEMPLATES:
        text = path.read_text()
        for forbidden in FORBIDDEN:
            assert not re.search(forbidden, text), f"{name_of(path)}: {forbidden}"
        if path.is_relative_to(ROOT / "partials"):
            assert "{% extends" not in text, name_of(path)


def test_only_answers_of_ours_are_swapped() -> None:
    """How an answer is swapped is asked of the server and said by the answer (web/swaps.py), never by the page alone."""
    for path in TEMPLATES:
        text = re.sub(r"<hx-partial[^>]*>|\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        assert "hx-swap" not in text and "hx-boost" not in text, name_of(path)
        assert set(re.findall(r'hx-status\S*?="(.*?)"', text)) <= {"swap:none"}, name_of(path)
        for tag in re.findall(
            r"<(?:[^<>{]|\{\{.*?\}\}|\{%.*?%\})*\bhx-(?:get|post)\b(?:[^<>{]|\{\{.*?\}\}|\{%.*?%\})*>", text
        ):
            assert "hx-headers=" not in tag, f"{name_of(path)}: without :append the page's own (SIH-Viewer) are lost"
            inherits = name_of(path) == "partials/problems/row.html"
            assert "SIH-Swap:" in tag or re.search("offline.html|focus.html", tag) or "style" in tag or inherits, (
                name_of(path),
                tag,
            )
        if "hx-post'" in text or "hx-get'" in text:  # attributes of a field
            assert "'hx-headers:append': 'SIH-Swap:" in text, name_of(path)
    base = (ROOT / "templates" / "base.html").read_text()
    assert '"noSwap": []' in base and '"defaultSwap": "none {not ours}"' in base


# Forms whose address is to be shared, or that carry no text.
BY_ADDRESS = {"partials/problems/filters.html", "partials/bulk/bar.html", "templates/store_employees/list.html"}
BY_ADDRESS |= {"partials/recap/filters.html", "templates/masters/list.html", "templates/masters/history.html"}
BY_ADDRESS |= {"partials/problems/beat.html"}  # the numbers of its rows
BY_ADDRESS |= {"partials/form/sending.html"}  # the key of its form


def test_what_is_typed_stands_in_no_address() -> None:
    """Search (Cari) aside: a proxy logs addresses, and reads only so much of one."""
    for path in TEMPLATES:
        text = path.read_text()
        if name_of(path) not in BY_ADDRESS:
            assert 'method="get"' not in text, name_of(path)
            assert all('method="post"' in form for form in re.findall(r"<form\b[^>]*", text)), name_of(path)
        for tag in re.findall(r"<(?:[^<>{]|\{\{.*?\}\}|\{%.*?%\})*\bhx-get\b(?:[^<>{]|\{\{.*?\}\}|\{%.*?%\})*>", text):
            assert name_of(path) in BY_ADDRESS or not re.search(r"\s(name|hx-include|hx-vals)=", tag), (
                name_of(path),
                tag,
            )
        for field in re.findall(r"<(?:input|select|textarea)\b[^>]*", text):
            assert "hx-get" not in field, name_of(path)
        if name_of(path) in BY_ADDRESS:
            for field in re.findall(r'<input\b[^>]*name="(?:q|store)"[^>]*', text):
                assert "maxlength=" in field, name_of(path)
        asks = "'hx-get'" in text  # as an attribute of a field
        assert not asks or name_of(path) == "partials/reports/form.html", name_of(path)


def test_no_module_takes_a_text_for_html() -> None:
    for path in MODULES:
        assert "Markup(" not in path.read_text(), name_of(path)


def test_every_template_is_there_and_used() -> None:
    code = "".join(path.read_text() for path in [*MODULES, *TEMPLATES])
    named = set(re.findall(r"['\"]((?:templates|partials)/[a-z_/0-9]+\.html)['\"]", code))
    assert named == {name_of(path) for path in TEMPLATES}


def test_what_is_vendored_is_unmodified() -> None:
    vendor = ROOT / "static" / "vendor"
    for line in (vendor / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest


def test_every_guard_stands_once_where_it_is_looked_for_and_has_tests() -> None:
    guards = read_guards([])
    assert [guard.name for guard in guards if not guard.is_there(ROOT)] == []
    for guard in guards:
        for test in guard.tests:
            file, _, name = test.partition("[")[0].partition("::")
            assert f"def {name}" in (ROOT / file).read_text(), f"{guard.name}: {test}"


def test_every_route_names_its_policy() -> None:
    check_policies(app.DOORS)
    unguarded = Starlette(routes=[Route("/open", lambda request: None)])
    with pytest.raises(RuntimeError, match="names no policy"):
        check_policies([*app.DOORS, *unguarded.routes])


def test_no_application_is_made_with_a_route_that_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "DOORS", [*app.DOORS, Route("/open", lambda request: None)])
    with pytest.raises(RuntimeError, match="/open"):
        app.create_app(read_settings({"DATABASE_URL": "postgresql://x/y", "secret_key": "x"}))


def test_no_file_says_where_or_by_whom_it_was_made() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in files:
        path = ROOT / name
        if path.suffix in {".md", ".py", ".lock", ".html", ".toml", ".sql"} and name != "tests/test_house.py":
            text = path.read_text(errors="replace")
            assert not re.search(r"/work/|/root/|files\.pythonhosted|pypi\.org/simple|registry\.npmjs", text), name
