"""The news feed, the sitemap and what stands below `/api/v1/`."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from registry.feeds import api, syndication
from registry.feeds.plugins import Listed, make_entry
from registry.feeds.site import FeedSite, from_settings
from registry.registration.frontmatter import Document, parse
from registry.settings import SettingsError, load_settings
from registry.text.scalars import FloatText

SITE = FeedSite(
    root="https://plugins.example.org",
    title="Almanac <&>",
    description="Plugins & more",
    default_python=">=2.7,<3",
    pages=("/", "/plugins/"),
)
ATOM = "{http://www.w3.org/2005/Atom}"
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def document(**data: Any) -> Document:
    return Document(path="x.md", data=data, body="", body_line=1, front_matter="")


def listed(slug: str = "lamp", **keys: Any) -> Listed:
    data = {
        "id": slug,
        "title": "Lamp",
        "description": "Turns a lamp on.",
        "date": date(2020, 1, 2),
        "archive": "https://example.org/a.zip",
    } | keys
    entry, faults = make_entry(data, slug, SITE)
    assert not any(fault.fatal for fault in faults)
    return Listed(slug=slug, document=document(**data), entry=entry)


def channel(*plugins: Listed) -> Any:
    return ElementTree.fromstring(syndication.news_feed(plugins, SITE)).find("channel")


def test_the_news_tell_of_the_thirty_newest_plugins_first() -> None:
    plugins = [listed(f"p{n:02}", date=date(2020, 1, 1) + timedelta(days=n)) for n in range(40)]
    items = channel(*plugins).findall("item")
    assert [item.findtext("guid") for item in items] == [
        f"https://plugins.example.org/plugins/p{n:02}/" for n in range(39, 9, -1)
    ]


def test_an_item_has_what_a_reader_needs() -> None:
    found = channel(listed())
    item = found.find("item")
    assert item.findtext("title") == "Lamp"
    assert item.findtext("link") == item.findtext("guid") == "https://plugins.example.org/plugins/lamp/"
    assert parsedate_to_datetime(item.findtext("pubDate")) == datetime(2020, 1, 2, tzinfo=UTC)
    assert item.findtext("description") == "Turns a lamp on."
    assert found.find(f"{ATOM}link").attrib == {
        "href": "https://plugins.example.org/feed.xml",
        "rel": "self",
        "type": "application/rss+xml",
    }
    assert found.findtext("lastBuildDate") == "Thu, 02 Jan 2020 00:00:00 +0000"


def test_the_news_are_well_formed_whatever_a_title_holds() -> None:
    hostile = "]]><script>alert('x')</script>\x00\x08\x1b\ufffe\ud800 &amp; \u2028 ä"
    item = channel(listed(title=hostile, description=hostile)).find("item")
    assert item.findtext("title") == "]]›‹script›alert('x')‹/script› &amp; ä"
    # A description is HTML by custom, and must show what was written.
    assert item.findtext("description") == "]]&gt;&lt;script&gt;alert('x')&lt;/script&gt; &amp;amp; ä"


def test_the_sitemap_names_every_page_and_when_it_changed() -> None:
    documents = {
        "b.c+d": document(date=date(2020, 1, 2), github={"last_push": "2021-03-04 05:06:07 +0000"}),
        "a": document(date="nonsense", github=None),
    }
    files = syndication.sitemaps(documents, SITE)
    assert list(files) == ["sitemap.xml"]
    urls = ElementTree.fromstring(files["sitemap.xml"]).findall(f"{MAPS}url")
    assert [(url.findtext(f"{MAPS}loc"), url.findtext(f"{MAPS}lastmod")) for url in urls] == [
        ("https://plugins.example.org/", "2021-03-04"),
        ("https://plugins.example.org/plugins/", "2021-03-04"),
        ("https://plugins.example.org/plugins/a/", None),
        ("https://plugins.example.org/plugins/b.c+d/", "2021-03-04"),
    ]


def test_a_sitemap_that_names_too_many_pages_is_split() -> None:
    documents = {f"p{number}": document() for number in range(5)}
    files = syndication.sitemaps(documents, SITE, limit=3)
    assert list(files) == ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]
    index = ElementTree.fromstring(files["sitemap.xml"])
    assert index.tag == f"{MAPS}sitemapindex"
    assert [node.text for node in index.iter(f"{MAPS}loc")] == [
        f"https://plugins.example.org/sitemap-{number}.xml" for number in (1, 2, 3)
    ]
    parts = [ElementTree.fromstring(files[f"sitemap-{number}.xml"]) for number in (1, 2, 3)]
    assert [len(part) for part in parts] == [3, 3, 1]


def test_the_document_of_a_plugin_is_its_front_matter() -> None:
    raw = b"---\nid: x\ntitle: 1.10\ndate: 2020-01-02\nlist: [1.4, 2, null, yes, .nan]\nslug: no\n---\nBody"
    content = json.loads(api.plugin_document(parse(raw, "x.md"), "lamp", SITE))
    assert content == {
        "id": "x",
        "title": "1.10",
        "date": "2020-01-02",
        "list": ["1.4", 2, None, True, ".nan"],
        "slug": "lamp",
        "schema_version": 1,
        "page": "https://plugins.example.org/plugins/lamp/",
    }


def test_keys_and_fractions_of_a_document_are_text() -> None:
    data = {"versions": {FloatText(1.1, "1.10"): 3}, "when": datetime(2020, 1, 2, 3, 4, 5)}
    content = json.loads(api.plugin_document(document(**data), "lamp", SITE))
    assert content["versions"] == {"1.10": 3}
    assert content["when"] == "2020-01-02T03:04:05"


def test_the_same_state_gives_the_same_bytes() -> None:
    packed = api.compressed(b"{}" * 100)
    assert packed == api.compressed(b"{}" * 100)
    assert packed[4:8] == b"\0\0\0\0"  # no time of making
    assert gzip.decompress(packed) == b"{}" * 100


SETTINGS = """
registry:
  host: {name: OctoPrint, version: "1.11.8"}
  packages: {prefix: octoprint_}
  entry_point_group: octoprint.plugin
  compatibility: {control_property: __plugin_pythoncompat__, default_python: ">=2.7,<3"}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "url: is missing in _config.yml; feeds need the site's address: `url: https://…`"),
        (
            "url: https://example.org\nsitemap_pages: plugins\n",
            "sitemap_pages: must be a list of paths such as `- /plugins/` in _config.yml",
        ),
    ],
)
def test_a_site_without_address_cannot_have_feeds(tmp_path: Any, text: str, message: str) -> None:
    path = tmp_path / "_config.yml"
    path.write_text(text + SETTINGS, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        from_settings(load_settings(str(path)))
    assert str(caught.value) == message


def test_the_site_is_as_the_settings_say(tmp_path: Any) -> None:
    path = tmp_path / "_config.yml"
    text = "url: https://example.org/\nbaseurl: /base\nsitemap_pages: [/, /by_name/]\n" + SETTINGS
    path.write_text(text, encoding="utf-8")
    site = from_settings(load_settings(str(path)))
    assert site.page("a.b+c") == "https://example.org/base/plugins/a.b+c/"
    assert (site.title, site.default_python, site.pages) == ("OctoPrint", ">=2.7,<3", ("/", "/by_name/"))
