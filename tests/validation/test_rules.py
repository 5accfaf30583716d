"""The rules beyond the schema, each with a sentence that says how to mend it."""

# ruff: noqa: E501 - whole messages stand in a table, a case a line

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from registry.registration.frontmatter import Document, dump, parse
from registry.validation.rules import Surroundings, check_rules

GOOD: dict[str, Any] = {
    "id": "lamp",
    "title": "Lamp",
    "description": "Lights the bed.",
    "author": "Ilse Bruin",
    "license": "MIT",
    "date": date(2021, 3, 14),
    "source": "https://github.com/ilse/Lamp",
}


def document(**changes: Any) -> Document:
    data = {key: value for key, value in (GOOD | changes).items() if value is not ...}
    return parse(dump(data, "Body").encode(), "lamp.md")


def around(**changes: Any) -> Surroundings:
    known: dict[str, Any] = {"slug": "lamp", "today": date(2026, 5, 1), "server_url": "https://github.com"}
    return Surroundings(**known | changes)


def told(surroundings: Surroundings | None = None, **changes: Any) -> list[tuple[str, str, str, str]]:
    findings = check_rules(document(**changes), surroundings or around())
    return [(finding.key, finding.weight, finding.code, finding.message) for finding in findings]


def test_a_registration_in_good_order_has_no_fault() -> None:
    assert told() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"author": "Lamp Works, Inc."},
        {"author": "Alexandra Anders-Holm"},
        {"title": "Lamp 👩‍🔧"},
        {"description": "Turns <axis> & <speed> into light; 3 < 4."},
        {"date": date(2026, 5, 2)},
        {"date": "2021-03-14"},
        {"source": "https://gitlab.com/ilse"},
        {"attributes": ["cloud", "free-tier", "commercial"]},
        {
            "featuredimage": "/assets/img/plugins/lamp/a.png",
            "screenshots": [{"url": "/assets/img/plugins/lamp/a.png", "alt": "a"}],
        },
        # What the schema refuses is not told twice.
        {
            "id": 3,
            "date": "x",
            "title": ["x"],
            "tags": "x",
            "screenshots": ["x"],
            "compatibility": [],
            "source": 1,
        },
        {"tags": [["x"], {"a": 1}], "featuredimage": 3, "attributes": [1], "author": 3},
        {"screenshots": [{"url": "../x", "alt": "a"}]},
    ],
)
def test_no_false_alarm(changes: dict[str, Any]) -> None:
    assert told(**changes) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"note": None}, ("note", "warning", "empty-key", "this key has no value; give it one or remove the line")),
        ({"compatibility": {"os": None}}, ("compatibility.os", "warning", "empty-key", "this key has no value; give it one or remove the line")),
        ({"id": "Lamp"}, ("id", "deviation", "id-file-name", "'Lamp' is not the file's name; name the file Lamp.md")),
        ({"date": datetime(2021, 3, 14, 9)}, ("date", "deviation", "date-form", "write the day alone: 2021-03-14")),
        ({"date": "2021-3-14"}, ("date", "deviation", "date-form", "write the day alone: 2021-03-14")),
        ({"date": date(2026, 5, 3)}, ("date", "deviation", "date-future", "2026-05-03 is yet to come; write the day of registration")),
        ({"description": " "}, ("description", "deviation", "empty-text", "say in one sentence what the plugin does")),
        ({"title": "x" * 81}, ("title", "warning", "long-text", "81 characters; lists show about 80, so shorten it")),
        ({"description": "x" * 301}, ("description", "warning", "long-text", "301 characters; lists show about 300, so shorten it")),
        ({"description": 'A <a href="x">link</a>'}, ("description", "warning", "html-in-text", "'<a href=\"x\">' is shown as it stands; write plain text")),
        ({"title": "A &amp; B"}, ("title", "warning", "html-in-text", "'&amp;' is shown as it stands; write plain text")),
        ({"title": "A\u202eB"}, ("title", "deviation", "bidi", "holds U+202E, which hides or reorders text; delete it")),
        ({"tags": ["a", "\u200bb"]}, ("tags[1]", "deviation", "bidi", "holds U+200B, which hides or reorders text; delete it")),
        ({"license": "TODO"}, ("license", "deviation", "template-left", "'TODO' is the template's; write your own")),
        ({"author": "Ilse, Tadeo"}, ("author", "warning", "several-authors", "if these are several people, list each under 'authors'")),
        ({"author": "Ilse & Tadeo"}, ("author", "warning", "several-authors", "if these are several people, list each under 'authors'")),
        ({"author": "Ilse and Tadeo"}, ("author", "warning", "several-authors", "if these are several people, list each under 'authors'")),
        ({"author": ["Ilse"]}, ("author", "deviation", "author-form", "'author' is one name; write 'authors' for a list")),
        ({"author": ..., "authors": "Ilse"}, ("authors", "deviation", "author-form", "'authors' is a list; write 'author' for one name")),
        ({"authors": ["Tadeo"]}, ("author", "deviation", "author-form", "'author' stands beside 'authors'; keep one of the two")),
        ({"tags": ["led", "LED"]}, ("tags[1]", "warning", "tag", "'led' is listed twice; remove one")),
        ({"tags": [" "]}, ("tags[0]", "warning", "tag", "this tag is empty; remove it")),
        ({"tags": [12864]}, ("tags[0]", "warning", "misread", "YAML reads this as a number; put it in quotes: '12864'")),
        ({"tags": [True]}, ("tags[0]", "warning", "misread", "YAML reads this as true or false; put the word in quotes")),
        ({"compatibility": {"octoprint": [1.4]}}, ("compatibility.octoprint[0]", "warning", "misread", "YAML reads this as a number; put it in quotes: '1.4'")),
        ({"attributes": ["clowd"]}, ("attributes[0]", "warning", "attribute", "'clowd' is not shown anywhere; known are abandoned, cloud, commercial, free-tier")),
        ({"follow_dependency_links": True}, ("follow_dependency_links", "deviation", "dependency-links", "today's pip refuses dependency links: the plugin cannot be installed; remove it")),
        ({"source": "https://github.com/ilse"}, ("source", "deviation", "source-repository", "'https://github.com/ilse' names no repository; write 'https://github.com/<owner>/<name>'")),
        ({"featuredimage": "/assets/img/plugins/lamp/a.png"}, ("featuredimage", "warning", "no-screenshots", "there is no screenshot beside it; list it under 'screenshots', too")),
        ({"screenshots": [{"url": "/assets/img/plugins/lamp/a.png"}]}, ("screenshots[0]", "warning", "image-alt", "say in 'alt' what the image shows, for those who cannot see it")),
        ({"screenshots": [{"url": "https://x.example/a.png", "alt": "a"}]}, ("screenshots[0].url", "warning", "image-remote", "the image is on another site, where it may vanish; put a copy under '/assets/img/plugins/lamp/'")),
        ({"screenshots": [{"url": "http://x.example/a.png", "alt": "a"}]}, ("screenshots[0].url", "deviation", "image-insecure", "browsers do not show an http image on an https page; put a copy under '/assets/img/plugins/lamp/'")),
        ({"screenshots": [{"url": "/assets/a.png", "alt": "a"}]}, ("screenshots[0].url", "deviation", "image-folder", "'/assets/a.png' is not below '/assets/img/plugins/'; put a copy under '/assets/img/plugins/lamp/' and write its path from there")),
    ],
)  # fmt: skip
def test_what_is_told(changes: dict[str, Any], expected: tuple[str, str, str, str]) -> None:
    assert told(**changes) == [expected]


