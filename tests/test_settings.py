"""Settings: all from the environment; what is missing or wrong is named."""

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import db
from settings import DATABASE_PARTS, ROOT, MailServer, Settings, SettingsError, read_settings

PARTS = {
    "db_user_postgres": "sih",
    "db_password_postgres": "rahasia",
    "db_host_postgres": "db.example",
    "db_port_postgres": "5432",
    "db_sid_postgres": "helpdesk",
}
SECRET = {"secret_key": "kunci"}


def test_with_nothing_set_the_application_brings_its_own_database() -> None:
    settings = read_settings({})
    assert settings.embedded
    assert settings == Settings(
        database_url=None,
        secret_keys=(),
        host="127.0.0.1",
        port=8080,
        workers=1,
        allowed_hosts=("localhost", "127.0.0.1", "[::1]"),
        data=ROOT / ".data",
        postgres_bin=None,
        drain_seconds=3,
    )


def test_the_names_of_the_paper() -> None:
    settings = read_settings(PARTS | SECRET)
    assert settings.database_url == "postgresql://sih:rahasia@db.example:5432/helpdesk"
    assert not settings.embedded
    assert tuple(PARTS) == DATABASE_PARTS


@pytest.mark.parametrize("missing", PARTS)
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_what_is_missing_of_the_database_is_named(missing: str, how: str) -> None:
    given = {name: value for name, value in PARTS.items() if name != missing} | (
        {missing: ""} if how == "empty" else {}
    )
    with pytest.raises(SettingsError) as error:
        read_settings(given | SECRET)
    assert missing in str(error.value)
    assert not [name for name in PARTS if name != missing and name in str(error.value)]
    assert "rahasia" not in str(error.value)
    assert "\n" not in str(error.value)


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({"db_host_postgres": "db.example"} | SECRET)
    assert all(name in str(error.value) for name in PARTS if name != "db_host_postgres")


@pytest.mark.parametrize("database", [PARTS, {"DATABASE_URL": "postgresql://x/y"}])
@pytest.mark.parametrize("secret", [{}, {"secret_key": ""}, {"secret_key": "  "}])
def test_an_external_database_needs_a_key(database: dict[str, str], secret: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="secret_key"):
        read_settings(database | secret)


@pytest.mark.parametrize("parts", [{}, PARTS, {"db_host_postgres": "elsewhere"}])
def test_database_url_stands_for_the_five(parts: dict[str, str]) -> None:
    url = "postgresql://sih@/helpdesk?host=/run/postgresql"
    assert read_settings(parts | SECRET | {"DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize("text", ["p@ss:w/ord?#[]%", "spasi di tengah", "ünï", "'\"`$\\", "%2F", "+&="])
def test_special_characters_arrive_as_they_are(text: str) -> None:
    given = PARTS | SECRET | {"db_user_postgres": text, "db_password_postgres": text, "db_sid_postgres": text}
    parts = urlsplit(read_settings(given).database_url)
    assert (unquote(parts.username), unquote(parts.password), unquote(parts.path)) == (text, text, f"/{text}")
    assert (parts.hostname, parts.port, parts.query, parts.fragment) == ("db.example", 5432, "", "")


async def test_special_characters_arrive_at_the_server() -> None:
    """As a server hears them, that asks for the password in clear and then hangs up."""
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def message() -> bytes:
            return await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)

        await message()  # may it be encrypted?
        writer.write(b"N")
        heard.extend((await message()).split(b"\0"))
        writer.write(b"R" + (8).to_bytes(4) + (3).to_bytes(4))
        await reader.readexactly(1)
        heard.append((await message()).rstrip(b"\0"))
        writer.close()

    user, password, name = "u@ser:/ü", "p@ss:w/ord?#[]% +&=", 'db "x"?#%20/y'
    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = str(server.sockets[0].getsockname()[1])
        given = {"db_host_postgres": "127.0.0.1", "db_port_postgres": port}
        given |= {"db_user_postgres": user, "db_password_postgres": password, "db_sid_postgres": name}
        database = db.create_database(read_settings(given | SECRET).database_url)
        await database.connect()
        with pytest.raises(db.DatabaseUnavailable):
            async with db.acquire(database):
                pass
        await database.disconnect()
    assert {text.encode() for text in (user, password, name)} <= set(heard)


def test_several_keys_so_that_they_can_be_replaced() -> None:
    assert read_settings({"secret_key": "lama  baru\n"}).secret_keys == ("lama", "baru")


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ({}, False),
        ({"secret_key": "k" * 32}, False),
        ({"secret_key": "k" * 31}, True),
        ({"secret_key": f"{'k' * 32} kunci"}, True),
        ({"secret_key": "k" * 32, "pin_pepper": "lada"}, True),
    ],
)
def test_a_short_key_is_told(given: dict[str, str], short: bool) -> None:
    assert read_settings(given).short_keys is short


