"""Nothing that a repository holds may hang the build, crash it, or make it ask for a path elsewhere."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.sources.compat import Evidence, NoFlag, find_flag
from tests.sources.compat import test_compat

ROOT = Path(__file__).parents[3]
FLAG = test_compat.FLAG
PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*)?")


def child(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, test_compat.CASES / program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_worst_inputs_neither_crash_nor_hang_nor_eat_memory() -> None:
    done = child("worst_inputs.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout.removesuffix(" read\n")) > 600


@pytest.mark.slow
def test_work_grows_no_faster_than_the_file() -> None:
    done = child("growth.py")
    assert (done.returncode, done.stderr) == (0, "")


PIECES = st.sampled_from(
    [
        FLAG, f'{FLAG} = ">=3"', f"{FLAG} += ',<4'", f"del {FLAG}", "plugin_package", "plugin_identifier",
        "=",
        '"octoprint_x"', "'", '"', '"""', "f'", "(", ")", "[", "]", "{", "}", ":", ",", ";", "\\", "\n",
        "\n    ", "\n\t",
        "#", "if ", "else:", "elif x:", "try:", "except:", "except X, e:", "finally:", "def f():",
        "class A:", "@a",
        "for x in ", "while ", "with a as b:", "import ", "from .a import *", "from . import a", "print x",
        "lambda: ",
        "sys.version_info", ">= (3,)", "True", "False", "None", "0777", "ur'", "`", "%", ".format(",
        "**locals()",
        "setup(", "entry_points", "create_plugin_setup_parameters(", "return ", "raise ", "x", "\0", "\r",
        "\f", "é",
        "globals()['x']", "\ufeff", "\ud800", "A.b", "1", "+", "match x:", "case 1:", "async ", "await ",
        "not ",
    ]
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.lists(PIECES, max_size=40).map(" ".join) | st.text())
def test_any_text_is_evidence_or_no_flag(text: str) -> None:
    outcome = find_flag(text, "a.py", FLAG)
    if isinstance(outcome, Evidence):
        assert re.fullmatch(r"[A-Za-z0-9.,<>=!~*+_ -]{1,100}", outcome.python)
        assert 1 <= outcome.line <= len(text) + 1
    else:
        assert "<script" not in outcome.reason


FLAG_CASES = [case.read_text() for case in sorted((test_compat.CASES / "flag").iterdir())]
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.sampled_from(FLAG_CASES), st.sampled_from(FLAG_CASES), st.randoms(use_true_random=False))
def test_cases_cut_and_mixed_are_evidence_or_no_flag(one: str, other: str, chance: random.Random) -> None:
    tokens, more = TOKEN.findall(one), TOKEN.findall(other)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(tokens))
        tokens[at : at + chance.randrange(3)] = chance.choices(more, k=chance.randrange(3))
        tokens = tokens or [" "]
    assert isinstance(find_flag("".join(tokens), "a.py", FLAG), Evidence | NoFlag)


TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60)
FILES = st.dictionaries(
    st.sampled_from(
        [
            "setup.py", "pyproject.toml", "setup.cfg", "octoprint_x/__init__.py", "octoprint_x/a.py",
            "octoprint_x.py", "src/octoprint_x/__init__.py", "sub/setup.py", "sub/octoprint_x/__init__.py",
            "octoprint_y/__init__.py", "x.txt",
        ]
    ),
    TEXTS,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    FILES, st.sampled_from(["", "sub", "src", "octoprint_x"]), st.sampled_from(["x", "X-1", "octoprint_x"])
)
def test_any_repository_is_searched_within_the_bounds(files: dict[str, str], subpath: str, name: str) -> None:
    outcome, rounds = test_compat.search(files, name, subpath)
    assert isinstance(outcome, Evidence | NoFlag)
    assert len(rounds) <= 5
    for paths in rounds:
        assert 1 <= len(paths) <= 12
        assert len(set(paths)) == len(paths)
        assert all(PATH.fullmatch(path) and ".." not in path for path in paths)


ESCAPES = [
    "../../../../user?x=", "..", "/etc/passwd", "a/../../b", "octoprint_x/../..", "a\nb", "a\x00b",
    "a%2fb", "a\\b",
    "http://example.com/a", "a:b/c", "a b", "ſ", "octoprint_x?ref=main", "octoprint_x#", "HEAD:x", "-x", "",
]  # fmt: skip


@pytest.mark.parametrize("escape", ESCAPES)
def test_name_that_escapes_never_becomes_a_path(escape: str) -> None:
    quoted = repr(escape)
    files = {
        "setup.py": f"""
plugin_identifier = {quoted}
plugin_package = {quoted}
from setuptools import setup
setup(
    py_modules=[{quoted}],
    packages=[{quoted}],
    package_dir={{"": {quoted}, "octoprint_x": {quoted}}},
    entry_points={{"octoprint.plugin": ["spool = " + {quoted}]}},
)
""",
        "setup.cfg": f"[options]\npackage_dir =\n    = {escape}\n[options.packages.find]\nwhere = {escape}\n",
        "octoprint_spool/__init__.py": f"from .{escape} import *\nfrom ..{escape} import {FLAG}\n",
    }
    _, rounds = test_compat.search(files)
    asked = {path for paths in rounds for path in paths}
    assert all(PATH.fullmatch(path) and ".." not in path for path in asked)
    assert all(
        path.split("/")[-1] in ("", "__init__.py") or path.endswith((".py", ".toml", ".cfg"))
        for path in asked
    )
