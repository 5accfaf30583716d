"""What the pages of a small site say."""

import difflib
import json
import re
import shutil
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from registry.host.notices_and_blocklist import ABANDONED
from tests.site.builder import DATA, Built, build, golden_pages, make_source, page_of

pytestmark = pytest.mark.xdist_group("site")


def usage(html: str) -> dict[str, list[str]]:
    """Return the rows of the usage's table: what is counted -> last week, last month."""
    return {
        tr.css_first("th").text(): [td.text() for td in tr.css("td")]
        for tr in LexborHTMLParser(html).css(".figures tbody tr")
    }


def rows(html: str) -> dict[str, str]:
    """Return the terms of all lists of facts with what stands beside them."""
    tree = LexborHTMLParser(html)
    return {
        div.css_first("dt").text(): " ".join(div.css_first("dd").text().split())
        for div in tree.css("dl > div")
    }


@pytest.mark.parametrize("golden", golden_pages(), ids=lambda path: path.stem)
def test_page_is_the_golden_one(small_site: Built, golden: Path) -> None:
    expected = golden.read_text(encoding="utf-8").splitlines()
    found = small_site.text(page_of(golden)).splitlines()
    difference = "\n".join(difflib.unified_diff(expected, found, "expected", "built", lineterm=""))
    assert not difference, (
        f"{difference}\nIf this is meant: PYTHONPATH=scripts:. .venv/bin/python -m tests.site.renew"
    )


def test_golden_pages_are_there() -> None:
    assert [path.stem for path in golden_pages()] == [
        "home",
        "plugins",
        "plugins__bare",
        "plugins__full",
        "plugins__retired.one",
    ]


def test_known_figures_are_shown_with_their_date(small_site: Built) -> None:
    facts = rows(small_site.plugin("full"))
    assert usage(small_site.plugin("full"))["In use"] == ["1,200", "23,456"]
    assert facts["Stars"] == "1,234"
    assert facts["Forks"] == "0"
    assert facts["Issues"] == "3 open, 45 closed"
    assert facts["Latest release"] == "The second"
    assert facts["1.2.0"] == "20,000 (85 %)"
    assert facts["others"] == "6 (under 1 %)"
    assert facts["Systems"] == "Linux, FreeBSD, Windows"
    page = small_site.plugin("full")
    july = '<time datetime="2020-07-24T00:00:00Z">July 2020</time>'
    assert f"Usage figures from {july}; newer ones could not be had." in page
    assert f"GitHub figures from {july}.</p>" in page
    assert "30 June 2020</time>, no later release known in July 2020" in page
    assert "last month" not in page
    assert "last week" not in page.lower()


def test_unknown_is_never_shown_as_none(small_site: Built) -> None:
    page = small_site.plugin("bare")
    facts = rows(page)
    assert facts["Python"] == "unknown"
    assert facts["OctoPrint"] == "not stated"
    assert "Unknown: no usage figures have been read." in page
    assert "Unknown: no figures of its repository have been read." in page
    assert not any(re.search(r"\b0\b", value) for value in facts.values())


def test_figure_missing_in_a_known_source_is_unknown(small_site: Built) -> None:
    facts = rows(small_site.plugin("retired.one"))
    assert facts["Forks"] == "unknown"
    assert facts["In use"] == "0"
    assert facts["Latest release"] == "none"


def test_evidence_links_to_the_line_and_names_the_contradiction(small_site: Built) -> None:
    page = small_site.plugin("full")
    commit = "0123456789abcdef0123456789abcdef01234567"
    link = f"https://github.com/example/OctoPrint-Full/blob/{commit}/octoprint_full/__init__.py#L93"
    assert f'<a href="{link}" rel="nofollow noopener ugc">' in page
    assert "the registration says <code>&gt;=2.7,&lt;4</code>" in page
    callouts = LexborHTMLParser(page).css(".callout")
    [contradiction] = [callout for callout in callouts if "Contradiction" in callout.text()]
    assert "The source counts." in contradiction.text()
    assert [(a.attributes["href"] or "").rsplit("/edit/")[-1] for a in contradiction.css("a")] == [
        "main/_plugins/full.md"
    ]
    assert "It runs on Python 3.7 and newer. It says that it works with the current OctoPrint" in page


