"""What is concluded of a plugin: the same in list, statistics and history."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.enrich.verdicts import PYTHONS, maintained, pythons, runs_on_3, utc_moment

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
DEFAULT = ">=2.7,<3"


def seen(at: str = "2026-05-01 05:00:00 +0000", **github: Any) -> dict[str, Any]:
    return {"github": github, "freshness": {"github": {"as_of": at, "stale": False}}}


def any_branch(pushed: str, **github: Any) -> dict[str, Any]:
    return seen(last_push=pushed, last_push_any_branch=True, **github)


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (seen(last_push="2026-04-01 00:00:00 +0000"), True),
        (seen(last_push="2025-05-01 06:00:00 +0000"), True),
        (seen(last_push="2025-05-01 05:59:59 +0000"), False),
        (seen(last_push=datetime(2026, 4, 1, tzinfo=UTC)), True),
        (seen(last_push="2020-01-01 00:00:00 +0000", latest_release_date="2026-01-01 00:00:00 +0000"), True),
        (seen(last_push="2026-04-01 00:00:00 +0000", archived=True), False),
        (seen(last_push="2026-04-01 00:00:00 +0000", gone_since="2026-04-30 00:00:00 +0000"), False),
        (seen(last_push="2026-04-01 00:00:00 +0000") | {"abandoned": True}, False),
        (seen(last_push="2026-04-01 00:00:00 +0000") | {"abandoned": "https://example.org/1"}, False),
        (seen(last_push="2026-04-01 00:00:00 +0000") | {"abandoned": False}, True),
        ({"abandoned": "https://example.org/1"}, False),
        ({}, None),
        (seen(stars=5), None),
        (seen(last_push="yesterday"), None),
        (any_branch("2026-04-01 00:00:00 +0000"), None),
        (any_branch("2020-01-01 00:00:00 +0000"), False),
        (any_branch("2026-04-01 00:00:00 +0000", latest_release_date="2026-01-01 00:00:00 +0000"), True),
        (any_branch("2026-04-01 00:00:00 +0000", latest_release_date="2020-01-01 00:00:00 +0000"), None),
        (any_branch("2020-01-02 00:00:00 +0000", latest_release_date="2020-01-01 00:00:00 +0000"), False),
        (any_branch("2026-04-01 00:00:00 +0000", archived=True), False),
        (seen("2020-07-24 00:00:00 +0000", last_push="2020-01-01 00:00:00 +0000"), None),
        (seen("2026-04-01 06:00:00 +0000", last_push="2020-01-01 00:00:00 +0000"), False),
        (seen("2026-03-31 06:00:00 +0000", last_push="2020-01-01 00:00:00 +0000"), None),
        ({"github": {"last_push": "2020-01-01 00:00:00 +0000"}}, None),
        ({"github": {"last_push": "2026-01-01 00:00:00 +0000"}}, True),
        ({"github": [], "freshness": 5}, None),
    ],
)
def test_a_plugin_is_maintained_or_not_or_nobody_knows(data: dict[str, Any], verdict: bool | None) -> None:
    assert maintained(data, NOW) is verdict


def test_a_plugin_stops_being_maintained_after_a_year() -> None:
    data = seen("2027-04-30 00:00:00 +0000", last_push="2026-05-01 06:00:00 +0000")
    assert maintained(data, NOW + timedelta(days=365)) is True
    assert maintained(data, NOW + timedelta(days=365, seconds=1)) is False


@pytest.mark.parametrize(
    ("spec", "minors"),
    [
        (">=2.7,<3", ("2.7",)),
        (">=2.7,<4", PYTHONS),
        (">=3.13", ("3.13", "3.14", "3.15")),
        (">= 3.13 , <3.14", ("3.13",)),
        (">=3.7.3,<3.8", ("3.7",)),
        (">3.7,<3.8", ("3.7",)),
        ("<3.7.1,>=3.6.40", ("3.6", "3.7")),
        ("==3.9.*", ("3.9",)),
        ("==3.9.7", ("3.9",)),
        ("!=3.9.*,>=3.8,<3.11", ("3.8", "3.10")),
        ("<2", ()),
        (">=4", ()),
        ("", ()),
        (None, ()),
        ("three", ()),
    ],
)
def test_a_range_admits_the_minors_of_which_it_admits_a_release(
    spec: str | None, minors: tuple[str, ...]
) -> None:
    assert pythons(spec) == minors


@pytest.mark.parametrize(
    ("spec", "default", "verdict"),
    [
        (">=3.7,<4", DEFAULT, True),
        (">=3.0,<3.4", DEFAULT, True),
        (">=3.20", DEFAULT, False),
        (">=2.7,<3", DEFAULT, False),
        (None, DEFAULT, None),
        ("", DEFAULT, None),
        ("three", DEFAULT, None),
        (None, ">=3.8", True),
        ("three", ">=3.8", True),
        (">=2.7,<3", ">=3.8", False),
        (None, "", None),
    ],
)
def test_a_plugin_runs_on_python_3_or_not_or_nobody_said(
    spec: str | None, default: str, verdict: bool | None
) -> None:
    assert runs_on_3(spec, default) is verdict


@given(st.text(max_size=40))
def test_no_text_breaks_the_judgement(text: str) -> None:
    assert set(pythons(text)) <= set(PYTHONS)
    assert runs_on_3(text, DEFAULT) in (True, False, None)
    assert utc_moment(text) is None or utc_moment(text)
