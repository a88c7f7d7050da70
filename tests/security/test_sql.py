"""All SQL is bound: every statement is a constant in the code, and what varies goes beside it as a parameter."""

import ast
from pathlib import Path

import pytest

from settings import ROOT

# asyncpg's ways to send SQL, and the position of the SQL in them.
STATEMENTS = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "fetchmany", "prepare", "cursor"}
STATEMENTS |= {"fetch_all", "fetch_one", "fetch_val", "execute_many", "iterate"}  # and those of databases
# Whose SQL is not written in the call, and why that is no way in.
KNOWN = {
    ("db.py", "apply_schema"),  # the file schema.sql
}
# The rooms that are code of the application; queries/ alone names tables.
ROOMS = [
    path
    for path in sorted(ROOT.glob("*.py")) + sorted(ROOT.glob("*/*.py"))
    if path.parent.name not in ("tests", "bench")
]
WORDS = ("select ", "insert into ", "update ", "delete from ")


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_constant(node: ast.AST, tree: ast.Module) -> bool:
    """A literal text, or a name that the module binds once to one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.Name):
        bound = [
            a.value
            for a in ast.walk(tree)
            if isinstance(a, ast.Assign)
            for t in a.targets
            if getattr(t, "id", "") == node.id
        ]
        return len(bound) == 1 and is_constant(bound[0], ast.Module([], []))
    return False


def built_statements(tree: ast.Module, name: str) -> list[str]:
    """Where a statement is anything but a constant."""
    found = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or (name, function.name) in KNOWN:
            continue
        for call in ast.walk(function):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            if call.func.attr in STATEMENTS and call.args and not is_constant(call.args[0], tree):
                found.append(f"{name}:{call.lineno} {call.func.attr}")
    return found


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_statement_is_built(path: Path) -> None:
    assert built_statements(parse(path), path.name) == []


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sql_is_put_together_from_pieces(path: Path) -> None:
    """Neither by formatting, nor by adding, joining or replacing; wherever it would be sent."""
    for node in ast.walk(parse(path)):
        pieces: list[ast.AST] = []
        if isinstance(node, ast.JoinedStr):
            pieces = node.values
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            pieces = [node.left, node.right]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("format", "replace", "join")
        ):
            pieces = [node.func.value]
        for piece in pieces:
            text = (
                piece.value.lower().lstrip() if isinstance(piece, ast.Constant) and isinstance(piece.value, str) else ""
            )
            assert not text.startswith(WORDS), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(
    "code",
    [
        'async def f(c, x): await c.fetch(f"SELECT {x}")',
        'async def f(c, x): await c.fetch("SELECT " + x)',
        'async def f(c, x): await c.execute("SELECT %s" % x)',
        'async def f(c, x): await c.fetchval("SELECT {}".format(x))',
        'async def f(c, x):\n q = "SELECT 1"\n q = q + x\n await c.fetchrow(q)',
        "async def f(c, x): await c.fetch(x)",
    ],
)
def test_the_test_sees_built_statements(code: str) -> None:
    assert built_statements(ast.parse(code), "x.py")


def test_templates_switch_no_escaping_off() -> None:
    templates = [*ROOT.glob("templates/**/*"), *ROOT.glob("partials/**/*")]
    for path in filter(Path.is_file, templates):
        text = path.read_text(encoding="utf-8")
        for forbidden in (
            "|safe",
            "| safe",
            "autoescape",
            "Markup",
            "|tojson",
            "javascript:",
            "hx-on",
            " onclick",
            ' style="',
        ):
            assert forbidden not in text, f"{path.relative_to(ROOT)}: {forbidden}"
    for path in ROOMS:
        assert "Markup(" not in path.read_text(encoding="utf-8"), path.name
