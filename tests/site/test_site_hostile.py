"""Attacks from registrations end as text; Chromium opens every page that they made."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from registry.site_check.page import Site, read_page, visible
from tests.chromium import Watched
from tests.site.attacks import BODIES, FILES, PAYLOADS, STEERING, WRONG, attacks
from tests.site.builder import Built

pytestmark = pytest.mark.xdist_group("hostile")


def test_there_are_enough_attacks() -> None:
    assert len(attacks()) + len(FILES) >= 100


def test_every_attack_has_its_page_and_no_other(hostile_site: Built) -> None:
    made = {path.parent.name for path in (hostile_site.site / "plugins").glob("*/index.html")}
    assert made == {*attacks(), "old-name"}


def test_what_is_no_registration_is_left_out_by_name(hostile_site: Built) -> None:
    told = set(re.findall(r"Left out: _plugins/(.+?): ", hostile_site.output))
    assert told == {"folder.md", *(name for name in FILES if not name.startswith("."))}


def test_nothing_was_written_outside_of_the_pages(hostile_site: Built) -> None:
    names = {path.name for path in hostile_site.site.iterdir()}
    assert names == {
        "404.html", "abandoned", "assets", "by_author", "by_date", "by_name", "by_tag", "help", "index.html",
        "notices", "plugins", "search", "statistics",
    }  # fmt: skip
    assert not list(hostile_site.source.parent.glob("**/escaped.html"))
    assert not [*hostile_site.site.glob("evil*"), *(hostile_site.site / "plugins").glob("evil*")]


def test_no_page_holds_what_must_not_stand_in_one(hostile_site: Built) -> None:
    faults = {}
    for path in hostile_site.site.rglob("*.html"):
        if found := read_page(
            path.read_text(encoding="utf-8"), Site(url="https://plugins.example.org")
        ).faults:
            faults[str(path.relative_to(hostile_site.site))] = found
    assert faults == {}


@pytest.mark.parametrize("slug", list(attacks()))
def test_heading_is_the_title_and_nothing_more(hostile_site: Built, slug: str) -> None:
    title = attacks()[slug][0]["title"]
    expected = visible(str(title).lower() if isinstance(title, bool) else str(title))
    if not isinstance(title, str | int) or not expected:
        expected = slug
    assert read_page(hostile_site.plugin(slug), Site()).heading == expected


@pytest.mark.parametrize("slug", [slug for slug in attacks() if slug.startswith("text-")])
def test_attack_does_not_change_what_a_page_is_made_of(hostile_site: Built, slug: str) -> None:
    """The same values with a harmless text give the same elements, links and missing ones aside."""
    page = hostile_site.plugin(slug)
    innocent = hostile_site.plugin("innocent")
    assert page.count("<script") == innocent.count("<script") == page.count("</script")
    assert page.count("<h1>") == page.count("</main>") == page.count("</html>") == 1
    assert page.count("<section") == page.count("</section>")
    assert page.count("<p") >= page.count("</p>") > 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("script", "<p>text</p>"),
        ("links", "<p><a>a</a> <a>b</a>"),
        ("attribute-lists", '<p id="user-content-main">text</p>\n\n<p><em>x</em></p>\n\n<p>y</p>'),
        ("liquid", "jsonify }} {% include header.html %} {% raw %} {% for p in site.plugins %}{{ p }}"),
        ("ids", '<h2>main</h2>\n\n<h2 id="user-content-main-1">main</h2>\n\n<h3>install</h3>'),
        ("table", '<th class="align-center">a</th>'),
        ("tasks", "<li>☑ done </li>\n  <li>☐ &lt;img src=x onerror=alert(1)&gt;</li>"),
        ("brackets", "<pre>[[[["),
        ("stars", "<pre>*a **b"),
        ("own-links", '<a href="/plugins/innocent/">x</a> <a>y</a> <a>z</a> p'),
        ("homepage-form", 'href="https://example.org/home/issues"'),
        ("quotes-deep", "<pre>&gt;&gt;&gt;"),
        ("large", "<pre>word word"),
    ],
)
def test_body_becomes_harmless_html(hostile_site: Built, name: str, expected: str) -> None:
    assert expected in hostile_site.plugin(f"body-{name}")


def test_headings_of_a_body_start_below_the_title_and_skip_no_level(hostile_site: Built) -> None:
    levels = re.findall(r"<(h\d)[^>]*>(One|Four|Two|Raw)</h\d>", hostile_site.plugin("body-headings"))
    assert levels == [("h2", "One"), ("h3", "Four"), ("h3", "Two"), ("h2", "Raw")]
    assert '<a href="#user-content-one">to one</a> <a>to nowhere</a>' in hostile_site.plugin("body-headings")


def test_file_of_the_machine_is_never_read(hostile_site: Built) -> None:
    for path in hostile_site.site.rglob("*.html"):
        assert "root:x:0:0" not in path.read_text(encoding="utf-8")


def test_unknown_wrong_types_are_not_figures(hostile_site: Built) -> None:
    page = hostile_site.plugin("text-image")
    assert "<dt>Stars</dt><dd><bdi>unknown</bdi></dd>" in page
    assert "<dt>Forks</dt><dd>unknown</dd>" in page
    assert re.search(r"ssues</dt><dd><bdi>unknown</bdi></dd>", page)


def test_every_kind_of_attack_is_built(hostile_site: Built) -> None:
    kinds = [*(f"text-{name}" for name in PAYLOADS), *(f"wrong-{name}" for name in WRONG)]
    kinds += [*(f"body-{name}" for name in BODIES), *(f"steer-{name}" for name in STEERING)]
    assert all((hostile_site.site / "plugins" / kind / "index.html").is_file() for kind in kinds)


def test_chromium_runs_nothing_and_asks_nobody_else(
    hostile_site: Built, chromium: Browser, serve: Callable[[Path], str]
) -> None:
    watched = Watched(chromium.new_page(viewport={"width": 390, "height": 800}), serve(hostile_site.site))
    pages = [
        "/",
        "/plugins/",
        "/by_name/",
        "/by_date/",
        "/by_tag/",
        "/by_author/",
        "/abandoned/",
        "/notices/",
    ]
    pages += [f"/by_tag/{path.name}/" for path in (hostile_site.site / "by_tag").iterdir() if path.is_dir()]
    for path in [*pages, *(f"/plugins/{slug}/" for slug in attacks())]:
        watched.visit(path)
        watched.page.mouse.move(200, 300)
        width = watched.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} wide"


def test_chromium_opens_the_small_site_without_a_word(
    small_site: Built, chromium: Browser, serve: Callable[[Path], str]
) -> None:
    watched = Watched(chromium.new_page(), serve(small_site.site))
    for path in small_site.site.rglob("index.html"):
        name = str(path.parent.relative_to(small_site.site))
        watched.visit("/" if name == "." else f"/{name}/")
    watched.visit("/404.html")


def test_search_finds_by_words_and_keeps_them_in_the_address(
    small_site: Built, chromium: Browser, serve: Callable[[Path], str]
) -> None:
    watched = Watched(chromium.new_page(), serve(small_site.site))
    watched.visit("/")
    watched.page.locator("#q").fill("camera full")
    watched.page.keyboard.press("Enter")
    watched.page.locator("#status", has_text="1 plugin,").wait_for()
    assert watched.page.locator("#results h3").all_inner_texts() == ["Full Measure"]
    assert watched.page.url.endswith("/plugins/?q=camera+full")
    watched.page.locator("#filter-q").fill("nothing like this")
    watched.page.locator("#status", has_text="No plugin fits").wait_for()


def test_search_page_without_scripts_leads_to_the_lists(
    small_site: Built, chromium: Browser, serve: Callable[[Path], str]
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{serve(small_site.site)}/search/")
    assert page.get_by_text("The search needs a script.").is_visible()
    page.get_by_role("link", name="all plugins").click()
    assert page.get_by_role("heading", name="Bare Bones").is_visible()
    context.close()
