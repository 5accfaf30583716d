"""The check of a built site: passes what is good, names every kind of fault."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.site_check import check_site
from registry.site_feeds import json_faults, xml_faults
from registry.site_page import Site, read_page, visible
from tests.site.builder import ROOT, Built

pytestmark = pytest.mark.xdist_group("site")

SITE = Site(url="https://plugins.example.org")


@pytest.fixture
def good(small_site: Built, tmp_path: Path) -> Built:
    """Return a copy of the good site that a test may spoil."""
    shutil.copytree(small_site.site, tmp_path / "_site")
    return Built(source=small_site.source, site=tmp_path / "_site", output="")


def found(built: Built) -> list[str]:
    faults = check_site(built.site, built.source / "build" / "_plugins", SITE)
    return [f"{fault.file}: {fault.level}: {fault.message}" for fault in faults]


def spoil(built: Built, name: str, old: str, new: str) -> None:
    path = built.site / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_good_site_passes(good: Built) -> None:
    assert found(good) == []


@pytest.mark.parametrize(
    "name",
    ["index.html", "404.html", "by_tag/index.html", "help/registering/index.html", "plugins/full/index.html",
     "plugins.json", "feed.xml", "sitemap.xml", "blacklist.json", "api/v1/state.json.gz"],
)  # fmt: skip
def test_missing_file_is_named(good: Built, name: str) -> None:
    (good.site / name).unlink()
    assert any(fault.startswith(f"{name}: error: is missing") for fault in found(good))


def test_registration_without_a_page_is_named(good: Built) -> None:
    shutil.rmtree(good.site / "plugins" / "retired.one")
    message = "plugins/retired.one/index.html: error: is missing: _plugins/retired.one.md has no page"
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
        ("search/index.json", b"", "is empty"),
        ("feed.xml", b"<rss><channel></channel></rss>", "names no plugin"),
        ("feed.xml", b"<rss>", "is no XML: no element found: line 1, column 5"),
        ("sitemap.xml", b"<urlset/>", "names no page"),
        ("sitemap.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "is no XML: declares entities"),
    ],
)  # fmt: skip
def test_bad_feed_is_refused(good: Built, name: str, content: bytes, message: str) -> None:
    (good.site / name).write_bytes(content)
    assert f"{name}: error: {message}" in found(good)


def test_feed_that_breaks_its_schema_is_refused(good: Built) -> None:
    path = good.site / "plugins.json"
    entries = json.loads(path.read_bytes())
    entries[0]["compatibility"]["python"] = 3
    del entries[1]["id"]
    path.write_text(json.dumps(entries), encoding="utf-8")
    faults = found(good)
    assert any(
        fault.startswith("plugins.json: error: 0.compatibility.python: 3 is not of type") for fault in faults
    )
    assert 'plugins.json: error: 1: "id" is a required property' in faults


def test_state_is_checked_inside_its_gzip(good: Built) -> None:
    (good.site / "api/v1/state.json.gz").write_bytes(gzip.compress(b"[NaN]"))
    assert "api/v1/state.json.gz: error: is no JSON: NaN is no number" in found(good)


def test_news_without_a_date_that_clients_read_is_refused(good: Built) -> None:
    item = "<item><title>a</title><link>https://plugins.example.org/</link><pubDate>{}</pubDate></item>"
    feed = "<rss><channel>{}</channel></rss>"
    content = feed.format(item.format("yesterday") + "<item><title>b</title></item>")
    (good.site / "feed.xml").write_text(content, encoding="utf-8")
    assert [fault for fault in found(good) if fault.startswith("feed.xml")] == [
        "feed.xml: error: item 1 has a date that clients cannot read: 'yesterday'",
        "feed.xml: error: item 2 has no link",
        "feed.xml: error: item 2 has no pubDate",
    ]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ('<a href="/plugins/nobody/">x</a>', "links to /plugins/nobody/, which is not there"),
        ('<a href="nothing.html?x=1#y">x</a>', "links to /plugins/full/nothing.html, which is not there"),
        ('<a href="https://plugins.example.org/no/">x</a>', "links to /no/, which is not there"),
        ('<a href="/help/#nothing">x</a>', "links to /help/#nothing: that page has no such id"),
        ('<a href="#nothing">x</a>', "links to /plugins/full/#nothing: that page has no such id"),
        ('<img src="/assets/img/no.png" alt="">', "links to /assets/img/no.png, which is not there"),
    ],
)
def test_broken_link_is_refused(good: Built, link: str, message: str) -> None:
    spoil(good, "plugins/full/index.html", '<div class="prose">', f'<div class="prose">{link}')
    assert found(good) == [f"plugins/full/index.html: error: {message}"]


def test_links_with_query_and_known_fragment_are_good(good: Built) -> None:
    hrefs = ("/search/?q=a", "/plugins/bare/#facts", "#install", "../bare/")
    links = "".join(f'<a href="{href}">x</a>' for href in hrefs)
    spoil(good, "plugins/full/index.html", '<div class="prose">', f'<div class="prose">{links}')
    assert found(good) == []


def test_missing_picture_of_a_registration_is_a_warning(good: Built) -> None:
    picture = '<img src="/assets/img/plugins/old/gone.png" alt="">'
    spoil(good, "plugins/full/index.html", '<div class="prose">', f'<div class="prose">{picture}')
    message = "links to /assets/img/plugins/old/gone.png, which is not there"
    assert found(good) == [f"plugins/full/index.html: warning: {message}"]


def test_link_in_a_feed_to_a_page_that_is_not_there_is_refused(good: Built) -> None:
    spoil(good, "sitemap.xml", "/plugins/full/", "/plugins/filled/")
    spoil(
        good, "feed.xml", "<link>https://plugins.example.org/plugins/", "<link>https://evil.example/plugins/"
    )
    faults = found(good)
    assert "sitemap.xml: error: links to /plugins/filled/, which is not there" in faults
    assert any(
        fault.startswith("feed.xml: error: names a page of another site: 'https://evil.example/")
        for fault in faults
    )


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("<script>alert(1)</script>", "a script that is not ours: 'alert(1)'"),
        ('<script src="//evil.example/x.js"></script>', "a script that is not ours: '//evil.example/x.js'"),
        ('<script src="/assets/js/search.js">x()</script>', "a script that is not ours: 'x()'"),
        ('<p onclick="x()">y</p>', "<p> has the event handler onclick"),
        ('<a href="javascript:x()">y</a>', "<a href> has an address of the kind javascript:"),
        ('<a href=" java\tscript:x()">y</a>', "<a href> has an address of the kind javascript:"),
        ('<img src="data:image/png;base64,AA" alt="">', "<img src> has an address of the kind data:"),
        ('<p style="color: red">y</p>', "<p> has the attribute style"),
        ('<img srcset="/a.png 2x" alt="">', "<img> has the attribute srcset"),
        ("<iframe></iframe>", "<iframe> may not stand in a page"),
        ("<object></object>", "<object> may not stand in a page"),
        ("<embed>", "<embed> may not stand in a page"),
        ('<base href="/">', "<base> may not stand in a page"),
        ("<style>a{}</style>", "<style> may not stand in a page"),
        ("<svg></svg>", "<svg> may not stand in a page"),
        ("<template></template>", "<template> may not stand in a page"),
        ('<meta http-equiv="refresh" content="0; url=https://evil.example/">',
         "<meta> sends the reader to '0; url=https://evil.example/'"),
        ('<form action="https://evil.example/"></form>', "a form is sent to 'https://evil.example/'"),
        ('<link rel="stylesheet" href="//evil.example/x.css">',
         "<link> loads '//evil.example/x.css' from elsewhere"),
        ("<h1>another</h1>", "has 2 <h1>, not one"),
        ('<p id="facts">y</p>', "the id 'facts' stands twice"),
    ],
)  # fmt: skip
def test_what_was_smuggled_in_is_refused(good: Built, html: str, message: str) -> None:
    spoil(good, "plugins/full/index.html", '<div class="prose">', f'<div class="prose">{html}')
    assert f"plugins/full/index.html: error: {message}" in found(good)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<h1>Full Measure</h1>", "<h1>Full <b>Measures</b></h1>",
         "its heading is 'Full Measures', not the title 'Full Measure'"),
        ("plugin &amp; more.</p>", "plugin &amp;amp; more.</p>",
         "its description reads 'Shows everything that can be known of a plugin &amp; more.', not "
         "'Shows everything that can be known of a plugin & more.'"),
        (' lang="en"', "", "<html> has no lang"),
        ('http-equiv="Content-Security-Policy"', 'name="x"', "has no Content-Security-Policy"),
    ],
)  # fmt: skip
def test_page_that_is_not_as_it_should_be_is_refused(good: Built, old: str, new: str, message: str) -> None:
    spoil(good, "plugins/full/index.html", old, new)
    assert found(good) == [f"plugins/full/index.html: error: {message}"]


def test_links_are_read_below_the_baseurl() -> None:
    start = '<html lang="en"><meta http-equiv="Content-Security-Policy" content="x"><h1>x</h1>'
    page = read_page(f'{start}<a href="/base/plugins/">a</a><a href="/other/">b</a>', Site(baseurl="/base"))
    assert page.links == {"/plugins/", "/outside the site:/other/"}
    assert page.faults == []


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
    assert json.loads(process.stdout) == [
        {"file": "404.html", "message": "is missing", "level": "error"},
        {"file": "notices.json", "message": "is no JSON: NaN is no number", "level": "error"},
    ]
    assert process.stderr == (
        "404.html: is missing\n"
        "notices.json: is no JSON: NaN is no number\n"
        "check_site: 2 faults; the site must not be published\n"
    )


def test_command_refuses_wrong_usage(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    process = run("nowhere")
    assert (process.returncode, process.stderr) == (2, "check_site: there is no folder nowhere\n")


def test_another_baseurl_is_another_site(
    good: Built, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    process = run(str(good.site), "--baseurl", "/base/")
    assert process.returncode == 1
    assert "404.html: links to /, which is outside of the site's baseurl\n" in process.stderr
