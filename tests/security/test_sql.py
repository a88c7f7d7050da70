"""All SQL is bound: every statement is a constant in the code, and what varies goes beside it as a parameter."""

import ast
import re
from itertools import combinations, product
from pathlib import Path

import pytest

from queries.problem_filter import NARROWING, ORDERS
from queries.problem_walks import Shape, adding_for, counting_for, statement_for
from queries.search_statements import (
    BY_DUE,
    among_narrow,
    count_each_for,
    count_for,
    count_from_newest_for,
    count_often,
    read_for,
    read_from_newest_for,
    walk_for,
)
from queries.search_statements import Shape as Shaped
from settings import ROOT
from tests.sources import MODULES, name_of

# asyncpg's ways to send SQL, and the position of the SQL in them.
STATEMENTS = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "fetchmany", "prepare", "cursor"}
STATEMENTS |= {"fetch_all", "fetch_one", "fetch_val", "execute_many", "iterate"}  # and those of databases
# Whose SQL is not written in the call, and why that is no way in.
KNOWN = {
    ("server/migrate.py", "_make_schema"),  # the file schema.sql
    ("server/migrate.py", "_apply"),  # the files in migrations/
    ("queries/problem_list.py", "find_problems"),  # joined by queries/problem_walks.py, see below
    ("queries/problem_list.py", "list_all_ids"),
    ("queries/problem_search.py", "_find_named"),
    ("queries/problem_search.py", "_read_newest"),
    ("queries/problem_search.py", "_walk_by_due"),
    ("queries/problem_search.py", "_within_year"),
    ("queries/problem_search.py", "_read_narrow"),  # joined by queries/search_statements.py, see below
    ("queries/problem_search.py", "_count_often"),
    ("queries/search_index.py", "walk"),
    ("queries/search_index.py", "read_up_to"),
    ("queries/search_index.py", "count_up_to"),
    ("queries/search_index.py", "count_from_newest"),
    ("queries/search_index.py", "read_from_newest"),
    ("queries/search_index.py", "count_each"),
    ("queries/problem_counts.py", "_read_counts"),
    ("queries/problem_counts.py", "_count_live"),
}
KEYS = ("undue", *(key for key, _ in ORDERS.values() if key != "due"))  # that a search walks along by block
JOINED = {"queries/problem_walks.py", "queries/search_statements.py"}
WORD = re.compile(r"[\w$']+|[^\w\s$']")
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


def test_no_statement_is_built() -> None:
    assert [fault for path in MODULES for fault in built_statements(parse(path), name_of(path))] == []


def test_no_sql_is_put_together_from_pieces() -> None:
    """Neither by formatting, nor by adding, joining or replacing; wherever it would be sent."""
    for path in MODULES:
        for node in ast.walk(parse(path)) if name_of(path) not in JOINED else ():
            for piece in pieces_of(node):
                if isinstance(piece, ast.Constant) and isinstance(piece.value, str):
                    is_sql = piece.value.lower().lstrip().startswith(WORDS)
                    assert not is_sql, f"{name_of(path)}:{piece.lineno}"


def test_what_is_joined_is_joined_of_constants() -> None:
    """The statements of the list hold nothing that does not stand in their module, whatever a shape is made of."""
    words = words_of("queries/problem_walks.py")
    hostile = "'; DROP TABLE problem; --"
    filters = [frozenset(names) for n in range(3) for names in combinations([*NARROWING, hostile], n)]
    statuses = None, "unfinished", "open", "closed", "void", hostile
    orders = {(key, down != back) for key, down in ORDERS.values() for back in (True, False)}
    for sees_all, names, status, order in product((True, False), filters, statuses, orders):
        assert set(WORD.findall(statement_for(Shape(sees_all, names, status, *order)))) <= words
        assert set(WORD.findall(counting_for(sees_all, names) + adding_for(sees_all, names))) <= words
    with pytest.raises(KeyError):
        statement_for(Shape(True, frozenset(), None, hostile, False))


def test_what_is_joined_for_a_search_is_joined_of_constants() -> None:
    words = words_of("queries/search_statements.py")
    numbers = {f"${n}" for n in range(1, 20)}
    assert all(set(WORD.findall(text)) <= words for text in BY_DUE.values())
    for shape in (Shaped(*shape) for shape in product(range(4), (True, False), (True, False), range(3), (True, False))):
        texts = [read_for(shape), read_from_newest_for(shape), count_for(shape), count_each_for(shape)]
        texts += [count_from_newest_for(shape)]
        texts += [walk_for(shape, key, down) for key in KEYS for down in (True, False)]
        assert all(set(WORD.findall(text)) <= words | numbers for text in texts)
    hostile = "'; DROP TABLE problem; --"
    for make in (among_narrow, count_often):
        with pytest.raises(KeyError):
            make(hostile, True)
    with pytest.raises(KeyError):
        walk_for(Shaped(1, False, False, 0, True), hostile, True)


def words_of(name: str) -> set[str]:
    """All that stands in the texts of a module."""
    texts = [node.value for node in ast.walk(parse(ROOT / name)) if isinstance(node, ast.Constant)]
    return {word for text in texts if isinstance(text, str) for word in WORD.findall(text)}


def pieces_of(node: ast.AST) -> list[ast.expr]:
    """What a text is put together from, if that is what the node does."""
    match node:
        case ast.JoinedStr(values=values):
            return values
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            return [left, right]
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "replace" | "join")):
            return [value]
    return []


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
