"""`/api/v1/history/…`: a file for each listed plugin and one for all, and never one anywhere else."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.facts import history_update
from registry.facts.history import History
from registry.facts.state import State
from registry.feeds import history_files
from registry.feeds.enriched_copies import WithoutHistory
from registry.feeds.plugins import Listed
from registry.feeds.published import Published
from registry.feeds.site import FeedSite
from registry.registration.frontmatter import CopyHandler, Document, dump, parse
from registry.text import json_schemas
from tests.emulators.history import make_history

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
TODAY = NOW.date()
SITE = FeedSite(root="https://plugins.example", title="", description="", default_python=">=2.7,<3")


def published(ids: Mapping[str, str] | list[str], history: History | None = None) -> Published:
    """Return a registry of these plugins: id to file name, or ids that are file names as well."""
    names = ids if isinstance(ids, Mapping) else {plugin_id: plugin_id for plugin_id in ids}
    documents = {
        slug: Document(path=f"{slug}.md", data={"id": plugin_id}, body="", body_line=1, front_matter="")
        for plugin_id, slug in names.items()
    }
    listed = [
        Listed(slug=slug, document=documents[slug], entry={"id": plugin_id})
        for plugin_id, slug in names.items()
    ]
    state = State(history=history, registrations="_plugins") if history is not None else None
    return Published(documents=documents, listed=listed, state=state, site=SITE, settings=None, now=NOW)


def read(registry: Published) -> dict[str, Any]:
    """Return the files' content by path, each of which its schema accepts."""
    contents = {path: json.loads(content) for path, content in history_files.files(registry).items()}
    for path, content in contents.items():
        name = "registry-history" if path == "api/v1/history.json" else "history"
        assert not list(json_schemas.validator(name).iter_errors(content)), path
    return contents


def grown(*rows: tuple[date, Mapping[str, Mapping[str, int]], Mapping[str, int]]) -> History:
    history = History()
    for day, plugins, totals in rows:
        history = history_update.tally(history_update.grow(history, plugins, day), "_plugins", totals, day)
    return history


def test_a_plugin_has_its_days_and_weeks_with_unknown_as_null() -> None:
    history = grown(
        (date(2026, 4, 20), {"other": {"stars": 1}}, {"plugins": 1}),
        (date(2026, 4, 28), {"lamp": {"instances": 120, "stars": 7}}, {"plugins": 2}),
        (date(2026, 4, 29), {"lamp": {"stars": 8}}, {}),
        (date(2026, 5, 1), {"lamp": {"instances": 119}}, {"plugins": 2, "maintained": 1}),
    )
    files = read(published({"lamp": "Lamp-file"}, history))
    assert files["api/v1/history/lamp.json"] == {
        "schema_version": 1,
        "id": "lamp",
        "page": "https://plugins.example/plugins/Lamp-file/",
        "daily": {
            "dates": ["2026-04-28", "2026-04-29", "2026-05-01"],
            "instances": [120, None, 119],
            "installs_week": [None, None, None],
            "stars": [7, 8, None],
        },
        "weekly": {"dates": ["2026-05-01"], "instances": [119], "installs_week": [None], "stars": [8]},
    }
    daily = files["api/v1/history.json"]["daily"]
    assert daily["dates"] == ["2026-04-20", "2026-04-28", "2026-04-29", "2026-05-01"]
    assert daily["plugins"] == [1, 2, None, 2]
    assert daily["maintained"] == [None, None, None, 1]
    assert files["api/v1/history.json"]["weekly"]["dates"] == ["2026-04-20", "2026-05-01"]


@pytest.mark.parametrize("history", [None, History()])
def test_a_plugin_without_history_has_a_file_all_the_same(history: History | None) -> None:
    files = read(published(["lamp"], history))
    empty = {"dates": [], "instances": [], "installs_week": [], "stars": []}
    assert files["api/v1/history/lamp.json"]["daily"] == empty
    assert files["api/v1/history/lamp.json"]["weekly"] == empty
    assert set(files) == {"api/v1/history/lamp.json", "api/v1/history.json"}


