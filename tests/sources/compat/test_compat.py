"""The module in every packaging, the flag in every spelling: a small file a case, under tests/data/compat."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry.sources.base import Blob, EntryType, Tree
from registry.sources.compat import Evidence, Outcome, Question, Rules, Unread, advance, first_paths, host

CASES = Path(__file__).parents[2] / "data" / "compat"
FLAG = "__plugin_pythoncompat__"
DEFAULT = ">=2.7,<3"
PLAIN = '__plugin_name__ = "Spool"\n__plugin_pythoncompat__ = ">=3,<4"\n'
RULES = Rules(
    host="OctoPrint",
    prefix="octoprint_",
    group="octoprint.plugin",
    control_property=FLAG,
    default_python=DEFAULT,
)
ONLY_PLAIN = f'OctoPrint reads only a plain `{FLAG} = "…"` at module level'
NEWEST = sys.version_info >= host.NEWEST_PYTHON


def files_of(case: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return a case's header and its files."""
    head, *rest = re.split(r"^--- (.+)\n", case, flags=re.MULTILINE)
    header = dict(re.findall(r"^# (\w+): ?(.*)$", head, re.MULTILINE))
    return header, dict(zip(rest[::2], rest[1::2], strict=True))


def blob_of(raw: bytes | str) -> Blob:
    """Return what GitHub would show of a file."""
    content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    return Blob(text=content.decode("utf-8", "replace"), byte_size=len(content))


def at(files: Mapping[str, str | bytes | Blob], path: str) -> Blob | Tree | None:
    """Return what GitHub would say of `path`."""
    if path in files:
        file = files[path]
        return file if isinstance(file, Blob) else blob_of(file)
    inside = f"{path}/" if path else ""
    entries: dict[str, EntryType] = {}
    for file_path in files:
        if file_path.startswith(inside):
            name, _, rest = file_path.removeprefix(inside).partition("/")
            entries[name] = "tree" if rest else "blob"
    return Tree(entries=tuple(sorted(entries.items()))) if entries else None


def search(
    files: Mapping[str, str | bytes | Blob],
    plugin_id: str = "spool",
    subpath: str = "",
    archive: str = "",
    rules: Rules = RULES,
) -> tuple[Outcome, list[tuple[str, ...]]]:
    """Search a repository; return the outcome and what was asked for, round by round."""
    question = Question(plugin_id=plugin_id, rules=rules, subpath=subpath, archive=archive)
    seen: dict[str, Blob | Tree | None] = {}
    rounds: list[tuple[str, ...]] = []
    wanted = first_paths(question)
    while True:
        rounds += [wanted] if wanted else []
        seen |= {path: at(files, path) for path in wanted}
        step = advance((question, seen))
        if not isinstance(step, tuple):
            return step, rounds
        wanted = step


def one(text: str | bytes) -> Outcome:
    """Return what is concluded of a plugin with this module."""
    outcome, _ = search(
        {"octoprint_spool/__init__.py": text, "setup.py": 'plugin_package = "octoprint_spool"'}
    )
    return outcome


def told(outcome: Outcome) -> str:
    """Return an outcome as the cases write it."""
    if isinstance(outcome, Unread):
        return f"{'problem' if outcome.problem else 'nothing'} {outcome.reason!r}"
    kind = f"{outcome.kind} {outcome.python!r}" + (f" line {outcome.line}" if outcome.line else "")
    return f"{kind} problem {outcome.reason!r}" if outcome.problem else kind


@pytest.mark.parametrize("case", sorted((CASES / "flag").iterdir()), ids=lambda case: case.name[:-7])
def test_flag_is_read_as_the_host_reads_it(case: Path) -> None:
    text = case.read_bytes()
    expected = text.decode().partition("\n")[0].removeprefix("# expect: ")
    outcome = one(text)
    if expected == "newer":
        assert isinstance(outcome, Unread) or NEWEST
    elif expected == "syntax":
        assert isinstance(outcome, Evidence)
        assert (outcome.kind, outcome.python) == ("syntax", DEFAULT)
    else:
        assert told(outcome).replace("octoprint_spool/__init__.py", "a.py") == expected


@pytest.mark.parametrize("case", sorted((CASES / "repository").iterdir()), ids=lambda case: case.stem)
def test_module_is_found_wherever_the_packaging_puts_it(case: Path) -> None:
    header, files = files_of(case.read_text(encoding="utf-8"))
    outcome, rounds = search(files, header["id"], header.get("subpath", ""), header.get("archive", ""))
    plural = "" if len(rounds) == 1 else "s"
    where = f"{outcome.rule} {outcome.path} " if isinstance(outcome, Evidence) else ""
    assert f"{where}{told(outcome)} in {len(rounds)} round{plural}" == header["expect"]


