"""What is pinned is what is installed: the lock files hold every version that the lists name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+(?:\[[a-z,]+\])?)==([^\s;\\]+)", re.MULTILINE)


def pins(path: Path) -> set[tuple[str, str]]:
    """Return (name, version) of each package pinned in a file; names as indexes compare them."""
    found = PIN.findall(path.read_text(encoding="utf-8"))
    return {(re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower(), version) for name, version in found}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-octoprint"])
def test_the_lock_file_follows_its_list(name: str) -> None:
    wanted = pins(ROOT / f"{name}.txt")
    assert wanted
    assert wanted - pins(ROOT / f"{name}.lock") == set(), "run `make lock`"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "package-lock.json"])
def test_a_lock_file_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "--index-url" not in text
    assert '"resolved"' not in text
    assert not re.search(r"^[^#\n]*@ https?://", text, re.MULTILINE)