def test_a_range_that_the_host_assumes_is_explained_in_one_sentence(small_site: Built) -> None:
    panel = LexborHTMLParser(small_site.plugin("retired.one")).css_first('[aria-labelledby="compatibility"]')
    words = " ".join(panel.text().split())
    assert (
        "OctoPrint reads no flag in octoprint_retired/__init__.py at commit 0123456, so it assumes Python "
        ">=2.7,<3. Contradiction: the registration says >=3,<4, but OctoPrint goes by >=2.7,<3. The source "
        "counts. How a plugin states its Python" in words
    )
    links = [link.attributes["href"] for link in panel.css("a")]
    assert links == [
        "https://github.com/example/retired/blob/0123456789abcdef0123456789abcdef01234567/octoprint_retired/__init__.py",
        "/help/github_integration/",
    ]


def test_disabled_plugin_says_why_and_offers_no_installation(small_site: Built) -> None:
    page = small_site.plugin("retired.one")
    assert "It breaks the printer&#39;s settings." in page
    assert 'id="install"' not in page
    assert "archive/main.zip" not in page


def test_gone_repository_is_marked_and_keeps_its_figures(small_site: Built) -> None:
    page = small_site.plugin("retired.one")
    assert 'has not been found since <time datetime="2020-07-01">1 July 2020</time>' in page
    assert rows(page)["Stars"] == "2"


def test_address_keeps_case_and_dots(small_site: Built) -> None:
    assert (small_site.site / "plugins" / "retired.one" / "index.html").is_file()
    assert rows(small_site.plugin("full"))["Identifier"] == "Full"


def test_previous_and_next_follow_the_titles(small_site: Built) -> None:
    page = small_site.plugin("full")
    assert 'rel="prev" href="/plugins/bare/"' in page
    assert 'rel="next" href="/plugins/retired.one/"' in page


def test_old_address_sends_on_without_a_script(small_site: Built) -> None:
    page = small_site.plugin("fuller")
    assert '<meta http-equiv="refresh" content="0; url=/plugins/full/">' in page
    assert "<script" not in page


def test_tags_that_differ_in_spaces_and_case_share_a_page(small_site: Built) -> None:
    page = small_site.text("by_tag/power-saving/index.html")
    assert "Full Measure" in page
    assert "Retired One" in page


def test_author_with_unicode_has_a_page(small_site: Built) -> None:
    assert "/by_author/zo%C3%AB-beispiel/" in small_site.plugin("full")
    assert "Full Measure" in small_site.text("by_author/zoë-beispiel/index.html")


def test_missing_picture_is_said_and_not_broken(small_site: Built) -> None:
    page = small_site.plugin("full")
    assert "Picture missing: <bdi>The settings</bdi>" in page
    assert "gone.png" not in page


def test_harmless_liquid_of_the_reference_is_translated(small_site: Built) -> None:
    page = small_site.plugin("full")
    assert 'the <a href="https://example.org/full" rel="nofollow noopener ugc">homepage</a>' in page
    assert 'href="https://www.youtube.com/watch?v=abcdefghijk"' in page


def test_notices_are_shown_newest_first_and_escaped(small_site: Built) -> None:
    page = small_site.text("notices/index.html")
    assert page.index("Full Measure") < page.index("unregistered")
    assert "forgets its settings &lt;b&gt;once&lt;/b&gt; a day" in page
    assert "plugin &lt;1.0" in page
    assert "3 February 2019" in page


def test_generated_notices_stand_among_the_hand_written_ones(small_site: Built) -> None:
    page = small_site.text("notices/index.html")
    assert page.index("Full Measure") < page.index("Retired One") < page.index("unregistered")
    assert '<time datetime="2019-09-03">3 September 2019</time>' in page
    assert f"<p>{ABANDONED}</p>" in page
    assert '<a href="https://github.com/example/registry/issues/7" rel="noopener">Read more on' in page


def test_a_preview_without_feeds_shows_the_hand_written_notices(tmp_path: Path) -> None:
    make_source(tmp_path, enriched=False)
    shutil.copy(DATA / "notices.yml", tmp_path / "_data")
    page = build(tmp_path).text("notices/index.html")
    assert "forgets its settings &lt;b&gt;once&lt;/b&gt; a day" in page
    assert page.count("<article") == 2


