"""Problems are told in three ways, and no value of a registration can break out of any."""

import json
from typing import Any

import pytest

from registry.system.progress import say
from registry.text.problems import Problem, as_annotation, as_json, as_text, printable


def problem(**changes: Any) -> Problem:
    known: dict[str, Any] = {
        "file": "_plugins/foo.md",
        "line": 12,
        "key": "compatibility.python",
        "level": "error",
        "code": "python-specifier",
        "message": "'three' is not a specifier; write e.g. '>=3.7,<4'",
    }
    return Problem(**known | changes)


def test_a_line_for_people() -> None:
    assert as_text(problem()) == (
        "_plugins/foo.md:12: error: compatibility.python: 'three' is not a specifier; write e.g. '>=3.7,<4'"
        " [python-specifier]"
    )
    assert (
        as_text(problem(key="", level="warning", message="no", code="tab"))
        == "_plugins/foo.md:12: warning: no [tab]"
    )


def test_an_annotation_for_a_pull_request() -> None:
    assert as_annotation(problem()) == (
        "::error file=_plugins/foo.md,line=12,title=python-specifier::"
        "compatibility.python: 'three' is not a specifier; write e.g. '>=3.7,<4'"
    )


def test_json_for_programs() -> None:
    assert json.loads(as_json([problem()])) == [
        {
            "file": "_plugins/foo.md",
            "line": 12,
            "key": "compatibility.python",
            "level": "error",
            "code": "python-specifier",
            "message": "'three' is not a specifier; write e.g. '>=3.7,<4'",
        }
    ]
    assert as_json([]) == "[]"


def test_no_file_name_and_no_value_writes_a_command_of_its_own() -> None:
    hostile = problem(file="a,line=1::b\n::error::c%0A.md", message="x\r\n::set-output name=a::b%", key="k")
    assert as_annotation(hostile) == (
        "::error file=a%2Cline=1%3A%3Ab%0A%3A%3Aerror%3A%3Ac%250A.md,line=12,title=python-specifier::"
        "k: x\\r\\n::set-output name=a::b%25"
    )


def test_no_value_steers_a_terminal() -> None:
    hostile = problem(file="a\x1b[2J.md", message="x\n\u202ey\u2028\x9b", key="")
    assert as_text(hostile) == "a\\x1b[2J.md:12: error: x\\n\\u202ey\\u2028\\x9b [python-specifier]"


@pytest.mark.parametrize("text", ["é", "😀", "日本"])
def test_what_can_be_shown_is_shown(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("  ::add-mask::x", "  \\x3a:add-mask::x"),
        ("a ##[set-env name=PATH]x", "a #\\x23[set-env name=PATH]x"),
        ("a: b\n::stop", "a: b\\n::stop"),
        ("a::b", "a::b"),
    ],
    ids=["first", "indented", "inside", "second line", "words"],  # a runner would obey pytest's own
)
def test_a_runner_that_reads_the_log_takes_nothing_for_a_command(said: str, shown: str) -> None:
    assert printable(said) == shown


def test_progress_is_obeyed_by_no_runner(capsys: pytest.CaptureFixture[str]) -> None:
    say("first\n::error::second\x1b[2J")
    assert capsys.readouterr().err == "first\n\\x3a:error::second\\x1b[2J\n"
