"""What machines read of the hostile site: files parse strictly and say what was written, escaped once."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser

from registry.registration.frontmatter import CopyHandler, parse
from registry.text.feed_text import plain
from tests.hostile.catalogue import front_matter, pages
from tests.site.builder import Built
from tests.site.pages_server import serve_files

pytestmark = pytest.mark.xdist_group("attacked")

SVG = "{http://www.w3.org/2000/svg}"
HARMLESS = {
    "svg", "g", "rect", "path", "text", "title", "desc", "mask", "clipPath", "linearGradient", "stop", "defs",
    "circle", "tspan",
}  # fmt: skip


def files(folder: Path, ending: str) -> list[Path]:
    """Return the files below `folder` whose names end so; an identifier may look like one and be a folder."""
    return [path for path in folder.rglob(f"*{ending}") if path.is_file()]


def read(built: Built, name: str) -> Any:
    """Return a JSON file of the site. Constants that no JSON has raise ValueError."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{name}: {constant} is no JSON")

    return json.loads((built.site / name).read_bytes(), parse_constant=refuse)


@pytest.fixture(scope="module")
def registered(attacked: Built) -> dict[str, dict[str, Any]]:
    """Return slug -> front matter, as the registry's own reader has it."""
    folder = attacked.source / "build" / "_plugins"
    slugs = [attack.page for attack in pages()]
    return {
        slug: parse((folder / f"{slug}.md").read_bytes(), slug, patient=True, handler=CopyHandler).data
        for slug in slugs
    }


def test_every_json_file_is_json_of_utf8_without_lone_surrogates(attacked: Built) -> None:
    faults = {}
    for path in files(attacked.site, ".json"):
        try:
            text = path.read_bytes().decode("utf-8")
            json.dumps(json.loads(text), ensure_ascii=False, allow_nan=False).encode("utf-8")
        except (ValueError, UnicodeError) as error:
            faults[str(path.relative_to(attacked.site))] = str(error)
    assert faults == {}


def test_every_xml_file_is_strict_xml_without_a_document_type(attacked: Built) -> None:
    for path in [*files(attacked.site, ".xml"), *files(attacked.site, ".svg")]:
        if "assets" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert "<!DOCTYPE" not in text, path
        assert "<!ENTITY" not in text, path
        ElementTree.fromstring(text)


def test_list_of_installations_holds_each_title_as_it_was_written(
    attacked: Built, registered: dict[str, dict[str, Any]]
) -> None:
    entries = {entry["page"].rsplit("/", 2)[1]: entry for entry in read(attacked, "plugins.json")}
    assert len(entries) > 200
    wrong = {
        slug: entry["title"]
        for slug, entry in entries.items()
        if slug in registered and entry["title"] != plain(registered[slug]["title"])
    }
    assert wrong == {}


def test_document_of_each_plugin_holds_what_was_written(
    attacked: Built, registered: dict[str, dict[str, Any]]
) -> None:
    """Which proves that the attack came in: keys that no page shows are read here."""
    for attack in pages():
        document = read(attacked, f"api/v1/plugins/{attack.page}.json")
        for key in {"title", "description", "homepage", "archive", "stats", "github"} & registered[
            attack.page
        ].keys():
            written = registered[attack.page][key]
            if isinstance(written, str) and written.isprintable():
                assert document[key] == written, attack.name
            elif isinstance(written, dict):
                assert isinstance(document[key], dict), attack.name


def news(attacked: Built) -> Iterator[ElementTree.Element]:
    yield from ElementTree.fromstring((attacked.site / "feed.xml").read_bytes()).iter("item")


def test_news_are_escaped_once_for_xml_and_once_for_html(attacked: Built) -> None:
    entries = {entry["page"]: entry for entry in read(attacked, "plugins.json")}
    items = list(news(attacked))
    assert len(items) == 30
    for item in items:
        entry = entries[item.findtext("link") or ""]
        title, description = item.findtext("title") or "", item.findtext("description") or ""
        assert title == entry["title"].replace("<", "‹").replace(">", "›")
        assert html.unescape(description) == entry["description"]
        assert not re.search(r"<[a-zA-Z!/?]", description)


def test_news_and_sitemap_are_read_by_a_browser_without_an_error(attacked: Built, chromium: Browser) -> None:
    with serve_files(attacked.site) as address:
        # Trusted Types refuse what this test does.
        context = chromium.new_context(bypass_csp=True)
        page = context.new_page()
        page.goto(f"{address}/help/")
        for name in ("feed.xml", "sitemap.xml"):
            found = page.evaluate(
                """async (name) => {
                  const text = await (await fetch(`/${name}`)).text();
                  const read = new DOMParser().parseFromString(text, "application/xml");
                  const count = (what) => read.querySelectorAll(what).length;
                  return [count("parsererror, script, img"), count("item, url")];
                }""",
                name,
            )
            assert found[0] == 0
            assert found[1] >= 30
        context.close()


