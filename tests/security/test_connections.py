"""A connection cannot be drawn out, flooded or confused: the server on a real port, raw bytes sent to it."""

import asyncio
import hashlib
import socket
from contextlib import suppress
from dataclasses import replace

import pytest
from itsdangerous import URLSafeSerializer

from app import IN_FLIGHT
from server import protocol
from tests.databases import KEYS
from web.middleware import HEADERS

HOST = b"Host: localhost\r\n"
GET = b"GET /login HTTP/1.1\r\n" + HOST
POST = b"POST /login/nik HTTP/1.1\r\n" + HOST + b"Sec-Fetch-Site: same-origin\r\n"
POST += b"Content-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\nnik=10001\r\n0\r\n"


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "LOOK_EVERY", 0.05)


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
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT", 0.2)
    assert b" 408 " in await ask(port, sent)


async def test_dripping_bytes_does_not_help(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT", 0.3)
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


CLOSE = b"Connection: close\r\n\r\n"


Pairs = list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


async def idle(port: int, count: int, address: str = "127.0.0.1", sent: bytes = b"") -> Pairs:
    """So many connections on which nothing more comes."""
    pairs = [await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0)) for _ in range(count)]
    for _, writer in pairs:
        writer.write(sent)
    await asyncio.sleep(0.2)
    return pairs


async def left(pairs: Pairs) -> int:
    """How many of them the server has not hung up on."""
    await asyncio.sleep(0.1)
    return sum(not reader.at_eof() and reader.exception() is None for reader, _ in pairs)


@pytest.mark.parametrize("sent", [b"", GET, POST + b"Content-Length: 100\r\n\r\n"], ids=["nothing", "a head", "a body"])
async def test_one_stranger_s_connections_keep_nobody_out(
    sent: bytes, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither from another address nor from the same one; and who has few keeps them."""
    monkeypatch.setattr(protocol, "CONNECTION_LIMIT", 30)
    neighbours = await idle(port, 3, "127.0.0.2")
    stranger = await idle(port, 40, sent=sent)
    assert await left(stranger) == 27
    for address in ("127.0.0.1", "127.0.0.3"):
        for path in (b"/health/live", b"/health/ready", b"/login"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
            writer.write(b"GET " + path + b" HTTP/1.1\r\n" + HOST + CLOSE)
            assert b" 200 " in await reader.readline()
            writer.close()
    assert await left(neighbours) == 3
    for _, writer in [*stranger, *neighbours]:
        writer.close()


async def test_a_trusted_proxy_keeps_its_connections(app, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind it are many; whoever else comes has fewer and gives way. Where there is nobody else, it does."""
    monkeypatch.setattr(protocol, "CONNECTION_LIMIT", 20)
    app.state.settings = replace(app.state.settings, trusted_proxies=("10.0.0.0/8", "127.0.0.2"))
    proxy, others = await idle(port, 15, "127.0.0.2"), await idle(port, 5, "127.0.0.3")
    more = await idle(port, 5, "127.0.0.2")
    assert (await left(proxy), await left(others), await left(more)) == (15, 0, 5)
    assert b" 200 " in await ask(port, GET + CLOSE)
    assert await left(proxy) == 14
    for _, writer in [*proxy, *others, *more]:
        writer.close()


async def test_where_all_are_worked_on_nobody_is_hung_up_on(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTION_LIMIT", 2)
    monkeypatch.setattr(protocol.BoundedProtocol, "_waits", lambda self: 0)
    others = await idle(port, 2)
    assert await ask(port, GET + CLOSE) == b""
    assert await left(others) == 2
    for _, writer in others:
        writer.close()


async def test_connections_are_kept_alive_and_may_ask_ahead(port: int) -> None:
    """The limits are in nobody's way: three requests in one breath, one of them with a body, on one connection."""
    get = b"GET /health/live HTTP/1.1\r\n" + HOST
    body = b"nik=10001"
    data = get + b"\r\n" + POST + b"Content-Length: %d\r\n\r\n" % len(body) + body + get + b"Connection: close\r\n\r\n"
    answer = await ask(port, data)
    assert answer.count(b"HTTP/1.1 200 OK") == 3 and b"Ani Lestari" in answer


async def test_blanks_around_the_value_of_a_header_are_no_part_of_it(port: int) -> None:
    body = b"nik=10001"
    head = POST.replace(b"\r\n", b" \t\r\n").replace(b"HTTP/1.1 \t", b"HTTP/1.1")
    answer = await ask(port, head + b"Connection: close\r\nContent-Length: %d \t\r\n\r\n" % len(body) + body)
    assert answer.startswith(b"HTTP/1.1 200 ") and b"Ani Lestari" in answer


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


async def test_what_follows_the_chunks_is_no_header(port: int) -> None:
    """Else it would be one that nothing before the door has seen."""
    told = b"Kendala dibuka."
    serializer = URLSafeSerializer(list(KEYS), salt="sih.notice", signer_kwargs={"digest_method": hashlib.sha256})
    cookie = b"Cookie: notice=" + serializer.dumps(["/login", told.decode()]).encode() + b"\r\n"
    post = b"POST /login HTTP/1.1\r\n" + HOST + b"Sec-Fetch-Site: same-origin\r\nConnection: close\r\n"
    post += b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n"
    body = b"\r\n9\r\nnik=10001\r\n0\r\n"
    assert told in await ask(port, post + cookie + body + b"\r\n")
    answer = await ask(port, post + body + cookie + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 422 ") and told not in answer


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
    assert sent < 10 * protocol.HEAD_LIMIT


async def test_a_body_that_nobody_asked_for_ends(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may go on for a while after the answer, but not for ever, however slowly it comes."""
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT", 0.5)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health/live HTTP/1.1\r\n" + HOST + b"Content-Length: 1000000\r\n\r\n")
    async with asyncio.timeout(5):
        while not reader.at_eof():
            writer.write(b"x")
            await asyncio.sleep(0.05)
            reader._buffer.clear()
    writer.close()


async def test_whoever_does_not_read_is_left(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "WRITE_TIMEOUT", 0.3)
    asked, answered = 250, b""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        loop = await ask_for_much(connection, port, asked)
        await asyncio.sleep(1)
        with suppress(ConnectionError):
            while data := await asyncio.wait_for(loop.sock_recv(connection, 1 << 20), 5):
                answered += data
    assert 0 < answered.count(b"HTTP/1.1 200 OK") < asked


async def test_whoever_reads_slowly_is_not(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than the server waits for a reader in all, but never as long at once."""
    monkeypatch.setattr(protocol, "WRITE_TIMEOUT", 1)
    asked, answered = 500, b""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        loop = await ask_for_much(connection, port, asked)
        began = loop.time()
        while answered.count(b"HTTP/1.1 200 OK") < asked:
            data = await asyncio.wait_for(loop.sock_recv(connection, 1 << 17), 5)
            assert data, "hung up"
            answered += data
            await asyncio.sleep(0.03)
    assert loop.time() - began > 2


async def ask_for_much(connection: socket.socket, port: int, times: int) -> asyncio.AbstractEventLoop:
    """Ask for a large file so many times, without reading."""
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, ("127.0.0.1", port))
    await loop.sock_sendall(connection, (b"GET /static/vendor/htmx.min.js HTTP/1.1\r\n" + HOST + b"\r\n") * times)
    return loop
