"""Inputs of every kind that once stopped the whole build, all of them in one: nothing else suffers."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulators.github import GitHub
from tests.fuzz.broken import UNTOUCHED, Broken
from tests.fuzz.kinds import PUBLISHED, PUBLISHED_OR_REPORTED
from tests.fuzz.whole import Outcome, Workshop

pytestmark = pytest.mark.xdist_group("broken inputs")


@pytest.fixture(scope="module", params=["", "/sub/path"], ids=["root", "below a path"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """Return what a build of all kinds said, and its folder."""
    registrations = {**PUBLISHED, **PUBLISHED_OR_REPORTED}
    with GitHub() as github:
        workshop = Workshop(tmp_path_factory.mktemp("kinds"), github, baseurl=request.param)
        return workshop.build(Broken(name="all kinds", registrations=registrations)), workshop.folder


def errors(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "_site" / "api" / "v1" / "errors.json").read_bytes())
    return found


def test_the_site_is_published_and_what_is_left_out_is_reported(built: tuple[Outcome, Path]) -> None:
    outcome, _ = built
    assert outcome.trouble == ()


def test_text_that_only_looks_like_a_fault_costs_nothing(built: tuple[Outcome, Path]) -> None:
    _, folder = built
    slugs = {name.removesuffix(".md") for name in PUBLISHED}
    kept = [row for row in errors(folder) if row["plugin"] in slugs and "blocklist" not in row["message"]]
    assert kept == []
    listed = {entry["id"] for entry in json.loads((folder / "_site" / "plugins.json").read_bytes())}
    assert slugs | set(UNTOUCHED) <= listed


def test_a_block_reaches_its_plugin_whatever_the_case_of_the_id(built: tuple[Outcome, Path]) -> None:
    _, folder = built
    blocked = {entry["plugin"] for entry in json.loads((folder / "_site" / "blocklist.json").read_bytes())}
    assert "blockedone" in blocked
    assert [row["stage"] for row in errors(folder) if row["plugin"] == "blockedone"] == ["feed"]


def test_no_text_of_a_stranger_reaches_a_log_as_a_workflow_command(built: tuple[Outcome, Path]) -> None:
    outcome, _ = built
    assert outcome.output
    assert [
        line for line in outcome.output.splitlines() if line.lstrip().startswith("::") or "##[" in line
    ] == []
