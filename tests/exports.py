"""Exports as people ask for them, and what is in their files."""

import asyncio
import csv
import io
import time
from urllib.parse import urlencode

from tests.client import Client

PATIENCE = 60  # seconds


async def export(client: Client, format: str = "csv", **filters: str) -> str:
    """Send the form of the list with these filters; the path of the export, once it is made."""
    page = f"/problems?{urlencode({'year': 'all', **filters})}"
    answer = await client.submit(page, "/exports", format=format)
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"]
    end = time.monotonic() + PATIENCE
    while "Unduh" not in (await client.get(path)).text:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    return path


async def download(client: Client, path: str) -> bytes:
    """The file of an export."""
    answer = await client.get(f"{path}/file")
    assert answer.status_code == 200
    return answer.content


async def exported(client: Client, **filters: str) -> list[dict[str, str]]:
    """The rows of the list with these filters, as its CSV has them: by heading."""
    return rows_of(await download(client, await export(client, **filters)))


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file, by heading."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
