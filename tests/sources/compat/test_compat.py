"""The flag in every spelling and packaging: one small file a case, under tests/data/compat."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from registry.sources.base import Blob, EntryType, Tree
from registry.sources.compat import Evidence, NoFlag, Outcome, find_flag, locate, root_paths

CASES = Path(__file__).parents[2] / "data" / "compat"
FLAG = "__plugin_pythoncompat__"
PLAIN = '__plugin_name__ = "Spool"\n__plugin_pythoncompat__ = ">=3,<4"\n'


def files_of(case: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return a case's header and its files."""
    head, *rest = re.split(r"^--- (.+)\n", case, flags=re.MULTILINE)
    header = dict(re.findall(r"^# (\w+): (.*)$", head, re.MULTILINE))
    return header, dict(zip(rest[::2], rest[1::2], strict=True))


def at(files: Mapping[str, str | Blob], path: str) -> Blob | Tree | None:
    """Return what GitHub would say of `path`."""
    if path in files:
        text = files[path]
        return text if isinstance(text, Blob) else Blob(text=text, byte_size=len(text))
    inside = f"{path}/" if path else ""
    entries: dict[str, EntryType] = {}
    for file in files:
        if file.startswith(inside):
            name, _, rest = file.removeprefix(inside).partition("/")
            entries[name] = "tree" if rest else "blob"
    return Tree(entries=tuple(sorted(entries.items()))) if entries else None


def search(
    files: Mapping[str, str | Blob], plugin_id: str = "spool", subpath: str = ""
) -> tuple[Outcome, list[tuple[str, ...]]]:
    """Drive `locate` over a repository; return its outcome and what it asked for, round by round."""
    asking = locate(
        plugin_id,
        subpath=subpath,
        prefix="octoprint_",
        entry_point_group="octoprint.plugin",
        control_property=FLAG,
    )
    rounds: list[tuple[str, ...]] = []
    try:
        wanted = next(asking)
        while True:
            rounds.append(wanted)
            wanted = asking.send({path: at(files, path) for path in wanted})
    except StopIteration as end:
        return end.value, rounds


def told(outcome: Outcome, *, path: bool = False) -> str:
    """Return an outcome as the cases write it."""
    if isinstance(outcome, Evidence):
        return f"'{outcome.python}' {outcome.rule}{f' {outcome.path}' if path else ''} line {outcome.line}"
    kind = "problem" if outcome.problem else "nothing"
    return f"{kind} {outcome.reason!r}" + (f" line {outcome.line}" if outcome.line else "")


@pytest.mark.parametrize("case", sorted((CASES / "flag").iterdir()), ids=lambda case: case.name[:-7])
def test_flag_is_read_as_the_host_would_read_it(case: Path) -> None:
    text = case.read_text()
    expected = text.partition("\n")[0].removeprefix("# expect: ")
    assert told(find_flag(text, case.name.removesuffix(".txt"), FLAG)) == expected


