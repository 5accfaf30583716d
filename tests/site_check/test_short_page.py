"""The short page says no more than that a plugin is left out, whatever the plugin is called."""

from registry.site_check.page import Site, read_page
from registry.site_check.short_page import MAX_TITLE, is_short, short_page

SITE = Site(url="https://plugins.example.org")
TEMPLATE = (
    '<!doctype html><html lang="en"><head><meta http-equiv="Content-Security-Policy" content="default-src '
    "'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'\"><title>almanac-title</title>"
    '<link rel="canonical" href="https://plugins.example.org/plugins/almanac-slug/"></head><body>'
    '<article class="narrow left-out"><h1><bdi>almanac-title</bdi></h1><ul>almanac-links</ul></article>'
)
SOURCE = "https://github.com/example/lamp"


def test_it_names_the_plugin_and_links_to_its_source() -> None:
    page = short_page(TEMPLATE, "lamp", "Lamp & more", {SOURCE: "Its source"})
    assert "<h1><bdi>Lamp &amp; more</bdi></h1>" in page
    assert f'<li><a href="{SOURCE}" rel="nofollow noopener ugc">Its source</a></li>' in page
    assert is_short(page)
    assert read_page(page, SITE, "/plugins/lamp/").faults == []


def test_what_a_stranger_wrote_stays_text_and_no_mark() -> None:
    title = '"><script>alert(1)</script> almanac-links almanac-slug'
    page = short_page(TEMPLATE, "lamp", title, {'https://x.example/?"><img>': "Its source"})
    read = read_page(page, SITE, "/plugins/lamp/")
    assert read.faults == []
    assert read.heading == title
    assert "https://x.example/?&quot;&gt;&lt;img&gt;" in page


def test_a_long_title_is_cut() -> None:
    assert read_page(short_page(TEMPLATE, "x", "t" * 60_000, {}), SITE).heading == "t" * (MAX_TITLE - 1) + "…"


def test_any_other_page_is_not_short() -> None:
    assert not is_short("<article class='prose'>&lt;article class=\"narrow left-out\"&gt;</article>")
