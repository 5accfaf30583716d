"""Whose fault it is, and on which line."""

import pytest

from registry.quarantine.left_out import LeftOut, left_out
from registry.review.preview.blame import line_of, problems_of

TEXT = "---\nid: lamp\ntitle: A lamp\n---\n\nSee [x](/plugins/gone/#top), ok.\n"


def told(*errors: LeftOut, before: tuple[LeftOut, ...] = ()) -> list[tuple[str, int, str]]:
    found = problems_of(
        errors,
        {"lamp": "_plugins/lamp.md", "a_fan": "_plugins/a_fan.md"},
        {"lamp": "lamp", "fan": "a_fan"},
        {"lamp": TEXT.encode(), "a_fan": b"\xff"},
        lambda: before,
    )
    return [(problem.file, problem.line, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("links to /plugins/gone/, which is not there", 6),
        ("its heading is 'A lamp', not the title", 3),
        ("has an id twice: 'nothing-of-it'", 1),
        ("its lamp title", 1),
        ("", 1),
    ],
)
def test_the_line_is_that_of_the_words_that_a_message_quotes(message: str, line: int) -> None:
    assert line_of(TEXT, message) == line


def test_an_error_that_names_its_line_keeps_it() -> None:
    error = left_out("lamp", "feed", "date", "It is odd.", slug="lamp", file="build/x/lamp.md", line=3)
    assert told(error) == [
        ("_plugins/lamp.md", 3, "the build would leave this out of the feeds: It is odd."),
    ]


def test_an_entry_of_data_is_known_by_its_id_and_its_line_is_not_the_registrations() -> None:
    error = left_out("Fan", "feed", "wrong-case", "It is odd.", file="_data/blocklist.yml", line=7)
    assert told(error) == [
        ("_plugins/a_fan.md", 1, "the build would leave this out of the feeds: It is odd."),
    ]


def test_others_are_no_fault_of_the_change_unless_they_are_new() -> None:
    other = left_out("bed", "page", "x", "Odd.", slug="bed")
    site = left_out("", "check", "x", "404.html is odd")
    assert told(other, site, before=(site, other)) == []
    assert told(other, site, before=(site,)) == [
        ("_plugins/a_fan.md", 1,
         "with this change, and not without it, the build finds a fault in 'bed': Odd."),
    ]  # fmt: skip


def test_nothing_is_built_again_while_all_faults_are_the_changes_own() -> None:
    def never() -> tuple[LeftOut, ...]:
        raise AssertionError

    errors = [left_out("lamp", "page", "x", "Odd.", slug="lamp")]
    assert len(problems_of(errors, {"lamp": "x"}, {}, {"lamp": b""}, never)) == 1