@pytest.mark.parametrize("name", ["PORT", "WORKERS"])
@pytest.mark.parametrize("value", ["0", "-1", "abc", "8080x", "1.5", " 80", "６４", "²", "65536", "1" * 30])
def test_a_number_that_is_none_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_our_own_settings() -> None:
    settings = read_settings(
        {
            "HOST": "192.0.2.1",
            "PORT": "65535",
            "WORKERS": "4",
            "ALLOWED_HOSTS": "sih.example, helpdesk.example  x",
            "SIH_DATA": "somewhere",
            "POSTGRES_BIN": "/usr/lib/postgresql/15/bin",
        }
    )
    assert (settings.host, settings.port, settings.workers) == ("192.0.2.1", 65535, 4)
    assert settings.allowed_hosts == ("sih.example", "helpdesk.example", "x")
    assert settings.data == Path.cwd() / "somewhere"
    assert settings.postgres_bin == Path("/usr/lib/postgresql/15/bin")


def test_an_empty_variable_is_as_good_as_none() -> None:
    empty = dict.fromkeys([*PARTS, "DATABASE_URL", "secret_key", "HOST", "PORT", "WORKERS", "ALLOWED_HOSTS"], "")
    assert read_settings(empty | {"SIH_DATA": "", "POSTGRES_BIN": ""}) == read_settings({})


def test_the_demo_company_is_that_of_the_database_that_the_start_has_filled() -> None:
    given = {"DATABASE_URL": "postgresql://a@b/c", "secret_key": "kunci"}
    assert not read_settings(given).has_demo
    assert read_settings(given | {"SIH_DEMO": "postgresql://a@b/c"}).has_demo
    assert not read_settings(given | {"SIH_DEMO": "yes"}).has_demo
    assert not read_settings({"SIH_DEMO": "postgresql://a@b/c"}).has_demo


# Mail ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://sih:r%40hasia@mail.example:587", MailServer("mail.example", 587, "sih", "r@hasia", tls=False)),
        ("smtp://sih:x@mail.example", MailServer("mail.example", 587, "sih", "x", tls=False)),
        ("smtp://mail.example/", MailServer("mail.example", 25, "", "", tls=False)),
        ("smtps://sih:x@[::1]", MailServer("::1", 465, "sih", "x", tls=True)),
    ],
)
def test_a_mail_server(url: str, server: MailServer) -> None:
    assert read_settings({"SMTP_URL": url}).mail_server == server
    assert "hasia" not in repr(server)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("SMTP_URL", url)
            for url in ("mail.example", "http://rahasia@x", "smtp://", "smtp://:rahasia@", "smtp://x:rahasia")
        ),
        *(("SMTP_URL", url) for url in ("smtp://rahasia@x:0", "smtp://x/rahasia", "smtp://x?rahasia=1")),
        *(
            ("BASE_URL", url)
            for url in ("sih.example", "ftp://x", "https://", "https://a:b@x", "https://x y", "https://x?q=1")
        ),
        *(("MAIL_FROM", text) for text in ("SIH", "a@", "@b", "a@b@c", "SIH <a b@c>", "SIH\n <a@b>")),
    ],
)
def test_what_is_no_mail_setting_is_named_and_not_said_again(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as error:
        read_settings({name: value})
    assert "rahasia" not in str(error.value)


def test_mails_come_from_where_people_reach_it() -> None:
    settings = read_settings({"BASE_URL": "https://sih.perusahaan.co.id/"})
    assert (settings.base_url, settings.mail_from) == (
        "https://sih.perusahaan.co.id",
        "SIH <sih@sih.perusahaan.co.id>",
    )
    assert settings.mail_server is None
    assert read_settings({"PORT": "9000"}).base_url == "http://localhost:9000"
