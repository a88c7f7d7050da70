"""`bin/sih` as operators run it: what it says, its exit status, and how it finds the embedded database, running or not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import db
from server.postgres.embedded import EmbeddedPostgres
from settings import ROOT
from tests.processes import OURS, free_port


def sih(*arguments: str, **settings: str) -> subprocess.CompletedProcess:
    """Run it, from another folder than its own, with only the settings that are given."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {"PYTHON": sys.executable} | settings
    return subprocess.run([ROOT / "bin" / "sih", *arguments], env=environment, cwd="/", capture_output=True, text=True)


def test_it_finds_the_embedded_database_running_or_not(tmp_path: Path):
    data = tmp_path / "data"
    with EmbeddedPostgres(data, durable=False):
        done = sih("migrate", SIH_DATA=str(data))
        assert (done.returncode, done.stdout, done.stderr) == (
            0,
            f"the database was empty, and has the schema of version {db.SCHEMA_VERSION} now\n",
            "",
        )
    done = sih("migrate", SIH_DATA=str(data))
    assert (done.returncode, done.stdout) == (0, f"nothing to migrate: the schema has version {db.SCHEMA_VERSION}\n")
    assert sih("verify", SIH_DATA=str(data)).stdout.startswith("whole: 0 rows")


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        ([], {}, "COMMAND"),
        (["fly"], {}, "fly"),
        (["verify", "1:2"], {}, "'1:2' is no row"),
        (["migrate"], {"DATABASE_URL": "postgresql://x@127.0.0.1/x"}, "secret_key"),
        (["migrate"], {"DATABASE_URL": f"postgresql://x@127.0.0.1:{free_port()}/x", "secret_key": "k"}, "is away"),
    ],
)
def test_what_keeps_it_from_beginning_is_said(arguments: list[str], settings: dict[str, str], says: str):
    done = sih(*arguments, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_its_help_names_every_command():
    done = sih("--help")
    assert done.returncode == 0
    assert "migrate" in done.stdout and "verify" in done.stdout
