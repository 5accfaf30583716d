"""The address of an issue, pull request or discussion has one spelling."""

import pytest

from registry.github.threads import parse_thread, thread_url

ISSUE = "https://github.com/almanac/registry/issues/7"
PULL = "https://github.com/almanac/registry/pull/8"


@pytest.mark.parametrize(
    ("value", "url"),
    [
        (ISSUE, ISSUE),
        (f"{ISSUE}/", ISSUE),
        (f" {ISSUE}?x=1#issuecomment-5 ", ISSUE),
        ("http://www.github.com/almanac/registry/issues/7", ISSUE),
        ("https://GitHub.com/almanac/registry/pull/8", PULL),
        ("http://127.0.0.1:8080/a/b/discussions/9", "http://127.0.0.1:8080/a/b/discussions/9"),
        (True, None),
        (None, None),
        (["https://github.com/a/b/issues/1"], None),
        ("true", None),
        ("https://github.com/almanac/registry", None),
        ("https://github.com/almanac/registry/issues", None),
        ("https://github.com/almanac/registry/issues/0", None),
        ("https://github.com/almanac/registry/issues/99999999999", None),
        ("https://github.com/almanac/registry/issues/7/../8", None),
        ("https://github.com/almanac/registry/commit/7", None),
        ("https://github.com/orgs/almanac/discussions/7", None),
        ("https://me:secret@github.com/almanac/registry/issues/7", None),
        ("https://[/a/b/issues/1", None),
        ("javascript://github.com/a/b/issues/1", None),
    ],
)
def test_a_thread_has_one_spelling(value: object, url: str | None) -> None:
    assert thread_url(value) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.com/a/b/issues/1",
        "https://github.com.evil.example/a/b/issues/1",
        "https://evil.example/github.com/b/issues/1",
        "https://github.com/a%22/b/issues/1",
        'https://github.com/a"/b/issues/1',
        "https://github.com/a/../issues/1",
        "https://community.octoprint.org/t/x/7",
    ],
)
def test_an_address_elsewhere_is_no_thread_on_github(url: str) -> None:
    assert parse_thread(url, "https://github.com") is None
