"""Registrations made of fragments of attacks, put together by chance: whatever comes, pages stay pages."""

# ruff: noqa: E501 -- fragments are easier to compare side by side

import json
import random
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from registry.registration.frontmatter import dump
from registry.site_check.page import Site, read_page
from tests.hostile.catalogue import BASE, catalogue
from tests.site.builder import Built, build, make_source, write_feeds

pytestmark = pytest.mark.xdist_group("fuzz")

COUNT = 250
SEED = 20261120
PIECES = (
    "<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<svg/onload=alert(1)>", "<img src=x onerror=alert(1)>",
    '"', "'", "`", "<", ">", "&", "&lt;", "&#60;", "&amp;", "{{", "}}", "{%", "%}", "${", "}", "\\", "\\u003c", "\n", "\t",
    "javascript:alert(1)", "data:text/html,", "https://evil.example/", "//", "\u202e", "\u2067", "\u200b", "\u2028",
    "\u0310" * 40, "漢字", "Ос", "😀", "__proto__", "../", "[x](", ")", "![", "](", "**", "| a |", "\n\n", "# ", "> ", "- ",
    "    ", "<style>", "<math>", "<table><tr><td>", "</td>", "<a href=", "<div id=main class=callout>", "{: onclick=x}", "<p",
    "<details open>", "</main>", "<b", "x" * 300, "word ", "1.0", ">=3", "true", "null", "0", "-1", "2020-01-02",
)  # fmt: skip


def text(chance: random.Random) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(1, 12)))


def value(chance: random.Random, like: Any) -> Any:
    """Return something hostile where `like` stands: mostly of the same kind, now and then of another."""
    if chance.random() < 0.12:
        return chance.choice(
            [None, True, 7, -1, 9 * 10**17, "", [], {}, [text(chance)], {text(chance): text(chance)}]
        )
    match like:
        case bool():
            return chance.choice([True, False, text(chance)])
        case int():
            return chance.choice([0, 1, 12, 10**12, -3, text(chance)])
        case dict():
            return {
                (text(chance) if chance.random() < 0.1 else key): value(chance, item)
                if chance.random() < 0.7
                else item
                for key, item in like.items()
            }
        case list():
            return (
                [value(chance, chance.choice(like)) for _ in range(chance.randint(0, 4))]
                if like
                else [text(chance)]
            )
        case str() if like.startswith("http") and chance.random() < 0.5:
            return f"https://example.org/{text(chance)}"
        case _:
            return text(chance)


def registrations() -> dict[str, tuple[dict[str, Any], str]]:
    """Return name -> front matter and body of what chance made; the same for the same seed."""
    chance = random.Random(SEED)
    # Every key that an attack of the catalogue uses, with what it puts there, to make more of the same kind.
    known: dict[str, list[Any]] = {}
    for attack in catalogue().values():
        for key, item in {**BASE, **attack.keys}.items():
            known.setdefault(key, []).append(item)
    made = {}
    for number in range(COUNT):
        keys = {
            key: value(chance, chance.choice(items)) if chance.random() < 0.6 else chance.choice(items)
            for key, items in known.items()
            if chance.random() < 0.75
        }
        body = "".join(chance.choices(PIECES, k=chance.randint(0, 60)))
        made[f"fuzz-{number}"] = (keys, body)
    return made


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("fuzz")
    plugins = make_source(folder)
    (plugins / "innocent.md").write_text(
        dump({"id": "innocent", "title": "Innocent", **BASE}, "x\n"), encoding="utf-8"
    )
    for slug, (keys, body) in registrations().items():
        (plugins / f"{slug}.md").write_text(dump(keys, body), encoding="utf-8", newline="")
    write_feeds(folder)
    return build(folder)


def pages(built: Built) -> list[Path]:
    return [path for path in built.site.rglob("*.html") if path.is_file()]


def test_every_mixture_has_its_page(mixed: Built) -> None:
    assert [
        slug for slug in registrations() if not (mixed.site / "plugins" / slug / "index.html").is_file()
    ] == []


def test_no_mixture_brings_what_must_not_stand_in_a_page(mixed: Built) -> None:
    site = Site(url="https://plugins.example.org")
    faults = {
        str(path.relative_to(mixed.site)): found
        for path in pages(mixed)
        if (found := read_page(path.read_text(encoding="utf-8"), site).faults)
    }
    assert faults == {}


def test_every_mixture_leaves_the_parts_of_the_page_where_they_are(mixed: Built) -> None:
    for path in pages(mixed):
        tree = LexborHTMLParser(path.read_text(encoding="utf-8"))
        if tree.css_first('meta[http-equiv="refresh"]'):
            continue
        children = [node.tag for node in tree.body.iter()] if tree.body else []
        assert [tag for tag in children if tag in ("header", "main", "footer")] == [
            "header",
            "main",
            "footer",
        ], path
        assert len(tree.css("main")) == len(tree.css("h1")) == len(tree.css("footer")) == 1, path
        assert (
            tree.css("[style], iframe, object, embed, base, link[rel=import], [onclick], [srcset]") == []
        ), path


def test_structured_data_of_every_mixture_is_json(mixed: Built) -> None:
    for slug in registrations():
        found = LexborHTMLParser(mixed.plugin(slug)).css('script[type="application/ld+json"]')
        assert len(found) == 1, slug
        assert json.loads(found[0].text())["@type"] == "SoftwareApplication"