@pytest.mark.parametrize("case", sorted((CASES / "repository").iterdir()), ids=lambda case: case.stem)
def test_flag_is_found_wherever_the_packaging_puts_it(case: Path) -> None:
    header, files = files_of(case.read_text())
    outcome, rounds = search(files, header["id"], header.get("subpath", ""))
    plural = "" if len(rounds) == 1 else "s"
    assert f"{told(outcome, path=True)} in {len(rounds)} round{plural}" == header["expect"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\f"], ids=["bare", "BOM", "form feed"])
@pytest.mark.parametrize("cookie", ["utf-8", "latin-1", "no-such-coding"])
def test_line_ends_marks_and_coding_cookies_do_not_matter(end: str, start: str, cookie: str) -> None:
    text = f"# -*- coding: {cookie} -*-\n\fx = 'ä'\n\n{PLAIN}".replace("\n", end)
    assert told(find_flag(start + text, "a.py", FLAG)) == "'>=3,<4' file line 5"


@pytest.mark.parametrize("filler", ["# text\n", "x = 1\n", "def f():\n    return 1\n", 'T = """\n)(\n"""\n'])
def test_flag_at_the_end_of_hundreds_of_kilobytes_is_found(filler: str) -> None:
    times = 400_000 // len(filler)
    outcome = find_flag(filler * times + PLAIN, "a.py", FLAG)
    assert told(outcome) == f"'>=3,<4' file line {filler.count(chr(10)) * times + 2}"


def test_flag_beside_a_huge_constant_is_found() -> None:
    text = f"DATA = {{{'1: [2, 3],' * 60_000}}}\n" + PLAIN
    assert told(find_flag(text, "a.py", FLAG)) == "'>=3,<4' file line 3"


def test_null_bytes_do_not_hide_the_flag() -> None:
    assert told(find_flag("x = '\0'\n" + PLAIN, "a.py", FLAG)) == "'>=3,<4' file line 3"
    text = "if True:\n    x = '\0'\n    " + PLAIN.replace("\n", "\n    ")
    assert told(find_flag(text, "a.py", FLAG)) == "'>=3,<4' file+tolerant line 4"


def test_more_than_a_megabyte_is_told_and_not_read() -> None:
    outcome = find_flag("x = 1\n" * 170_000 + PLAIN, "a.py", FLAG)
    assert outcome == NoFlag(
        reason="a.py is too large: 1,020,061 characters, 1,000,000 are looked at", path="a.py", problem=True
    )


def test_blob_that_is_truncated_is_told_and_not_read() -> None:
    module = Blob(text=PLAIN, byte_size=2_345_678, truncated=True)
    outcome, _ = search({"setup.py": "", "octoprint_spool/__init__.py": module})
    path = "octoprint_spool/__init__.py"
    assert outcome == NoFlag(reason=f"{path} is too large: 2,345,678 bytes", path=path, problem=True)


def test_blob_that_is_binary_is_told_and_not_read() -> None:
    module = Blob(text=None, byte_size=20, binary=True)
    outcome, _ = search({"octoprint_spool/__init__.py": module})
    path = "octoprint_spool/__init__.py"
    assert outcome == NoFlag(reason=f"{path} is no text", path=path, problem=True)


def test_other_property_and_prefix_are_asked_for() -> None:
    asking = locate(
        "Blur-2", subpath="", prefix="host-", entry_point_group="host.plugins", control_property="PYTHON"
    )
    assert next(asking)[-1] == "host_Blur_2/__init__.py"
    module = '[project.entry-points."host.plugins"]\nBlur-2 = "blur.plugin:Blur"\n'
    wanted = asking.send({"pyproject.toml": Blob(text=module, byte_size=1)})
    assert wanted[:2] == ("blur/plugin/__init__.py", "blur/plugin.py")
    with pytest.raises(StopIteration) as end:
        asking.send({"blur/plugin.py": Blob(text='PYTHON = ">=3.9"', byte_size=1)})
    assert end.value.value == Evidence(
        python=">=3.9",
        rule="pyproject:entry-point",
        path="blur/plugin.py",
        line=1,
        module="blur.plugin",
        entry_point="Blur-2",
    )


@pytest.mark.parametrize("plugin_id", ["spool", "Multi.Spool-2", "1st", "a+b"])
@pytest.mark.parametrize("subpath", ["", "plugins/my plugin", "/sub/"])
def test_first_round_asks_for_five_paths_whatever_the_plugin(plugin_id: str, subpath: str) -> None:
    paths = root_paths(plugin_id, subpath, "octoprint_")
    base = subpath.strip("/")
    inside = f"{base}/" if base else ""
    assert paths[:4] == (base, f"{inside}setup.py", f"{inside}pyproject.toml", f"{inside}setup.cfg")
    package = re.sub(r"[.+-]", "_", plugin_id)
    assert paths[4:] == (f"{inside}octoprint_{package}/__init__.py",)


@pytest.mark.parametrize("subpath", ["..", "a/../b", "a//b", "a\nb", "a\\b", "a:b", 'a"b', "./a", "x" * 201])
def test_subpath_that_is_no_path_is_never_asked_for(subpath: str) -> None:
    assert root_paths("spool", subpath, "octoprint_") == ()
    outcome, rounds = search({}, subpath=subpath)
    assert rounds == []
    assert outcome == NoFlag(reason="the source's address names a folder that is no path", problem=True)


def test_syntax_of_the_running_python_is_read() -> None:
    """A guard against a grammar that falls behind: what `ast` reads here needs no tolerance."""
    text = "try:\n    pass\nexcept* ValueError:\n    pass\n" + PLAIN
    assert sys.version_info >= (3, 11)
    assert told(find_flag(text, "a.py", FLAG)) == "'>=3,<4' file line 6"
