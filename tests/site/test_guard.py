"""What the layouts are given of a registration's facts."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from registry.enrich.merge import same_pythons
from registry.enrich.verdicts import runs_on_3

ROOT = Path(__file__).parents[2]
SCRIPT = 'puts JSON.dump(JSON.parse($stdin.read).map { |data| Almanac::Guard.clean(data, "x") })'

QUICK = 'print Almanac::SafeHtml::Quick.new.clean($stdin.read) || "left to the cleaner"'


def guarded(*registrations: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what `_jekyll/read/guard.rb` makes of front matter."""
    told = subprocess.run(
        ["ruby", "-rjson", "-rdate", f"-r{ROOT / '_jekyll' / 'read' / 'guard.rb'}", "-e", SCRIPT],
        input=json.dumps(
            [{"title": "T", "source": "https://github.com/o/n", **data} for data in registrations]
        ),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    result: list[dict[str, Any]] = json.loads(told.stdout)
    return result


def test_no_release_is_none_when_github_was_asked_and_unknown_when_it_was_not() -> None:
    asked, old = guarded(
        {"github": {"repo": "o/n", "releases": 1, "archived": False}},
        {"github": {"repo": "o/n", "releases": 1}},
    )
    assert (asked["github"]["release"], asked["github"]["complete"]) == (None, True)
    assert (old["github"]["release"], old["github"]["complete"]) == (None, False)


RANGES = [
    (">=3,<4", ">=3,<4"),
    (">=3,<4", "<4, >=3.0"),
    (">=3.7,<4", ">=3.7,<4.0"),
    (">=2.7,<4", ">=3,<4"),
    (">=3.7,<4", ">=3.10,<4"),
    (">=3", ">=3,<4"),
]


@pytest.mark.parametrize(("registered", "found"), RANGES)
def test_page_and_report_agree_on_contradictions(registered: str, found: str) -> None:
    evidence = {"python": found, "registered": registered, "path": "x.py", "line": 1}
    [page] = guarded({"compatibility_evidence": evidence})
    assert page["evidence"]["contradicts"] is not same_pythons(registered, found)


@pytest.mark.parametrize(
    ("rule", "line", "kind", "end"),
    [
        ("setup.py:format+flag", 3, "flag", "#L3"),
        ("setup.py:format+default", None, "default", ""),
        ("guess:id+syntax", 7, "syntax", "#L7"),
        ("guess:id+syntax", None, "syntax", ""),
        ("setup.py:format+constant", 3, "flag", "#L3"),
        ("assignment", 3, "flag", "#L3"),
        (["+default"], 3, "flag", "#L3"),
        ("+syntax and more", 3, "flag", "#L3"),
    ],
)
def test_evidence_says_how_the_range_was_concluded(
    rule: object, line: int | None, kind: str, end: str
) -> None:
    commit = "0" * 40
    evidence = {"python": ">=2.7,<3", "rule": rule, "path": "x.py", "line": line, "commit": commit}
    [page] = guarded(
        {
            "source": "https://github.com/o/n",
            "github": {"repo": "o/n"},
            "compatibility_evidence": {**evidence, "registered": ">=3,<4"},
        }
    )
    found = page["evidence"]
    assert (found["kind"], found["line"], found["contradicts"]) == (kind, line, True)
    assert found["url"] == f"https://github.com/o/n/blob/{commit}/x.py{end}"


def test_history_becomes_lines_that_are_true_to_time_and_say_so_in_words() -> None:
    points = {"instances": [[0, 10], [1, 20], [10, 15]], "installs": [[3, 4]], "stars": [[0, 5], [4, 5]]}
    [page] = guarded({"history": {"since": "2026-08-30", "until": "2026-09-09", **points}})
    drawn = page["history"]
    assert drawn["installs"] is None
    assert 'd="M6 90l47 -84 421 42"' in drawn["instances"]
    words = "Installations in use from 10 on 30 August 2026 to 15 on 9 September 2026; lowest 10, highest 20"
    assert f'role="img" aria-label="{words}"' in drawn["instances"]
    assert 'd="M6 48l468 0"' in drawn["stars"]


WRONG_HISTORIES: list[Any] = [
    None,
    5,
    [],
    {"since": "never", "instances": [[0, 1], [1, 2]]},
    {"since": "2026-08-30"},
    {"since": "2026-08-30", "instances": [[0, 1], [0, 2], [-1, 3], [1.5, 4], ["2", 5], [3], None, {}]},
    {"since": "2026-08-30", "instances": {"0": 1, "1": 2}},
    {"since": "2026-08-30", "instances": [[0, 1], [10**12, 2]]},
]


@pytest.mark.parametrize("history", WRONG_HISTORIES)
def test_no_line_is_drawn_of_nonsense(history: Any) -> None:
    [page] = guarded({"history": history})
    assert page["history"] == {"instances": None, "installs": None, "stars": None}


def test_a_body_of_headings_that_do_not_begin_takes_no_time() -> None:
    body = f"<!-- {'<h1' * 40_000} -->"
    told = subprocess.run(
        ["ruby", f"-r{ROOT / '_jekyll' / 'body' / 'safe_html.rb'}", "-e", QUICK],
        input=body,
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    assert told.stdout == "left to the cleaner"


def test_a_line_may_end_after_the_last_year_of_four_digits() -> None:
    [page] = guarded({"history": {"since": "9999-12-31", "stars": [[0, 1], [40, 2]]}})
    assert "2 on 9 February 10000" in page["history"]["stars"]


def test_versions_beyond_the_top_are_one_row_of_others() -> None:
    month = {"instances": 100, "versions": {f"1.{number}": 20 - number for number in range(9)}}
    [page] = guarded({"stats": {"month": month}})
    rows = page["usage"]["versions"]
    assert [row["version"] for row in rows] == ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", None]
    assert rows[-1]["instances"] == 14 + 13 + 12
    assert sum(row["share"] for row in rows) in range(95, 105)


def test_abandonment_is_dated_only_by_the_issue_that_is_named() -> None:
    one, other = "https://github.com/o/r/issues/1", "https://github.com/o/r/issues/2"
    same, another, reason = guarded(
        {"abandoned": one, "abandonment": {"url": one, "date": "2019-09-03 10:11:12 +0000"}},
        {"abandoned": other, "abandonment": {"url": one, "date": "2019-09-03 10:11:12 +0000"}},
        {"abandoned": "No time."},
    )
    assert same["abandoned"]["date"] == {"iso": "2019-09-03", "words": "3 September 2019"}
    assert another["abandoned"]["date"] is None
    assert reason["abandoned"] == {"url": None, "reason": "No time.", "date": None}


MOMENTS = {
    "2026-11-20 09:10:11 +0000": "2026-11-20T09:10:11Z",
    "2026-11-20T09:10:11Z": "2026-11-20T09:10:11Z",
    "2026-11-20 09:10:11 +0200": "2026-11-20",
    "2026-11-20 29:10:11 UTC": "2026-11-20",
    "2026-11-20": "2026-11-20",
}


@pytest.mark.parametrize("written", MOMENTS)
def test_time_of_day_is_kept_where_it_is_known(written: str) -> None:
    [page] = guarded({"freshness": {"github": {"as_of": written}}})
    assert page["freshness"]["github"]["date"]["iso"] == MOMENTS[written]


def test_picture_elsewhere_is_named_by_its_host_and_one_of_this_site_is_not() -> None:
    [page] = guarded(
        {
            "screenshots": [
                {"url": "http://www.pictures.example:80/a.png"},
                {"url": "assets/img/plugins/x/b.png"},
            ]
        }
    )
    assert [shot["host"] for shot in page["screenshots"]] == ["pictures.example", None]


SPECIFIERS = {
    ">=3.7,<4": "Python 3.7 and newer",
    ">=3.7.3": "Python 3.7 and newer",
    ">=2.7,<4": "Python 2.7 and every Python 3",
    ">=2.7,<3": "Python 2 only",
    ">=2.7.9,<4,!=3.0.*": "Python 2.7 and every Python 3",
    ">=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*,!=3.5.*": "Python 2.7, and on Python 3.6 and newer",
    ">=2.7,<3.10": "Python 2.7, and on Python 3.0 to 3.9",
    ">=3.7,<3.15": "Python 3.7 to 3.14 only",
    ">=3": "every Python 3",
    ">=3.6,<3.10": "Python 3.6 to 3.9 only",
    "==3.11.*": "Python 3.11 only",
    "~=3.8": "Python 3.8 and newer",
    "<2": "no Python that is known",
    "three": None,
    ">=3.7 || <2": None,
    "": None,
}
WORDS = "puts JSON.dump(JSON.parse($stdin.read).map { |range| Almanac::Specifiers.pythons(range) })"


def test_ranges_of_python_are_told_in_words() -> None:
    told = subprocess.run(
        ["ruby", "-rjson", f"-r{ROOT / '_jekyll' / 'read' / 'specifiers.rb'}", "-e", WORDS],
        input=json.dumps(list(SPECIFIERS)),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert dict(zip(SPECIFIERS, json.loads(told.stdout), strict=True)) == SPECIFIERS


JUDGED = [
    ">=3.7",
    "==3.7.3",
    ">=3.7.1,<3.7.5",
    ">=3.15,<4",
    ">=3.1,<3.3",
    "~=3.7.2",
    ">2.7",
    "<3",
    ">=2.7,!=3.*",
    "<=2.7.18",
    ">3.14,<3.15",
    ">=4",
    ">3",
    "3.7",
    "~=3",
    ">=3.*",
]
THREE = "puts JSON.dump(JSON.parse($stdin.read).map { |range| Almanac::Specifiers.three?(range) })"


def test_a_preview_judges_ranges_of_python_as_the_feeds_do() -> None:
    told = subprocess.run(
        ["ruby", "-rjson", f"-r{ROOT / '_jekyll' / 'read' / 'specifiers.rb'}", "-e", THREE],
        input=json.dumps(JUDGED),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    judged = {range_: runs_on_3(range_, "") for range_ in JUDGED}
    assert dict(zip(JUDGED, json.loads(told.stdout), strict=True)) == judged
    assert set(judged.values()) == {True, False, None}