# --- what the reading says to people ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (f'try:\n    x = 1\n    {FLAG} = ">=3"\nexcept X:\n    pass\n', "stands inside `try`, line 3"),
        (f'if x:\n    with y:\n        {FLAG} = ">=3"\n', "stands inside `with`, line 3"),
        (f'def f():\n    global {FLAG}\n    {FLAG} = ">=3"\n', "stands inside `def`, line 3"),
        (f'class A:\n    {FLAG} = ">=3"\n', "stands inside `class`, line 2"),
        (f'match x:\n    case 1:\n        {FLAG} = ">=3"\n', "stands inside `match`, line 3"),
        (f'for x in y:\n    {FLAG} = ">=3"\n', "stands inside `for`, line 2"),
        (f'while x:\n    {FLAG} = ">=3"\n', "stands inside `while`, line 2"),
        (f'{FLAG}: str = ">=3"\n', "is annotated, line 1"),
        (f"from .a import {FLAG}\n", "is imported, line 1"),
        (f"from .a import B as {FLAG}\n", "is imported, line 1"),
        (f'{FLAG}, x = ">=3", 1\n', "is unpacked, line 1"),
        (f'x = 1\n[x, *{FLAG}] = ">=3", 1\n', "is unpacked, line 2"),
        (f'{FLAG} = f">={{x}}"\n', "is not a constant, line 1"),
        (f'{FLAG} = ">=3" + ",<4"\n', "is not a constant, line 1"),
        (f'{FLAG} += ",<4"\n', "is put together, line 1"),
        (f'({FLAG} := ">=3")\n', "stands inside an expression, line 1"),
        (f'{FLAG} = ""\n', "is empty, line 1"),
        (f'{FLAG} = ">=3"\n{FLAG} = A\n', "is not a constant, line 2"),
    ],
)
def test_an_assignment_that_the_host_does_not_see_is_named_with_its_line(text: str, how: str) -> None:
    outcome = one(text)
    assert isinstance(outcome, Evidence)
    assert (outcome.kind, outcome.python, outcome.line, outcome.problem) == ("default", DEFAULT, None, True)
    assert outcome.reason == f"{ONLY_PLAIN}; yours {how} of `octoprint_spool/__init__.py`"


def test_a_module_without_a_flag_is_no_problem_but_has_a_cure() -> None:
    assert one('__plugin_name__ = "Spool"\n') == Evidence(
        python=DEFAULT,
        rule="setup.py:plugin_package+default",
        path="octoprint_spool/__init__.py",
        reason=f"{ONLY_PLAIN}, and `octoprint_spool/__init__.py` has none; add it there",
        module="octoprint_spool",
    )


@pytest.mark.parametrize(
    ("value", "what"),
    [("3", "is not a text"), ("b'>=3'", "is not a text"), ("True", "is not a text"), ("...", "is not a text"),
     ('"3"', "is not a PEP 440 specifier"), ('">=3<4"', "is not a PEP 440 specifier"),
     ('"===<b>"', "is not a PEP 440 specifier")],
)  # fmt: skip
def test_a_flag_that_the_host_cannot_use_is_the_default_with_the_reason(value: str, what: str) -> None:
    outcome = one(f"\n{FLAG} = {value}\n")
    assert isinstance(outcome, Evidence)
    assert (outcome.kind, outcome.python, outcome.problem) == ("default", DEFAULT, True)
    assert outcome.reason == (
        f'`{FLAG}` in line 2 of `octoprint_spool/__init__.py` {what}; write e.g. `{FLAG} = ">=3.7,<4"`'
    )


def test_a_call_of_an_attribute_before_the_flag_hides_it_as_from_the_host() -> None:
    outcome = one(f'{FLAG} = ">=3"\n__plugin_version__ = pkg.version()\n')
    assert isinstance(outcome, Evidence)
    assert (outcome.kind, outcome.problem) == ("default", True)
    assert outcome.reason == (
        "OctoPrint stops reading `octoprint_spool/__init__.py` at line 2, where `__plugin_version__` is the "
        "call of an attribute; write a plain text there"
    )


