"""A connection cannot be drawn out, flooded or confused: the server on a real port, raw bytes sent to it."""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

import serving
from app import IN_FLIGHT
from middleware import HEADERS

HOST = b"Host: localhost\r\n"
POST = b"POST /login/nik HTTP/1.1\r\n" + HOST + b"Sec-Fetch-Site: same-origin\r\n"
POST += b"Content-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\nnik=10001\r\n0\r\n"


async def ask(port: int, data: bytes, *, wait: float = 5) -> bytes:
    """All that is answered until the server hangs up, or nothing comes for `wait` seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        async with asyncio.timeout(wait):
            return await reader.read()
    except (TimeoutError, ConnectionError):
        return b""
    finally:
        writer.close()


REFUSED = {
    "garbage": (b"\x16\x03\x01\x02\x00garbage\r\n\r\n", 400),
    "a path that is no ASCII": (b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nnik=1", 400),
    "length and chunks": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX", 400),
    "a bad chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "a long header": (b"GET /login HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431),
    "many headers": (b"GET /login HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 5_600 + b"\r\n", 431),
    "an endless header": (b"GET /login HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 40_000, 431),
    "a long address": (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 431),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_no_request_is_refused_with_all_headers(port: int, case: str) -> None:
    data, status = REFUSED[case]
    answer = await ask(port, data)
    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    assert head.startswith(f"http/1.1 {status} ")
    for name, value in HEADERS.items():
        assert f"{name}: {value}".lower() in head
    assert "cache-control: no-store" in head and "server:" not in head
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("sent", [b"", b"GET /login HTTP/1.1\r\n", b"GET /login HTTP/1.1\r\n" + HOST])
async def test_a_head_that_does_not_arrive_ends(port: int, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_TIMEOUT", 0.2)
    assert b" 408 " in await ask(port, sent)


async def test_dripping_bytes_does_not_help(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_TIMEOUT", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /login HTTP/1.1\r\n")
    began = asyncio.get_running_loop().time()
    while not reader.at_eof() and asyncio.get_running_loop().time() - began < 5:
        writer.write(b"X")
        await asyncio.sleep(0.05)
        if reader._buffer:
            break
    assert b" 408 " in await reader.read(100)
    writer.close()


async def test_beyond_the_limit_of_connections_is_said_at_once(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server runs beside the client here, as it does in earnest: what it closes too early, it resets."""
    monkeypatch.setattr(serving, "CONNECTION_LIMIT", 2)
    monkeypatch.setattr(serving, "REFUSED_LIMIT", 1)
    port = urlsplit(site).port
    others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    await asyncio.sleep(0.1)
    for _ in range(20):
        assert b" 503 " in await ask(port, b"GET /login HTTP/1.1\r\n" + HOST + b"\r\n")
    others.append(await asyncio.open_connection("127.0.0.1", port))
    await asyncio.sleep(0.1)
    assert await ask(port, b"GET /login HTTP/1.1\r\n" + HOST + b"\r\n") == b"", "one more than are told"
    for _, writer in others:
        writer.close()
    await asyncio.sleep(0.1)
    assert b" 200 " in await ask(port, b"GET /login HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")


async def test_connections_are_kept_alive_and_may_ask_ahead(port: int) -> None:
    """The limits are in nobody's way: three requests in one breath, one of them with a body, on one connection."""
    get = b"GET /health/live HTTP/1.1\r\n" + HOST
    body = b"nik=10001"
    data = get + b"\r\n" + POST + b"Content-Length: %d\r\n\r\n" % len(body) + body + get + b"Connection: close\r\n\r\n"
    answer = await ask(port, data)
    assert answer.count(b"HTTP/1.1 200 OK") == 3 and b"Ani Lestari" in answer


async def test_whoever_sends_a_head_and_no_body_takes_no_place(port: int) -> None:
    """More of them than a worker works on at once."""
    waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(IN_FLIGHT + 10)]
    for _, writer in waiting:
        writer.write(POST + b"Content-Length: 100\r\n\r\n")
        await writer.drain()
    await asyncio.sleep(0.3)
    assert b" 200 " in await ask(port, b"GET /login HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    for _, writer in waiting:
        writer.close()


async def test_nothing_may_follow_the_chunks(port: int) -> None:
    answer = await ask(port, CHUNKED + b"X-T: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_what_follows_the_chunks_without_an_end_is_cut_off(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(CHUNKED + b"X-T: ")
    sent = 0
    async with asyncio.timeout(5):
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"a" * 8192)
                await writer.drain()
                sent += 8192
                await asyncio.sleep(0.01)
    writer.close()
    assert sent < 10 * serving.HEAD_LIMIT


async def test_a_body_that_nobody_asked_for_ends(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may go on for a while after the answer, but not for ever, however slowly it comes."""
    monkeypatch.setattr(serving, "HEAD_TIMEOUT", 0.5)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health/live HTTP/1.1\r\n" + HOST + b"Content-Length: 1000000\r\n\r\n")
    async with asyncio.timeout(5):
        while not reader.at_eof():
            writer.write(b"x")
            await asyncio.sleep(0.05)
            reader._buffer.clear()
    writer.close()


async def test_whoever_does_not_read_is_left(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "WRITE_TIMEOUT", 0.3)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, ("127.0.0.1", port))
        asked = 250
        await loop.sock_sendall(connection, (b"GET /static/vendor/htmx.min.js HTTP/1.1\r\n" + HOST + b"\r\n") * asked)
        await asyncio.sleep(1)
        answered = b""
        with suppress(ConnectionError):
            while data := await asyncio.wait_for(loop.sock_recv(connection, 1 << 20), 5):
                answered += data
    assert 0 < answered.count(b"HTTP/1.1 200 OK") < asked