def test_an_address_of_an_image_with_a_space_is_told() -> None:
    found = told(screenshots=[{"url": "https://x.example/a b.png", "alt": "a"}])
    assert found[1] == (
        "screenshots[0].url",
        "deviation",
        "image",
        "'https://x.example/a b.png' holds a space; write %20",
    )


def test_an_image_of_the_site_must_be_there(tmp_path: Path) -> None:
    folder = tmp_path / "assets/img/plugins/lamp"
    folder.mkdir(parents=True)
    (folder / "a b.png").write_bytes(b"png")
    (folder / "link.png").symlink_to("/etc/hostname")
    urls = ["a%20b.png", "a b.png", "no.png", "link.png", "x" * 300]
    shots = [{"url": f"/assets/img/plugins/lamp/{name}", "alt": "a"} for name in urls]
    found = told(around(site=tmp_path), screenshots=shots)
    assert [(key, weight, code) for key, weight, code, _ in found] == [
        (f"screenshots[{number}].url", "deviation", "image-missing") for number in (2, 3, 4)
    ]
    assert found[0][3] == "there is no file 'assets/img/plugins/lamp/no.png'; add it, or correct the path"


def test_a_file_that_stands_keeps_its_name() -> None:
    assert told(around(before={"id": "Lamp"}), id="Lamp") == [
        ("id", "warning", "id-file-name", "'Lamp' is not the file's name; name the file Lamp.md")
    ]


def test_a_changed_date_is_an_error_and_a_changed_id_is_told() -> None:
    before = {"id": "Old", "date": date(2020, 1, 1)}
    assert told(around(before=before)) == [
        (
            "id",
            "warning",
            "id-changed",
            "the id was 'Old'; usage is counted by it, so change it only to mend it",
        ),
        (
            "date",
            "error",
            "date-changed",
            "the day of registration was 2020-01-01 and never changes; write it again",
        ),
    ]


@pytest.mark.parametrize("before", [{}, {"id": None, "date": None}, {"id": "lamp", "date": "2021-03-14"}])
def test_what_cannot_be_compared_has_not_changed(before: dict[str, Any]) -> None:
    assert told(around(before=before)) == []


def test_comments_of_the_template_are_told_with_their_line() -> None:
    text = "---\nid: lamp\n# a note of the author\ntags: # TODO\n- a\n  # TODO: write\n---\n"
    findings = list(check_rules(parse(text.encode(), "lamp.md"), around()))
    assert [(finding.line, finding.weight, finding.code, finding.message) for finding in findings] == [
        (6, "warning", "template-left", "comments of the template are left; remove them")
    ]


def test_a_page_of_comments_is_the_template() -> None:
    text = "---\nid: lamp\n" + "# explains\n" * 6 + "---\n"
    assert [finding.line for finding in check_rules(parse(text.encode(), "lamp.md"), around())] == [3]
