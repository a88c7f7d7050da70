"""Tables as admins send them, and what comes of them."""

import asyncio
import csv
import io
import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import httpx2
from xlsxwriter import Workbook

from tests.client import Client

PATIENCE = 60  # seconds


def sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    """An XLSX of these rows, the first of them the headings; days as Excel has them."""
    content = io.BytesIO()
    book = Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    table = book.add_worksheet()
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, date | datetime):
                table.write_datetime(at, column, cell)
            elif isinstance(cell, str):
                table.write_string(at, column, cell)
            elif cell is not None:
                table.write(at, column, cell)
    book.close()
    return content.getvalue()


def plain(rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig", separator: str = ";") -> bytes:
    """A CSV of them."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


async def post_table(client: Client, kind: str, content: bytes, name: str = "tabel.xlsx") -> httpx2.Response:
    """The answer to the form with that file."""
    fields = await client.form("/admin/imports/new", "/admin/imports")
    return await client.post("/admin/imports", fields | {"kind": kind}, files={"file": (name, content)})


async def send(client: Client, kind: str, content: bytes, name: str = "tabel.xlsx") -> str:
    """Send a table; the path of the import, once it is looked at."""
    answer = await post_table(client, kind, content, name)
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"]
    await until(client, path, "sedang diperiksa")
    return path


async def take(client: Client, path: str) -> str:
    """Press Impor; the page, once it is done."""
    answer = await client.submit(path, path)
    assert answer.status_code == 303, answer.text
    return await until(client, path, "sedang diimpor")


async def until(client: Client, path: str, over: str) -> str:
    end = time.monotonic() + PATIENCE
    while over in (page := (await client.get(path)).text):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    return page