def test_python_2_is_refused_whatever_its_flag_says() -> None:
    assert one(PLAIN + 'print "x"\n') == Evidence(
        python=DEFAULT,
        rule="setup.py:plugin_package+syntax",
        path="octoprint_spool/__init__.py",
        line=3,
        reason="OctoPrint on Python 3 cannot parse line 3 of `octoprint_spool/__init__.py` and refuses the "
        "plugin; correct it there",
        module="octoprint_spool",
    )


@pytest.mark.parametrize(
    "newer",
    ["x = f'{y['z']}'\n", "type A = int\n", "def f[T](x): pass\n", "class A[T]: pass\n", "x = rf'{'\\n'}'\n"],
)
def test_what_only_a_newer_python_can_parse_is_unknown_on_an_older_one(newer: str) -> None:
    outcome = one(PLAIN + newer)
    if NEWEST or (sys.version_info >= (3, 12)):
        assert told(outcome) == "flag '>=3,<4' line 2"
    else:
        assert outcome == Unread(
            reason="octoprint_spool/__init__.py does not parse on Python "
            f"{sys.version_info[0]}.{sys.version_info[1]}, and may on 3.13; build with Python 3.13 to know",
            path="octoprint_spool/__init__.py",
            passing=True,
        )


def test_an_entry_point_with_an_attribute_is_a_problem_with_its_cure() -> None:
    files = {
        "pyproject.toml": '[project.entry-points."octoprint.plugin"]\nspool = "octoprint_spool:Plugin"\n',
        "octoprint_spool/__init__.py": PLAIN,
    }
    outcome, _ = search(files)
    assert isinstance(outcome, Evidence)
    assert told(outcome) == (
        "flag '>=3,<4' line 2 problem 'OctoPrint loads a plugin by its module alone, and the entry point in "
        "pyproject is `octoprint_spool:Plugin`; write `octoprint_spool`'"
    )


# --- bytes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\f"], ids=["bare", "BOM", "form feed"])
@pytest.mark.parametrize("cookie", ["", "# coding: utf-8\n", "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n"])
def test_line_ends_marks_and_coding_cookies_do_not_matter(end: str, start: str, cookie: str) -> None:
    outcome = one(start + f"{cookie}\n\fx = 'ä'\n\n{PLAIN}".replace("\n", end))
    assert told(outcome) == f"flag '>=3,<4' line {cookie.count(chr(10)) + 5}"


@pytest.mark.parametrize("shown", ["replaced", "decoded"])
def test_another_encoding_counts_where_the_file_names_it_and_is_a_fault_where_it_does_not(shown: str) -> None:
    raw = ("# coding: latin-1\nx = 'ä'\n" + PLAIN).encode("latin-1")
    text = raw.decode("utf-8", "replace") if shown == "replaced" else raw.decode("latin-1")
    module = "octoprint_spool/__init__.py"
    assert told(search({module: Blob(text=text, byte_size=len(raw))})[0]) == "flag '>=3,<4' line 4"
    bare = Blob(text=text.removeprefix("# coding: latin-1\n"), byte_size=len(raw) - 18)
    assert told(search({module: bare})[0]) == "syntax '>=2.7,<3'"


def test_a_mark_beside_another_spelling_of_its_encoding_is_a_fault_as_to_the_host() -> None:
    assert told(one("\ufeff# coding: utf8\n" + PLAIN)) == "syntax '>=2.7,<3'"


def test_an_encoding_that_nobody_knows_is_a_fault() -> None:
    assert told(one("# coding: no-such-coding\n" + PLAIN)).startswith("syntax")


def test_bytes_that_the_text_does_not_reveal_leave_it_unknown() -> None:
    module = Blob(text="x = '日本語'\n" + PLAIN, byte_size=len(PLAIN) + 12)
    outcome, _ = search({"octoprint_spool/__init__.py": module})
    assert outcome == Unread(
        reason="octoprint_spool/__init__.py is in an encoding that is not clear",
        path="octoprint_spool/__init__.py",
        passing=True,
    )


def test_a_null_byte_is_a_fault_of_syntax() -> None:
    assert told(one(PLAIN + "x = '\0'\n")) == "syntax '>=2.7,<3'"


def test_warnings_about_somebody_elses_strings_are_neither_printed_nor_raised(
    recwarn: pytest.WarningsRecorder,
) -> None:
    assert told(one("x = '\\d'\nif x is 1: pass\n" + PLAIN)) == "flag '>=3,<4' line 4"
    assert not recwarn.list


