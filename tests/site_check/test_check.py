"""The check of a built site: passes what is good, names every kind of fault."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.registration.visible import visible
from registry.site_check.check import MAX_PAGE_BYTES, Kind, check_site
from registry.site_check.feeds import json_faults, schema_of, xml_faults
from registry.site_check.leaving_out import write_errors
from registry.site_check.page import Page, Site, read_page
from tests.site.builder import ROOT, Built

pytestmark = pytest.mark.xdist_group("site")

SITE = Site(url="https://plugins.example.org")


@pytest.fixture
def good(small_site: Built, tmp_path: Path) -> Built:
    """Return a copy of the good site that a test may spoil."""
    shutil.copytree(small_site.site, tmp_path / "_site")
    write_errors(tmp_path / "_site", [])
    full = tmp_path / "_site/plugins/full/index.html"
    # A registration's text has a picture of unknown size: a warning, which has a test of its own.
    full.write_text(
        re.sub(r"<img (?![^>]* width=)[^>]*>", "", full.read_text(encoding="utf-8")), encoding="utf-8"
    )
    return Built(source=small_site.source, site=tmp_path / "_site", output="")


def found(built: Built) -> list[str]:
    faults = check_site(built.site, built.source / "build" / "_plugins", SITE)
    return [f"{fault.file}: {fault.message}" for fault in faults]


def spoil(built: Built, name: str, old: str, new: str) -> None:
    path = built.site / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_good_site_passes(good: Built) -> None:
    assert found(good) == []


KINDS: list[tuple[str, str, str, Kind]] = [
    ("by_name/index.html", "</main>", "<iframe></iframe></main>", "unsafe"),
    ("by_name/index.html", "</main>", '<p id="main"></p></main>', "markup"),
    ("by_name/index.html", "</main>", '<a href="/none/">x</a></main>', "dead-link"),
    (
        "by_name/index.html",
        "</main>",
        '<img src="/assets/img/plugins/x.png" alt="" width="1" height="1">',
        "picture",
    ),
    ("by_name/index.html", "</main>", '<img src="/assets/img/icon.svg" alt="">', "picture"),
    ("plugins/full/index.html", "<h1><bdi>Full", "<h1><bdi>Not full", "other-text"),
    ("plugins/full/index.html", "</main>", "x" * MAX_PAGE_BYTES, "too-large"),
    ("assets/css/site.css", "{", "{ background: url(//evil.example/x);", "unsafe"),
    ("badges/Full/usage.svg", "<title", "<script/><title", "unsafe"),
    ("feed.xml", "<item>", "<item/><item>", "data"),
    ("plugins.json", "[", "[1,", "data"),
]


@pytest.mark.parametrize(("name", "old", "new", "kind"), KINDS)
def test_every_fault_has_its_kind(good: Built, name: str, old: str, new: str, kind: Kind) -> None:
    (good.site / name).write_bytes((good.site / name).read_bytes())  # no link into the feeds of others
    spoil(good, name, old, new)
    faults = check_site(good.site, good.source / "build" / "_plugins", SITE)
    assert {(fault.file, fault.kind) for fault in faults} == {(name, kind)}


def test_a_page_that_is_not_utf8_is_named(good: Built) -> None:
    (good.site / "by_name/index.html").write_bytes(b"\xff")
    assert found(good) == ["by_name/index.html: is not UTF-8"]


def test_a_mistake_of_the_check_costs_one_file(good: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(html: str, site: Site, address: str) -> Page:
        if address == "/plugins/full/":
            raise RecursionError("too deep")
        return read_page(html, site, address)

    monkeypatch.setattr("registry.site_check.check.read_page", fail)
    assert found(good) == ["plugins/full/index.html: cannot be checked (RecursionError: too deep)"]


@pytest.mark.parametrize("name", ["by_tag/index.html", "plugins/index.html", "plugins/former/index.html"])
def test_no_page_hides_what_was_smuggled_by_saying_that_it_is_short(good: Built, name: str) -> None:
    (good.site / "plugins" / "former").mkdir()
    shutil.copy(good.site / "plugins/fuller/index.html", good.site / "plugins/former/index.html")
    spoil(good, name, "</main>", '<article class="narrow left-out"><iframe></iframe></article></main>')
    assert f"{name}: <iframe> may not stand in a page" in found(good)


def test_a_link_to_a_plugin_without_a_page_is_no_fault_of_others(good: Built) -> None:
    spoil(
        good,
        "plugins/full/index.html",
        '<div class="prose">',
        '<div class="prose"><a href="/plugins/bare/#x">',
    )
    shutil.rmtree(good.site / "plugins" / "bare")
    assert found(good) == ["plugins/bare/index.html: is missing: _plugins/bare.md has no page"]


def test_title_that_yaml_reads_as_something_else_is_the_text_that_was_meant(
    good: Built, tmp_path: Path
) -> None:
    plugins = tmp_path / "_plugins"
    shutil.copytree(good.source / "build" / "_plugins", plugins)
    for title, shown in (("2024-01-02", "2024-01-02"), ("3.10", "3.10"), ("404", "404"), ("yes", "true")):
        copy = (good.source / "build/_plugins/full.md").read_text(encoding="utf-8")
        (plugins / "full.md").write_text(
            re.sub(r"(?m)^title: .*$", f"title: {title}", copy), encoding="utf-8"
        )
        page = re.sub(r"<h1><bdi>.*?</bdi>", f"<h1><bdi>{shown}</bdi>", good.plugin("full"))
        (good.site / "plugins/full/index.html").write_text(page, encoding="utf-8")
        assert check_site(good.site, plugins, SITE) == []


def test_a_body_that_shows_front_matter_is_not_taken_for_it(good: Built, tmp_path: Path) -> None:
    plugins = tmp_path / "_plugins"
    shutil.copytree(good.source / "build" / "_plugins", plugins)
    with (plugins / "full.md").open("a", encoding="utf-8") as copy:
        copy.write('\ntitle: "Another"\ndescription: "Does something else."\n')
    assert check_site(good.site, plugins, SITE) == []


@pytest.mark.parametrize(
    "name",
    ["index.html", "404.html", "by_tag/index.html", "help/registering/index.html", "plugins/full/index.html",
     "plugins.json", "feed.xml", "sitemap.xml", "blacklist.json", "api/v1/state.json.gz"],
)  # fmt: skip
def test_missing_file_is_named(good: Built, name: str) -> None:
    (good.site / name).unlink()
    assert any(fault.startswith(f"{name}: is missing") for fault in found(good))


def test_registration_without_a_page_is_named(good: Built) -> None:
    shutil.rmtree(good.site / "plugins" / "retired.one")
    message = "plugins/retired.one/index.html: is missing: _plugins/retired.one.md has no page"
    assert message in found(good)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("plugins.json", b"", "is empty"),
        ("plugins.json", b"[]", "is empty"),
        ("plugins.json", b"null", "is empty"),
        ("plugins.json", b"[1 2]", "is no JSON: Expecting ',' delimiter: line 1 column 4 (char 3)"),
        ("notices.json", b"[NaN]", "is no JSON: NaN is no number"),
        ("notices.json", b"[-Infinity]", "is no JSON: -Infinity is no number"),
        ("notices.json", b"\xef\xbb\xbf[]", "begins with a byte order mark, on which clients fail"),
        ("notices.json", b"[\"\xff\"]", "is not UTF-8"),
        ("blocklist.json", b"null", "is empty"),
        ("update_check_overlay.json", b"[]", "the whole: [] is not of type \"object\""),
        ("api/v1/state.json.gz", b"{}",
         "is no gzip file: Error -3 while decompressing data: incorrect header check"),
        ("api/v1/plugins/full.json", b"{1}",
         "is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("badges/Full/usage.json", b"{}", "the whole: \"schemaVersion\" is a required property"),
        ("badges/Full/usage.svg", b"<svg>", "is no XML: no element found: line 1, column 5"),
        ("feed.xml", b"<rss><channel></channel></rss>", "names no plugin"),
        ("feed.xml", b"<rss>", "is no XML: no element found: line 1, column 5"),
        ("sitemap.xml", b"<urlset/>", "names no page"),
        ("sitemap.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "is no XML: declares entities"),
    ],
)  # fmt: skip
def test_bad_feed_is_refused(good: Built, name: str, content: bytes, message: str) -> None:
    (good.site / name).write_bytes(content)
    assert f"{name}: {message}" in found(good)


def test_feed_that_breaks_its_schema_is_refused(good: Built) -> None:
    path = good.site / "plugins.json"
    entries = json.loads(path.read_bytes())
    entries[0]["compatibility"]["python"] = 3
    del entries[1]["id"]
    path.write_text(json.dumps(entries), encoding="utf-8")
    faults = found(good)
    assert any(fault.startswith("plugins.json: 0.compatibility.python: 3 is not of type") for fault in faults)
    assert 'plugins.json: 1: "id" is a required property' in faults


def test_state_is_checked_inside_its_gzip(good: Built) -> None:
    (good.site / "api/v1/state.json.gz").write_bytes(gzip.compress(b"[NaN]"))
    assert "api/v1/state.json.gz: is no JSON: NaN is no number" in found(good)


def test_news_without_a_date_that_clients_read_is_refused(good: Built) -> None:
    item = "<item><title>a</title><link>https://plugins.example.org/</link><pubDate>{}</pubDate></item>"
    feed = "<rss><channel>{}</channel></rss>"
    content = feed.format(item.format("yesterday") + "<item><title>b</title></item>")
    (good.site / "feed.xml").write_text(content, encoding="utf-8")
    assert [fault for fault in found(good) if fault.startswith("feed.xml")] == [
        "feed.xml: item 1 has a date that clients cannot read: 'yesterday'",
        "feed.xml: item 2 has no link",
        "feed.xml: item 2 has no pubDate",
    ]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ('<a href="/plugins/nobody/">x</a>', "links to /plugins/nobody/, which is not there"),
        ('<a href="nothing.html?x=1#y">x</a>', "links to /plugins/full/nothing.html, which is not there"),
        ('<a href="https://plugins.example.org/no/">x</a>', "links to /no/, which is not there"),
        ('<a href="/help/#nothing">x</a>', "links to /help/#nothing: that page has no such id"),
        ('<a href="#nothing">x</a>', "links to /plugins/full/#nothing: that page has no such id"),
        (
            '<img src="/assets/img/no.png" alt="" width="1" height="1">',
            "links to /assets/img/no.png, which is not there",
        ),
    ],
)
def test_broken_link_is_refused(good: Built, link: str, message: str) -> None:
    spoil(good, "plugins/full/index.html", '<div class="prose">', f'<div class="prose">{link}')
    assert found(good) == [f"plugins/full/index.html: {message}"]


def test_links_with_query_and_known_fragment_are_good(good: Built) -> None:
    hrefs = ("/search/?q=a", "/plugins/bare/#main", "#main", "../bare/")
    links = "".join(f'<a href="{href}">x</a>' for href in hrefs)
    spoil(good, "plugins/full/index.html", '<div class="prose">', f'<div class="prose">{links}')
    assert found(good) == []


def test_missing_picture_of_a_registration_is_a_warning(good: Built) -> None:
    picture = '<img src="/assets/img/plugins/old/gone.png" alt="" width="1" height="1">'
    spoil(good, "plugins/full/index.html", '<div class="prose">', f'<div class="prose">{picture}')
    message = "links to /assets/img/plugins/old/gone.png, which is not there"
    assert found(good) == [f"plugins/full/index.html: {message}"]


def test_link_in_a_feed_to_a_page_that_is_not_there_is_refused(good: Built) -> None:
    spoil(good, "sitemap.xml", "/plugins/full/", "/plugins/filled/")
    spoil(
        good, "feed.xml", "<link>https://plugins.example.org/plugins/", "<link>https://evil.example/plugins/"
    )
    faults = found(good)
    assert "sitemap.xml: links to /plugins/filled/, which is not there" in faults
    assert any(
        fault.startswith("feed.xml: names a page of another site: 'https://evil.example/") for fault in faults
    )


OURS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'"
)
FRAMES = OURS.replace("require", "frame-src https://www.youtube-nocookie.com; require")


def policy(content: str) -> str:
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def page(html: str = "", *, head: str = "", csp: str = OURS, address: str = "/plugins/x/") -> list[str]:
    """Return what is wrong with a good page in which `html` was put."""
    canonical = f'<link rel="canonical" href="{SITE.url}{address}">'
    text = (
        f'<!doctype html><html lang="en"><head>{policy(csp)}{canonical}{head}</head>'
        f'<body><main id="main"><h1>X</h1><div class="prose"></div>{html}</main></body></html>'
    )
    return read_page(text, SITE, address).faults


@pytest.mark.parametrize(
    "html",
    [
        '<svg viewBox="0 0 9 9" width="9" height="9" role="img" aria-labelledby="t"><title id="t">x</title>'
        '<desc>y</desc><g transform="rotate(3)"><path d="M0 0" fill="none" stroke="currentColor"/>'
        '<rect x="1" y="1" rx="2" width="3" height="4"/><circle cx="1" cy="1" r="1"/><line x1="0" x2="1"/>'
        '<polyline points="0,0 1,1" class="line"/><text text-anchor="end" x="1">7</text></g></svg>',
        '<dialog id="d"><button type="button">x</button></dialog>',
        '<form action="/plugins/" method="get"><fieldset><legend>x</legend><label for="s">y</label>'
        '<select id="s" name="sort"><optgroup label="z"><option value="hot">Hot</option></optgroup></select>'
        '<input list="l"><datalist id="l"><option>a</option></datalist><output for="s">3</output>'
        "</fieldset></form>",
        "<details><summary>x</summary>y</details>",
        '<meter value="1" max="2">1</meter><progress></progress>',
        '<script type="application/ld+json">{"@context": "https://schema.org"}</script>',
        '<script src="/assets/js/theme.js"></script><script src="/assets/js/a.js" type="module"></script>',
        '<link rel="alternate" href="https://evil.example/feed.xml">',
        '<meta property="og:image" content="https://evil.example/x.png">',
        '<a href="https://elsewhere.example/">x</a>',
        '<img src="/a.png" alt="" width="1" height="1">',
        "<h2>x</h2><h4>y</h4>",
        '<p aria-describedby="main">x</p>',
    ],
)  # fmt: skip
def test_what_our_pages_write_is_good(html: str) -> None:
    assert page(html) == []


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("<script>alert(1)</script>", "a script that is not ours: 'alert(1)'"),
        ('<script src="//evil.example/x.js"></script>', "a script that is not ours: '//evil.example/x.js'"),
        ('<script src="/assets/js/search.js">x()</script>', "a script that is not ours: 'x()'"),
        ('<script src="/plugins/x.js"></script>', "a script that is not ours: '/plugins/x.js'"),
        ('<script type="importmap">{}</script>', "a script that is not ours: '{}'"),
        ('<script type="speculationrules" src="/assets/js/a.js"></script>',
         "a script that is not ours: '/assets/js/a.js'"),
        ('<script type="application/ld+json">{"@context": 1, "a": "<b>"}</script>',
         "its JSON-LD holds a `<`, which could end it"),
        ('<script type="application/ld+json">{"name": "x"}</script>', "its JSON-LD has no @context"),
        ('<script type="application/ld+json">[]</script>', "its JSON-LD has no @context"),
        ('<script type="application/ld+json">{} x</script>',
         "its JSON-LD is no JSON: Extra data: line 1 column 4 (char 3)"),
        ('<p onclick="x()">y</p>', "<p> has the event handler onclick"),
        ('<svg onload="x()"></svg>', "<svg> has the event handler onload"),
        ('<a href="javascript:x()">y</a>', "<a href> has an address of the kind javascript:"),
        ('<a href=" java\tscript:x()">y</a>', "<a href> has an address of the kind javascript:"),
        ('<img src="data:image/png;base64,AA" alt="">', "<img src> has an address of the kind data:"),
        ('<p style="color: red">y</p>', "<p> has the attribute style"),
        ('<svg style="color: red"></svg>', "<svg> has the attribute style"),
        ('<img srcset="/a.png 2x" alt="">', "<img> has the attribute srcset"),
        ('<a href="/" ping="https://evil.example/">x</a>', "<a> has the attribute ping"),
        ('<button formaction="/x">x</button>', "<button> has the attribute formaction"),
        ("<iframe></iframe>", "<iframe> may not stand in a page"),
        ("<object></object>", "<object> may not stand in a page"),
        ("<embed>", "<embed> may not stand in a page"),
        ('<base href="/">', "<base> may not stand in a page"),
        ("<style>a{}</style>", "<style> may not stand in a page"),
        ("<template></template>", "<template> may not stand in a page"),
        ("<math></math>", "<math> may not stand in a page"),
        ("<video></video>", "<video> may not stand in a page"),
        ("<svg><foreignObject></foreignObject></svg>", "<foreignObject> may not stand in a page"),
        ('<svg><use href="/x.svg#a"/></svg>', "<use> may not stand in a page"),
        ('<svg><animate attributeName="href"/></svg>', "<animate> may not stand in a page"),
        ("<svg><style>a{}</style></svg>", "<style> may not stand in a page"),
        ("<svg><image/></svg>", "<image> may not stand in a page"),
        ('<svg><path href="/x"/></svg>', "<path> has the attribute href"),
        ('<svg><path marker-end="x"/></svg>', "<path> has the attribute marker-end"),
        ('<svg><path fill="URL (//evil.example/#a)"/></svg>', "<path fill> loads 'URL (//evil.example/#a)'"),
        ('<meta http-equiv="refresh" content="0; url=https://evil.example/">',
         "<meta> sends the reader to '0; url=https://evil.example/'"),
        ('<meta http-equiv="refresh" content="0; url=//evil.example/">',
         "<meta> sends the reader to '0; url=//evil.example/'"),
        ('<meta http-equiv="refresh" content="0; url=/&#92;evil.example/">',
         "<meta> sends the reader to '0; url=/\\\\evil.example/'"),
        ('<meta http-equiv="set-cookie" content="x">', "<meta> has http-equiv='set-cookie'"),
        ('<form action="https://evil.example/"></form>', "a form is sent to 'https://evil.example/'"),
        ('<img src="https://evil.example/x" alt="">', "<img> loads 'https://evil.example/x' from elsewhere"),
        ('<input type="image" src="//evil.example/x.png" alt="">',
         "<input> loads '//evil.example/x.png' from elsewhere"),
        ('<iframe src="//evil.example/"></iframe>', "<iframe> loads '//evil.example/' from elsewhere"),
        ('<video poster="//evil.example/x"></video>', "<video> loads '//evil.example/x' from elsewhere"),
        ('<object data="//evil.example/x"></object>', "<object> loads '//evil.example/x' from elsewhere"),
        ('<audio><source src="//evil.example/x">', "<source> loads '//evil.example/x' from elsewhere"),
        ('<link rel="stylesheet" href="//evil.example/x.css">',
         "<link> loads '//evil.example/x.css' from elsewhere"),
        ('<link rel="icon" href="https://evil.example/x.png">',
         "<link> loads 'https://evil.example/x.png' from elsewhere"),
        ('<link rel="alternate preload" href="https://evil.example/x">',
         "<link> loads 'https://evil.example/x' from elsewhere"),
        ('<link rel="preconnect" href="https://evil.example">',
         "<link> loads 'https://evil.example' from elsewhere"),
        ('<link href="https://evil.example">', "<link> loads 'https://evil.example' from elsewhere"),
        ('<img src="/a.png">', "a picture has no alt: '/a.png'"),
        ("<h1>another</h1>", "has 2 <h1>, not one"),
        ('<p id="main">y</p>', "the id 'main' stands twice"),
        ('<section aria-labelledby="main gone"></section>',
         "aria-labelledby names the id 'gone', which is not there"),
        ('<p aria-describedby="gone"></p>', "aria-describedby names the id 'gone', which is not there"),
        ('<label for="gone">x</label>', "for names the id 'gone', which is not there"),
        ('<div class="prose"><svg></svg></div>', "<svg> may not stand in a body"),
        ('<div class="prose"><p><select></select></p></div>', "<select> may not stand in a body"),
        ('<div class="prose"><script src="/assets/js/a.js">', "<script> may not stand in a body"),
        (policy("default-src *"), "has 2 Content-Security-Policies, not one"),
        ('<link rel="canonical" href="/">', "has 2 canonical links, not one"),
    ],
)  # fmt: skip
def test_what_was_smuggled_in_is_refused(html: str, message: str) -> None:
    assert message in page(html)


def test_a_drawing_may_stand_in_the_text_of_a_page_that_is_ours() -> None:
    assert page('<div class="prose"><svg></svg></div>', address="/help/") == []


def test_what_was_smuggled_into_a_built_page_is_refused(good: Built) -> None:
    spoil(good, "plugins/full/index.html", '<div class="prose">', '<div class="prose"><svg></svg>')
    assert found(good) == ["plugins/full/index.html: <svg> may not stand in a body"]


@pytest.mark.parametrize("content", [OURS, FRAMES, OURS.replace("; ", ";  ")])
def test_policies_of_ours_are_good(content: str) -> None:
    assert page(csp=content) == []


@pytest.mark.parametrize(
    "content",
    [
        "default-src 'none'; base-uri 'none'",
        OURS.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        OURS.replace("img-src 'self'", "img-src 'self' https:"),
        OURS.replace("form-action 'self'; ", ""),
        f"{OURS}; script-src-elem *",
        f"script-src *; {OURS}",
        FRAMES.replace("www.youtube-nocookie.com", "evil.example"),
        FRAMES.replace("youtube-nocookie.com", "youtube-nocookie.com https:"),
    ],
)
def test_any_other_policy_is_refused(content: str) -> None:
    assert page(csp=content) == [f"has a Content-Security-Policy that is not ours: {content!r}"]


MOVED = (
    f'<html lang="en">{policy("default-src &#39;none&#39;; base-uri &#39;none&#39;")}'
    '<meta http-equiv="refresh" content="0; url=/plugins/new/">{}<h1>x</h1>'
)


@pytest.mark.parametrize(
    "canonical", ["", '<link rel="canonical" href="https://plugins.example.org/plugins/new/">']
)
def test_page_that_has_moved_needs_less(canonical: str) -> None:
    assert read_page(MOVED.replace("{}", canonical), SITE, "/plugins/old/").faults == []


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("https://evil.example/plugins/x/", "/plugins/x/"),
        ("https://plugins.example.org/plugins/y/", "/plugins/x/"),
        ("https://plugins.example.org/", "/page/2/"),
        ("/plugins/x/", "/plugins/x/"),
        ("plugins/x/", "/plugins/x/"),
        ("", "/plugins/x/"),
    ],
)
def test_canonical_link_to_another_page_is_refused(href: str, address: str) -> None:
    html = f'<html lang="en">{policy(OURS)}<link rel="canonical" href="{href}"><h1>x</h1>'
    assert read_page(html, SITE, address).faults == [f"its canonical link is {href!r}, not its own address"]


def test_canonical_link_is_there() -> None:
    html = f'<html lang="en">{policy(OURS)}<h1>x</h1>'
    assert read_page(html, SITE, "/").faults == ["has 0 canonical links, not one"]


def test_canonical_link_may_be_percent_encoded() -> None:
    html = f'<html lang="en">{policy(OURS)}<link rel="canonical" href="{SITE.url}/by_tag/%C3%A4/"><h1>x</h1>'
    assert read_page(html, SITE, "/by_tag/ä/").faults == []


def test_heading_before_the_title_is_refused() -> None:
    html = f'<html lang="en">{policy(OURS)}<h2>Menu</h2><h1>x</h1>'
    assert read_page(html, SITE).faults == ["begins with <h2> 'Menu', not with its <h1>"]


def test_picture_without_its_size_is_a_warning(good: Built) -> None:
    picture = '<img src="/assets/img/icon.svg" alt="" width="1">' * 2
    spoil(good, "plugins/full/index.html", '<div class="prose">', f'<div class="prose">{picture}')
    message = "has 2 pictures without width and height"
    assert found(good) == [f"plugins/full/index.html: {message}"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<bdi>Full Measure</bdi>", "<bdi>Full <b>Measures</b></bdi>",
         "its heading is 'Full Measures', not the title 'Full Measure'"),
        ("plugin &amp; more.</bdi>", "plugin &amp;amp; more.</bdi>",
         "its description reads 'Shows everything that can be known of a plugin &amp; more.', not "
         "'Shows everything that can be known of a plugin & more.'"),
        (' lang="en"', "", "<html> has no lang"),
        ('http-equiv="Content-Security-Policy"', 'name="x"', "has no Content-Security-Policy"),
        ("/img/social.png", "/img/no.png", "links to /assets/img/no.png, which is not there"),
    ],
)  # fmt: skip
def test_page_that_is_not_as_it_should_be_is_refused(good: Built, old: str, new: str, message: str) -> None:
    name = "by_name/index.html" if "social" in old else "plugins/full/index.html"
    spoil(good, name, old, new)
    assert found(good) == [f"{name}: {message}"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a { background: url(https://evil.example/x.png) }", "loads from elsewhere: 'https://evil.example/x.png'"),
        ("a { background: URL( '//evil.example/x' ) }", "loads from elsewhere: '//evil.example/x'"),
        ('@import "https://evil.example/x.css";', "loads from elsewhere: 'https://evil.example/x.css'"),
        ("@import url(//evil.example/x.css);", "loads from elsewhere: '//evil.example/x.css'"),
        ("a { background: url(data:image/png,AA) }", "loads from elsewhere: 'data:image/png,AA'"),
        ("a { background: url(gone.svg) }", "links to /assets/css/gone.svg, which is not there"),
        ('a { background: image-set("x.png" 1x) }', "uses image-set(), whose addresses are not checked"),
        (r"a { background: u\72l(//evil.example/x) }", "holds an escape, which could hide an address"),
    ],
)  # fmt: skip
def test_style_sheet_that_loads_from_elsewhere_is_refused(good: Built, content: str, message: str) -> None:
    (good.site / "assets/css/extra.css").write_text(content, encoding="utf-8")
    assert found(good) == [f"assets/css/extra.css: {message}"]


def test_style_sheet_may_load_from_this_site_and_speak_of_others(good: Built) -> None:
    content = (
        r"""/* url(https://evil.example/) */ a { background: url("../img/icon.svg"); content: "\2192" }"""
    )
    (good.site / "assets/css/extra.css").write_text(content, encoding="utf-8")
    assert found(good) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            'import { a } from "https://evil.example/x.js";',
            "loads from elsewhere: 'https://evil.example/x.js'",
        ),
        ("const a = await import('./gone.js');", "links to /assets/js/gone.js, which is not there"),
    ],
)
def test_script_that_imports_what_is_not_ours_is_refused(good: Built, content: str, message: str) -> None:
    (good.site / "assets/js/extra.js").write_text(content, encoding="utf-8")
    assert found(good) == [f"assets/js/extra.js: {message}"]


def test_script_may_import_its_neighbour(good: Built) -> None:
    (good.site / "assets/js/extra.js").write_text('import "./theme.js";', encoding="utf-8")
    assert found(good) == []


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        ("<script>x()</script>", "<script> may not stand in a drawing"),
        ('<s:script xmlns:s="http://www.w3.org/2000/svg"/>', "<s:script> may not stand in a drawing"),
        ("<foreignObject/>", "<foreignObject> may not stand in a drawing"),
        ('<g onclick="x()"/>', "<g> has the event handler onclick"),
        ('<image href="https://evil.example/x.png"/>', "<image href> loads 'https://evil.example/x.png'"),
        ('<use href="//evil.example/x.svg#a"/>', "<use href> loads '//evil.example/x.svg#a'"),
        ('<a href=" java&#9;script:x()"/>', "<a href> has an address of the kind javascript:"),
        ('<g style="fill: url(//evil.example/x)"/>', "<g style> loads 'fill: url(//evil.example/x)'"),
        ("<style>@import '//evil.example/x.css';</style>", "its styles load something"),
        ("<style>a { fill: url( //evil.example/x) }</style>", "its styles load something"),
    ],
)
def test_drawing_that_does_something_is_refused(good: Built, inner: str, message: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>'
    (good.site / "assets/img/plugins/full/main.svg").write_text(svg, encoding="utf-8")
    assert found(good) == [f"assets/img/plugins/full/main.svg: {message}"]


def test_drawing_that_is_only_looked_at_is_good(good: Built) -> None:
    inner = '<image href="data:image/png;base64,AA"/><a href="https://example.org/"><g fill="url(#a)"/></a>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><style>a {{ fill: url(#a) }}</style>{inner}</svg>'
    (good.site / "assets/img/plugins/full/main.svg").write_text(svg, encoding="utf-8")
    assert found(good) == []


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("plugins.json", "plugins"),
        ("api/v1/history/lamp.json", "history"),
        ("badges/lamp/usage.json", "badge"),
        ("list/cards/0.json", "list-cards"),
        ("api/v1/plugins/lamp.json", None),
    ],
)
def test_files_that_there_are_many_of_have_one_schema(name: str, schema: str | None) -> None:
    assert schema_of(name) == schema


def test_links_are_read_below_the_baseurl() -> None:
    start = f'<html lang="en">{policy(OURS)}<h1>x</h1>'
    read = read_page(f'{start}<a href="/base/plugins/">a</a><a href="/other/">b</a>', Site(baseurl="/base"))
    assert read.links == {"/plugins/", "/outside the site:/other/"}
    assert read.faults == []


def test_visible_text_has_no_controls() -> None:
    assert visible(" a\x00b\n\n c\u2028d\u0085 ") == "a b c d"


def test_json_bomb_in_gzip_is_refused_by_its_nesting() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    assert json_faults(gzip.compress(deep), "x.json.gz") == ["is nested too deeply"]


def test_sitemap_index_names_its_parts() -> None:
    content = b"<sitemapindex><sitemap><loc>https://a.example/s1.xml</loc></sitemap></sitemapindex>"
    assert xml_faults(content, "sitemap.xml") == ([], ["https://a.example/s1.xml"])


@pytest.fixture
def run(good: Built) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command on the good site."""

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        script = ROOT / "scripts" / "check_site.py"
        defaults = ["--config", str(ROOT / "_config.yml"), "--build", str(good.source / "build")]
        return subprocess.run(
            [sys.executable, str(script), *(arguments or [str(good.site)]), *defaults],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return command


def test_command_passes_the_good_site(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    process = run()
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")


def test_command_names_every_fault(good: Built, run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    (good.site / "404.html").unlink()
    (good.site / "notices.json").write_bytes(b"[NaN]")
    process = run(str(good.site), "--format", "json")
    assert process.returncode == 1
    told = [(row["file"], row["level"], row["code"], row["message"]) for row in json.loads(process.stdout)]
    assert told == [
        ("404.html", "error", "missing", "is missing"),
        ("notices.json", "error", "data", "is no JSON: NaN is no number"),
    ]
    assert process.stderr == (
        "404.html:1: error: is missing [missing]\n"
        "notices.json:1: error: is no JSON: NaN is no number [data]\n"
        "check_site: the site must not be published: 404.html is missing; notices.json is no JSON: NaN is no "
        "number\n"
    )


def test_command_refuses_wrong_usage(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    process = run("nowhere")
    assert (process.returncode, process.stderr) == (2, "check_site: there is no folder nowhere\n")


def test_another_baseurl_is_another_site(
    good: Built, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    process = run(str(good.site), "--baseurl", "/base/")
    assert process.returncode == 1
    assert (
        "error: 404.html links to /, which is outside of the site's baseurl [dead-link]\n" in process.stderr
    )
