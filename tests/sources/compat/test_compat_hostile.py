"""Nothing that a repository holds may hang the build, crash it, or make it ask for a path elsewhere."""

# ruff: noqa: E501 -- an input is easier to read in one line

import asyncio
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.sources.base import Files
from registry.sources.compat import Evidence, Question, Unread, advance, first_paths
from registry.system.workers import Failed, Workers
from tests.sources.compat import test_compat

FLAG = test_compat.FLAG
PATH = re.compile(r"(?:\w[\w.-]*(?:/\w[\w.-]*)*)?")
MODULE = "octoprint_spool/__init__.py"
SETUP = 'plugin_package = "octoprint_spool"\n'

# --- what hurts, each beside a neighbour -------------------------------------------------------------------

DOUBLING = (
    "plugin_package = '%s'\n" + "plugin_package = (plugin_package + '%s') % (plugin_package, 'x')\n" * 450
)
HURTS = {
    "operations of % in setup.py": ("setup.py", DOUBLING),
    "a template of many fields": ("setup.py", f"x = '{'%s' * 4_000}'\nplugin_package = x % ({'x,' * 4_000})\n"),
    "a width in a template": ("setup.py", "plugin_package = '%999999999s' % 1\n"),
    "a width in a format": ("setup.py", "plugin_package = '{:>999999999}'.format(1)\n"),
    "a text by repetition": ("setup.py", "plugin_package = 'x' * 10**9\n"),
    "names that double": ("setup.py", "a0 = 'x'\n" + "".join(f"a{i + 1} = a{i} + a{i}\n" for i in range(60)) + "plugin_package = a60\n"),
    "a list that doubles": ("setup.py", "a0 = ['x']\n" + "".join(f"a{i + 1} = [a{i}, a{i}]\n" for i in range(60)) + "setup(packages=a60)\n"),
    "dictionaries in a circle": ("setup.py", "a = {**b, **b}\nb = {**a, **a}\nsetup(**a)\n"),
    "functions in a circle": ("setup.py", "def a(): return b()\ndef b(): return dict(a(), **a())\nsetup(**a())\n"),
    "many functions": ("setup.py", "".join(f"def f{i}(): return dict(f{i + 1}(), **f{i + 1}())\n" for i in range(900)) + "setup(**f0())\n"),
    "deep nesting in setup.py": ("setup.py", "x = " + "[" * 150 + "-" * 60_000 + "1" + "]" * 150),
    "dots in pyproject.toml": ("pyproject.toml", "a." * 60_000 + "b = 1\n"),
    "nesting in pyproject.toml": ("pyproject.toml", "a = " + "[" * 100_000),
    "options in setup.cfg": ("setup.cfg", "[options]\nx =\n" + " y\n" * 40_000),
    "a million parentheses": (MODULE, "(" * 999_000),
    "a chain of operators": (MODULE, "x = 1" + "+1" * 400_000),
    "a chain of attributes": (MODULE, "x = a" + ".b" * 300_000),
    "signs": (MODULE, "x = " + "-" * 900_000 + "1"),
    "not": (MODULE, "x = " + "not " * 200_000 + "1"),
    "lambda": (MODULE, "x = " + "lambda:" * 100_000 + "1"),
    "a chain of elif": (MODULE, "if a:\n x=1\n" + "elif a:\n x=1\n" * 60_000),
    "deep blocks": (MODULE, "".join(" " * depth + "if a:\n" for depth in range(1_300))),
    "a huge tuple": (MODULE, f"x = ({'1,' * 490_000})\n"),
    "a huge dictionary": (MODULE, f"x = {{{'1:[2],' * 160_000}}}\n"),
    "a huge number": (MODULE, f"{FLAG} = {'9' * 900_000}\n"),
    "a power": (MODULE, f"{FLAG} = 9**9**9**9\n"),
    "a text by repetition in the module": (MODULE, f"{FLAG} = '>=3' * 10**10\n"),
    "calls of the flag": (MODULE, f"{FLAG} = {'gettext(' * 50_000}\n"),
    "statements": (MODULE, "a=1\n" * 240_000),
    "f-strings in f-strings": (MODULE, "x = " + "f'{" * 50_000),
    "a comment of newer syntax": (MODULE, "def " + "a" * 400_000 + "\n" + "type " * 100_000),
    "surrogates": (MODULE, "x = '\ud800'\n"),
}  # fmt: skip


