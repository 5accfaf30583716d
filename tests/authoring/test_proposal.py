"""Whatever is found, what is written validates; and what was refused is told."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.authoring import candidates
from registry.authoring.checking import Checker, missing
from registry.authoring.gathering import gather
from registry.authoring.packaging_metadata import Told
from registry.authoring.proposal import Draft, Sources, propose
from registry.authoring.repository import About
from registry.authoring.writing import render
from registry.registration.frontmatter import parse
from registry.registration.model import RepoRef
from registry.sources.base import Blob, Files, Tree
from tests.support import builders

TODAY = builders.NOW.date()
CHECKER = Checker(today=TODAY, server_url="https://github.com")
SETTINGS = builders.settings()
REPO = RepoRef("ada", "OctoPrint-Lamp")


class Shown:
    """A repository that is shown as it is given."""

    origin = "GitHub"

    def __init__(self, files: dict[str, str], **about: Any) -> None:
        self._files = files
        self._about = About(**{"full_name": "ada/OctoPrint-Lamp", "branch": "main", **about})

    def about(self) -> About:
        return self._about

    def files(self, paths: Iterable[str]) -> Files:
        names = tuple((name, "blob") for name in sorted(self._files) if "/" not in name)
        found: dict[str, Any] = {}
        for path in paths:
            text = self._files.get(path)
            blob = None if text is None else Blob(text=text, byte_size=len(text.encode(errors="replace")))
            found[path] = blob if path else Tree(entries=(*names, ("octoprint_lamp", "tree")))
        return found


def draft_of(files: dict[str, str], given: dict[str, Any] | None = None, **about: Any) -> Draft:
    gathered = gather(Shown(files, **about), REPO, SETTINGS)
    sources = Sources(site="https://github.com", repo=REPO, gathered=gathered)
    return propose(sources, given or {}, SETTINGS, CHECKER, TODAY)


def assert_writable(draft: Draft) -> None:
    """Fill what is missing, as a person would, and hold the whole text against the validator."""
    fillers = {"id": "lamp", "title": "Lamp", "description": "Lights", "author": "Ada", "license": "MIT"}
    fillers |= dict.fromkeys(("homepage", "source"), "https://github.com/ada/OctoPrint-Lamp")
    fillers["archive"] = "https://github.com/ada/OctoPrint-Lamp/archive/main.zip"
    flat = draft.flat()
    flat |= {key: fillers[key] for key in missing(flat)}
    text = render(flat, draft.body)
    slug = str(flat["id"])
    assert [problem for problem in CHECKER.problems(slug, text) if problem.level == "error"] == []
    assert parse(text.encode(), "").data["id"] == slug


PIECES = [
    "",
    "a",
    "Lamp",
    "TODO",
    "null",
    "yes",
    "1.10",
    "2024-01-02",
    ": ",
    " #",
    "---",
    "\n",
    "- ",
    "*x",
    "&x",
    "!x",
]
PIECES += [
    "{{ x }}",
    "{% y %}",
    "<b>",
    "<script>",
    "](",
    "[a](javascript:x)",
    "javascript:",
    "\u202e",
    "\u200b",
    "\x1b",
]
PIECES += [
    "\x00",
    "\ud800",
    "\ufeff",
    "'",
    '"',
    "\\",
    "`",
    "|",
    ">",
    "%",
    "@",
    "../",
    "/",
    "~",
    "?",
    ",",
    " & ",
    ";",
]
PIECES += [
    "https://x.example/",
    "http://",
    "github.com/a/b",
    ">=1.4",
    ">=",
    "three",
    "MIT",
    "OctoPrint>=1.4",
    "é",
    "💡",
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
NAMES = (
    "plugin_identifier",
    "plugin_name",
    "plugin_description",
    "plugin_author",
    "plugin_license",
    "plugin_url",
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    texts=st.lists(TEXT, min_size=len(NAMES), max_size=len(NAMES)),
    module=st.lists(TEXT, min_size=4, max_size=4),
    requires=st.lists(TEXT, max_size=3),
    words=st.lists(TEXT, min_size=5, max_size=5),
    topics=st.lists(TEXT, max_size=4),
)
def test_whatever_is_found_the_written_file_validates(
    texts: list[str], module: list[str], requires: list[str], words: list[str], topics: list[str]
) -> None:
    lines = [f"{name} = {text!r}" for name, text in zip(NAMES, texts, strict=True)]
    lines += [f"plugin_requires = {requires!r}", f"setup(python_requires={words[0]!r}, keywords={topics!r})"]
    keys = ("__plugin_pythoncompat__", "__plugin_name__", "__plugin_author__", "__plugin_description__")
    files = {
        "setup.py": "\n".join(lines),
        "octoprint_lamp/__init__.py": "\n".join(f"{k} = {t!r}" for k, t in zip(keys, module, strict=True)),
        "README.md": words[1],
        "LICENSE": words[2],
    }
    about = {"description": words[3], "homepage": words[4], "license": words[2], "topics": tuple(topics)}
    assert_writable(draft_of(files, branch=words[0], owner=words[1], **about))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["setup.py", "pyproject.toml", "setup.cfg", "README.rst"]), st.text(max_size=200))
def test_whatever_a_file_holds_the_written_file_validates(name: str, text: str) -> None:
    assert_writable(draft_of({name: text}))


def test_a_value_that_the_validator_refuses_gives_way_to_the_next_one() -> None:
    draft = draft_of({"setup.py": 'plugin_description = "TODO"\n'}, description="Lights the bed")
    assert (draft.values["description"].value, draft.values["description"].origin) == (
        "Lights the bed",
        "GitHub, the description",
    )
    assert (
        "description: from setup.py, plugin_description: 'TODO' is the template's; write your own"
        in draft.notes
    )


def test_the_homepage_that_a_template_left_is_passed_over() -> None:
    text = 'plugin_url = "https://github.com/you/OctoPrint-Skeleton"\n'
    assert draft_of({"setup.py": text}).values["homepage"].value == "https://github.com/ada/OctoPrint-Lamp"


def test_an_address_of_mail_is_never_an_author() -> None:
    draft = draft_of({"setup.py": 'plugin_author = "ada@example.com"\n'}, owner="Ada L.")
    assert (draft.values["author"].value, draft.values["author"].origin) == ("Ada L.", "GitHub, the owner")


def test_a_branch_with_odd_characters_is_quoted() -> None:
    archive = draft_of({"x": ""}, branch="my feature/#1").values["archive"].value
    assert archive == "https://github.com/ada/OctoPrint-Lamp/archive/my%20feature/%231.zip"


def test_no_readme_means_the_description_as_body() -> None:
    draft = draft_of({"setup.py": 'plugin_description = "Lights {{ x }} <up>"\n'})
    assert draft.body == "Lights { { x }}"


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("OctoPrint>=1.4.0", ["1.4.0"]),
        ("octoprint >=1.4,<2", ["<2,>=1.4"]),
        ("OctoPrint==1.9", ["==1.9"]),
        ("OctoPrint", None),
        ("OctoPrint-Other>=2", None),
        ("OctoPrint>=", None),
        ("(" * 500, None),
    ],
)
def test_the_version_of_the_host_is_taken_from_the_requirements(requirement: str, expected: Any) -> None:
    told = [Told(field="requires", value=requirement, where="setup.py, plugin_requires")]
    assert next((value for value, _ in candidates.host_versions(told, SETTINGS)), None) == expected


def test_topics_become_tags_without_the_host_and_without_doubles() -> None:
    topics = ("octoprint", "OctoPrint-Plugin", "Lamp", "lamp", "3d-printing", "x" * 31, "<b>", "")
    draft = draft_of({"x": ""}, topics=topics)
    assert draft.values["tags"].value == ["Lamp", "3d-printing"]
