"""What is told of a link, when, and how it is mended; and the report that holds it."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from registry.facts.state import State
from registry.links import history, report
from registry.links.addresses import Link, Place, Use
from registry.links.history import Failure
from registry.links.repositories import Fates, fates_of
from registry.links.verdict import Finding, Known, Verdict, judge, to_visit
from registry.links.visit import Visit
from tests.review.comment.rendered import render
from tests.support.builders import NOW, fact, registration

SOURCE = "https://github.com/maker/Demo"
PAGE = "https://demo.example/x"
FILES = "https://github.com/almanac/registry/blob/HEAD"


def link(url: str = PAGE, use: Use = "homepage", key: str = "", line: int = 9, slug: str = "demo") -> Link:
    place = Place(slug=slug, id=slug, file=f"_plugins/{slug}.md", line=line, key=key or use)
    return Link(url=url, use=use, place=place)


def known(
    visit: Visit | None = None, fates: Fates | None = None, *, now: datetime = NOW, **more: Any
) -> Known:
    defaults: dict[str, Any] = {
        "visits": {PAGE: visit, SOURCE: visit, f"{SOURCE}/archive/main.zip": visit} if visit else {},
        "fates": fates or {},
        "before": {},
        "abandoned": frozenset(),
        "has_file": lambda url: False,
        "server_url": "https://github.com",
        "now": now,
    }
    return Known(**(defaults | more))


def github(**data: Any) -> Fates:
    more = {"gone_since": data.pop("gone_since")} if "gone_since" in data else {}
    facts = {"demo": {"github": fact({"repo": "maker/Demo", "archived": False, **data}, **more)}}
    return fates_of([registration()], State(plugins=facts))


DEAD = Visit(kind="dead", detail="answers 404, not found")


def test_the_first_failure_is_not_yet_told() -> None:
    verdict = judge([link()], known(DEAD))
    (finding,) = verdict.findings
    assert not finding.confirmed
    assert report.told(verdict) == ()
    assert verdict.history == {PAGE: Failure(first=NOW, kind="dead", detail="answers 404, not found")}


@pytest.mark.parametrize(
    ("after", "confirmed"),
    [(timedelta(hours=1), False), (timedelta(days=2, hours=23), False), (timedelta(days=3), True)],
)
def test_a_failure_is_told_when_it_lasts_three_days(after: timedelta, confirmed: bool) -> None:
    before = judge([link()], known(DEAD)).history
    (finding,) = judge([link()], known(DEAD, before=before, now=NOW + after)).findings
    assert (finding.confirmed, finding.since) == (confirmed, NOW)


def test_a_failure_that_ends_is_forgotten() -> None:
    before = judge([link()], known(DEAD)).history
    verdict = judge([link()], known(Visit(kind="ok"), before=before, now=NOW + timedelta(days=7)))
    assert (verdict.findings, verdict.history) == ((), {})


def test_what_could_not_be_judged_stays_as_it_was_told() -> None:
    before = {PAGE: Failure(first=NOW, kind="dead", detail="answers 404, not found", confirmed=True)}
    refused = Visit(kind="refused", detail="does not let a program in (403)")
    verdict = judge([link()], known(refused, before=before, now=NOW + timedelta(days=7)))
    (finding,) = verdict.findings
    assert (finding.kind, finding.confirmed) == ("dead", True)
    assert verdict.history == before


def test_a_refusal_alone_is_no_finding() -> None:
    assert judge([link()], known(Visit(kind="refused", detail="x"))).findings == ()


CURES: dict[Use, str] = {
    "homepage": "write an address that answers; that of the repository will do",
    "source": "write where the source is now; if it is nowhere, run scripts/mark_abandoned.py demo ISSUE-URL",
    "archive": "nobody can install the plugin from here: write the address of an archive that exists",
    "privacypolicy": "write where the policy is now",
    "image": "put a copy under /assets/img/plugins/demo/ and write its path",
    "body": "correct the link, or take it out of the text",
}


@pytest.mark.parametrize("use", CURES)
def test_each_use_has_its_cure(use: Use) -> None:
    (finding,) = judge([link(use=use)], known(DEAD)).findings
    assert finding.message == f"answers 404, not found; {CURES[use]}"


@pytest.mark.parametrize(
    ("use", "key", "line"),
    [
        ("homepage", "homepage", "write homepage: https://new.example/x"),
        ("image", "screenshots[0].url", "write url: https://new.example/x"),
        ("body", "body", "write the new address in the text"),
    ],
)
def test_a_move_is_told_at_once_with_the_line_to_write(use: Use, key: str, line: str) -> None:
    moved = Visit(kind="moved", detail="has moved", target="https://new.example/x", content_type="image/png")
    verdict = judge([link(use=use, key=key)], known(moved))
    (finding,) = report.told(verdict)
    assert finding.message == f"has moved to https://new.example/x; {line}"
    assert verdict.history == {}


def test_a_move_to_the_front_page_is_no_new_address() -> None:
    moved = Visit(kind="moved", detail="has moved", target="https://new.example/")
    (finding,) = judge([link()], known(moved)).findings
    assert finding.message == (
        "leads to the front page https://new.example/, so what was there is probably gone; "
        "write an address that answers; that of the repository will do"
    )


@pytest.mark.parametrize(
    "content_type", ["image/png", "image/svg+xml", "application/octet-stream", "binary/octet-stream", ""]
)
def test_an_image_is_an_image(content_type: str) -> None:
    assert judge([link(use="image")], known(Visit(kind="ok", content_type=content_type))).findings == ()


@pytest.mark.parametrize("content_type", ["text/html", "application/octet-streams", "x/image/png"])
def test_what_is_no_image_has_vanished(content_type: str) -> None:
    (finding,) = judge([link(use="image")], known(Visit(kind="ok", content_type=content_type))).findings
    assert finding.kind == "no-image"
    assert finding.message == f"is no image but {content_type}; {CURES['image']}"


def test_an_address_may_be_well_as_a_page_and_fail_as_an_image() -> None:
    page = Visit(kind="ok", content_type="text/html")
    verdict = judge([link(), link(use="image", key="featuredimage")], known(page))
    assert [finding.link.use for finding in verdict.findings] == ["image"]
    assert list(verdict.history) == [f"image {PAGE}"]


def test_a_file_of_the_site_is_looked_up_and_not_asked_for() -> None:
    image = link("/assets/img/plugins/demo/x.png", "image", "featuredimage")
    assert to_visit([image], {}, "https://github.com") == []
    assert judge([image], known(has_file=lambda url: True)).findings == ()
    (finding,) = report.told(judge([image], known()))
    assert finding.message == "names a file that is not there; add it, or correct the path"


# Repositories


def test_what_the_state_knows_of_a_repository_needs_no_request() -> None:
    archive = link(f"{SOURCE}/archive/main.zip", "archive")
    source = link(SOURCE, "source")
    assert to_visit([source, archive, link()], github(), "https://github.com") == [archive.url, PAGE]
    assert to_visit([source, archive], github(gone_since=NOW), "https://github.com") == []
    assert judge([source], known(fates=github())).findings == ()


def test_a_repository_that_is_gone_takes_all_its_addresses_along() -> None:
    links = [link(SOURCE, "source"), link(f"{SOURCE}/archive/main.zip", "archive", line=10)]
    fates = github(gone_since=NOW - timedelta(days=4))
    findings = report.told(judge(links, known(fates=fates)))
    assert [finding.message for finding in findings] == [
        f"is in a repository that GitHub does not show any more; {CURES['source']}",
        f"is in a repository that GitHub does not show any more; {CURES['archive']}",
    ]
    assert findings[0].since == NOW - timedelta(days=4)


def test_a_repository_that_was_missed_yesterday_is_not_yet_called_dead() -> None:
    verdict = judge([link(SOURCE, "source")], known(fates=github(gone_since=NOW - timedelta(days=1))))
    assert report.told(verdict) == ()


def test_a_renamed_repository_is_told_with_the_line_to_write() -> None:
    (finding,) = judge([link(SOURCE, "source")], known(fates=github(repo="owner/NewName"))).findings
    assert finding.message == (
        "has moved to https://github.com/owner/NewName; write source: https://github.com/owner/NewName"
    )


def test_another_case_of_the_same_name_is_no_move() -> None:
    assert judge([link(SOURCE, "source")], known(fates=github(repo="Maker/demo"))).findings == ()


def test_a_name_in_the_state_that_is_none_is_not_believed() -> None:
    for name in ("javascript:x", "a/b/../../c", "", None, "<script>"):
        assert judge([link(SOURCE, "source")], known(fates=github(repo=name))).findings == ()


def test_an_archived_repository_is_told_unless_its_plugin_is_marked() -> None:
    fates = github(archived=True)
    (finding,) = judge([link(SOURCE, "source")], known(fates=fates)).findings
    assert finding.kind == "archived"
    assert judge([link(SOURCE, "source")], known(fates=fates, abandoned={"demo"})).findings == ()


# History


def test_the_history_comes_back_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "links.json"
    once = judge([link()], known(DEAD))
    file.write_text(json.dumps(report.as_report(once, {}, NOW)))
    assert history.read_history(file) == (once.history, frozenset(), "")
    twice = judge([link()], known(DEAD, before=once.history, now=NOW + timedelta(days=7)))
    file.write_text(json.dumps(report.as_report(twice, {}, NOW)))
    assert history.read_history(file) == (twice.history, frozenset({twice.findings[0].identity}), "")


def test_no_history_is_a_first_run(tmp_path: Path) -> None:
    assert history.read_history(tmp_path / "links.json") == ({}, frozenset(), "")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "{}",
        '{"failures": [], "findings": []}',
        '{"failures": {"a": {}}, "findings": []}',
        "[" * 9_999,
    ],
)
def test_a_history_that_cannot_be_used_is_begun_anew(tmp_path: Path, raw: str) -> None:
    file = tmp_path / "links.json"
    file.write_text(raw)
    failures, told, trouble = history.read_history(file)
    assert (failures, told) == ({}, frozenset())
    assert trouble.startswith(f"{file}: cannot be used (")


# The report


def markdown(*findings: Finding, **more: Any) -> str:
    return report.markdown(
        Verdict(findings=findings, history={}, counts={"ok": 3, "dead": len(findings)}), 2, NOW, FILES, **more
    )


def test_the_report_groups_by_plugin_and_names_file_and_line() -> None:
    dead = Finding(link=link(), kind="dead", message="answers 404; write another", since=NOW)
    moved = Finding(link=link(slug="other"), kind="moved", message="has moved to x; write homepage: x")
    once = Finding(link=link(line=12), kind="slow", message="is slow; wait", since=NOW, confirmed=False)
    assert markdown(dead, once, moved) == (
        "The links of 2 plugins, checked on 2026-05-01. 6 addresses: 3 well, 3 dead.\n"
        "\n## To mend (1)\n\n**demo**\n\n"
        f"- [&#95;plugins/demo.md:9]({FILES}/_plugins/demo.md?plain=1#L9) homepage: "
        "`https://demo.example/x` answers 404; write another (since 2026-05-01)\n"
        "\n## Moved (1)\n\nThese addresses lead on for good.\n\n**other**\n\n"
        f"- [&#95;plugins/other.md:9]({FILES}/_plugins/other.md?plain=1#L9) homepage: "
        "`https://demo.example/x` has moved to x; write homepage&#58;&#8203; x\n"
        "\n## Failed once (1)\n\nNothing is said of these until they fail again, at least 3 days later.\n"
        "\n**demo**\n\n"
        f"- [&#95;plugins/demo.md:12]({FILES}/_plugins/demo.md?plain=1#L12) homepage: "
        "`https://demo.example/x` is slow; wait (since 2026-05-01)\n"
    )


def test_a_report_without_findings_says_so() -> None:
    assert markdown().endswith("\n\nNothing is to be mended.\n")


def test_hostile_texts_are_shown_and_not_obeyed() -> None:
    url = "https://x.example/](javascript:alert(1))<img/src=x>@everyone|`#1"
    text = markdown(Finding(link=link(url), kind="moved", message=f"has moved to {url}\n- ::error::\u202e"))
    tree = render(text)
    assert {node.tag for node in tree.css("li *")} == {"a", "code"}
    assert [node.attributes["href"] for node in tree.css("a")] == [f"{FILES}/_plugins/demo.md?plain=1#L9"]
    assert [node.text() for node in tree.css("code")] == [url, url]
    assert text.splitlines()[-1].endswith(
        "&#92;n&#45; &#58;&#8203;&#58;&#8203;error&#58;&#8203;&#58;&#8203;&#92;u202e"
    )


def test_a_report_that_is_too_long_for_an_issue_tells_how_much_is_missing() -> None:
    findings = [
        Finding(link=link(f"{PAGE}/{'y' * 300}", line=number), kind="dead", message="answers 404; x")
        for number in range(1_000)
    ]
    text = markdown(*findings)
    assert len(text.encode()) < 64_000
    shown = text.count("\n- ")
    assert text.endswith(f"\nAnd {1_000 - shown} more, in links.json of this run.\n")
