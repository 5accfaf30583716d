"""A suggestion is offered only when with it the file has lost the fault and gained none."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.review.suggestions.cures import Known
from registry.review.suggestions.suggesting import (
    LONGEST,
    MAX_PROOFS,
    MAX_PROVEN_BYTES,
    MAX_PROVEN_PROBLEMS,
    Suggestion,
    apply,
    suggest,
)
from registry.text.problems import Problem
from registry.validation.validator import Validator
from tests.review.comment.stage import GOOD

TODAY = date(2026, 5, 1)
KNOWN = Known(
    slug="lamp",
    today=TODAY,
    license="AGPL-3.0",
    entry_point="lamp",
    archive="https://github.com/ada/Lamp/archive/refs/heads/main.zip",
    repository="https://github.com/ada/Lamp",
    images=("/assets/img/plugins/lamp/tab.png", "/assets/img/plugins/lamp/Big Picture.png"),
)
SHOT = (
    "tags:\n",
    "screenshots:\n- url: /assets/img/plugins/lamp/tab.png\n  alt: The tab\nfeaturedimage: X\ntags:\n",
)


class New:
    """A base at which nothing stood."""

    def read(self, path: Path, now: bytes) -> bytes | None:
        return None


class Stood:
    """A base at which the file was another."""

    def __init__(self, before: bytes) -> None:
        self.before = before

    def read(self, path: Path, now: bytes) -> bytes | None:
        return self.before


class Desk:
    """A registry with one file that can be judged with any content."""

    def __init__(self, folder: Path, base: New | Stood | None = None) -> None:
        self.file = folder / "_plugins" / "lamp.md"
        self.file.parent.mkdir()
        for image in KNOWN.images:
            path = folder / image.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        self.validator = Validator(today=TODAY, server_url="https://github.com", base=base or New())
        self.judged = 0

    def check(self, raw: bytes) -> list[Problem]:
        self.judged += 1
        self.file.write_bytes(raw)
        return self.validator.validate([self.file])

    def suggest(self, raw: bytes, known: Known = KNOWN) -> tuple[Suggestion, ...]:
        return suggest(raw, "_plugins/lamp.md", self.check(raw), self.check, known)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def changed(old: str, new: str) -> bytes:
    assert GOOD.count(old) >= 1, old
    return GOOD.replace(old, new, 1).encode(errors="surrogateescape")


ONE_FAULT = {
    "python as a number": ('python: ">=3.7,<4"', "python: 3", 'python: ">=3,<4"'),
    "python as a float": ('python: ">=3.7,<4"', "python: 3.7", 'python: ">=3.7,<4"'),
    "python with an x": ('python: ">=3.7,<4"', 'python: ">=3.7.x"', 'python: ">=3.7"'),
    "python with a plus": ('python: ">=3.7,<4"', "python: 3.7+", 'python: ">=3.7,<4"'),
    "python the other way round": ('python: ">=3.7,<4"', 'python: "=>3.7,<4"', 'python: ">=3.7,<4"'),
    "python without a comma": ('python: ">=3.7,<4"', 'python: ">=3.7 <4"', 'python: ">=3.7,<4"'),
    "python as a range": ('python: ">=3.7,<4"', "python: 3.7-3.11", 'python: ">=3.7,<3.12"'),
    "python with a caret": ('python: ">=3.7,<4"', "python: ^3.7", 'python: ">=3.7,<4"'),
    "python with its name": ('python: ">=3.7,<4"', "python: Python 3.7+", 'python: ">=3.7,<4"'),
    "python with one sign too few": ('python: ">=3.7,<4"', 'python: "=3.7"', 'python: "==3.7.*"'),
    "a host version as a number": ("  - 1.4.0", "  - 1.4", '  - "1.4"'),
    "host versions in brackets": (
        "  octoprint:\n  - 1.4.0",
        "  octoprint: [1.4, 1.10]",
        '  octoprint: ["1.4", "1.10"]',
    ),
    "a host version with a plus": ("  - 1.4.0", "  - 1.4.0+", '  - "1.4.0"'),
    "a host version with an x": ("  - 1.4.0", "  - 1.4.x", '  - "1.4"'),
    "one host version without a list": (
        "  octoprint:\n  - 1.4.0",
        "  octoprint: 1.4.0",
        '  octoprint:\n  - "1.4.0"',
    ),
    "a system with a capital": ("  octoprint:", "  os:\n  - Linux\n  octoprint:", '  - "linux"'),
    "a system by another name": (
        "  octoprint:",
        "  os: [osx, linux]\n  octoprint:",
        '  os: ["macos", linux]',
    ),
    "a slip in a system": ("  octoprint:", "  os:\n  - widnows\n  octoprint:", '  - "windows"'),
    "a distribution": ("  octoprint:", "  os:\n  - Raspbian\n  octoprint:", '  - "linux"'),
    "a tab": ("- lamp\n", "\t- lamp\n", "  - lamp"),
    "a tab in a mapping": ('  python: ">', '\tpython: ">', '  python: ">=3.7,<4"'),
    "the template's comments": ("title: Lamp", "# TODO write a title\ntitle: Lamp", None),
    "an empty key": ("tags:\n- lamp\n", "tags:\n- lamp\nnote:\n", None),
    "a slip in a key": ("description: L", "descripton: L", "description: Lights the bed while a print runs."),
    "a capital in a key": ("title: Lamp", "Title: Lamp", "title: Lamp"),
    "a slip in an inner key": ('  python: ">', '  pyton: ">', '  python: ">=3.7,<4"'),
    "a computed key": ("tags:\n", "stats:\n  month:\n    instances: 9000\ntags:\n", None),
    "a computed key on one line": ("tags:\n", "github: {stars: 9000}\ntags:\n", None),
    "a key that is not known at all": ("tags:\n", "permalink: /evil/\ntags:\n", None),
    "another layout": ("layout: plugin", "layout: page", "layout: plugin"),
    "no layout": ("layout: plugin\n", "", "layout: plugin\n---"),
    "no licence": ("license: AGPL-3.0-or-later\n", "", "license: AGPL-3.0\n---"),
    "an empty licence": ("license: AGPL-3.0-or-later\n", "license:\n", "license: AGPL-3.0"),
    "no id": ("id: lamp\n", "", "id: lamp\n---"),
    "no date": ("date: 2024-10-07\n", "", "date: 2026-05-01\n---"),
    "no homepage": (
        "homepage: https://github.com/ada/Lamp\n",
        "",
        "homepage: https://github.com/ada/Lamp\n---",
    ),
    "no archive": (
        "archive: https://github.com/ada/Lamp/archive/main.zip\n",
        "",
        "archive: https://github.com/ada/Lamp/archive/refs/heads/main.zip\n---",
    ),
    "an id that is not the file's": ("id: lamp", "id: Lamp2", "id: lamp"),
    "a date with slashes": ("date: 2024-10-07", "date: 2024/10/07", "date: 2024-10-07"),
    "a date in quotes with a time": ("date: 2024-10-07", "date: 2024-10-07 12:00:00", "date: 2024-10-07"),
    "a date of one digit": ("date: 2024-10-07", "date: 2024-1-7", "date: 2024-01-07"),
    "a date in German": ("date: 2024-10-07", "date: 7.10.2024", "date: 2024-10-07"),
    "a date in words": ("date: 2024-10-07", "date: Oct 7, 2024", "date: 2024-10-07"),
    "a date to come": ("date: 2024-10-07", "date: 2030-10-07", "date: 2026-05-01"),
    "an address with blanks around": (
        "source: https://github.com/ada/Lamp",
        'source: " https://github.com/ada/Lamp "',
        "source: https://github.com/ada/Lamp",
    ),
    "an address without a scheme": (
        "source: https://github.com/ada/Lamp",
        "source: github.com/ada/Lamp",
        "source: https://github.com/ada/Lamp",
    ),
    "an address in brackets": (
        "source: https://github.com/ada/Lamp",
        "source: <https://github.com/ada/Lamp>",
        "source: https://github.com/ada/Lamp",
    ),
    "an address for git": (
        "source: https://github.com/ada/Lamp",
        "source: git@github.com:ada/Lamp.git",
        "source: https://github.com/ada/Lamp",
    ),
    "an address with a password": (
        "source: https://github.com/ada/Lamp",
        "source: https://ada:secret@github.com/ada/Lamp",
        "source: https://github.com/ada/Lamp",
    ),
    "a source that names no repository": (
        "source: https://github.com/ada/Lamp",
        "source: https://github.com/ada",
        "source: https://github.com/ada/Lamp",
    ),
    "tags as a text": ("tags:\n- lamp\n", "tags: lamp, light\n", "tags:\n- lamp\n- light"),
    "a tag twice": ("- lamp\n", "- lamp\n- Lamp\n", None),
    "a tag twice in brackets": ("tags:\n- lamp\n", "tags: [lamp, light, lamp]\n", "tags: [lamp, light]"),
    "an empty tag": ("- lamp\n", '- lamp\n- ""\n', None),
    "a tag that YAML misreads": ("- lamp\n", "- 3.10\n", '- "3.10"'),
    "a tag that is a word of YAML": ("- lamp\n", "- on\n", '- "on"'),
    "authors as a text": ("author: Ada Lovelace", "authors: Ada Lovelace", "author: Ada Lovelace"),
    "an author that is a list": ("author: Ada Lovelace", "author:\n- Ada Lovelace", "authors:"),
    "an author that is several": (
        "author: Ada Lovelace",
        "author: Ada Lovelace, Charles Babbage",
        "authors:\n- Ada Lovelace\n- Charles Babbage",
    ),
    "a title that is a number": ("title: Lamp", "title: 3.10", 'title: "3.10"'),
    "a colon in a text": (
        "description: Lights the bed while a print runs.",
        "description: Lamp: lights the bed",
        'description: "Lamp: lights the bed"',
    ),
    "a text that begins with an at": ("title: Lamp", "title: @lamp", 'title: "@lamp"'),
    "a text that begins with a star": ("title: Lamp", "title: *lamp", 'title: "*lamp"'),
    "a text that begins with a mark": ("title: Lamp", "title: !lamp", 'title: "!lamp"'),
    "a quote that does not end": ("title: Lamp", 'title: "Lamp', 'title: "Lamp"'),
    "no blank after the colon": ("title: Lamp", "title:Lamp", "title: Lamp"),
    "an equals sign": ("title: Lamp", "title = Lamp", "title: Lamp"),
    "a mark at the beginning": ("---\nlayout", "\ufeff---\nlayout", "---"),
    "a blank line at the beginning": ("---\nlayout", "\n---\nlayout", ""),
    "dashes that are too many": ("---\nlayout", "-----\nlayout", "---"),
    "no fence at the beginning": ("---\nlayout", "layout", "---\nlayout: plugin"),
    "no fence at the end": ('<4"\n---\n', '<4"\n', "---\n"),
    "a key twice": ("title: Lamp\n", "title: Lamp\ntitle: Lamp\n", None),
    "a character that nobody sees": ("title: Lamp", "title: La\u202emp", "title: Lamp"),
    "a control character": ("title: Lamp", "title: La\x07mp", "title: Lamp"),
    "another encoding": ("title: Lamp", "title: L\udce4mp", "title: Lämp"),
    "HTML in a title": ("title: Lamp", "title: <b>Lamp</b>", "title: Lamp"),
    "an entity in a description": (
        "description: Lights the bed while a print runs.",
        "description: Light &amp; shade",
        "description: Light & shade",
    ),
    "a slip in an attribute": ("tags:\n", "attributes:\n- Free Tier\ntags:\n", "- free-tier"),
    "dependency links": ("tags:\n", "follow_dependency_links: true\ntags:\n", None),
    "a flag in quotes": (
        "tags:\n",
        'follow_dependency_links: "false"\ntags:\n',
        "follow_dependency_links: false",
    ),
    "a former address without slashes": (
        "tags:\n",
        "redirect_from: old_lamp\ntags:\n",
        "redirect_from: /plugins/old_lamp/",
    ),
    "an image with a space": (
        SHOT[0],
        SHOT[1].replace("X", "/assets/img/plugins/lamp/Big%20Pictures.png"),
        "featuredimage: /assets/img/plugins/lamp/Big%20Picture.png",
    ),
    "an image in another folder": (SHOT[0], SHOT[1].replace("X", "/assets/img/tab.png"), None),
    "an image over http": (
        SHOT[0],
        SHOT[1].replace("X", "http://ada.example/tab2.png"),
        "featuredimage: https://ada.example/tab2.png",
    ),
    "an image without a description": (
        "tags:\n",
        "screenshots:\n- url: /assets/img/plugins/lamp/tab.png\n  caption: The tab\ntags:\n",
        "  alt: The tab\n  caption: The tab",
    ),
    "Liquid in the body": ("Lights the bed.", "Lights {{ bed }}.", "Lights `{{ bed }}`."),
    "a script in the body": ("Lights the bed.", "Lights the bed.\n<script>alert(1)</script>", None),
    "a handler in the body": ("Lights the bed.", '<b onclick="x()">Lights</b>', "<b>Lights</b>"),
}


@pytest.mark.parametrize("name", ONE_FAULT)
def test_one_fault_is_mended_and_nothing_else_is_changed(name: str, desk: Desk) -> None:
    old, new, expected = ONE_FAULT[name]
    raw = changed(old, new)
    before = desk.check(raw)
    assert before
    found = desk.suggest(raw)
    assert found, [problem.message for problem in before]
    assert desk.check(apply(raw, found)) == [] or {p.code for p in desk.check(apply(raw, found))} <= {
        "image-remote"
    }
    if expected is not None:
        lines = ["\n".join(suggestion.new_lines) for suggestion in found]
        assert expected in lines or expected in [text.lstrip() for text in lines]


NOBODY_CAN_TELL = {
    "a date that may be two": ("date: 2024-10-07", "date: 3/4/2024"),
    "two values for one key": ("title: Lamp\n", "title: Lamp\ntitle: Light\n"),
    "no title": ("title: Lamp\n", ""),
    "no author": ("author: Ada Lovelace\n", ""),
    "a long title": ("title: Lamp", "title: " + "Lamp " * 30),
    "nonsense for Python": ('python: ">=3.7,<4"', "python: the newest"),
    "nonsense for a system": ("  octoprint:", "  os:\n  - toaster\n  octoprint:"),
    "a screenshot without words": (
        "tags:\n",
        "screenshots:\n- url: /assets/img/plugins/lamp/tab.png\ntags:\n",
    ),
    "no body": ("\nLights the bed.\n", ""),
}


@pytest.mark.parametrize("name", NOBODY_CAN_TELL)
def test_what_only_the_author_knows_is_not_guessed(name: str, desk: Desk) -> None:
    raw = changed(*NOBODY_CAN_TELL[name])
    assert desk.check(raw)
    assert desk.suggest(raw) == ()


def test_suggestions_that_touch_the_same_line_are_one(desk: Desk) -> None:
    raw = GOOD.replace("license: AGPL-3.0-or-later\n", "").replace("layout: plugin\n", "").encode()
    [suggestion] = desk.suggest(raw)
    assert suggestion.new_lines == ("layout: plugin", "license: AGPL-3.0", "---") or suggestion.new_lines == (
        "license: AGPL-3.0",
        "layout: plugin",
        "---",
    )
    assert {problem.key for problem in suggestion.problems} == {"layout", "license"}


def test_crlf_stays_crlf(desk: Desk) -> None:
    raw = changed('python: ">=3.7,<4"', "python: 3.7+").replace(b"\n", b"\r\n")
    found = desk.suggest(raw)
    assert apply(raw, found) == GOOD.replace("\n", "\r\n").encode()


def test_a_day_that_changed_is_put_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Stood(GOOD.encode()))
    [suggestion] = desk.suggest(changed("2024-10-07", "2025-01-01"))
    assert suggestion.new_lines == ("date: 2024-10-07",)


@pytest.mark.slow
def test_a_file_is_judged_only_so_often(desk: Desk) -> None:
    tags = "".join(f"- {number}.5\n" for number in range(90))
    desk.suggest(changed("- lamp\n", tags))
    assert MAX_PROOFS // 2 < desk.judged <= MAX_PROOFS + 1


@pytest.mark.slow
def test_a_file_with_a_thousand_faults_is_judged_less_often(desk: Desk) -> None:
    tags = "".join(f"- {number}.5\n" for number in range(800))
    desk.suggest(changed("- lamp\n", tags))
    assert 1 < desk.judged <= MAX_PROVEN_PROBLEMS // 800 + 2


@pytest.mark.slow
def test_a_large_file_is_judged_less_often(desk: Desk) -> None:
    tags = "".join(f"- {number}.5\n" for number in range(100))
    raw = changed("- lamp\n", tags) + b"text\n" * 180_000
    desk.suggest(raw)
    assert 1 < desk.judged <= MAX_PROVEN_BYTES // len(raw) + 1


def seconds(do: Callable[[], object]) -> float:
    start = process_time()
    do()
    return process_time() - start


BLANKS = "screenshots:\n" + "".join(
    f"- url:{' ' * (LONGEST - 30)}assets/a b{number}#y\n  alt: x\n" for number in range(40)
)
SLOW = {
    "a value in brackets": changed("tags:\n- lamp\n", f"tags: [{' ' * 50_000}1]\n"),
    "several authors": changed("Ada Lovelace", f"Ada{' ' * 50_000}Lovelace, Bob"),
    "scripts on one line": GOOD.encode() + b"<script>" * 100_000,
    "lines of scripts": GOOD.encode() + b"<script>\n" * 100_000,
    "lines that are all alike": changed("license: AGPL-3.0-or-later\n", "") + b"```\n" * 200_000,
    "blanks before a comment that is none": changed("tags:\n", BLANKS + "tags:\n"),
    "a text in escapes": changed("Ada Lovelace", '"a' + ("\\ " * 400 + "\n  ") * 75 + 'b, c"'),
}
"""Patterns and comparisons that would take the square, or the cube, of what stands there."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_no_line_and_no_file_takes_long_to_mend(name: str, desk: Desk) -> None:
    assert seconds(lambda: desk.suggest(SLOW[name])) < 4


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 25), st.text(alphabet="ab :-#'\"[]{}|>*&!%@\t3.<=,", max_size=20), st.booleans())
def test_whatever_is_suggested_brings_no_new_fault(desk: Desk, number: int, text: str, instead: bool) -> None:
    lines = GOOD.split("\n")
    lines[number : number + instead] = [text]
    raw = "\n".join(lines).encode()
    before = {(problem.code, problem.message) for problem in desk.check(raw)}
    found = desk.suggest(raw)
    if not found:
        return
    after = {(problem.code, problem.message) for problem in desk.check(apply(raw, found))}
    mended = {(problem.code, problem.message) for item in found for problem in item.problems}
    assert mended
    assert not mended & after
    if not any(item.hides for item in found):
        assert after <= before
