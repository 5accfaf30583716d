"""The schema refuses what no page or feed can bear, with a sentence that says how to mend it."""

# ruff: noqa: E501 - whole messages stand in a table, a case a line

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from registry.validation.front_matter_schema import check_schema

GOOD: dict[str, Any] = {
    "layout": "plugin",
    "id": "lamp",
    "title": "Lamp",
    "description": "Lights the bed.",
    "author": "Ilse Bruin",
    "license": "MIT",
    "date": date(2021, 3, 14),
    "homepage": "https://lamp.example",
    "source": "https://github.com/ilse/Lamp",
    "archive": "https://lamp.example/lamp.zip",
}


def faults(**changes: Any) -> list[tuple[str, str, str]]:
    data = {key: value for key, value in (GOOD | changes).items() if value is not ...}
    findings = list(check_schema(data))
    assert all(finding.weight == "error" for finding in findings)
    return [(finding.key, finding.code, finding.message) for finding in findings]


def test_a_registration_in_good_order_has_no_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"author": ..., "authors": ["Ilse", "Tadeo"]},
        {
            "tags": None,
            "compatibility": {"python": None, "os": None},
            "screenshots": None,
            "featuredimage": None,
        },
        {"tags": ["a", 3, 1.5, True]},
        {
            "compatibility": {
                "octoprint": ["1.4.0", 1.4, ">=1.4,<2", "1.5.0rc1"],
                "os": ["linux", "!windows"],
                "python": ">=2.7,<4",
            }
        },
        {
            "abandoned": True,
            "up_for_adoption": "https://github.com/ilse/Lamp/issues/1",
            "disabled": "No server.",
        },
        {"redirect_from": ["/plugins/old/", "/plugins/older"]},
        {"homepage": "http://lämpe.example:8080/a?b=c#d", "source": "https://[::1]/x"},
        {
            "featuredimage": "/assets/img/plugins/lamp/my tab.png",
            "screenshots": [{"url": "https://lamp.example/my tab.png"}],
        },
        {"date": "2019-6-3"},
        {"pypi": "OctoPrint-Lamp"},
    ],
)
def test_what_is_allowed(changes: dict[str, Any]) -> None:
    assert faults(**changes) == []


