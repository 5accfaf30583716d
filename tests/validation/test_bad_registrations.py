"""The bar of the gate: registrations with one known fault each, found on its line and told with its cure."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from registry.text.problems import Code
from tests.validation.bad_registrations import BAD, FILE, GOOD, GOOD_TOO, IMAGE, Bad, bad

pytestmark = pytest.mark.xdist_group("bad-registrations")

ROOT = Path(__file__).parents[2]
NEIGHBOUR = GOOD.replace("id: desk_lamp", "id: neighbour")
ELSEWHERE = {"unreadable", "not-a-file", "id-changed", "date-changed", "bad-value", "same-date", "wrong-case"}
"""Codes of what is no new registration, or cannot be opened: tests/validation/test_validator.py."""
GOOD_CASES = [
    Bad(name=name, raw=text.encode(), line=0, code="", key="", level="error", cure="")
    for name, text in GOOD_TOO.items()
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[dict[str, Any]]]:
    """What one run of the command says of all cases, by name; each lies in a site of its own.

    The sites are folders of one git repository; at the base it is empty, so everything is new.
    """
    root = tmp_path_factory.mktemp("sites")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    assert run("git", "init", "--quiet").returncode == 0
    begin = run("git", *identity, "commit", "--quiet", "--allow-empty", "--message", "Begin")
    assert begin.returncode == 0, begin.stderr
    cases = {f"{number:03}": case for number, case in enumerate([*GOOD_CASES, *BAD])}
    for folder, case in cases.items():
        put(root / folder, case)
    files = [f"{folder}/{case.file}" for folder, case in cases.items()]
    done = run(
        sys.executable, str(ROOT / "scripts/validate.py"), "--base", "HEAD", "--format", "json", *files
    )
    assert done.returncode == 1, done.stderr
    found: dict[str, list[dict[str, Any]]] = {case.name: [] for case in cases.values()}
    for problem in json.loads(done.stdout):
        folder, _, file = problem["file"].partition("/")
        found[cases[folder].name].append(problem | {"file": file})
    return found


def put(site: Path, case: Bad) -> None:
    content = {IMAGE.lstrip("/"): b"png", "_plugins/neighbour.md": NEIGHBOUR.encode(), case.file: case.raw}
    for name, raw in {**content, **case.beside}.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(raw)


def test_there_are_a_hundred_faults_and_more() -> None:
    assert len({case.name for case in [*GOOD_CASES, *BAD]}) == len(BAD) + len(GOOD_CASES)
    assert len(BAD) >= 100
    assert len({(case.file, case.raw, *case.beside.values()) for case in BAD}) == len(BAD)


def test_every_code_that_a_new_registration_can_earn_is_among_them() -> None:
    assert {case.code for case in BAD} == set(get_args(Code)) - ELSEWHERE


@pytest.mark.slow
@pytest.mark.parametrize("name", GOOD_TOO)
def test_no_false_alarm(judged: Mapping[str, list[dict[str, Any]]], name: str) -> None:
    assert GOOD_TOO[name] != GOOD or name == "as it is"
    assert judged[name] == []


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name.replace(" ", "-"))
def test_the_fault_is_found_on_its_line_and_told_with_its_cure(
    judged: Mapping[str, list[dict[str, Any]]], case: Bad
) -> None:
    found = judged[case.name]
    assert [
        (item["file"], item["line"], item["key"], item["level"], item["code"]) for item in found
    ] == [(case.file, case.line, case.key, case.level, case.code)], found  # fmt: skip
    what, _, cure = found[0]["message"].partition("; ")
    assert case.cure in (cure or what)


def test_a_mark_tells_the_line() -> None:
    case = bad("x", "license: AGPL-3.0-or-later", "note: y\n«license:", "missing-key", "license", "write")
    assert case.raw.decode().split("\n")[case.line - 1] == "license:"
    assert case.file == FILE
    with pytest.raises(ValueError, match=r"^x: 'lamp' stands \d+ times$"):
        bad("x", "lamp", "", "id", "", "")
