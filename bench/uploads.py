"""Peak memory of a worker under hostile uploads: `python bench/uploads.py [--count 40] [--size 50]`, on a database of its own.

So many posts to the door of reports, all at once, each of so many megabytes and without an end: by strangers (of no more than
is read of theirs), by somebody whose session has ended, by somebody who is logged in, and by many who are; once as photos, once
as text. Then as many posts with a photo that takes as much to decode as any may, and with as much in documents as a form may
bring. Prints the peak after each wave: of the worker, and of it together with the processes that decode.
"""

import argparse
import asyncio
import contextlib
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx2
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from actions.uploads import UPLOADS
from demo.accounts import ACCOUNTS, Account
from tests.client import forms
from tests.processes import Process, log_in

PEOPLE = [account for account in ACCOUNTS if account.nik != "10000009"]  # who is deactivated
PARTS = {
    "photos": b'Content-Disposition: form-data; name="photo"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n',
    "text": b'Content-Disposition: form-data; name="description"\r\n\r\n',
}


def cookie_of(process: Process, account: Account, *, ended: bool = False) -> str:
    """The Cookie of somebody who has logged in, and, if it is to be `ended`, out."""
    with process.browser() as browser:
        log_in(browser, account.nik, account.pin)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        if ended:
            action = forms(browser.get("/problems").text)
            browser.post("/logout", data=action["/logout"])
        return cookie


async def post(port: int, cookie: str, part: bytes, size: int) -> str:
    """Send a post that does not end, for half a minute or until the server hangs up; the status of the answer, if any."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /problems HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
    head += f"Cookie: {cookie}\r\n" if cookie else ""
    head += f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {size + 100_000}\r\n\r\n"
    status = ""
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(30):
            writer.write(head.encode())
            for start in range(0, size, size // 20):
                writer.write((b"\r\n" if start else b"") + b"--x\r\n" + part + b"x" * (size // 20))
                await writer.drain()
            status = (await reader.readline()).decode().strip()
    with contextlib.suppress(ConnectionError):
        writer.close()
    return status


async def wave(port: int, cookies: list[str], part: bytes, count: int, size: int) -> str:
    answers = await asyncio.gather(*(post(port, cookies[n % len(cookies)], part, size) for n in range(count)))
    return ", ".join(f"{answers.count(a)} × {a or 'no answer yet'}" for a in sorted(set(answers)))


async def whole_wave(process: Process, cookies: list[str], files: dict[str, bytes], count: int) -> str:
    """Send so many reports without a title, each with the files; how they were answered."""

    async def send(cookie: str) -> str:
        head = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
        async with httpx2.AsyncClient(headers=head, timeout=300) as client:
            sent = [("photo", file) for file in files.items()]
            answer = await client.post(f"http://127.0.0.1:{process.port}/problems", files=sent)
            return str(answer.status_code)

    answers = await asyncio.gather(*(send(cookies[n % len(cookies)]) for n in range(count)))
    return ", ".join(f"{answers.count(a)} × {a}" for a in sorted(set(answers)))


def heavy_photo() -> bytes:
    """49 megapixels that are transparent, in a lossy WebP."""
    file = BytesIO()
    Image.new("RGBA", (7000, 7000), (9, 99, 199, 99)).save(file, "WEBP", method=0)
    return file.getvalue()


class Peak:
    """Looks at the memory of a process, and of those that decode for it, all the time that the context lasts."""

    def __init__(self, process: Process) -> None:
        self._pid, self._together, self._over = process.process.pid, 0, threading.Event()

    def __enter__(self) -> "Peak":
        threading.Thread(target=self._look, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def __str__(self) -> str:
        return f"worker {_kilobytes(self._pid, 'VmHWM') // 1024} MB, with decoders {self._together // 1024} MB"

    def _look(self) -> None:
        while not self._over.wait(0.01):
            now = sum(_kilobytes(pid, "VmRSS") for pid in (self._pid, *self._decoders()))
            self._together = max(self._together, now)

    def _decoders(self) -> Iterator[int]:
        with contextlib.suppress(OSError):
            for pid in Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split():
                with contextlib.suppress(OSError):
                    if b"formats.decoder" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        yield int(pid)


def _kilobytes(pid: int, what: str) -> int:
    with contextlib.suppress(OSError):
        return int((re.findall(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()) or [0])[0])
    return 0


def measure(process: Process, peak: Peak, count: int, size: int) -> None:
    """Send the waves, and print what is held after each."""
    print(f"at rest: {peak}")
    ended = [cookie_of(process, PEOPLE[0], ended=True)]
    many = [cookie_of(process, account) for account in PEOPLE]
    everybody = {"strangers": [""], "an ended session": ended, "one person": many[:1], f"{len(many)} people": many}
    for who, cookies in everybody.items():
        for what, part in PARTS.items():
            sent = min(size * 1_000_000, UPLOADS.total) if who == "strangers" else size * 1_000_000
            told = asyncio.run(wave(process.port, cookies, part, count, sent))
            print(f"{who}, {what}: {peak}; {told}", flush=True)
    documents = {f"{n}.pdf": b"%PDF-" + b"%d" % n * 8_000_000 for n in range(3)}
    for what, files in {"heavy photos": {"a.webp": heavy_photo()}, "documents": documents}.items():
        told = asyncio.run(whole_wave(process, many, files, count))
        print(f"{len(many)} people, {what}: {peak}; {told}", flush=True)
    print(f"afterwards: {httpx2.get(f'http://127.0.0.1:{process.port}/health/live').text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--size", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        process = Process(Path(folder), SIH_DATA=f"{folder}/data").serving()
        try:
            with Peak(process) as peak:
                measure(process, peak, arguments.count, arguments.size)
        finally:
            process.stop()


if __name__ == "__main__":
    main()
