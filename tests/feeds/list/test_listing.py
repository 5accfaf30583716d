"""`/list/…`: what the list of all plugins sorts, filters and shows."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.enrich.licence_family import FAMILIES, family
from registry.feeds.entries import list_entries
from registry.feeds.list import listing
from registry.feeds.list.facets import host_versions, runs_on_host, runs_on_system, tag_key
from registry.feeds.published import Published
from registry.feeds.site import FeedSite
from registry.registration.frontmatter import Document
from registry.settings import Settings, load_settings
from registry.text import json_schemas
from tests.site.builder import ROOT

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SETTINGS: Settings = load_settings(str(ROOT / "_config.yml"))
SITE = FeedSite(root="https://plugins.example.org", title="", description="", default_python=">=2.7,<3")
PLAIN: Mapping[str, Any] = {
    "title": "Lamp",
    "description": "Turns a lamp on.",
    "author": "Ada",
    "license": "AGPLv3",
    "date": "2020-01-02",
    "homepage": "https://example.org/",
    "source": "https://example.org/",
    "archive": "https://example.org/main.zip",
}


def published(plugins: Mapping[str, Mapping[str, Any]], site: FeedSite = SITE) -> Published:
    documents = {
        slug: Document(path=f"{slug}.md", data={"id": slug, **data}, body="", body_line=1, front_matter="")
        for slug, data in plugins.items()
    }
    listed = list_entries(documents, site).listed
    return Published(documents=documents, listed=listed, state=None, site=site, settings=SETTINGS, now=NOW)


def read(plugins: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the files' content by path, each of which its schema accepts."""
    files = listing.files(published({slug: {**PLAIN, **data} for slug, data in plugins.items()}))
    contents = {path: json.loads(content) for path, content in files.items()}
    for path, content in contents.items():
        name = "list-cards" if "cards" in path else f"list-{path.split('/')[1].removesuffix('.json')}"
        assert not list(json_schemas.validator(name).iter_errors(content)), path
    return contents


def slugs_of(files: Mapping[str, Any]) -> list[str]:
    """Return the slugs of all cards, in the order of their numbers."""
    blocks = [files[f"list/cards/{number}.json"] for number in range(len(files) - 1)]
    return [card["slug"] for block in blocks for card in block["cards"]]


def having(plugins: Mapping[str, Mapping[str, Any]], facet: str) -> dict[str, list[str]]:
    """Return the options that each plugin has."""
    files = read(plugins)
    content = files["list/index.json"]["facets"][facet]
    sets = content["sets"]
    found = [sets[key] if sets is not None else key for key in content["of"]]
    slugs = slugs_of(files)
    return {
        slug: [content["options"][place] for place in places]
        for slug, places in zip(slugs, found, strict=True)
    }


def use(instances: int | None, week: int = 0, month: int = 0) -> dict[str, Any]:
    return {
        "stats": {
            "week": {"instances": instances, "install_events": week},
            "month": {"instances": instances, "install_events": month},
        }
    }


def test_plugins_are_numbered_by_use_with_the_unknown_last_and_equals_by_title() -> None:
    files = read(
        {
            "unknown": {"title": "Aa"},
            "none": {**use(0), "title": "B"},
            "b": {**use(7), "title": "b"},
            "a": {**use(7), "title": "A"},
            "most": use(8),
        }
    )
    assert slugs_of(files) == ["most", "a", "b", "none", "unknown"]
    columns = files["list/index.json"]["columns"]
    assert columns["instances"] == [8, 7, 7, 0, None]
    assert columns["installs"] == [0, 0, 0, 0, None]
    assert columns["name"] == [4, 0, 2, 3, 1]


def test_unknown_figures_are_null_and_never_zero() -> None:
    columns = read({"bare": {"date": "no day"}})["list/index.json"]["columns"]
    assert [column for name, column in columns.items() if name != "name"] == [[None]] * 7


def test_growth_is_told_in_per_cent_and_only_above_the_floor() -> None:
    files = read({"up": use(9, week=30, month=60), "few": use(8, week=9, month=9)})
    assert files["list/index.json"]["columns"]["growth"] == [114.3, None]


def test_dates_are_days_since_1970() -> None:
    github = {
        "repo": "a/b",
        "last_push": "1970-01-03 23:59:59 +0000",
        "latest_release_date": "1970-01-02 00:00:00",
    }
    columns = read({"lamp": {"github": github, "date": "2020-01-01"}})["list/index.json"]["columns"]
    assert [columns[name][0] for name in ("pushed", "released", "registered")] == [2, 1, 18262]


def test_a_push_to_some_branch_is_no_day_of_a_commit() -> None:
    github = {
        "repo": "a/b",
        "last_push": "1970-01-03 00:00:00 +0000",
        "last_push_any_branch": True,
        "stars": 1,
    }
    columns = read({"lamp": {"github": github}})["list/index.json"]["columns"]
    assert (columns["pushed"], columns["stars"]) == ([None], [1])