def asked(path: str, text: str, plugin_id: str = "spool") -> tuple[Question, Files]:
    """Return the question about a plugin with that file, everything else being well."""
    files = {"setup.py": SETUP, MODULE: test_compat.PLAIN, path: text}
    question = Question(plugin_id=plugin_id, rules=test_compat.RULES)
    return question, {name: test_compat.at(files, name) for name in first_paths(question)}


@pytest.mark.slow
def test_what_hurts_is_read_or_refused_and_every_neighbour_is_read() -> None:
    questions = [asked(*hurt) for hurt in HURTS.values()]
    neighbour = asked("README.md", "")
    with Workers(processes=1, timeout_s=20) as workers:
        for name, question in zip(HURTS, questions, strict=True):
            before, found, behind = asyncio.run(workers.map(advance, [neighbour, question, neighbour]))
            assert isinstance(found, Evidence | Unread | Failed | tuple), name
            for outcome in (before, behind):
                assert isinstance(outcome, Evidence), name
                assert test_compat.told(outcome) == "flag '>=3,<4' line 2"


@pytest.mark.parametrize(
    "name", ["operations of % in setup.py", "names that double", "dictionaries in a circle", "many functions"]
)
def test_a_setup_py_that_doubles_costs_nothing_and_says_nothing(name: str) -> None:
    """Bounds of the reading itself, without a worker that is killed: steps and characters."""
    outcome = advance(asked(*HURTS[name]))
    assert isinstance(outcome, Evidence)
    assert outcome.rule == "guess:prefix+flag"


# --- anything at all ---------------------------------------------------------------------------------------

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
@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.lists(PIECES, max_size=40).map(" ".join) | st.text())
def test_any_text_is_evidence_or_unread(text: str) -> None:
    outcome = test_compat.one(text)
    assert isinstance(outcome, Evidence | Unread)
    if isinstance(outcome, Evidence):
        assert re.fullmatch(r"[A-Za-z0-9.,<>=!~*+_ -]{1,100}", outcome.python)
        assert outcome.line is None or 1 <= outcome.line <= len(text) + 1
    assert "<script" not in outcome.reason


FLAG_CASES = [case.read_text(encoding="utf-8") for case in sorted((test_compat.CASES / "flag").iterdir())]
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FLAG_CASES), st.sampled_from(FLAG_CASES), st.randoms(use_true_random=False))
def test_cases_cut_and_mixed_are_evidence_or_unread(one: str, other: str, chance: random.Random) -> None:
    tokens, more = TOKEN.findall(one), TOKEN.findall(other)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(tokens))
        tokens[at : at + chance.randrange(3)] = chance.choices(more, k=chance.randrange(3))
        tokens = tokens or [" "]
    assert isinstance(test_compat.one("".join(tokens)), Evidence | Unread)


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
    FILES,
    st.sampled_from(["", "sub", "src", "octoprint_x"]),
    st.sampled_from(["x", "X-1", "octoprint_x"]),
    st.sampled_from(["", "https://example.com/x.py", "https://example.com/octoprint_x.py"]),
)
def test_any_repository_is_searched_within_the_bounds(
    files: dict[str, str], subpath: str, name: str, archive: str
) -> None:
    outcome, rounds = test_compat.search(files, name, subpath, archive)
    assert isinstance(outcome, Evidence | Unread)
    assert len(rounds) <= 5
    for paths in rounds:
        assert 1 <= len(paths) <= 12
        assert len(set(paths)) == len(paths)
        assert all(PATH.fullmatch(path) and ".." not in path for path in paths)


ESCAPES = [
    "../../../../user?x=", "..", "/etc/passwd", "a/../../b", "octoprint_x/../..", "a\nb", "a\x00b",
    "a%2fb", "a\\b",
    "http://example.com/a", "a:b/c", "a b", "octoprint_x?ref=main", "octoprint_x#", "HEAD:x", "-x", "",
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
        "pyproject.toml": f'[project.entry-points."octoprint.plugin"]\nspool = {escape!r}\n',
    }
    archive = f"https://example.com/{escape}.py"
    _, rounds = test_compat.search(files, archive=archive)
    asked_for = {path for paths in rounds for path in paths}
    assert all(PATH.fullmatch(path) and ".." not in path for path in asked_for)
    assert all(
        path.split("/")[-1] in ("", "src", "__init__.py") or path.endswith((".py", ".toml", ".cfg"))
        for path in asked_for
    )
