"""Labels: the file that lists them, the paths that earn them, the repository that gets them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import sync_labels
from registry.housekeeping.labels import Label, LabelsError, changes, labels_for, read_labels
from tests.emulators.github import GitHub
from tests.emulators.rest import Failure, RestWorld

TOKEN = "t0ken-of-the-registry"
LABELS = """\
# What a pull request is about.
- name: plugin
  color: 1d76db
  description: Adds or changes a registration
  paths: ["_plugins/**", "assets/img/plugins/**"]
- name: "good first issue"
  color: 000000
"""


@pytest.fixture
def world() -> RestWorld:
    return RestWorld(tokens={TOKEN: {"issues": "write"}})


@pytest.fixture
def github(world: RestWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[GitHub]:
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "labels.yml").write_text(LABELS, encoding="utf-8")
    with GitHub(rest=world, token=None) as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", "almanac/registry")
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield server
    assert world.faults == []


def looks(world: RestWorld) -> dict[str, tuple[str, str | None]]:
    return {name: (label["color"], label["description"]) for name, label in world.labels.items()}


def labels(tmp_path: Path, text: str) -> tuple[Label, ...]:
    path = tmp_path / "labels.yml"
    path.write_text(text, encoding="utf-8")
    return read_labels(path)


# The command


def test_labels_become_what_the_file_says_and_none_is_deleted(
    world: RestWorld, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    world.add_label("Plugin", "ffffff", "old")
    world.add_label("of our own", "123456", "kept")
    assert sync_labels.main([]) == 0
    assert looks(world) == {
        "plugin": ("1d76db", "Adds or changes a registration"),
        "of our own": ("123456", "kept"),
        "good first issue": ("000000", ""),
    }
    told = capsys.readouterr()
    assert told.out == "update plugin\ncreate good first issue\n"
    assert told.err == "2 of 2 labels changed\n"


def test_labels_that_are_right_are_left_alone(
    world: RestWorld, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sync_labels.main([]) == 0
    github.forget()
    assert sync_labels.main([]) == 0
    assert [request.method for request in github.requests] == ["GET"]
    assert capsys.readouterr().err.endswith("0 of 2 labels changed\n")


def test_a_label_that_was_renamed_keeps_its_issues(world: RestWorld, github: GitHub) -> None:
    world.add_issue("x", labels=["PLUGIN"])
    assert sync_labels.main([]) == 0
    assert world.issues[1]["labels"] == ["plugin"]


def test_a_dry_run_changes_nothing(
    world: RestWorld, github: GitHub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    assert sync_labels.main(["--dry-run"]) == 0
    assert world.labels == {}
    told = capsys.readouterr()
    assert told.out == "create plugin\ncreate good first issue\n"
    assert told.err == "2 of 2 labels would be changed\n"


def test_a_token_that_may_not_write_is_told_of(
    world: RestWorld, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    world.tokens[TOKEN] = {"issues": "read"}
    assert sync_labels.main([]) == 1
    assert capsys.readouterr().err == (
        "sync_labels: POST /repos/almanac/registry/labels answered 403: Resource not accessible by "
        "integration; the token may not do this: check GITHUB_TOKEN's permissions\n"
    )


def test_a_broken_answer_ends_it_in_words(
    world: RestWorld, github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    world.failures = [Failure(kind="html")]
    assert sync_labels.main([]) == 1
    assert capsys.readouterr().err == (
        "sync_labels: GET /repos/almanac/registry/labels answered with no whole JSON\n"
    )


def test_faults_of_the_file_are_told_before_anything_is_asked(
    world: RestWorld, github: GitHub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.yml").write_text("- name: a\n- color: 1\n", encoding="utf-8")
    assert sync_labels.main(["--file", "mine.yml"]) == 1
    cure = "is missing; a label has name and color, and may have description and paths"
    assert capsys.readouterr().err.splitlines() == [
        f"sync_labels: mine.yml:1: color: {cure}",
        f"sync_labels: mine.yml:2: name: {cure}",
        "sync_labels: mine.yml:2: color: '1' is no colour; write six hexadecimal digits without '#', "
        "e.g. 1d76db",
    ]
    assert sync_labels.main(["--file", "none.yml"]) == 2
    assert capsys.readouterr().err == "sync_labels: none.yml: No such file or directory\n"
    assert github.requests == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GITHUB_REPOSITORY", "", "set GITHUB_REPOSITORY to the repository's owner/name"),
        ("GITHUB_REPOSITORY", "../..", "set GITHUB_REPOSITORY to the repository's owner/name"),
        ("GITHUB_TOKEN", "", "set GITHUB_TOKEN to a token that may write issues, or look on with --dry-run"),
    ],
)
def test_what_the_environment_lacks_is_named(
    github: GitHub,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    words: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert sync_labels.main([]) == 2
    assert capsys.readouterr().err == f"sync_labels: {words}\n"
    assert github.requests == []


# The file


def test_a_file_of_labels_is_read_as_it_is_written(tmp_path: Path) -> None:
    plugin, issue = labels(tmp_path, LABELS)
    assert plugin.paths == ("_plugins/**", "assets/img/plugins/**")
    assert (issue.name, issue.color, issue.description, issue.paths) == ("good first issue", "000000", "", ())


def test_our_own_labels_are_well_formed() -> None:
    path = Path(__file__).parents[2] / ".github" / "labels.yml"
    names = {label.name for label in read_labels(path)}
    assert {"build-failure", "plugin"} <= names


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1: not a list; begin each label with '- name: …'"),
        ("name: a\n", "1: not a list; begin each label with '- name: …'"),
        ("- a\n", "1: label: Input should be a valid dictionary or instance of Label; a label has name,"),
        (
            "- name: a\n  color: ffffff\n  paths: [*.md]\n",
            "3: not YAML: ",
        ),
        (
            "- name: a\n  color: ffffff\n  colour: x\n",
            "3: colour: no such key; a label has name, color",
        ),
        ("- name: a\n  color: '#ffffff'\n", "2: color: '#ffffff' is no colour; write six hexadecimal digits"),
        (f"- name: {'x' * 53}\n  color: ffffff\n", "1: name: GitHub takes 50 characters; shorten it by 3"),
        (
            '- name: "a\\nb"\n  color: ffffff\n',
            "1: name: a name has words on one line",
        ),
        (
            f"- name: a\n  color: ffffff\n  description: {'x' * 101}\n",
            "3: description: GitHub takes 100 characters; shorten it by 1",
        ),
        ("- name: a\n  color: ffffff\n  paths: docs\n", '3: paths: not a list; write e.g. ["docs/**"]'),
        (
            "- name: a\n  color: ffffff\n- name: A\n  color: ffffff\n",
            "3: name: 'A' stands in line 1 already (GitHub ignores case); take one of them out",
        ),
        (
            "- name: a\n  color: ffffff\n  paths: [/docs]\n",
            "3: paths: '/docs' is not a path from the repository's root; write e.g. 'docs/**'",
        ),
        (
            "- name: a\n  color: ffffff\n  paths: [docs/**.md]\n",
            "3: paths: 'docs/**.md': '**' stands for whole folders; write e.g. 'docs/**/*.md'",
        ),
        (
            "- name: a\n  color: ffffff\n  paths: ['*.{md,txt}']\n",
            "3: paths: '*.{md,txt}': '{' is not understood; use '*', '**' and '?', or more patterns",
        ),
    ],
)
def test_a_fault_of_the_file_is_told_with_its_line_and_cure(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(LabelsError) as error:
        labels(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 'labels.yml'}:{fault}")
    assert "\n" not in str(error.value)


# Paths


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        (
            "_plugins/**",
            ["_plugins/a.md", "_plugins/x/y", "_plugins/a\nb.md"],
            ["_plugins", "a/_plugins/b", "_pluginsx/a"],
        ),
        ("*.md", ["README.md", ".md"], ["docs/a.md", "README.mdx", "x/README.md"]),
        ("**/*.md", ["README.md", "docs/a.md", "a/b/c.md"], ["a.txt", "a.md/b"]),
        ("docs/**/x.md", ["docs/x.md", "docs/a/b/x.md"], ["docs/ax.md", "docsx.md", "docs/a/xx.md"]),
        ("requirements*", ["requirements.txt", "requirements"], ["a/requirements.txt", "requirements/x"]),
        ("a?.py", ["ab.py"], ["a.py", "a/.py", "abc.py"]),
        (".github/**", [".github/labels.yml", ".github/workflows/x.yml"], ["xgithub/a"]),
        ("**", ["a", "a/b/c"], []),
        ("a.b", ["a.b"], ["aXb"]),
        ("_plugins/*", ["_plugins/a\nb.md"], ["_plugins/a/b.md"]),
    ],
)
def test_a_pattern_fits_whole_paths(pattern: str, fits: list[str], does_not: list[str]) -> None:
    label = Label(name="x", color="ffffff", paths=(pattern,))
    assert [path for path in fits if not labels_for([path], [label])] == []
    assert [path for path in does_not if labels_for([path], [label])] == []


def test_a_change_earns_every_label_that_one_of_its_paths_fits() -> None:
    known = [
        Label(name="plugin", color="ffffff", paths=("_plugins/**",)),
        Label(name="documentation", color="ffffff", paths=("docs/**", "*.md")),
        Label(name="tests", color="ffffff", paths=("tests/**",)),
        Label(name="approved", color="ffffff"),
    ]
    assert labels_for(["_plugins/a.md", "README.md", "x"], known) == {"plugin", "documentation"}
    assert labels_for([], known) == frozenset()


def test_a_long_path_is_held_against_a_pattern_of_many_stars_at_once() -> None:
    label = Label(name="x", color="ffffff", paths=("**/a/**/b/*c*.md",))
    assert labels_for(["a/b/" * 1_000 + "c"], [label]) == frozenset()


def test_what_is_the_same_is_no_change() -> None:
    label = Label(name="a", color="ffffff")
    assert changes([label], [{"name": "a", "color": "FFFFFF", "description": None}]) == []
    (change,) = changes([label], [{"name": "A", "color": "ffffff", "description": ""}])
    assert (change.kind, change.known) == ("update", "A")