def test_figures_that_are_none_are_unknown() -> None:
    github = {"repo": "a/b", "stars": True, "last_push": "soon", "latest_release_date": ["x"]}
    columns = read({"lamp": {"github": github, **use(-3)}})["list/index.json"]["columns"]
    assert [columns[name] for name in ("stars", "pushed", "released", "instances")] == [[None]] * 4


def test_python_follows_the_host_that_takes_silence_for_its_default() -> None:
    found = having(
        {
            "silent": {},
            "three": {"compatibility": {"python": ">=3.11,<4"}},
            "both": {"compatibility": {"python": ">=2.7, <4"}},
            "patch": {"compatibility": {"python": ">=3.7.3,<3.8"}},
            "broken": {"compatibility": {"python": "three"}},
        },
        "python",
    )
    assert found["silent"] == found["broken"] == ["2.7"]
    assert found["three"] == ["3", "3.15", "3.14", "3.13", "3.12", "3.11"]
    assert found["both"][0] == "3"
    assert found["both"][-1] == "2.7"
    assert found["patch"] == ["3", "3.7"]


@pytest.mark.parametrize(
    ("given", "version", "fits"),
    [
        ([], "1.11.8", True),
        (["1.4.0"], "1.4.0", True),
        (["1.4.0"], "1.3.9", False),
        (["1.4"], "1.11.8", True),
        ([">=1.4.0,<1.5"], "1.4.9", True),
        ([">=1.4.0,<1.5"], "1.5.0", False),
        (["==1.2.0", "1.9"], "1.10.0", True),
        (["==1.2.0", "1.9"], "1.3.0", False),
        (["!=1.4.1"], "1.4.1", False),
        (["~=1.4"], "1.11.8", True),
        (["~=1.4.0"], "1.5.0", False),
        (["nonsense"], "1.5.0", False),
    ],
)
def test_host_versions_are_judged_as_an_installation_does(given: list[str], version: str, fits: bool) -> None:
    assert runs_on_host(tuple(given), version) is fits


def test_host_versions_on_offer_are_those_that_registrations_name_the_current_one_first() -> None:
    given = [["1.4.0"], [">=1.3.5,<1.9"], ["1.4"], ["2.0.0"], ["<=1.10rc1"], ["1"], []]
    assert host_versions(given, "1.11.8") == ["1.11.8", "1.10.0", "1.9.0", "1.4.0", "1.3.5"]
    many = [[f"1.{minor}.{micro}"] for minor in range(9) for micro in range(9)]
    assert len(host_versions(many, "1.11.8")) == 20
    assert host_versions(many, "1.11.8")[:2] == ["1.11.8", "1.8.8"]
    assert host_versions(many, None) == []


@pytest.mark.parametrize(
    ("given", "name", "fits"),
    [
        ([], "linux", True),
        (["linux"], "linux", True),
        (["linux"], "windows", False),
        (["linux"], "android", True),
        (["!windows"], "windows", False),
        (["!windows"], "macos", True),
        (["linux", "!linux"], "linux", False),
        (["win"], "windows", True),
        (["darwin"], "macos", True),
        (["disabled"], "linux", False),
    ],
)
def test_systems_are_judged_as_an_installation_does(given: list[str], name: str, fits: bool) -> None:
    assert runs_on_system(tuple(given), name) is fits


def test_groups_of_systems_are_expanded_and_a_disabled_plugin_runs_nowhere() -> None:
    found = having(
        {
            "posix": {"compatibility": {"os": ["posix"]}},
            "not-nix": {"compatibility": {"os": ["!nix"]}},
            "off": {"disabled": True},
            "unreadable": {"compatibility": {"os": ["all of them"]}},
        },
        "os",
    )
    assert found == {
        "posix": ["linux", "macos", "freebsd"],
        "not-nix": ["windows", "macos"],
        "off": [],
        "unreadable": [],
    }


def test_a_system_beyond_the_usual_is_offered_where_a_plugin_names_it() -> None:
    assert having({"phone": {"compatibility": {"os": ["android"]}}}, "os") == {"phone": ["android"]}


def test_spellings_of_a_tag_are_one_and_the_most_used_are_first() -> None:
    plugins = {
        "a": {"tags": ["Power saving", "led", "led"]},
        "b": {"tags": ["power-saving", "c++"]},
        "c": {"tags": ["power-saving", "POWER_SAVING"]},
        "d": {"tags": "led"},
    }
    assert read(plugins)["list/index.json"]["facets"]["tag"]["options"] == ["power-saving", "led", "c++"]
    assert having(plugins, "tag")["d"] == ["led"]
    assert tag_key("c++") != tag_key("c")