def test_what_is_not_listed_has_no_file() -> None:
    history = make_history({"lamp": {"stars": 5}, "gone": {"stars": 5}}, until=TODAY)
    assert "api/v1/history/gone.json" not in read(published(["lamp"], history))


def test_points_of_a_clock_that_was_ahead_are_not_published() -> None:
    history = grown(
        (TODAY, {"lamp": {"stars": 5}}, {"plugins": 1}),
        (TODAY + timedelta(days=30), {"lamp": {"stars": 6}}, {"plugins": 2}),
    )
    files = read(published(["lamp"], history))
    assert files["api/v1/history/lamp.json"]["daily"]["dates"] == ["2026-05-01"]
    assert files["api/v1/history.json"]["weekly"]["plugins"] == [1]


def test_a_full_history_fits_its_schema() -> None:
    history = make_history({"lamp": {"stars": 5, "instances": 10**6}}, until=TODAY, days=900)
    files = read(published(["lamp"], history))
    assert len(files["api/v1/history/lamp.json"]["daily"]["dates"]) == 90
    assert len(files["api/v1/history/lamp.json"]["weekly"]["dates"]) == 104
    assert files["api/v1/history/lamp.json"]["daily"]["stars"][-1] == 5


HOSTILE = [
    "../x",
    "..",
    ".",
    "",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "a\0",
    "a b",
    "é",
    "-rf",
    "%2e%2e",
    "a" * 101,
    "x\n",
]


@pytest.mark.parametrize("plugin_id", HOSTILE)
def test_an_id_that_is_no_file_name_has_no_file(plugin_id: str) -> None:
    assert set(read(published({plugin_id: "slug"}))) == {"api/v1/history.json"}


@given(st.lists(st.one_of(st.text(max_size=12), st.text("aA.-_+/0", max_size=6)), max_size=8, unique=True))
def test_every_path_is_safe_and_no_two_are_one_on_any_disk(ids: list[str]) -> None:
    paths = list(history_files.files(published({plugin_id: f"s{n}" for n, plugin_id in enumerate(ids)})))
    for path in paths:
        assert re.fullmatch(r"api/v1/history(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)?\.json", path), path
        assert ".." not in path.split("/")
    assert len({path.lower() for path in paths}) == len(paths)


def test_of_ids_that_differ_only_in_case_the_first_has_the_file() -> None:
    history = make_history({"Lamp": {"stars": 5}, "lamp": {"stars": 900}}, until=TODAY)
    for ids in (["Lamp", "lamp"], ["lamp", "Lamp"]):
        files = read(published({plugin_id: f"file-{plugin_id}" for plugin_id in ids}, history))
        assert files["api/v1/history/Lamp.json"]["daily"]["stars"][-1] == 5
        assert "api/v1/history/lamp.json" not in files


def test_of_two_registries_in_a_state_the_last_built_one_is_published() -> None:
    history = grown((TODAY, {}, {"plugins": 3}))
    history = history_update.tally(history, "other", {"plugins": 9}, TODAY)
    registry = published(["lamp"], history)
    assert registry.state
    assert read(registry)["api/v1/history.json"]["daily"]["plugins"] == [3]
    other = replace(registry, state=replace(registry.state, registrations="other"))
    assert read(other)["api/v1/history.json"]["daily"]["plugins"] == [9]


def test_the_feeds_read_an_enriched_copy_without_its_history_and_nothing_else_is_cut() -> None:
    body = "history: {this is my story}\n---\nhistory: {}\n"
    data = {"id": "a", "note": "history: {x}\nhistory: {y}", "history": {"stars": [[0, 1], [1, 2]]}, "zz": 1}
    raw = dump(data, body).encode()
    document = parse(raw, "a.md", handler=WithoutHistory)
    assert document.data == {"id": "a", "note": data["note"], "zz": 1}
    assert document.body == body
    assert document.line_of("zz") == parse(raw, "a.md", handler=CopyHandler).line_of("zz")
    without = dump({"id": "a", "zz": 1}, body).encode()
    assert parse(without, "a.md", handler=WithoutHistory) == parse(without, "a.md", handler=CopyHandler)
