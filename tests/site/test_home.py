"""The home page: what it ranks, how it says so, and what it does where nothing is known."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from registry.enrich.rank import INSTALLS_FLOOR
from registry.registration.frontmatter import dump
from tests.site.builder import Built, build, make_source

pytestmark = pytest.mark.xdist_group("site")

RANKED = ("popular", "hot", "rising", "newest", "released")


def registered(number: int, **facts: Any) -> str:
    data = {
        "layout": "plugin", "id": f"p{number}", "title": f"Plugin {number}", "description": f"Does {number}.",
        "author": f"Author {number % 7}", "tags": ["one"], "date": f"2026-{number % 12 + 1:02}-01", **facts,
    }  # fmt: skip
    return dump(data, "Text.\n")


def used(place: int, *, week: int, month: int, instances: int, growth: int | None = None) -> dict[str, Any]:
    """Return the facts of a plugin with that place by use."""
    ranks = {"instances_month": place, "install_events_week": place} | ({"growth": growth} if growth else {})
    return {
        "stats": {
            "week": {"instances": instances, "install_events": week, "uninstall_events": 0},
            "month": {"instances": instances, "install_events": month, "uninstall_events": 0},
        },
        "ranks": ranks,
        "freshness": {"usage": {"as_of": "2026-11-19 21:00:00 +0000", "stale": False}},
    }


def home_of(folder: Path, plugins: list[str]) -> tuple[Built, LexborHTMLParser]:
    target = make_source(folder)
    for number, text in enumerate(plugins):
        (target / f"p{number}.md").write_text(text, encoding="utf-8")
    built = build(folder)
    return built, LexborHTMLParser(built.text("index.html"))


def ranking(home: LexborHTMLParser, name: str) -> LexborNode:
    found = home.css_first(f'section[aria-labelledby="{name}"]')
    assert found is not None, name
    return found


def entries(home: LexborHTMLParser, name: str) -> list[tuple[str, str]]:
    """Return the titles of a ranking with the figures beside them."""
    return [
        (item.css_first("a").text(), figure.text() if (figure := item.css_first(".ranking-figure")) else "")
        for item in ranking(home, name).css("li")
    ]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> LexborHTMLParser:
    """Return the home page of 24 plugins: 15 used ever less, the others not at all or unknown."""
    plugins = [
        registered(
            number,
            **used(number + 1, week=100 - number, month=200, instances=50_000 - number, growth=number + 1),
        )
        for number in range(15)
    ]
    plugins += [registered(number, **used(number + 1, week=0, month=0, instances=0)) for number in (15, 16)]
    plugins += [registered(number, up_for_adoption=True) for number in (17, 18)]
    plugins += [
        registered(19, up_for_adoption=True, **used(20, week=1, month=1, instances=5)),
        *(registered(number) for number in range(20, 24)),
    ]
    return home_of(tmp_path_factory.mktemp("home"), plugins)[1]


def test_each_ranking_has_ten_and_leads_to_all(home: LexborHTMLParser) -> None:
    assert [section.attributes["aria-labelledby"] for section in home.css(".rankings > section")] == [
        *RANKED,
        "adoption",
    ]
    for name in ("popular", "hot", "rising", "newest"):
        assert len(entries(home, name)) == 10
        assert ranking(home, name).css_first(".all a").attributes["href"] == f"/plugins/?sort={name}"


def test_rankings_show_the_figures_that_they_sort_by(home: LexborHTMLParser) -> None:
    assert entries(home, "popular")[:2] == [("Plugin 0", "50,000"), ("Plugin 1", "49,999")]
    assert entries(home, "hot")[0] == ("Plugin 0", "100")
    assert entries(home, "rising")[0] == ("Plugin 0", "2.1×")


def test_rising_names_its_floor(home: LexborHTMLParser) -> None:
    assert f"from {INSTALLS_FLOOR} upwards" in ranking(home, "rising").css_first(".how").text()


def test_ranking_without_an_entry_says_why(home: LexborHTMLParser) -> None:
    assert ranking(home, "released").css("li") == []
    assert "No release is known." in ranking(home, "released").text()


def test_adoption_shows_the_most_used_first(home: LexborHTMLParser) -> None:
    assert entries(home, "adoption") == [("Plugin 19", "5 in use"), ("Plugin 18", ""), ("Plugin 17", "")]


def test_age_of_the_figures_is_told(home: LexborHTMLParser) -> None:
    told = home.css_first(".freshness")
    assert "Usage figures from 19 November 2026." in told.text()
    assert told.css_first("time").attributes == {"datetime": "2026-11-19T21:00:00Z", "data-ago": None}


def test_search_leads_to_the_list_without_a_script(home: LexborHTMLParser) -> None:
    form = home.css_first("form")
    assert (form.attributes["action"], form.attributes["method"]) == ("/plugins/", "get")
    assert form.css_first("input").attributes["name"] == "q"
    assert len(home.css("form")) == 1


def test_figures_of_zero_have_no_place(tmp_path: Path) -> None:
    _, home = home_of(tmp_path, [registered(0, **used(1, week=0, month=0, instances=0))])
    assert ranking(home, "popular").css_first(".how").text() == "by installations in use last month"
    assert entries(home, "popular") == []
    assert "Not one installation was seen last month." in ranking(home, "popular").text()
    assert "No plugin was newly installed last week." in ranking(home, "hot").text()
    assert entries(home, "newest") == [("Plugin 0", "January 2026")]


def test_old_figures_are_ranked_and_are_not_those_of_last_week(tmp_path: Path) -> None:
    facts = used(1, week=20, month=20, instances=7, growth=1)
    old = {"freshness": {"usage": {"as_of": "2020-07-24 00:00:00 +0000", "stale": True}}}
    built, home = home_of(tmp_path, [registered(0, **facts | old)])
    assert [ranking(home, name).css_first(".how").text() for name in RANKED[:3]] == [
        "by installations in use in a month",
        "by new installations in a week",
        f"by a week’s new installations against the month’s average, from {INSTALLS_FLOOR} upwards",
    ]
    for name in ("index.html", "plugins/index.html", "by_tag/one/index.html", "by_name/index.html"):
        assert "Usage figures from <time" in built.text(name), name
        assert ">July 2020</time>" in built.text(name), name


def test_where_no_use_is_known_nothing_is_ranked_by_it(tmp_path: Path) -> None:
    _, home = home_of(tmp_path, [registered(0)])
    assert "is not known yet, so nothing is ranked by use" in home.css_first(".callout").text()
    assert [section.attributes["aria-labelledby"] for section in home.css(".rankings > section")] == [
        "newest",
        "released",
        "adoption",
    ]


def test_home_without_a_plugin_asks_for_the_first(tmp_path: Path) -> None:
    _, home = home_of(tmp_path, [])
    assert home.css_first(".rankings") is None
    assert "There is no plugin here yet." in home.css_first("main").text()


def test_titles_of_strangers_are_text(tmp_path: Path) -> None:
    evil = '<img src=x onerror="alert(1)">&amp;'
    _, home = home_of(tmp_path, [registered(0, title=evil, description=evil)])
    assert entries(home, "newest")[0][0] == evil
    assert home.css_first(".ranking-about").text() == evil
    assert home.css("main img") == []


def test_home_is_light(small_site: Built) -> None:
    page = small_site.text("index.html")
    files = [
        "index.html",
        *(found.lstrip("/") for found in re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)),
    ]
    sizes = {name: len(gzip.compress((small_site.site / name).read_bytes(), 6)) for name in set(files)}
    assert {"assets/css/home.css", "assets/css/site.css", "assets/js/time.js"} <= set(sizes)
    assert sum(sizes.values()) < 20_000, sizes
