"""What the project says of itself stands in one place each, and tools read it from there."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from registry import __version__, user_agent
from tests.support.real_client import octoprint_python

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKED = {".lock", ".md"}
"""Others' versions, and prose: the CHANGELOG names each version that was."""


def own_files() -> Iterator[Path]:
    """Yield the text files that people of this project write, but for tests and registrations."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, listed):
        path = ROOT / name
        if path.suffix in LOCKED or name == "package-lock.json" or name.startswith(("_plugins/", "tests/")):
            continue
        if path.is_file() and b"\0" not in path.read_bytes():
            yield path


def test_the_version_is_written_in_one_place() -> None:
    number = re.compile(rf"""(version\w*\W{{1,8}}|Almanac[/ ]v?){re.escape(__version__)}(?![\d.])""", re.I)
    found = {path.relative_to(ROOT).as_posix() for path in own_files() if number.search(path.read_text())}
    assert found == {"scripts/registry/__init__.py"}


def test_who_asks_is_said_in_one_place() -> None:
    assert user_agent() == f"Almanac/{__version__}"
    assert (
        user_agent("https://plugins.example.org") == f"Almanac/{__version__} (+https://plugins.example.org)"
    )
    assert user_agent("https://b\u00fccher.example/\u043f\r\nX: y").endswith(
        " (+https://b?cher.example/???X:?y)"
    )
    assert user_agent("https://x.example", "link check") == (
        f"Almanac/{__version__} link check (+https://x.example)"
    )
    scripts = [path for path in own_files() if path.suffix == ".py"]
    assert len(scripts) > 100
    assert [path.relative_to(ROOT).as_posix() for path in scripts if "Almanac/" in path.read_text()] == [
        "scripts/registry/__init__.py"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["", "9.8.7"])
def test_the_build_metadata_has_the_version_and_the_licence(tmp_path: Path, changed: str) -> None:
    """A copy is asked, since setuptools writes beside what it reads."""
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    # Modules other than the package itself are not there: reading the version imports nothing.
    package = tmp_path / "scripts" / "registry"
    package.mkdir(parents=True)
    text = (ROOT / "scripts" / "registry" / "__init__.py").read_text(encoding="utf-8")
    (package / "__init__.py").write_text(text.replace(__version__, changed or __version__), encoding="utf-8")
    ask = 'from setuptools.build_meta import prepare_metadata_for_build_wheel as ask; ask(".")'
    subprocess.run(
        [str(octoprint_python()), "-W", "error", "-c", ask], cwd=tmp_path, check=True, capture_output=True
    )
    (folder,) = tmp_path.glob("*.dist-info")
    metadata = BytesHeaderParser().parsebytes((folder / "METADATA").read_bytes())
    assert metadata["Name"] == "almanac"
    assert metadata["Version"] == (changed or __version__)
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert (folder / "licenses" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_licence_is_the_same_wherever_it_is_named() -> None:
    title, holders = (ROOT / "LICENSE").read_text(encoding="utf-8").split("\n\n")[:2]
    assert (title, holders) == ("MIT License", "Copyright (c) 2026 The Almanac contributors")
    assert PYPROJECT["project"]["license"] == "MIT"
    assert json.loads((ROOT / "package.json").read_bytes())["license"] == "MIT"
    assert "[MIT](LICENSE)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_types_of_every_folder_are_checked_but_of_tests_and_of_what_is_built(tmp_path: Path) -> None:
    checked = [
        "bench/run",
        "scripts/enrich",
        "scripts/registry/facts",
        "services/api/app",
        "tests/emulators/web",
    ]
    others = [
        "build/demo/made",
        "tests/site/rich",
        "tests/test_enrich",
        "node_modules/x/gyp",
        ".venv/lib/site",
    ]
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in [*checked, *others]:
        file = tmp_path / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("def untyped(given): ...\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--cache-dir", os.devnull]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = re.findall(r"^(.+)\.py:1: error: .*  \[no-untyped-def\]$", done.stdout, re.MULTILINE)
    assert sorted(found) == checked, done.stdout + done.stderr
