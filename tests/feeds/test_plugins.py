"""`/plugins.json`: each way in which one entry takes the list away from everybody, and what is done."""

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.feeds.plugins import Fault, make_entry
from registry.feeds.site import FeedSite
from registry.host import plugin_list_rules
from registry.registration.values import day_of
from registry.text.feed_text import json_bytes
from registry.text.scalars import FloatText

SCHEMAS = Path(__file__).parents[2] / "docs/schemas"
SCHEMA = json.loads((SCHEMAS / "plugins.schema.json").read_bytes())
FEED = jsonschema_rs.validator_for(SCHEMA)
SITE = FeedSite(
    root="https://plugins.example.org/base", title="Almanac", description="", default_python=">=2.7,<3"
)
REGISTERED: dict[str, Any] = {
    "layout": "plugin",
    "id": "Lamp",
    "title": "Lamp",
    "description": "Turns a lamp on.",
    "author": "Ada Example",
    "license": "AGPLv3",
    "date": date(2020, 1, 2),
    "homepage": "https://example.org/home",
    "source": "https://github.com/example/lamp",
    "archive": "https://github.com/example/lamp/archive/main.zip",
}
GITHUB = {"stars": 7, "last_push": "2020-05-23 05:37:32 +0000"}


def entry_of(**keys: Any) -> dict[str, Any]:
    """Return the entry of the registration with `keys` changed, which must have no fatal fault."""
    entry, faults = make_entry({**REGISTERED, **keys}, "lamp", SITE)
    assert [fault for fault in faults if fault.fatal] == []
    assert list(FEED.iter_errors([entry])) == []
    return entry


def faults_of(**keys: Any) -> list[Fault]:
    return make_entry({**REGISTERED, **keys}, "lamp", SITE)[1]


def fatal_of(**keys: Any) -> str:
    """Return why the registration with `keys` changed is left out."""
    return "; ".join(f"{fault.key}: {fault.message}" for fault in faults_of(**keys) if fault.fatal)


def broken(**keys: Any) -> dict[str, Any]:
    """Return a good entry with `keys` changed; None as `...` takes a key away."""
    entry = entry_of(stats={"month": {"instances": 1, "install_events": 1}}, github=GITHUB) | keys
    return {key: value for key, value in entry.items() if value is not ...}


def refused(entry: Any) -> bool:
    """Tell whether both the rules and the schema refuse an entry."""
    return bool(plugin_list_rules.faults(entry)) and not FEED.is_valid([entry])


# What breaks the list of every installation (facts of OctoPrint 1.11)


def test_an_entry_without_id_is_left_out() -> None:
    assert fatal_of(id=None) == "id: '' is no identifier"
    assert refused(broken(id=...))


def test_a_compatibility_of_null_becomes_an_object_with_defaults() -> None:
    compatibility = entry_of(compatibility=None)["compatibility"]
    assert compatibility == {"octoprint": [], "os": [], "python": ">=2.7,<3"}
    assert refused(broken(compatibility=None))
    assert refused(broken(compatibility={"octoprint": []}))


@pytest.mark.parametrize(
    "python", ["3", ">=3.7.x", "three", ">=3.7 <4", "=>3", "===3.7", "~=3", ">3,,<4", "", 3]
)
def test_an_invalid_python_specifier_becomes_the_default(python: Any) -> None:
    assert entry_of(compatibility={"python": python})["compatibility"]["python"] == ">=2.7,<3"
    assert refused(broken(compatibility={"octoprint": [], "os": [], "python": python}))


@pytest.mark.parametrize(
    ("given_text", "published"),
    [
        (">= 3.7, < 4", ">=3.7,<4"),
        (">=3,", ">=3"),
        (">=3.7RC1", ">=3.7rc1"),
        ("==3.*,!=3.4.*", "==3.*,!=3.4.*"),
        ("~=3.7", "~=3.7"),
        ("==1!2.0.post1.dev2+local.3", "==1!2.0.post1.dev2+local.3"),
    ],
)
def test_a_specifier_is_published_without_spaces(given_text: str, published: str) -> None:
    assert entry_of(compatibility={"python": given_text})["compatibility"]["python"] == published