@pytest.mark.parametrize(
    ("changes", "key", "code", "message"),
    [
        ({"license": ...}, "license", "missing-key", "this key is missing; write e.g. 'license: AGPL-3.0-or-later'"),
        ({"source": None}, "source", "missing-key", "this key has no value; write e.g. 'source: https://github.com/me/my_plugin' (a text that begins with # goes in quotes)"),
        ({"author": ...}, "author", "missing-key", "this key is missing; write e.g. 'author: Ada Lovelace', or a list under 'authors'"),
        ({"author": ..., "authors": []}, "authors", "missing-key", "this is empty; write e.g. 'author: Ada Lovelace', or a list under 'authors'"),
        ({"screenshots": [{"alt": "x"}]}, "screenshots[0].url", "missing-key", "this key is missing; write e.g. 'url: /assets/img/plugins/my_plugin/tab.png'"),
        ({"screenshot": []}, "screenshot", "unknown-key", "there is no such key; did you mean 'screenshots'?"),
        ({"Tags": []}, "Tags", "unknown-key", "there is no such key; did you mean 'tags'?"),
        ({"compatibility": {"pyhton": ">=3"}}, "compatibility.pyhton", "unknown-key", "there is no such key; did you mean 'python'?"),
        ({"compatibility": {"zzz": 1}}, "compatibility.zzz", "unknown-key", "there is no such key; remove it, or write one of octoprint, os, python"),
        ({"screenshots": [{"url": "/assets/a.png", "captoin": "x"}]}, "screenshots[0].captoin", "unknown-key", "there is no such key; did you mean 'caption'?"),
        ({"stats": {}}, "stats", "computed-key", "only the build writes this key, from what the world tells; remove it"),
        ({"title": 3.5}, "title", "wrong-type", "must be text, not a number; put it in quotes: '3.5'"),
        ({"title": ["x"]}, "title", "wrong-type", "must be text, not a list; write one text"),
        ({"tags": "a, b"}, "tags", "wrong-type", "must be a list, not text; write each entry on a line of its own after '- '"),
        ({"tags": [{"a": 1}]}, "tags[0]", "wrong-type", "must be text, not a mapping; write one text, in quotes if it holds ': '"),
        ({"compatibility": ">=3"}, "compatibility", "wrong-type", "must not be text; write one or more of octoprint, os, python, each as 'key: value'"),
        ({"screenshots": ["a.png"]}, "screenshots[0]", "wrong-type", "must not be text; write one or more of url, alt, caption, each as 'key: value'"),
        ({"follow_dependency_links": "true"}, "follow_dependency_links", "wrong-type", "must be true or false, not text; write it without quotes"),
        ({"disabled": ["x"]}, "disabled", "wrong-type", "must not be a list; write true or a text that says why"),
        ({"abandoned": "false"}, "abandoned", "wrong-type", "'false' is no http or https address; write true, or the address of the issue where it was declared"),
        ({"up_for_adoption": 1}, "up_for_adoption", "wrong-type", "must not be a number; write true, or the address of the issue where it was declared"),
        ({"layout": "page"}, "layout", "layout", "'page' is another layout; write 'layout: plugin'"),
        ({"id": "../x"}, "id", "id", "'../x' is no id; it has 1 to 100 letters, digits and _ . + -, begins with a letter, a digit or _, and has no dot at its end and no two in a row"),
        ({"id": "lamp."}, "id", "id", "'lamp.' is no id; it has 1 to 100 letters, digits and _ . + -, begins with a letter, a digit or _, and has no dot at its end and no two in a row"),
        ({"title": " "}, "title", "empty-text", "must not be empty; write e.g. 'title: My Plugin'"),
        ({"author": ""}, "author", "empty-text", "must not be empty; write e.g. 'author: Ada Lovelace'"),
        ({"authors": ["a", ""]}, "authors[1]", "empty-text", "must not be empty; write e.g. '- Ada Lovelace'"),
        ({"description": "a\x1bb"}, "description", "control-character", "the text holds '\\x1b', a control character; delete it"),
        ({"date": "soon"}, "date", "date", "'soon' is no day of the calendar; write e.g. 2024-10-07, without quotes"),
        ({"date": "2021-02-30"}, "date", "date", "'2021-02-30' is no day of the calendar; write e.g. 2024-10-07, without quotes"),
        ({"date": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "date", "date", "'0001-01-01T00:00:00+14:00' is no day of the calendar; write e.g. 2024-10-07, without quotes"),
        ({"date": [1]}, "date", "date", "'[1]' is no day of the calendar; write e.g. 2024-10-07, without quotes"),
        ({"homepage": "javascript:alert(1)"}, "homepage", "url", "'javascript:alert(1)' is no http or https address; write the whole address, e.g. 'https://example.com/plugin'"),
        ({"homepage": "https://"}, "homepage", "url", "'https://' has no valid host; write the whole address, e.g. 'https://example.com/plugin'"),
        ({"homepage": "https://a b.example"}, "homepage", "url", "'https://a b.example' holds ' ', which no address has; encode it or remove it"),
        ({"homepage": "https://u:p@lamp.example"}, "homepage", "url", "'https://u:p@lamp.example' holds a user name or password; take it out of the address"),
        ({"homepage": "https://x:99999/"}, "homepage", "url", "'https://x:99999/' is no valid address; write the whole address, e.g. 'https://example.com/plugin'"),
        ({"homepage": "https://x/" + "a" * 2000}, "homepage", "url", "the address has 2,010 characters, more than 2,000; write the whole address, e.g. 'https://example.com/plugin'"),
        ({"featuredimage": "data:image/png;base64,x"}, "featuredimage", "image", "'data:image/png;base64,x' is no path of an image; write '/assets/img/plugins/<id>/<file>' or an https address"),
        ({"featuredimage": "//evil.example/x.png"}, "featuredimage", "image", "'//evil.example/x.png' is no path of an image; write '/assets/img/plugins/<id>/<file>' or an https address"),
        ({"featuredimage": "/assets/img/plugins/%2e%2e/%2e%2e/x"}, "featuredimage", "image", "'/assets/img/plugins/%2e%2e/%2e%2e/x' leads out of its folder; write '/assets/img/plugins/<id>/<file>' or an https address"),
        ({"screenshots": [{"url": "https://"}]}, "screenshots[0].url", "image", "'https://' has no valid host; write the whole address, e.g. 'https://example.com/plugin'"),
        ({"compatibility": {"python": "three"}}, "compatibility.python", "python-specifier", "'three' is not a specifier; write e.g. '>=3.7,<4'"),
        ({"compatibility": {"python": "3"}}, "compatibility.python", "python-specifier", "'3' is not a specifier; write e.g. '>=3.7,<4'"),
        ({"compatibility": {"python": ">=" + "7" * 4400}}, "compatibility.python", "python-specifier", "'>=" + "7" * 77 + "…' is not a specifier; write e.g. '>=3.7,<4'"),
        ({"compatibility": {"octoprint": ["1." + "7" * 4400]}}, "compatibility.octoprint[0]", "host-version", "'1." + "7" * 77 + "…' is neither a version nor a specifier; write e.g. '1.4.0' or '>=1.4,<2'"),
        ({"compatibility": {"python": 3.7}}, "compatibility.python", "wrong-type", "must be a specifier, not a number; write e.g. '>=3.7' or '>=3.7,<4', in quotes"),
        ({"compatibility": {"octoprint": ["new"]}}, "compatibility.octoprint[0]", "host-version", "'new' is neither a version nor a specifier; write e.g. '1.4.0' or '>=1.4,<2'"),
        ({"compatibility": {"os": ["amiga"]}}, "compatibility.os[0]", "os", "'amiga' is not an operating system known here; write one of windows, linux, macos, freebsd, posix, nix"),
        ({"redirect_from": "/index.html"}, "redirect_from", "redirect", "'/index.html' is no former address of a plugin; write '/plugins/<old id>/'"),
        ({"redirect_from": ["/plugins/a/", "/plugins/../x"]}, "redirect_from[1]", "redirect", "'/plugins/../x' is no former address of a plugin; write '/plugins/<old id>/'"),
        ({"pypi": "a b"}, "pypi", "pypi", "'a b' is no name of a project; write the name alone, as `pip install` takes it"),
    ],
)  # fmt: skip
def test_what_is_refused(changes: dict[str, Any], key: str, code: str, message: str) -> None:
    assert faults(**changes) == [(key, code, message)]


def test_all_faults_are_told_at_once() -> None:
    found = faults(license=..., homepage="x", tags="y", github={}, compatibility={"python": "z", "os": 1})
    assert [code for _, code, _ in found] == (
        ["missing-key", "url", "wrong-type", "wrong-type", "python-specifier", "computed-key"]
    )


def test_a_hostile_value_cannot_write_the_message() -> None:
    assert faults(compatibility={"python": "{fault} {0} %s"}) == [
        (
            "compatibility.python",
            "python-specifier",
            "'{fault} {0} %s' is not a specifier; write e.g. '>=3.7,<4'",
        )
    ]