def test_abandoned_and_maintained_are_told_apart() -> None:
    fresh = {"github": {"repo": "a/b", "last_push": "2026-10-01 00:00:00 +0000"}}
    plugins = {"left": {**fresh, "abandoned": "no time"}, "kept": fresh, "silent": {}}
    assert having(plugins, "alive") == {"left": [], "kept": ["1"], "silent": ["1"]}
    assert having(plugins, "maintained")["kept"] == ["1"]
    assert having(plugins, "maintained")["silent"] == []


def test_a_plugin_that_installations_are_not_shown_is_in_the_list() -> None:
    files = read({"good": {}, "dateless": {"date": "never"}})
    assert sorted(slugs_of(files)) == ["dateless", "good"]


def test_cards_hold_words_in_blocks_of_25() -> None:
    files = read({f"p{number:02}": {"title": f"T{number:02}"} for number in range(51)})
    assert [len(files[f"list/cards/{k}.json"]["cards"]) for k in range(3)] == [25, 25, 1]
    assert len({content["version"] for content in files.values()}) == 1
    assert files["list/cards/2.json"]["cards"] == [
        {
            "slug": "p50", "title": "T50", "description": "Turns a lamp on.", "author": "Ada",
            "more_authors": False, "badges": [],
        }
    ]  # fmt: skip


def test_long_words_are_cut_and_line_breaks_are_spaces() -> None:
    data = {"title": "t" * 121, "description": "a\n b\u2028" + "c" * 300, "authors": ["", " é ", None, "two"]}
    card = read({"lamp": data})["list/cards/0.json"]["cards"][0]
    assert card["title"] == "t" * 117 + "..."
    assert card["description"] == "a b " + "c" * 233 + "..."
    assert card["author"] == "é"
    assert card["more_authors"] is True


def test_badges_name_what_speaks_for_or_against_a_plugin() -> None:
    data = {
        "disabled": "breaks printers", "abandoned": True, "up_for_adoption": "https://example.org/1",
        "github": {"repo": "a/b", "archived": True}, "compatibility": {"python": ">=2.7,<3"},
    }  # fmt: skip
    files = read({"lamp": data, "lone": {"abandoned": "yes"}, "kept": {"abandoned": "No", "disabled": False}})
    assert {card["slug"]: card["badges"] for card in files["list/cards/0.json"]["cards"]} == {
        "lamp": ["disabled", "adoption", "archived", "python2"],
        "lone": ["abandoned"],
        "kept": [],
    }


def test_the_version_moves_with_the_content_and_with_nothing_else() -> None:
    one, same, other = (read({"lamp": use(figure)})["list/index.json"]["version"] for figure in (1, 1, 2))
    assert one == same != other


def test_an_empty_registry_has_an_empty_list() -> None:
    assert read({})["list/index.json"]["count"] == 0


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "title", "description", "author", "authors", "license", "date", "tags", "compatibility", "abandoned",
    "disabled", "up_for_adoption", "stats", "github", "freshness",
)  # fmt: skip


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_front_matter_breaks_the_list(data: dict[str, Any]) -> None:
    assert slugs_of(read({"odd": data})) == ["odd"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("AGPLv3", "AGPL"), ("AGPL v3 ", "AGPL"), ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL"),
        ("GNU AGPL v3", "AGPL"), ("AGPL-3.0-or-later", "AGPL"), ("GPLv3", "GPL"), ("GNU GPL v3.0", "GPL"),
        ("GNU General Public License v3.0", "GPL"), ("LGPL-3.0-only", "LGPL"),
        ("GNU Lesser General Public License v3", "LGPL"), ("MIT", "MIT"), ("The MIT License (MIT)", "MIT"),
        ("mit license", "MIT"), ("BSD", "BSD"), ("bsd-3-clause", "BSD"), ("0BSD", "BSD"),
        ("All rights reserved. Redistribution and use in source and binary forms", "BSD"),
        ("Apache", "Apache"), ("Apache 2", "Apache"), ("Apache-2.0", "Apache"), ("MPL-2.0", "MPL"),
        ("Mozilla Public License 2.0", "MPL"), ("CC BY-ND", "CC"), ("CC0-1.0", "CC"),
        ("Creative Commons", "CC"), ("unlicence", "Other"), ("EUPL-1.2", "Other"), ("Beerware", "Other"),
        ("submitted", "Other"), ("other", "Other"), ("MIT OR Apache-2.0", "Apache"), ("", "Unknown"),
        ("  ", "Unknown"), ("unknown", "Unknown"), ("n/a", "Unknown"), ("NOASSERTION", "Unknown"),
    ],
)  # fmt: skip
def test_family_of_a_licence_is_told_by_any_spelling(text: str, name: str) -> None:
    assert family(text) == name
    assert name in FAMILIES