def test_feeds_that_hold_nonsense_break_no_page(tmp_path: Path) -> None:
    make_source(tmp_path)
    wrong = [None, 5, {}, {"plugin": "x", "text": 5, "date": "2020-01-01"}, {"plugin": [], "text": {}}]
    (tmp_path / "build/feeds").mkdir()
    (tmp_path / "build/feeds/notices.json").write_text(json.dumps(wrong), encoding="utf-8")
    assert build(tmp_path).text("notices/index.html").count("<article") == 1
    (tmp_path / "build/feeds/notices.json").write_text("[", encoding="utf-8")
    built = build(tmp_path)
    assert "There is no notice." in built.text("notices/index.html")
    assert "notices.json is no JSON" in built.output


def test_home_page_is_small(small_site: Built) -> None:
    weight = sum(
        (small_site.site / name).stat().st_size
        for name in ("index.html", "assets/css/site.css", "assets/img/icon.svg")
    )
    assert weight < 60_000


def test_banner_of_the_settings_stands_on_each_page(tmp_path: Path) -> None:
    (make_source(tmp_path) / "one.md").write_bytes((DATA / "plugins" / "bare.md").read_bytes())
    (tmp_path / "over.yml").write_text(
        "registry: {notice: 'Only a <demo>'}\nbaseurl: /base\n", encoding="utf-8"
    )
    built = build(tmp_path)
    for name in ("index.html", "plugins/one/index.html", "help/index.html"):
        assert "Only a &lt;demo&gt;" in built.text(name)
    assert 'href="/base/plugins/one/"' in built.text("plugins/index.html")
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', built.plugin("one"))
    assert links
    assert all(link.startswith("/base/") for link in links)


def test_plain_build_needs_neither_python_nor_feeds(tmp_path: Path) -> None:
    plugins = make_source(tmp_path, enriched=False)
    (plugins / "Plain.md").write_text(
        "---\nlayout: plugin\nid: Plain\ntitle: Plain\ndescription: >\n  Folded\n  text.\nauthor: A\n"
        "date: 2020-01-02\ncompatibility:\n  octoprint:\n  - 1.10\n  python: \">=3\"\n---\n# Body\n",
        encoding="utf-8",
    )  # fmt: skip
    built = build(tmp_path)
    page = built.plugin("Plain")
    assert "Folded text." in page
    assert rows(page)["OctoPrint"] == "1.10"
    assert "<h2" in page
    assert not (built.site / "plugins.json").exists()


def test_only_pages_and_assets_are_published(tmp_path: Path) -> None:
    make_source(tmp_path, enriched=False)
    for name in ("notes.html", "secret.txt", "other/page.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("---\ntitle: x\n---\nsecret", encoding="utf-8")
    built = build(tmp_path)
    names = {path.name for path in built.site.iterdir()}
    assert names == {
        "404.html", "abandoned", "assets", "by_author", "by_date", "by_name", "by_tag", "help", "index.html",
        "notices", "plugins", "search", "statistics",
    }  # fmt: skip


def test_lists_are_cut_into_pages_that_lead_to_one_another(tmp_path: Path) -> None:
    plugins = make_source(tmp_path)
    for number in range(7):
        text = f"---\nid: p{number}\ntitle: Plugin {number}\ntags: [one]\nauthor: A\n---\n"
        (plugins / f"p{number}.md").write_text(text, encoding="utf-8")
    (tmp_path / "over.yml").write_text("per_page: 3\nper_index_page: 1\n", encoding="utf-8")
    built = build(tmp_path)
    counts = [built.text(name).count('class="card"') for name in (
        "by_name/index.html", "by_name/page/2/index.html", "by_name/page/3/index.html")]  # fmt: skip
    assert counts == [3, 3, 1]
    second = built.text("by_tag/one/page/2/index.html")
    assert 'rel="prev" href="/by_tag/one/"' in second
    assert 'rel="next" href="/by_tag/one/page/3/"' in second


def test_second_build_converts_nothing_and_writes_the_same(tmp_path: Path) -> None:
    (make_source(tmp_path) / "one.md").write_bytes((DATA / "plugins" / "full.md").read_bytes())
    first = build(tmp_path).plugin("one")
    converter = tmp_path / "_jekyll" / "zz_no_conversion.rb"
    converter.write_text("def (Almanac::Markdown).html(_) = raise('converted again')\n", encoding="utf-8")
    assert build(tmp_path).plugin("one") == first
