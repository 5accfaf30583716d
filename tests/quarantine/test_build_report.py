"""The report that the steps of a build write one after the other."""

from pathlib import Path

import pytest

from registry.quarantine.build_report import add_errors, errors_of, read_report, write_report
from registry.quarantine.left_out import left_out

BROKEN = left_out(
    "a", "registration", "yaml-syntax", "cannot be read", slug="a", file="_plugins/a.md", line=7
)
BAD_ENTRY = left_out("b", "feed", "date", "is not a day", slug="b")
BAD_PAGE = left_out("c", "check", "page-fault", "has two <h1>", slug="c")


def test_what_was_left_out_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "build" / "report.json"
    write_report(path, add_errors({"counts": {}}, ("registration", "source"), [BROKEN]))
    assert errors_of(read_report(path)) == [BROKEN]
    assert read_report(path)["counts"] == {}


def test_a_step_that_runs_again_replaces_its_own_entries_and_drops_those_of_later_steps() -> None:
    report = add_errors({}, ("registration", "source"), [BROKEN])
    report = add_errors(report, ("feed",), [BAD_ENTRY])
    report = add_errors(report, ("page", "check"), [BAD_PAGE])
    assert errors_of(report) == [BROKEN, BAD_ENTRY, BAD_PAGE]
    assert errors_of(add_errors(report, ("feed",), [])) == [BROKEN]


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"{", b'{"errors": 3}', b'{"errors": [1, {"plugin": "a"}]}', b"[" * 100_000],
    ids=["empty", "null", "list", "torn", "no list", "other entries", "deep"],
)
def test_a_report_of_another_form_says_nothing(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(raw)
    assert errors_of(read_report(path)) == []


def test_a_step_that_does_not_exist_is_passed_over() -> None:
    entry = {"plugin": "a", "stage": "deploy", "code": "x", "message": "y"}
    assert errors_of({"errors": [entry]}) == []


def test_a_lone_surrogate_does_not_stop_the_report(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_report(path, {"name": "a\ud800b"})
    assert read_report(path) == {"name": "a?b"}
