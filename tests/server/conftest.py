"""A data folder after its first start, which costs seconds: made once a run, whatever the number of its processes."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from tests.processes import Process


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a first start that was told to stop, of which tests get copies."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "made"
    with (shared / "made.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _make(shared / "making").rename(folder)
    return folder / "data"


def _make(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)  # of another process, which failed
    folder.mkdir()
    process = Process(folder, SIH_DATA=str(folder / "data"))
    try:
        assert process.serving().stop() == 0
    finally:
        process.kill()
    return folder


@pytest.fixture
def kept_data(made_once: Path, tmp_path: Path) -> Path:
    """Where the embedded database lives that has been started before."""
    return Path(shutil.copytree(made_once, tmp_path / "data"))
