"""Badges: what they say, that they are safe, and that a browser shows them whole."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page

from registry.feeds import badges
from registry.feeds.badges import BAD, GOOD, UNKNOWN, WARN, Badge
from registry.feeds.plugins import Listed, make_entry
from registry.feeds.published import Published
from registry.feeds.site import FeedSite
from registry.registration.frontmatter import Document
from registry.text import json_schemas

SITE = FeedSite(
    root="https://plugins.example.org", title="Almanac", description="", default_python=">=2.7,<3"
)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</title><script>alert(1)</script>",
    "]]><!DOCTYPE a [<!ENTITY b 'c'>]>&b;",
    "&amp; &lt; \" ' &#60;",
    "\u202egnp.exe\u2066 \u200b",
    "{{ site }} ${x} %s {0}",
    "日本語のプラグイン" * 5,
    "e\u0301\u0302\u0303" * 12,
    "😀👩\u200d👩\u200d👧" * 8,
    "\x00\x08\x1b\ufffe\ud800x",
    "مكتبة الإضافات",
]


OLD = {"freshness": {"usage": {"as_of": "2020-07-24 00:00:00 +0000", "stale": True}}}


def listed(plugin_id: str = "lamp", **keys: Any) -> Listed:
    data = {
        "id": "lamp",
        "title": "Lamp",
        "description": "Turns a lamp on.",
        "date": date(2020, 1, 2),
        "archive": "https://example.org/a.zip",
    } | keys
    entry, faults = make_entry(data, "lamp", SITE)
    assert not any(fault.fatal for fault in faults)
    document = Document(path="x.md", data=data, body="", body_line=1, front_matter="")
    return Listed(slug="lamp", document=document, entry=entry | {"id": plugin_id})


def files(*plugins: Listed, title: str = "Almanac") -> dict[str, bytes]:
    published = Published(
        documents={},
        listed=plugins,
        state=None,
        site=replace(SITE, title=title),
        settings=None,
        now=datetime(2026, 11, 20, tzinfo=UTC),
    )
    return badges.files(published)


def said(name: str, **keys: Any) -> tuple[str, str]:
    """Return message and colour of a badge of a plugin with these keys."""
    found = files(listed(**keys))
    badge = json.loads(found[f"badges/lamp/{name}.json"])
    drawn = ElementTree.fromstring(found[f"badges/lamp/{name}.svg"])
    assert [node.text for node in drawn.iter(f"{SVG}text")] == [badge["label"], badge["message"]]
    return badge["message"], badge["color"]


def stats(instances: int) -> dict[str, Any]:
    return {"month": {"instances": instances, "install_events": 1}}


def test_a_plugin_has_two_badges_in_two_forms() -> None:
    found = files(listed(stats=stats(23_456)))
    assert sorted(found) == [
        "badges/lamp/python.json",
        "badges/lamp/python.svg",
        "badges/lamp/usage.json",
        "badges/lamp/usage.svg",
    ]
    assert found["badges/lamp/usage.json"] == (
        b'{"schemaVersion":1,"label":"almanac","message":"23,456 in use","color":"#0d6354",'
        b'"cacheSeconds":21600}\n'
    )


@pytest.mark.parametrize(
    ("keys", "message", "color"),
    [
        ({"stats": stats(23_456)}, "23,456 in use", GOOD),
        ({"stats": stats(0)}, "0 in use", GOOD),
        ({}, "unknown", UNKNOWN),
        ({"stats": {"month": {"instances": None}}}, "unknown", UNKNOWN),
        ({"stats": {"month": {"instances": "<b>", "install_events": 1}}}, "unknown", UNKNOWN),
        (
            {"stats": stats(7), "freshness": {"usage": {"as_of": "2026-11-19 00:00:00 +0000"}}},
            "7 in use",
            GOOD,
        ),
        ({"stats": stats(7), **OLD}, "7 in use in July 2020", UNKNOWN),
        ({"stats": stats(7), **OLD, "abandoned": True}, "abandoned, 7 in use in July 2020", WARN),
        ({"stats": stats(7), "abandoned": True}, "abandoned, 7 in use", WARN),
        ({"abandoned": "https://example.org/1"}, "abandoned, unknown", WARN),
        ({"stats": stats(7), "disabled": "It burns."}, "disabled", BAD),
        ({"disabled": True, "abandoned": True}, "disabled", BAD),
    ],
)
def test_the_badge_of_usage_says_what_is_known(keys: dict[str, Any], message: str, color: str) -> None:
    assert said("usage", **keys) == (message, color)


@pytest.mark.parametrize(
    ("keys", "message", "color"),
    [
        ({"compatibility": {"python": ">=3.7, <4"}}, "python >=3.7,<4", GOOD),
        ({"compatibility": {"python": ">=2.7,<3"}}, "python >=2.7,<3", WARN),
        ({"compatibility": {"python": ">=3.14"}}, "python >=3.14", GOOD),
        ({"compatibility": {}}, "python unknown", UNKNOWN),
        ({}, "python unknown", UNKNOWN),
        ({"compatibility": {"python": "</text><script>"}}, "python unknown", UNKNOWN),
        ({"compatibility": {"python": ["<script>"]}}, "python unknown", UNKNOWN),
        ({"compatibility": {"python": ">=3"}, "disabled": True}, "disabled", BAD),
        ({"compatibility": {"python": ">=3"}, "abandoned": True}, "abandoned, python >=3", WARN),
    ],
)
def test_the_badge_of_python_says_what_is_known(keys: dict[str, Any], message: str, color: str) -> None:
    assert said("python", **keys) == (message, color)


def test_a_long_specifier_is_cut() -> None:
    specifier = ",".join(f"!=3.{minor}.*" for minor in range(30))
    message, _ = said("python", compatibility={"python": specifier})
    assert (len(message), message[-1]) == (60, "…")


@pytest.mark.parametrize("plugin_id", ["../../etc/passwd", "a/b", "", ".", "..", "a..b", "a\x00b", ".hidden"])
def test_an_id_that_is_no_name_of_a_folder_has_no_badge(plugin_id: str) -> None:
    assert files(listed(plugin_id)) == {}


def test_of_ids_that_differ_only_in_case_the_first_has_badges() -> None:
    found = files(listed("lamp"), listed("Lamp"), listed("LAMPS"))
    assert {name.split("/")[1] for name in found} == {"Lamp", "LAMPS"}


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_text(title: str) -> None:
    for name, content in files(listed(stats=stats(1)), title=title).items():
        if name.endswith(".json"):
            assert json_schemas.validator("badge").is_valid(json.loads(content))
            continue
        root = ElementTree.fromstring(content)
        assert {node.tag.removeprefix(SVG) for node in root.iter()} == {"svg", "title", "path", "g", "text"}
        beside = json.loads(files(listed(), title=title)["badges/lamp/usage.json"])
        assert root.findtext(f".//{SVG}text") == beside["label"]
        assert not any(key.startswith("on") or "href" in key for node in root.iter() for key in node.attrib)


def test_nothing_turns_the_text_around() -> None:
    content = files(listed(), title="\u202eab\u2066c\u200f")["badges/lamp/usage.json"]
    assert json.loads(content)["label"] == "abc"


def test_without_a_title_there_is_a_label() -> None:
    assert json.loads(files(listed(), title="\u200b")["badges/lamp/usage.json"])["label"] == "plugin"


def test_every_badge_follows_its_schema() -> None:
    found = files(listed(stats=stats(7)), listed("other", disabled=True, title=HOSTILE[0]))
    for name, content in found.items():
        if name.endswith(".json"):
            assert list(json_schemas.validator("badge").iter_errors(json.loads(content))) == []


@pytest.fixture(scope="module")
def browser_page(chromium: Browser) -> Page:
    return chromium.new_page()


BOXES = """() => {
  const root = document.documentElement, width = root.viewBox.baseVal.width;
  const [left, right] = [...root.querySelectorAll("path")].map((path) => path.getBBox());
  const texts = [...root.querySelectorAll("text")].map((node) => {
    const box = node.getBBox();
    node.removeAttribute("textLength");
    return { x: box.x, end: box.x + box.width, top: box.y, bottom: box.y + box.height,
             own: node.getComputedTextLength(), width: box.width };
  });
  return { width, edge: left.width, end: right.x + right.width, texts };
}"""


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("almanac", "23,456 in use"),
        ("almanac", "python >=2.7,!=3.0.*,!=3.1.*,<4"),
        ("WWWWWWWWWWWWWW", "iiiiiiiiiiiiiiiiiiiiiiii"),
        ("a", "b"),
        ("日本語", "😀 & <b>"),
    ],
)
def test_the_text_stands_inside_its_pane(
    browser_page: Page, tmp_path: Path, label: str, message: str
) -> None:
    path = tmp_path / "badge.svg"
    path.write_bytes(badges.drawing(Badge(label=label, message=message, color=GOOD)))
    browser_page.goto(path.as_uri())
    found = browser_page.evaluate(BOXES)
    first, second = found["texts"]
    assert 0 < first["x"] < first["end"] < found["edge"] < second["x"] < second["end"] < found["width"], found
    assert found["end"] == pytest.approx(found["width"])
    for box in found["texts"]:
        assert 0 <= box["top"] < box["bottom"] <= 20
        if (label + message).isascii():  # the table fits, so that nothing is squeezed
            assert box["own"] == pytest.approx(box["width"], abs=1.5)


def test_a_browser_shows_a_badge_as_a_picture(browser_page: Page, tmp_path: Path) -> None:
    for name, content in files(listed(stats=stats(23_456)), title=HOSTILE[0]).items():
        (tmp_path / Path(name).name).write_bytes(content)
    page = tmp_path / "page.html"
    page.write_text('<!doctype html><img src="usage.svg" alt="">', encoding="utf-8")
    browser_page.goto(page.as_uri())
    size = browser_page.evaluate(
        "async () => { const img = document.images[0]; await img.decode();"
        " return [img.naturalWidth, img.naturalHeight]; }"
    )
    drawn = ElementTree.fromstring((tmp_path / "usage.svg").read_bytes())
    assert size == [int(drawn.attrib["width"]), 20]