def test_sitemap_names_the_pages_of_the_site_and_no_other_host(attacked: Built) -> None:
    locations = re.findall(r"<loc>(.*?)</loc>", (attacked.site / "sitemap.xml").read_text(encoding="utf-8"))
    assert len(locations) >= len(pages())
    assert [url for url in locations if not url.startswith("https://plugins.example.org/")] == []


def test_badges_are_pictures_of_text_and_nothing_else(attacked: Built) -> None:
    badges = files(attacked.site / "badges", ".svg")
    assert len(badges) > 200
    for path in badges:
        for node in ElementTree.parse(path).getroot().iter():
            assert node.tag.startswith(SVG), path
            assert node.tag.removeprefix(SVG) in HARMLESS, (path, node.tag)
            for key, value in node.attrib.items():
                assert not key.lower().startswith("on"), path
                assert "href" not in key or value.startswith("#"), path
                assert "url(" not in value or value.startswith("url(#"), path


def test_badges_for_shields_have_its_shape(attacked: Built) -> None:
    for path in files(attacked.site / "badges", ".json"):
        badge = json.loads(path.read_bytes())
        assert badge["schemaVersion"] == 1
        assert {key: type(value) for key, value in badge.items() if key in ("label", "message", "color")} == {
            "label": str, "message": str, "color": str,
        }  # fmt: skip
        assert len(badge["message"]) <= 60, path


def test_files_of_an_identifier_stay_in_their_folder(attacked: Built) -> None:
    root = attacked.source / "build" / "feeds"
    for path in root.rglob("*"):
        assert path.resolve().is_relative_to(root.resolve())
        assert re.fullmatch(r"[A-Za-z0-9_.+-]+", path.name), path
    assert not [path for path in root.rglob("*") if path.stem == "taken"]


def structured(attacked: Built, slug: str) -> list[Any]:
    """Return the JSON-LD of a plugin's page."""
    tree = LexborHTMLParser(attacked.plugin(slug))
    return [json.loads(node.text()) for node in tree.css('script[type="application/ld+json"]')]


def test_structured_data_is_json_that_names_the_plugin_as_its_page_does(attacked: Built) -> None:
    for attack in pages():
        found = structured(attacked, attack.page)
        assert len(found) == 1, attack.name
        heading = LexborHTMLParser(attacked.plugin(attack.page)).css_first("h1").text()
        assert found[0]["@type"] == "SoftwareApplication", attack.name
        assert found[0]["name"] == heading, attack.name


def test_structured_data_leads_nowhere_but_to_web_addresses(attacked: Built) -> None:
    for attack in pages():
        for value in leaves(structured(attacked, attack.page)):
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):(?=\S)", value, re.IGNORECASE)
            if scheme and scheme[1].lower() in {
                "javascript",
                "data",
                "vbscript",
                "file",
                "blob",
                "filesystem",
            }:
                # A text may say so, an address may not.
                assert value in {*map(str, front_matter(attack).values()), attack.name}, (attack.name, value)


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(("name", "attribute"), [("og:title", "title"), ("og:description", "description")])
def test_what_others_show_of_a_page_is_its_own_text(attacked: Built, name: str, attribute: str) -> None:
    for attack in pages():
        tree = LexborHTMLParser(attacked.plugin(attack.page))
        metas = tree.css(f'meta[property="{name}"]')
        assert len(metas) == 1, attack.name
        content = metas[0].attributes["content"] or ""
        shown = tree.css_first("h1" if attribute == "title" else ".lead").text()
        cut = content.removesuffix("...")
        assert shown.startswith(cut) or shown.split() == content.split(), (attack.name, content[:80])


def test_picture_that_others_show_of_a_page_is_the_sites_own(attacked: Built) -> None:
    for attack in pages():
        tree = LexborHTMLParser(attacked.plugin(attack.page))
        for meta in tree.css('meta[property="og:image"]'):
            assert (meta.attributes["content"] or "").startswith("https://plugins.example.org/assets/img/"), (
                attack.name
            )


def test_nothing_of_the_machine_is_published(attacked: Built) -> None:
    for path in attacked.site.rglob("*"):
        if path.is_file() and path.suffix in {".html", ".json", ".xml"}:
            assert b"root:x:0:0" not in path.read_bytes(), path


def test_no_registration_is_left_out_of_the_search_or_shown_twice(attacked: Built) -> None:
    index = read(attacked, "list/index.json")
    blocks = range(-(-index["count"] // index["block"]))
    slugs = [card["slug"] for k in blocks for card in read(attacked, f"list/cards/{k}.json")["cards"]]
    assert len(slugs) == len(set(slugs)) == len(pages()) + 1
    manifest = read(attacked, "search/manifest.json")
    assert (manifest["plugins"], manifest["order"]) == (len(slugs), index["order"])