def test_the_schema_knows_the_same_specifiers_as_the_writer() -> None:
    for name in ("plugins", "notices", "blocklist"):
        defs = json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())["$defs"]
        assert defs["specifier"]["pattern"] == plugin_list_rules.SPECIFIER.pattern
        assert defs["host_version"]["pattern"] == plugin_list_rules.HOST_VERSION.pattern


def test_an_invalid_python_specifier_is_told_with_its_cure() -> None:
    assert [fault.message for fault in faults_of(compatibility={"python": "3"})] == [
        "'3' is not a PEP 440 specifier, so the feed says '>=2.7,<3'; write e.g. '>=3.7,<4'"
    ]


def test_a_system_that_is_no_text_is_dropped_or_made_text() -> None:
    assert entry_of(compatibility={"os": [None, 9, "linux"]})["compatibility"]["os"] == ["9", "linux"]
    for item in (None, 9, {"a": 1}):
        assert refused(broken(compatibility={"octoprint": [], "os": [item], "python": ">=3"}))


def test_attributes_of_null_on_an_abandoned_plugin_become_a_list() -> None:
    entry = entry_of(attributes=None, abandoned="https://github.com/example/registry/issues/7")
    assert (entry["attributes"], entry["abandoned"]) == ([], True)
    assert refused(broken(attributes=None))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), FloatText(float("nan"), ".nan")])
def test_a_figure_that_is_no_number_is_not_published(number: float) -> None:
    entry = entry_of(github={**GITHUB, "stars": number}, stats={"month": {"instances": number}})
    assert "github" not in entry
    assert "stats" not in entry
    assert plugin_list_rules.faults(broken(github={**GITHUB, "stars": number})) != []
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes([{"stars": float(number)}])


def test_a_feed_has_no_byte_order_mark() -> None:
    content = json_bytes([entry_of(title="\ufeffLamp")])
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\xef\xbb\xbf" not in content


@pytest.mark.parametrize(
    "key", ["title", "page", "homepage", "author", "description", "license", "published", "abandoned"]
)
def test_every_key_that_the_browser_reads_is_there(key: str) -> None:
    assert key in entry_of(author=None, license=None, homepage=None, source=None)
    assert refused(broken(**{key: ...}))
    assert refused(broken(**{key: None}))


@pytest.mark.parametrize("key", ["title", "description"])
def test_a_plugin_without_words_is_left_out(key: str) -> None:
    assert fatal_of(**{key: None}) == f"{key}: must not be empty"
    assert fatal_of(**{key: ["Lamp"]}) == f"{key}: must not be empty"


def test_published_sorts_as_text_and_begins_with_the_day() -> None:
    assert entry_of()["published"] == "2020-01-02 00:00:00 UTC"
    assert entry_of(date=datetime(2020, 1, 2, 3, 4, 5))["published"] == "2020-01-02 03:04:05 UTC"
    assert entry_of(date="2020-01-02")["published"] == "2020-01-02 00:00:00 UTC"
    assert fatal_of(date="someday") == "date: 'someday' is no day of the calendar; write e.g. 2026-11-20"
    for published in ("2020-02-30 00:00:00 UTC", "2020-1-2 00:00:00 UTC", "2020-01-02", 20200102):
        assert plugin_list_rules.faults(broken(published=published)) != []


def test_figures_are_objects_or_absent_and_never_null() -> None:
    entry = entry_of(stats=None, github=None)
    assert "stats" not in entry
    assert "github" not in entry
    assert refused(broken(stats=None))
    assert refused(broken(github=None))
    assert refused(broken(github={**GITHUB, "latest_release": None}))
    assert refused(broken(github={**GITHUB, "latest_release": {"name": "1", "tag": "1"}}))


def test_stars_and_last_push_are_there_or_the_block_is_not() -> None:
    assert "github" not in entry_of(github={"stars": 7})
    assert "github" not in entry_of(github={"last_push": GITHUB["last_push"]})
    assert refused(broken(github={"stars": 7}))
    assert refused(broken(github={**GITHUB, "stars": "7"}))


def test_use_without_the_month_is_not_published() -> None:
    assert "stats" not in entry_of(stats={"week": {"instances": 1, "install_events": 1}})
    assert entry_of(stats={"month": {"instances": 4, "install_events": 2}})["stats"] == {
        "instances_month": 4,
        "install_events_month": 2,
    }
    assert refused(broken(stats={"instances_week": 1, "install_events_week": 1}))


