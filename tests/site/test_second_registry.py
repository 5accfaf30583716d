"""A registry of another host, laid over the first: its pages speak of it alone, and of what it asks."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from registry.registration.frontmatter import dump
from tests.site.builder import ROOT, Built, build, make_source, write_feeds

pytestmark = pytest.mark.xdist_group("site")

PLUGIN = {
    "title": "Lens",
    "description": "Looks closer.",
    "author": "Ada",
    "license": "BSD-3-Clause",
    "date": "2026-01-31",
    "homepage": "https://example.org/lens",
    "source": "https://example.org/lens/source",
    "archive": "https://example.org/lens.zip",
    "tags": ["zoom"],
}


def write(plugins: Path, slug: str, **more: object) -> None:
    (plugins / f"{slug}.md").write_text(dump({"id": slug, **PLUGIN, **more}, "Text.\n"), encoding="utf-8")


def text_of(built: Built, name: str) -> str:
    main = LexborHTMLParser(built.text(f"{name}/index.html")).css_first("main")
    assert main is not None
    return " ".join(main.text().split())


@pytest.fixture(scope="module")
def napari(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the site of the example, as a preview."""
    folder = tmp_path_factory.mktemp("napari")
    write(make_source(folder, enriched=False), "lens")
    example = ROOT / "examples" / "napari" / "_config.yml"
    (folder / "over.yml").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    return build(folder)


def test_no_page_speaks_of_the_first_host(napari: Built) -> None:
    pages = sorted(napari.site.rglob("*.html"))
    assert len(pages) > 20
    first = re.compile(r"octoprint|__plugin_pythoncompat__|3d print", re.IGNORECASE)
    assert [str(page) for page in pages if first.search(page.read_text(encoding="utf-8"))] == []
    assert "Plugins for napari" in napari.text("index.html")


def test_help_speaks_of_what_the_registry_asks(napari: Built, tmp_path: Path) -> None:
    write(make_source(tmp_path, enriched=False), "lens")
    compatibility = "{control_property: __runs_on__, default_python: '>=3.8'}"
    over = f"registry:\n  host: {{name: Bench}}\n  compatibility: {compatibility}\n"
    (tmp_path / "over.yml").write_text(over, encoding="utf-8")
    asked = build(tmp_path)
    assert "usage tracking" in text_of(asked, "help/privacy")
    assert "usage tracking" not in text_of(napari, "help/privacy")
    assert "installations of Bench" in text_of(asked, "help/figures")
    assert "usage tracking" not in text_of(napari, "help/figures")
    assert "in its source which Python" in text_of(asked, "help/figures")
    assert "in its source which Python" not in text_of(napari, "help/figures")
    assert '__runs_on__ = ">=3.9,<4"' in text_of(asked, "help/github_integration")
    assert "Python range" not in text_of(napari, "help/github_integration")


def badges(built: Built, slugs: Sequence[str]) -> list[dict[str, list[str]]]:
    """Return the badges of plugins by slug: on their cards, on their pages."""
    cards = LexborHTMLParser(built.text("plugins/index.html")).css(".card")
    pages = {slug: LexborHTMLParser(built.plugin(slug)).css_first(".plugin-head") for slug in slugs}
    on_cards = {card.css_first("a").attributes["href"].split("/")[-2]: card for card in cards}
    return [
        {slug: [badge.text() for badge in found[slug].css(".badge")] for slug in slugs}
        for found in (on_cards, pages)
    ]


@pytest.mark.parametrize("enriched", [True, False])
def test_card_and_page_of_a_plugin_say_the_same_of_python_3(tmp_path: Path, enriched: bool) -> None:
    plugins = make_source(tmp_path, enriched=enriched)
    write(plugins, "silent")
    write(plugins, "patched", compatibility={"python": "==3.7.3"})
    write(plugins, "old", compatibility={"python": ">=2.7,<3"})
    config = tmp_path / "_config.yml"
    text = config.read_text(encoding="utf-8")
    modern = text.replace('default_python: ">=2.7,<3"', 'default_python: ">=3.8"')
    assert modern != text
    config.write_text(modern, encoding="utf-8")
    if enriched:
        write_feeds(tmp_path)
    cards, pages = badges(build(tmp_path), ["silent", "patched", "old"])
    silent = ["Python 3"] if enriched else []
    assert cards == {"silent": silent, "patched": ["Python 3"], "old": ["no Python 3"]}
    assert pages == {"silent": silent, "patched": ["Python 3"], "old": ["no Python 3"]}