@pytest.mark.parametrize("filler", ["# text\n", "x = 1\n", "def f():\n    return 1\n", 'T = """\n)(\n"""\n'])
def test_flag_at_the_end_of_a_hundred_kilobytes_is_found(filler: str) -> None:
    times = 100_000 // len(filler)
    assert told(one(filler * times + PLAIN)) == f"flag '>=3,<4' line {filler.count(chr(10)) * times + 2}"


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (Blob(text="x", byte_size=2_345_678, truncated=True), "is too large: 2,345,678 bytes"),
        (Blob(text=None, byte_size=20, binary=True), "is not text"),
        (Blob(text="#" * 1_000_001, byte_size=1_000_001), "is too large: 1,000,001 bytes"),
    ],
)
def test_a_module_that_is_not_shown_whole_is_told_and_not_read(module: Blob, why: str) -> None:
    path = "octoprint_spool/__init__.py"
    outcome, _ = search({"setup.py": 'plugin_package = "octoprint_spool"', path: module})
    assert outcome == Unread(reason=f"{path} {why}", path=path, problem=True)


# --- where the search goes -------------------------------------------------------------------------------


def test_other_property_and_prefix_are_asked_for() -> None:
    rules = Rules(
        host="Blur", prefix="host_", group="host.plugins", control_property="PYTHON", default_python=">=3"
    )
    files = {
        "pyproject.toml": '[project.entry-points."host.plugins"]\nBlur-2 = "blur.plugin"\n',
        "blur/plugin.py": 'PYTHON = ">=3.9"',
    }
    outcome, rounds = search(files, "Blur-2", rules=rules)
    assert rounds[0][-1] == "host_Blur_2/__init__.py"
    assert outcome == Evidence(
        python=">=3.9",
        rule="pyproject:entry-point+flag",
        path="blur/plugin.py",
        line=1,
        module="blur.plugin",
        entry_point="Blur-2",
    )


@pytest.mark.parametrize("plugin_id", ["spool", "Multi.Spool-2", "1st", "a+b"])
@pytest.mark.parametrize("subpath", ["", "plugins/my plugin", "/sub/"])
def test_first_round_asks_for_five_paths_whatever_the_plugin(plugin_id: str, subpath: str) -> None:
    paths = first_paths(Question(plugin_id=plugin_id, rules=RULES, subpath=subpath))
    base = subpath.strip("/")
    inside = f"{base}/" if base else ""
    assert paths[:4] == (base, f"{inside}setup.py", f"{inside}pyproject.toml", f"{inside}setup.cfg")
    package = re.sub(r"[.+-]", "_", plugin_id)
    assert paths[4:] == (f"{inside}octoprint_{package}/__init__.py",)


@pytest.mark.parametrize(
    ("archive", "file"),
    [
        ("https://raw.githubusercontent.com/a/b/main/Reel.py", "Reel.py"),
        ("https://github.com/a/b/raw/main/Reel.py?raw=true", "Reel.py"),
        ("https://github.com/a/b/archive/main.zip", "octoprint_spool/__init__.py"),
        ("https://github.com/a/b/raw/main/..%2Fx.py", "x.py"),
        ("https://github.com/a/b/raw/main/a.b.py", "octoprint_spool/__init__.py"),
        ("https://[", "octoprint_spool/__init__.py"),
    ],
)
def test_an_archive_that_is_one_file_is_asked_for_in_the_first_round(archive: str, file: str) -> None:
    assert first_paths(Question(plugin_id="spool", rules=RULES, archive=archive))[4] == file


@pytest.mark.parametrize("subpath", ["..", "a/../b", "a//b", "a\nb", "a\\b", "a:b", 'a"b', "./a", "x" * 201])
def test_subpath_that_is_no_path_is_never_asked_for(subpath: str) -> None:
    assert first_paths(Question(plugin_id="spool", rules=RULES, subpath=subpath)) == ()
    outcome, rounds = search({}, subpath=subpath)
    assert rounds == []
    assert outcome == Unread(reason="the source's address names a folder that is no path", problem=True)


@pytest.mark.parametrize("rule", ["guess:prefix", "guess:tree", "guess:id"])
def test_a_guess_is_not_believed_that_has_nothing_of_a_plugin(rule: str) -> None:
    path = {
        "guess:prefix": "octoprint_spool/__init__.py",
        "guess:tree": "octoprint_x/__init__.py",
        "guess:id": "spool.py",
    }[rule]
    assert told(search({path: "x = 1\n"})[0]).startswith('nothing "no packaging file names')
    outcome, _ = search({path: PLAIN})
    assert isinstance(outcome, Evidence)
    assert outcome.rule == f"{rule}+flag"