@pytest.mark.parametrize("figure", [2**53 + 1, 10**300, -1])
def test_a_figure_that_no_browser_reads_is_unknown(figure: int) -> None:
    month = {"instances": figure, "install_events": 2}
    assert "stats" not in entry_of(stats={"month": month})
    assert "github" not in entry_of(github={**GITHUB, "stars": figure})
    assert "releases" not in entry_of(github={**GITHUB, "releases": figure})["github"]


def test_a_day_that_the_gate_lets_pass_is_one_for_the_feed() -> None:
    assert day_of("2019-6-3") == date(2019, 6, 3)
    assert entry_of(date="2019-6-3")["published"] == "2019-06-03 00:00:00 UTC"
    assert fatal_of(date="2019-6-31").endswith("is no day of the calendar; write e.g. 2026-11-20")


@pytest.mark.parametrize("zone", [14, -12])
def test_a_moment_that_utc_cannot_hold_is_no_day(zone: int) -> None:
    when = datetime.min if zone > 0 else datetime.max
    moved = when.replace(tzinfo=timezone(timedelta(hours=zone)))
    assert fatal_of(date=moved).endswith("is no day of the calendar; write e.g. 2026-11-20")


def test_a_version_that_yaml_read_as_a_number_is_text_again() -> None:
    given = {"octoprint": [FloatText(1.4, "1.4"), FloatText(1.1, "1.10"), 2]}
    assert entry_of(compatibility=given)["compatibility"]["octoprint"] == ["1.4", "1.10", "2"]
    assert refused(broken(compatibility={"octoprint": [1.4], "os": [], "python": ">=3"}))


def test_groups_of_systems_are_expanded_in_order_and_once() -> None:
    compatibility = entry_of(compatibility={"os": ["posix", "nix", "windows", "linux"]})["compatibility"]
    assert compatibility["os"] == ["linux", "freebsd", "macos", "windows"]
    excluded = entry_of(compatibility={"os": ["!nix"]})["compatibility"]["os"]
    assert excluded == ["!linux", "!freebsd"]
    assert not FEED.is_valid([broken(compatibility={"octoprint": [], "os": ["posix"], "python": ">=3"})])


def test_systems_that_nobody_knows_do_not_come_to_mean_all() -> None:
    assert fatal_of(compatibility={"os": ["Mac OS X"]}) == (
        "compatibility.os: 'Mac OS X' means nothing to an installation, and nothing else is given; "
        "write e.g. 'linux' or '!windows'"
    )


def test_host_versions_that_nobody_can_read_do_not_come_to_mean_all() -> None:
    assert fatal_of(compatibility={"octoprint": ["1.4.x"]}) == (
        "compatibility.octoprint: '1.4.x' means nothing to an installation, and nothing else is given; "
        "write e.g. '1.4.0' or '>=1.4,<2'"
    )
    kept = entry_of(compatibility={"octoprint": ["1.4.x", "1.5.0"]})["compatibility"]["octoprint"]
    assert kept == ["1.5.0"]


def test_a_disabled_plugin_fits_no_system() -> None:
    entry = entry_of(disabled="It burns the house down.", compatibility={"os": ["linux"]})
    assert entry["compatibility"]["os"] == ["disabled"]
    assert entry["disabled"] == "It burns the house down."
    assert "disabled" not in entry_of(disabled=False)
    assert entry_of(disabled=True)["disabled"] is True


@pytest.mark.parametrize(
    ("value", "abandoned"),
    [(True, True), ("https://example.org/issues/7", True), (False, False), ("false", False), (None, False)],
)
def test_abandoned_is_true_or_false_and_never_a_text(value: Any, abandoned: bool) -> None:
    assert entry_of(abandoned=value)["abandoned"] is abandoned
    assert refused(broken(abandoned="false"))


def test_dependency_links_are_passed_on_and_told_to_break_with_pip() -> None:
    assert entry_of(follow_dependency_links=False)["follow_dependency_links"] is False
    assert "follow_dependency_links" not in entry_of(follow_dependency_links="no")
    assert [fault.message for fault in faults_of(follow_dependency_links=True)] == [
        "pip 19 and later refuse `--process-dependency-links`, so nobody can install it; remove it"
    ]
    assert refused(broken(follow_dependency_links="true"))


