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
from doors import check_policies
from settings import read_settings

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    path
    for path in ROOT.glob("**/*.py")
    if path.relative_to(ROOT).parts[0] in {"routes", "forms", "queries", "demo"} or path.parent == ROOT
)
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("partials/**/*.html")])

# What each room may use of ours. A room that is not named here may be used by nobody but app.py.
MAY_USE = {
    "forms": {"forms", "indonesian", "pictures"},
    "queries": {"queries", "pictures"},
    "db": set(),
    "indonesian": set(),
    "settings": set(),
    "logs": set(),
    "middleware": set(),
    "pictures": set(),
    "tickets": set(),
    "serving": {"middleware"},
    "postgres": {"postgres_programs"},
    "postgres_keeper": {"postgres"},
    "postgres_programs": set(),
    "postgres_child": set(),
    "demo": {"demo"},
    "auth": {"browsers", "cookies", "db", "pins", "queries"},
    "browsers": set(),
    "cookies": set(),
    "pins": {"forms"},
    "security_log": {"db", "postgres", "queries", "settings"},
    "render": {"cookies", "forms", "indonesian", "settings", "tickets"},
    "drafts": {"db", "forms", "indonesian", "queries", "tickets"},
    "listing": {"forms", "queries"},
    "screens": {"drafts", "forms", "queries", "render"},
    "doors": {"auth", "db", "drafts", "forms", "pictures", "queries", "render", "screens"},
    "routes": {
        "auth",
        "db",
        "drafts",
        "forms",
        "indonesian",
        "listing",
        "pictures",
        "queries",
        "render",
        "screens",
        "middleware",
    },
    "app": {
        "auth",
        "db",
        "demo",
        "doors",
        "logs",
        "middleware",
        "pins",
        "postgres",
        "postgres_keeper",
        "queries",
        "routes",
        "serving",
        "settings",
    },
}
EXECUTING = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor", "prepare"}
SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b[\s\S]*\b(FROM|INTO|SET)\b")


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def id_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_a_module_uses_only_what_stands_below_it(path: Path) -> None:
    ours = {room_of(module) for module in MODULES}
    used = {name.split(".")[0] for name in imports_of(path)} & ours
    assert used <= MAY_USE[room_of(path)]


@pytest.mark.parametrize("path", [path for path in MODULES if room_of(path) == "routes"], ids=id_of)
def test_a_route_knows_no_other_route(path: Path) -> None:
    assert not [name for name in imports_of(path) if name.startswith("routes")]


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("databases", {"db"}),
        ("asyncpg", {"db", "queries", "auth", "screens", "demo", "routes", "security_log"}),
        (
            "starlette",
            {
                "app",
                "auth",
                "cookies",
                "doors",
                "drafts",
                "listing",
                "logs",
                "middleware",
                "render",
                "routes",
                "screens",
            },
        ),
        ("jinja2", {"render"}),
    ],
)
def test_a_package_is_used_only_where_it_belongs(package: str, rooms: set[str]) -> None:
    users = {room_of(path) for path in MODULES if any(name.split(".")[0] == package for name in imports_of(path))}
    assert users <= rooms


def test_only_the_settings_read_the_environment() -> None:
    readers = {room_of(path) for path in MODULES if "os.environ" in path.read_text() or "getenv" in path.read_text()}
    # app.py hands its workers what it has found; the launcher hands the server's programs their own environment.
    assert readers <= {"settings", "app", "postgres_programs", "postgres_child"}


def strings_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_only_queries_hold_sql() -> None:
    holders = {room_of(path) for path in MODULES if any(SQL.search(text) for text in strings_of(path))}
    assert holders <= {"queries", "db", "demo"}


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_no_statement_is_built(path: Path) -> None:
    """What is executed is a constant, there or under a name; the schema's own file is the one exception."""
    tree = ast.parse(path.read_text())
    constants = {
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in EXECUTING:
            statement = node.args[0]
            is_schema = ast.unparse(statement).startswith("SCHEMA.read_text(")
            is_named = isinstance(statement, ast.Name) and statement.id in constants
            assert is_schema or is_named or isinstance(statement, ast.Constant), ast.unparse(node)


@pytest.mark.parametrize("path", MODULES, ids=id_of)
def test_sizes(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if room_of(path) == "routes" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 30, node.name


@pytest.mark.parametrize("path", TEMPLATES, ids=id_of)
def test_a_template_holds_to_the_rules(path: Path) -> None:
    text = path.read_text()
    for forbidden in (
        r"\|\s*safe\b",
        r"<script(?![^>]*\bsrc=)",
        r"\sstyle=",
        r"\son[a-z]+=",
        r"hx-on",
        r"\bjs:",
        r"hx-ext=",
    ):
        assert not re.search(forbidden, text), forbidden
    if path.is_relative_to(ROOT / "partials"):
        assert "{% extends" not in text


def test_every_template_is_there_and_used() -> None:
    code = "".join(path.read_text() for path in [*MODULES, *TEMPLATES])
    named = set(re.findall(r"['\"]((?:templates|partials)/[a-z_/0-9]+\.html)['\"]", code))
    # Which fragment a form of the list has is chosen by its action.
    named |= {f"partials/bulk/{action}.html" for action in ("opening", "escalation", "voiding")}
    assert named == {id_of(path) for path in TEMPLATES}


def test_the_style_sheet_is_small() -> None:
    assert len((ROOT / "static" / "app.css").read_bytes()) < 25_000


def test_what_is_vendored_is_unmodified() -> None:
    vendor = ROOT / "static" / "vendor"
    for line in (vendor / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest


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
