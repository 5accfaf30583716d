"""The main job on our own registrations, from front matter to the browser and the real client."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser

from registry.registration import frontmatter
from tests.chromium import Watched
from tests.emulators.exports import Exports
from tests.emulators.github import TOKEN, GitHub
from tests.emulators.world import Made, exports_for, world_for
from tests.site.builder import ROOT, Built, build, make_source
from tests.support.real_client import run_client

pytestmark = pytest.mark.xdist_group("octoprint")


def command(folder: Path, script: str, *arguments: str, **environment: str) -> None:
    """Run a command of scripts/ in `folder` as the Makefile does."""
    process = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), *arguments, "--config", "_config.yml,over.yml"],
        cwd=folder,
        env={**os.environ, "GITHUB_TOKEN": "", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture(scope="module")
def world() -> Made:
    return world_for(ROOT / "_plugins", gone=0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, world: Made) -> Built:
    """Return the site of our registrations, enriched from the emulators, with its feeds, checked."""
    folder = tmp_path_factory.mktemp("whole")
    make_source(folder)
    for part in ("_plugins", "_data"):
        shutil.copytree(ROOT / part, folder / part, dirs_exist_ok=True)
    with GitHub(world.world) as github, Exports(exports_for(world.expected)) as exports:
        usage = {"exports": {"week": exports.week_url, "month": exports.month_url}}
        overlay = {"registry": {"baseline": None, "usage": usage}}
        (folder / "over.yml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
        access = {"GITHUB_TOKEN": TOKEN, "GITHUB_GRAPHQL_URL": github.graphql_url}
        command(folder, "enrich.py", "--report", "build/report.json", **access)
        assert github.others == []
        assert github.not_emulated == set()
    command(folder, "build_api.py", "--state", "build/state.json")
    built = build(folder)
    command(folder, "check_site.py", "_site", "--build", "build")
    return built


def test_no_registration_was_touched(whole: Built) -> None:
    for path in (ROOT / "_plugins").iterdir():
        assert (whole.source / "_plugins" / path.name).read_bytes() == path.read_bytes()


def test_every_plugin_on_github_is_enriched_and_every_flag_is_right(whole: Built, world: Made) -> None:
    report = json.loads((whole.source / "build" / "report.json").read_bytes())
    assert report["counts"]["github"] == report["counts"]["on_github"] >= 24
    found = {}
    for path in (whole.source / "build" / "_plugins").glob("*.md"):
        data = frontmatter.parse(path.read_bytes(), str(path), handler=frontmatter.CopyHandler).data
        assert data["stats"]["week"]["instances"] >= 0
        found[data["id"]] = data.get("compatibility_evidence", {}).get("python")
    assert {key: found[key] for key in world.expected} == {
        key: flag or ">=2.7,<3" for key, flag in world.expected.items()
    }


def test_chromium_opens_every_page_without_a_word(
    whole: Built, serve: Callable[[Path], str], chromium: Browser
) -> None:
    watched = Watched(chromium.new_page(viewport={"width": 1280, "height": 900}), serve(whole.site))
    for path in sorted((whole.source / "_plugins").glob("*.md")):
        title = frontmatter.parse(path.read_bytes(), str(path)).data["title"]
        watched.visit(f"/plugins/{path.stem}/")
        assert watched.page.locator("h1").inner_text() == title
    for path in ("/", "/plugins/", "/by_tag/", "/by_author/", "/notices/", "/search/"):
        watched.visit(path)


def test_octoprint_lists_every_plugin_of_the_built_site(whole: Built, tmp_path: Path) -> None:
    reads = run_client(whole.site, tmp_path)
    assert len(reads.repository["plugins"]) == len(list((ROOT / "_plugins").glob("*.md")))
    assert reads.complaints() == []
