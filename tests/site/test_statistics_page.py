"""The page of statistics: drawn from the feed, which may be missing or lie; and the charts by themselves."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.site.builder import ROOT, Built, build, make_source

pytestmark = pytest.mark.xdist_group("site")

EVIL = '<script>alert(1)</script>"&amp;'
HISTORY = {
    "dates": ["2026-11-18", "2026-11-19", "2026-11-20"], "plugins": [10, 10, 12],
    "instances": [None, None, None], "installs_week": [100, None, 1234], "stars": [7, 7, None],
    "python_3": [5, 5, 9], "maintained": [None, None, 6],
}  # fmt: skip
STATISTICS: dict[str, Any] = {
    "schema_version": 1, "generated_at": "2026-11-20T00:00:00Z",
    "as_of": {"usage": "2026-11-19T00:00:00Z", "github": None},
    "totals": {"plugins": 1234, "authors": 9, "tags": 3, "instances": None, "installs_week": None,
               "stars": 0},
    "registered": {"months": [["2024-01", 3], ["2024-12", 8], ["2025-02", 1234]]},
    "python": {"with_3": 9, "without_3": 2, "unknown": 1, "contradicted": 4},
    "python_minors": [["2.7", 2], ["3.12", 9]],
    "maintenance": {"within_year": 0, "older": 3, "unknown": 4, "archived": 1, "gone": 1, "abandoned": 2,
                    "up_for_adoption": 1},
    "licences": [["AGPL", 7], ["Unknown", 2]], "tags": [["camera", 3], [EVIL, 1]], "systems": [["linux", 12]],
    "installs": [{"from": 0, "to": 0, "plugins": 1}, {"from": 1, "to": 9, "plugins": 8}], "unknown_usage": 3,
    "releases": {"months": [["2026-10", 0], ["2026-11", 2]]}, "history": HISTORY,
}  # fmt: skip


def page_of(folder: Path, content: bytes | None) -> tuple[Built, LexborHTMLParser]:
    plugins = make_source(folder)
    (plugins / "one.md").write_text("---\nid: one\ntitle: One\ntags: [Camera]\n---\n", encoding="utf-8")
    if content is not None:
        path = folder / "build/feeds/api/v1/statistics.json"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    built = build(folder)
    return built, LexborHTMLParser(built.text("statistics/index.html"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> LexborHTMLParser:
    return page_of(tmp_path_factory.mktemp("statistics"), json.dumps(STATISTICS).encode())[1]


def table(page: LexborHTMLParser, name: str) -> list[list[str]]:
    drawing = page.css_first(f'.drawing[aria-labelledby$="-{name}"]')
    assert drawing is not None, name
    return [[cell.text() for cell in row.css("th, td")] for row in drawing.css("tbody tr")]


def test_every_chart_has_a_heading_words_and_a_table(page: LexborHTMLParser) -> None:
    drawings = page.css(".drawing")
    assert [drawing.css_first("h3").text() for drawing in drawings] == [
        "Plugins registered", "Latest releases by month", "Running on Python 3",
        "Running on Python 3, over time", "Releases of Python", "Maintained",
        "Installations in use", "New installations in a week", "Stars",
        "Most used tags", "Licences", "Operating systems",
    ]  # fmt: skip
    for drawing in drawings:
        svg = drawing.css_first("svg.chart")
        assert svg.attributes["role"] == "img"
        assert len(svg.attributes["aria-label"] or "") > 20
        assert drawing.css("details table tbody tr")
        assert drawing.css_first("p").text()


def test_tables_hold_the_figures(page: LexborHTMLParser) -> None:
    assert table(page, "registered") == [["December 2024", "8"], ["February 2025", "1,234"]]
    assert table(page, "python-3") == [["Run on Python 3", "9"], ["Do not", "2"], ["Say nothing", "1"]]
    assert table(page, "installs") == [["0", "1"], ["1 to 9", "8"]]
    assert table(page, "releases")[1] == ["November 2026", "2"]


def test_unknown_is_a_gap_and_never_none(page: LexborHTMLParser) -> None:
    assert table(page, "installs-history")[1] == ["19 November 2026", "unknown"]
    curve = page.css_first('.drawing[aria-labelledby$="-installs-history"] .chart-line').attributes["d"] or ""
    assert curve.count("M") == 2
    assert page.css_first('[aria-labelledby$="-maintained-history"]') is None, "one point is no curve"
    totals = [term.text() for term in page.css(".totals dt")]
    assert totals == ["plugins", "authors", "tags", "stars"]
    assert "Of 3 plugins it is not known." in page.css_first('[aria-labelledby$="-installs"]').text()


def test_sentences_say_what_is_seen(page: LexborHTMLParser) -> None:
    told = page.css_first('[aria-labelledby$="-python-3"] p').text()
    assert told == (
        "75% of the plugins run on Python 3, by what their source or registration says. "
        "In 4 plugins the two contradict each other."
    )
    told = page.css_first('[aria-labelledby$="-python-history"] p').text()
    assert told == "On 18 November 2026, 50% of all plugins ran on Python 3; on 20 November 2026, 75%."
    told = page.css_first('[aria-labelledby$="-maintained"] p').text()
    assert told == (
        "0 of 11 plugins are known to have had a commit or a release within a year; of 4 it is not known. "
        "1 plugin is up for adoption."
    )
    assert "Usage figures from 19 November 2026." in page.css_first(".lead").text()


def test_tags_are_text_and_lead_to_their_page_where_there_is_one(page: LexborHTMLParser) -> None:
    assert [row[0] for row in table(page, "tags")] == ["camera", EVIL]
    links = page.css('[aria-labelledby$="-tags"] tbody a')
    assert [link.attributes["href"] for link in links] == ["/by_tag/camera/"]
    drawing = page.css_first('[aria-labelledby$="-tags"] svg')
    assert EVIL in [text.text() for text in drawing.css("text")]
    assert not page.css("main script")


def test_no_drawing_needs_a_style_attribute(page: LexborHTMLParser) -> None:
    assert not page.css("main [style], main style")


@pytest.mark.parametrize(
    ("changed", "label"),
    [
        ({"unknown_usage": 0}, "new installations last week"),
        ({}, "new installations last week, of 1,231 plugins"),
        (
            {"unknown_usage": 0, "as_of": {"usage": "2020-07-24T00:00:00Z"}},
            "new installations in a week",
        ),
    ],
)
def test_total_of_a_week_says_of_which_and_of_how_many(
    tmp_path: Path, changed: dict[str, Any], label: str
) -> None:
    content = {**STATISTICS, "totals": {**STATISTICS["totals"], "installs_week": 5}, **changed}
    page = page_of(tmp_path, json.dumps(content).encode())[1]
    assert label in [term.text() for term in page.css(".totals dt")]


NONSENSE: dict[str, Any] = {
    "totals": [], "as_of": 5, "registered": {"months": [["x", 1], [5], None, ["2025-13", 2],
                                       ["2025-01", -1]]},
    "python": {"with_3": "9"}, "python_minors": {"a": 1}, "maintenance": None,
    "licences": [[None, 3], ["x", "y"]],
    "tags": "camera", "systems": [{}], "installs": [5, {"from": 1, "to": None, "plugins": None}],
    "releases": [], "history": {"dates": [None, "2026-99-01"], "plugins": {"0": 1}},
}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [None, b"", b"[", b"[]", b"null", b'["\xff"]', json.dumps(NONSENSE).encode(),
     json.dumps(STATISTICS).encode() + b" " * 4_194_304],
    ids=["missing", "empty", "cut", "list", "null", "bytes", "nonsense", "too large"],
)  # fmt: skip
def test_without_sound_figures_the_page_says_so(tmp_path: Path, content: bytes | None) -> None:
    _, page = page_of(tmp_path, content)
    assert page.css_first(".callout").text() == "There are no figures here yet."
    assert not page.css("svg.chart")


def test_a_preview_has_no_figures(tmp_path: Path) -> None:
    make_source(tmp_path, enriched=False)
    assert "There are no figures here yet." in build(tmp_path).text("statistics/index.html")


def chart(call: str) -> str:
    """Return what a call of `Almanac::Charts` draws."""
    told = subprocess.run(
        [
            "ruby",
            f"-r{ROOT / '_jekyll' / 'charts' / 'charts.rb'}",
            "-e",
            f"include Almanac; puts Charts.{call}",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return told.stdout.strip()


def test_bars_are_measured_against_the_longest() -> None:
    drawn = chart('bars([["a", 4], ["b", 1], ["c", 0]], :label => "L")')
    widths = re.findall(r'class="chart-bar"[^>]* width="([^"]+)"', drawn)
    assert widths == ["100%", "25%"], "nothing has no bar"


def test_little_is_still_seen() -> None:
    drawn = chart('bars([["a", 100_000], ["b", 1]], :label => "L")')
    assert re.findall(r'class="chart-bar"[^>]* width="([^"]+)"', drawn) == ["100%", "0.5%"]


def test_texts_are_escaped_once_and_cut() -> None:
    drawn = chart('bars([["<b>&amp;" + "x" * 99, 1]], :label => %q(<"&))')
    assert "&lt;b&gt;&amp;amp;xxx" in drawn
    assert "x…</text>" in drawn
    assert 'aria-label="&lt;&quot;&amp;"' in drawn


@pytest.mark.parametrize(
    ("most", "end"),
    [(0, 2), (2, 2), (3, 4), (7, 8), (10, 10), (11, 20), (46, 60), (99, 100), (1234, 2000), (9_999, 10_000)],
)  # fmt: skip
def test_scale_ends_at_an_even_round_number(most: int, end: int) -> None:
    assert chart(f"scale({most})") == str(end)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1000, "1k"), (1250, "1.2k"), (45_678, "45k"), (3_000_000, "3M")],
)  # fmt: skip
def test_large_numbers_are_short_where_room_is_scarce(value: int, text: str) -> None:
    assert chart(f"compact({value})") == text


def test_days_are_as_wide_as_they_are_long() -> None:
    points = "[[1, 0], [2, 5], [11, 10]].map { |day, value| [Date.new(2026, 1, day), value] }"
    drawn = chart(f'curve({points}, :label => "L") {{ |day| day.to_s }}')
    assert 'class="chart-line" d="M0 176.0L100 99.0L1000 22.0"' in drawn


def test_a_single_day_breaks_no_curve() -> None:
    drawn = chart('curve([[Date.new(2026, 1, 1), 3]], :label => "L", &:to_s)')
    assert "NaN" not in drawn
    assert "h0" in drawn
