"""The settings of SIH: the only reader of the environment."""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

ROOT = Path(__file__).resolve().parent
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# The paper's names, in the order of a connection string.
DATABASE_PARTS = ("db_user_postgres", "db_password_postgres", "db_host_postgres", "db_port_postgres", "db_sid_postgres")
DEMO = "SIH_DEMO"


class SettingsError(ValueError):
    """What is missing or wrong in the environment, in one line for the person who starts the application."""


@dataclass(frozen=True)
class MailServer:
    """Who takes mails for everybody, and what to log in there with; `tls` from the first byte on."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool


@dataclass(frozen=True)
class Settings:
    """Everything that can be set from outside.

    ``database_url`` is None while the embedded Postgres is to be used. ``secret_keys`` sign session ids: the last one
    signs, all of them are accepted, so that a key can be replaced without logging anybody out. ``pin_peppers`` go into the
    hashes of PINs in the same way; without any, the secret keys do. ``trusted_proxies`` are the addresses and networks of the
    proxies that are believed when they say who asks. ``drain_seconds`` are those for which SIH serves on after it was told to
    stop, saying that it is not ready. ``has_demo`` while the database is our own, with the demo company in it. While there is no
    ``mail_server`` mails are kept, not sent; ``base_url`` is how people reach SIH, for the links in them.
    """

    database_url: str | None
    secret_keys: tuple[str, ...]
    host: str
    port: int
    workers: int
    allowed_hosts: tuple[str, ...]
    data: Path
    postgres_bin: Path | None
    pin_peppers: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    drain_seconds: int = 0
    has_demo: bool = False
    mail_server: MailServer | None = None
    mail_from: str = "SIH <sih@localhost>"
    base_url: str = "http://localhost:8080"

    @property
    def dsn(self) -> str:
        """The URL of the database. Raises SettingsError while there is none: the embedded one has one once it runs."""
        if self.database_url is None:
            raise SettingsError("basis data belum berjalan (the embedded database does not run yet)")
        return self.database_url

    @property
    def peppers(self) -> tuple[str, ...]:
        """What goes into the hashes of PINs."""
        return self.pin_peppers or self.secret_keys

    @property
    def short_keys(self) -> bool:
        """Whether a key has fewer characters than are asked for."""
        return any(len(key) < 32 for key in (*self.secret_keys, *self.pin_peppers))

    @property
    def embedded(self) -> bool:
        """Whether SIH runs its own Postgres."""
        return self.database_url is None


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`.

    Raises SettingsError naming what is missing when the database is set in part, or an external database comes without
    `secret_key`, or a number is none.
    """
    given = {name: value for name, value in environ.items() if value != ""}
    database_url = _database_url(given)
    secret_keys = tuple(given.get("secret_key", "").split())
    if database_url is not None and not secret_keys:
        raise SettingsError("secret_key belum diisi; wajib bila basis data eksternal dipakai (secret_key is missing)")
    port = _number(given, "PORT", 8080, 1, 65535)
    base_url = _base_url(given, port)
    return Settings(
        database_url=database_url,
        secret_keys=secret_keys,
        host=given.get("HOST", "127.0.0.1"),
        port=port,
        workers=_number(given, "WORKERS", 1, 1, 64),
        allowed_hosts=tuple(given.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").replace(",", " ").split()),
        data=Path(given.get("SIH_DATA", ROOT / ".data")).absolute(),
        postgres_bin=Path(given["POSTGRES_BIN"]) if "POSTGRES_BIN" in given else None,
        pin_peppers=tuple(given.get("pin_pepper", "").split()),
        trusted_proxies=_networks(given, "TRUSTED_PROXIES"),
        drain_seconds=_number(given, "DRAIN_SECONDS", 3, 0, 600),
        mail_server=_mail_server(given),
        mail_from=_mail_from(given, base_url),
        base_url=base_url,
        # What the start tells its workers: by the address of the database that it has filled, so that it is true of no other.
        has_demo=database_url is not None and given.get(DEMO) == database_url,
    )


def _database_url(given: Mapping[str, str]) -> str | None:
    if "DATABASE_URL" in given:
        return _checked(given["DATABASE_URL"], "DATABASE_URL")
    missing = [name for name in DATABASE_PARTS if name not in given]
    if len(missing) == len(DATABASE_PARTS):
        return None
    if missing:
        raise SettingsError(f"{', '.join(missing)} belum diisi (missing, while other database settings are given)")
    user, password, host, port, name = (quote(given[part], safe="") for part in DATABASE_PARTS)
    return _checked(f"postgresql://{user}:{password}@{host}:{port}/{name}", "db_port_postgres")


def _checked(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("postgresql", "postgres") and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"{name} bukan alamat basis data PostgreSQL (not the address of a PostgreSQL database)")
    return url


def _base_url(given: Mapping[str, str], port: int) -> str:
    url = given.get("BASE_URL", f"http://localhost:{port}").rstrip("/")
    parts, usable = urlsplit(""), False
    with suppress(ValueError):
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not parts.query
    if not usable or not url.isascii() or not url.isprintable() or " " in url or parts.username:
        raise SettingsError("BASE_URL harus seperti https://sih.perusahaan.co.id (must be how people reach SIH)")
    return url


def _mail_server(given: Mapping[str, str]) -> MailServer | None:
    if "SMTP_URL" not in given:
        return None
    wrong = "SMTP_URL harus seperti smtp://user:password@host:587 atau smtps://… (is no mail server)"
    try:
        parts = urlsplit(given["SMTP_URL"])
        host, port, tls = parts.hostname, parts.port, parts.scheme == "smtps"
    except ValueError:  # the URL may hold a password, and is not said again
        raise SettingsError(wrong) from None
    if parts.scheme not in ("smtp", "smtps") or not host or port == 0 or parts.path not in ("", "/") or parts.query:
        raise SettingsError(wrong)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(host, port or (465 if tls else 587 if user else 25), user, password, tls)


def _mail_from(given: Mapping[str, str], base_url: str) -> str:
    sender = given.get("MAIL_FROM", f"SIH <sih@{urlsplit(base_url).hostname}>")
    address = parseaddr(sender)[1]
    if address.count("@") != 1 or not all(address.split("@")) or not sender.isprintable() or " " in address:
        raise SettingsError("MAIL_FROM harus seperti SIH <sih@perusahaan.co.id> (must be a mail address)")
    return sender


def _number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = given.get(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise SettingsError(f"{name} harus angka {least} sampai {most}, bukan {value!r} (must be a number)")
    return int(value)


def _networks(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    entries = tuple(given.get(name, "").replace(",", " ").split())
    for entry in entries:
        try:
            whole_internet = ip_network(entry).prefixlen == 0
        except ValueError as error:
            raise SettingsError(
                f"{name}: {entry!r} bukan alamat atau jaringan IP (is no IP address or network)"
            ) from error
        if whole_internet:
            raise SettingsError(f"{name}: {entry!r} mempercayai semua alamat (trusts every address)")
    return entries