# What the entry says otherwise


def test_authors_are_joined_in_order() -> None:
    assert entry_of(authors=["Ada", "Bo"])["author"] == "Ada, Bo"
    assert entry_of(author=None, authors="Ada")["author"] == "Ada"


def test_a_homepage_that_is_missing_is_the_source() -> None:
    assert entry_of(homepage=None)["homepage"] == "https://github.com/example/lamp"
    assert entry_of(homepage=None, source=None)["homepage"] == ""


def test_an_image_of_the_site_gets_its_address() -> None:
    image = entry_of(featuredimage="/assets/img/plugins/lamp/a b.png")["image"]
    assert image == "https://plugins.example.org/base/assets/img/plugins/lamp/a%20b.png"
    assert entry_of(featuredimage="https://example.org/a.png")["image"] == "https://example.org/a.png"
    assert "image" not in entry_of(featuredimage="/../../etc/passwd")


def test_all_known_figures_are_published() -> None:
    github = GITHUB | {"releases": 3, "open_issues": 1, "closed_issues": 2, "latest_release": "Spring"}
    github |= {
        "latest_release_tag": FloatText(1.1, "1.10"),
        "latest_release_date": "2020-05-23 05:38:17 +0000",
    }
    assert entry_of(github=github)["github"] == {
        "latest_release": {"name": "Spring", "date": "2020-05-23 05:38:17 +0000", "tag": "1.10"},
        "releases": 3,
        "last_push": "2020-05-23 05:37:32 +0000",
        "stars": 7,
        "issues": {"open": 1, "closed": 2},
    }


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "ftp://example.org/a.zip",
        "//example.org/a.zip",
        "https://user:secret@example.org/",
        "https://exa mple.org/",
        "https:///a.zip",
        "https://example.org:port/",
        "https://example.org\\@evil.example/",
        "https://[::1/",
    ],
)
def test_an_address_that_is_not_of_the_web_is_not_published(url: str) -> None:
    assert fatal_of(archive=url) == "archive: must not be empty"
    assert "privacypolicy" not in entry_of(privacypolicy=url)


def test_an_address_cannot_end_an_attribute() -> None:
    hostile = "https://example.org/'\"><script>alert(1)</script>?ä=%20#`"
    assert entry_of(homepage=hostile)["homepage"] == (
        "https://example.org/%27%22%3E%3Cscript%3Ealert(1)%3C/script%3E?%C3%A4=%20#%60"
    )


def test_text_is_one_line_without_control_characters() -> None:
    entry = entry_of(title="La\x1b[31mmp\u2028\n", description="Turns\r\n a lamp \ud800 on.\x00")
    assert (entry["title"], entry["description"]) == ("La [31mmp", "Turns a lamp on.")


def test_attributes_are_single_words() -> None:
    assert entry_of(attributes=["Cloud", "free-tier", "<i>", "abandoned", None])["attributes"] == [
        "cloud",
        "free-tier",
    ]


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats().map(FloatText)
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.sampled_from([">=3.7,<4", "1.4", "linux", "posix", "https://example.org/ä'", "2020-01-01", "id"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
KEYS = (
    *("id", "title", "description", "author", "authors", "license", "date", "homepage", "archive"),
    *("disabled", "abandoned", "attributes", "privacypolicy", "featuredimage", "follow_dependency_links"),
)
compatibility = st.fixed_dictionaries({}, optional=dict.fromkeys(("octoprint", "os", "python"), values))
usage = st.dictionaries(st.sampled_from(["week", "month"]), values)
github = st.dictionaries(st.sampled_from(["stars", "last_push", "releases", "latest_release_tag"]), values)
front_matter = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(KEYS, values),
        "compatibility": values | compatibility,
        "stats": values | usage,
        "github": values | github,
    },
)


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(front_matter)
def test_whatever_front_matter_holds_the_entry_is_valid_or_left_out(data: dict[str, Any]) -> None:
    entry, faults = make_entry({**REGISTERED, **data}, "lamp", SITE)
    json.loads(json_bytes([entry]))
    if not any(fault.fatal for fault in faults):
        assert list(FEED.iter_errors([entry])) == []
