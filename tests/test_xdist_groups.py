"""Tests of a group run in one process: what they share is made once."""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("groups")

COUNT = 8


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file in which all processes of this run note who ran a test of the group."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-") else base) / "groups.txt"


@pytest.mark.parametrize("number", range(COUNT))
def test_a_group_stays_in_one_process(kept: Path, number: int) -> None:
    with kept.open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")
    assert set(kept.read_text(encoding="ascii").split()) == {str(os.getpid())}
