"""What stands before `make pages`: the copies that a build's state lists are there, but for a few."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import build_api
from registry.enrich.copies import MARKER
from registry.facts.state import State, dump_state
from registry.feeds.completeness import missing_copies

REGISTRY: dict[str, Any] = {
    "host": {"name": "OctoPrint", "version": "1.11.8"},
    "packages": {"prefix": "octoprint_"},
    "entry_point_group": "octoprint.plugin",
    "compatibility": {"control_property": "__plugin_pythoncompat__", "default_python": ">=2.7,<3"},
}


class Bench:
    """Copies and a state as an enrichment left them, and the step that makes the feeds of them."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.copies = folder, folder / "build/_plugins"
        self.ids = [f"p{n:03}" for n in range(count)]
        self.copies.mkdir(parents=True)
        (folder / "_data").mkdir()
        config = {"title": "x", "url": "https://plugins.example", "registry": REGISTRY}
        (folder / "_config.yml").write_text(yaml.safe_dump(config))
        for plugin_id in self.ids:
            self.put(plugin_id, plugin_id)
        self.remember(State(listed=tuple(self.ids), registrations="_plugins"))

    def put(self, slug: str, plugin_id: str, **changes: Any) -> None:
        address = "https://example.org/main.zip"
        data = {
            "layout": "plugin", "id": plugin_id, "title": "T", "description": "D", "author": "A",
            "license": "MIT", "date": "2024-01-02", "homepage": address, "source": address,
            "archive": address, **changes,
        }  # fmt: skip
        text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in data.items())
        (self.copies / f"{slug}.md").write_text(f"---\n{text}---\n")

    def remember(self, state: State) -> None:
        (self.folder / "state.json").write_bytes(dump_state(state))

    def lose(self, count: int) -> None:
        for plugin_id in self.ids[:count]:
            (self.copies / f"{plugin_id}.md").unlink()

    def spoil(self, start: int, count: int) -> None:
        for plugin_id in self.ids[start : start + count]:
            self.put(plugin_id, plugin_id, archive="")

    def run(self, *more: str) -> int:
        folder = self.folder
        paths = ["--plugins", self.copies, "--out", folder / "feeds", "--data", folder / "_data"]
        paths += ["--config", folder / "_config.yml", "--state", folder / "state.json"]
        return build_api.main([*map(str, paths), "--report", str(folder / "report.json"), *more])

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_bytes())
        return report


def test_a_folder_of_which_a_killed_run_left_a_part_is_not_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(tmp_path, 60)
    assert bench.run() == 0
    before = (tmp_path / "feeds/plugins.json").read_bytes()
    bench.lose(41)
    capsys.readouterr()
    assert bench.run() == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{bench.copies}:1: error: 41 of 60 plugins are missing (p000, p001, p002, p003, p004, p005, p006, "
        "p007, p008, p009 …), more than 5 % and more than 20; write the copies anew (make enrich), or "
        "publish without them (make pages PAGES_FLAGS=--accept-loss) [too-many-left-out]",
        "build_api: nothing is published; the last feeds stay",
    ]
    assert (tmp_path / "feeds/plugins.json").read_bytes() == before
    assert bench.report["feeds"]["published"] is False

    assert bench.run("--accept-loss") == 0
    assert len(json.loads((tmp_path / "feeds/plugins.json").read_bytes())) == 19
    assert [entry["plugin"] for entry in bench.report["errors"]] == bench.ids[:41]


def test_a_few_missing_copies_are_reported_and_the_rest_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(tmp_path, 60)
    bench.lose(2)
    assert bench.run() == 0
    message = "its enriched copy is missing; write all copies anew (make enrich)"
    told = capsys.readouterr().err.splitlines()
    assert [line for line in told if "missing" in line] == [
        f"feeds: {name}: {message}" for name in bench.ids[:2]
    ]
    assert [
        tuple(entry[key] for key in ("plugin", "stage", "code", "message"))
        for entry in bench.report["errors"]
    ] == [(plugin_id, "feed", "no-copy", message) for plugin_id in bench.ids[:2]]


@pytest.mark.parametrize(("lost", "spoiled", "status"), [(10, 10, 0), (10, 11, 1), (0, 20, 0), (0, 21, 1)])
def test_what_is_missing_and_what_is_left_out_count_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lost: int, spoiled: int, status: int
) -> None:
    bench = Bench(tmp_path, 60)
    bench.lose(lost)
    bench.spoil(30, spoiled)
    assert bench.run() == status
    err = capsys.readouterr().err
    assert ("mend what is named above" in err) == (status == 1)
    assert f"{bench.copies}/p030.md:11: error: archive: must not be empty" in err


def test_without_a_state_what_is_left_out_is_counted_by_itself(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 60)
    (tmp_path / "state.json").unlink()
    bench.lose(30)
    assert bench.run() == 0
    bench.spoil(30, 21)
    assert bench.run() == 1
    (tmp_path / "state.json").write_text("{")
    assert bench.run() == 1


def test_a_copy_is_known_by_its_id_whatever_its_file_is_called(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 3)
    bench.lose(2)
    bench.put("other-name", "p000")
    (bench.copies / "broken.md").write_text("p001")
    state = State(listed=tuple(bench.ids), registrations="_plugins")
    assert [entry.plugin for entry in missing_copies(bench.copies, state)] == ["p001"]
    assert missing_copies(bench.copies, None) == []


def test_the_copies_of_one_registry_are_not_held_against_another_s(tmp_path: Path) -> None:
    bench = Bench(tmp_path, 3)
    others = State(listed=("x", "y"), registrations="other", elsewhere={"_plugins": (*bench.ids, "gone")})
    (bench.copies / MARKER).write_text("_plugins\n")
    assert [entry.plugin for entry in missing_copies(bench.copies, others)] == ["gone"]
    (bench.copies / MARKER).write_text("forgotten\n")
    assert missing_copies(bench.copies, others) == []
    (bench.copies / MARKER).write_text("")  # of a release before the marker named the folder
    assert [entry.plugin for entry in missing_copies(bench.copies, others)] == ["x", "y"]


def test_a_file_that_bears_another_plugin_s_id_is_no_copy_of_that_plugin(tmp_path: Path) -> None:
    """Two registrations may be named so; the copies of both are there, until one of them is lost."""
    bench = Bench(tmp_path, 2)
    bench.put("p000", "p001")
    bench.put("p001", "other")
    state = State(listed=("p001", "other"), registrations="_plugins")
    assert missing_copies(bench.copies, state) == []
    (bench.copies / "p000.md").unlink()
    assert [entry.plugin for entry in missing_copies(bench.copies, state)] == ["p001"]
