"""What made-up worlds and exports promise: the same for a seed, consistent, and clearly made up."""

import json
from pathlib import Path

import pytest

from tests.emulators.files import file_bytes
from tests.emulators.plugins import PACKAGINGS, SPELLINGS
from tests.emulators.repositories import World
from tests.emulators.world import Plugin, exports_for, make_world, read_plugins
from tests.support.octoprint_answers import octoprint_reads

PLUGINS = [Plugin(f"plugin{number}", "maker", f"OctoPrint-{number}") for number in range(300)]


def test_same_seed_makes_the_same_world_and_another_another() -> None:
    first, second, other = make_world(PLUGINS, 1), make_world(PLUGINS, 1), make_world(PLUGINS, 2)
    assert json.dumps(first.world) == json.dumps(second.world) != json.dumps(other.world)
    assert exports_for(["a", "b"], 1) == exports_for(["a", "b"], 1) != exports_for(["a", "b"], 2)


def test_one_more_plugin_changes_no_other() -> None:
    before = make_world(PLUGINS[:50]).world["repositories"]
    after = make_world([Plugin("new", "maker", "New"), *PLUGINS]).world["repositories"]
    assert {name: after[name] for name in before} == before


def test_every_packaging_and_spelling_is_met() -> None:
    sources = make_world(PLUGINS).sources.values()
    assert {packaging.__name__ for packaging in PACKAGINGS} <= {source.packaging for source in sources}
    assert {spelling.__name__ for spelling in SPELLINGS} == {source.spelling for source in sources}


def test_expected_flag_is_what_octoprint_itself_reads() -> None:
    sources = make_world(PLUGINS[:150]).sources.values()
    paths = [next(path for path in source.files if is_module(path)) for source in sources]
    read = octoprint_reads(
        file_bytes(source.files[path]) for source, path in zip(sources, paths, strict=True)
    )
    assert [source.flag for source in sources] == [answer.get("flag") for answer in read]
    assert {"default", "syntax", "unusable"} < {kind for answer in read for kind in answer}


def is_module(path: str) -> bool:
    return path.endswith(".py") and "octoprint_" in path


def test_some_repositories_have_branches_that_moved_long_after_the_default_one() -> None:
    known = make_world(PLUGINS).world["repositories"].values()
    assert all(each["created_at"] < each["committed_at"] <= each["pushed_at"] for each in known)
    assert any(each["committed_at"] < "2025" and each["pushed_at"] > "2026-04" for each in known)


def test_some_repositories_are_gone_and_some_renamed() -> None:
    made = make_world(PLUGINS, gone=0.05)
    world = World(made.world)
    gone = {plugin.id for plugin in PLUGINS if world.find(plugin.owner, plugin.name) is None}
    assert 5 < len(gone) < 30
    assert gone == {plugin_id for plugin_id, name in made.names.items() if name is None}
    assert gone.isdisjoint(made.expected)
    renamed = [name for name in made.names.values() if name and name.endswith("-renamed")]
    assert renamed
    for plugin in PLUGINS:
        found = world.find(plugin.owner, plugin.name)
        assert (found and found.name_with_owner) == made.names[plugin.id]


def test_two_plugins_of_one_repository_share_it_and_promise_no_flag() -> None:
    made = make_world([Plugin("one", "maker", "Both"), Plugin("two", "maker", "both")], gone=0)
    assert set(made.names) == {"one", "two"}
    assert made.names["one"] == made.names["two"]
    assert made.expected == {}


def test_plugin_in_a_subfolder_has_its_files_there() -> None:
    made = make_world([Plugin("one", "maker", "Many", "plugins/one")], gone=0)
    (repository,) = made.world["repositories"].values()
    assert all(path.startswith("plugins/one/") for path in repository["files"])


def test_figures_say_that_they_are_made_up() -> None:
    for repository in make_world(PLUGINS).world["repositories"].values():
        assert "made-up" in repository["topics"]
        assert all(release["name"].startswith("Made-up release") for release in repository["releases"])


def test_usage_is_keyed_by_lower_case_and_adds_up() -> None:
    exports = exports_for([f"Plugin{number}" for number in range(100)])
    week, month = exports["week"]["plugins"], exports["month"]["plugins"]
    assert set(week) == set(month)
    assert 80 < len(month) < 100
    assert all(plugin_id == plugin_id.lower() for plugin_id in month)
    for plugin_id, usage in month.items():
        assert sum(version["instances"] for version in usage["versions"].values()) == usage["instances"]
        assert week[plugin_id]["instances"] <= usage["instances"]


@pytest.mark.parametrize(
    ("source", "plugin"),
    [
        ("https://github.com/maker/Thing", Plugin("x", "maker", "Thing")),
        ("https://www.github.com/maker/Thing.git", Plugin("x", "maker", "Thing")),
        ("http://github.com/maker/Thing/#readme", Plugin("x", "maker", "Thing")),
        ("https://github.com/maker/Thing/tree/main/sub/x", Plugin("x", "maker", "Thing", "sub/x")),
        ("https://gitlab.com/maker/Thing", Plugin("x")),
    ],
)
def test_source_of_a_registration_is_read(tmp_path: Path, source: str, plugin: Plugin) -> None:
    (tmp_path / "x.md").write_text(f"---\nid: x\nsource: {source}\n---\nText\n", encoding="utf-8")
    assert read_plugins(tmp_path) == [plugin]


def test_an_issue_that_calls_a_plugin_abandoned_is_there(tmp_path: Path) -> None:
    issue = "https://github.com/registry/plugins/issues/7"
    source = "https://github.com/maker/Thing"
    (tmp_path / "x.md").write_text(
        f"---\nid: x\nsource: {source}\nabandoned: {issue}\n---\n", encoding="utf-8"
    )
    (plugin,) = read_plugins(tmp_path)
    assert plugin.abandoned == "registry/plugins#7"
    assert list(make_world([plugin], gone=0).world["repositories"]["registry/plugins"]["threads"]) == ["7"]
