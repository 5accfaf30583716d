"""The gate tells every fault at once: strict with what is new, patient with what stands."""

import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.git.base_revision import Base, GitError
from registry.text.problems import Code
from registry.validation.validator import Validator

DATA = Path(__file__).parents[1] / "data/registrations"
DEVIATING = (DATA / "odd/OldLamp.md").read_bytes()
PLAIN = (DATA / "_plugins/snowfall.md").read_bytes()
HINTS = {"html-in-text", "several-authors", "empty-key", "misread", "tag", "no-screenshots"}
"""Codes of OldLamp that are warnings even in what is new."""


def validator(**changes: Any) -> Validator:
    known: dict[str, Any] = {"today": date(2026, 5, 1), "server_url": "https://github.com"}
    return Validator(**known | changes)


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `_plugins` in a git repository of its own, which is the working directory."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    folder = tmp_path / "_plugins"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "Begin")
    return folder


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *identity, *arguments], check=True)


def commit(folder: Path, **files: bytes) -> None:
    for name, raw in files.items():
        (folder / f"{name}.md").write_bytes(raw)
    git("add", "--all")
    git("commit", "--quiet", "--message", "Register")


def told(folder: Path, **changes: Any) -> list[tuple[str, int, str, str, str]]:
    problems = validator(**changes).validate([folder])
    return [(item.file, item.line, item.key, item.level, item.code) for item in problems]


def test_registrations_in_good_order_have_no_problem() -> None:
    assert told(DATA / "_plugins") == []


def test_what_stands_is_warned_of() -> None:
    levels = {level for _, _, _, level, _ in told(DATA / "odd")}
    assert levels == {"warning"}


def test_the_very_same_is_an_error_when_it_is_new(plugins: Path) -> None:
    (plugins / "OldLamp.md").write_bytes(DEVIATING)
    standing = {code for _, _, _, _, code in told(plugins)}
    found = told(Path("_plugins"), base=Base("HEAD"))
    assert {code for _, _, _, level, code in found if level == "error"} == standing - HINTS - {
        "template-left"
    } | {"template-left"}
    assert ("_plugins/OldLamp.md", 7, "license", "error", "template-left") in found
    assert ("_plugins/OldLamp.md", 13, "", "warning", "template-left") in found
    assert {code for _, _, _, level, code in found if level == "warning"} == HINTS | {"template-left"}


def test_what_is_committed_stands(plugins: Path) -> None:
    commit(plugins, OldLamp=DEVIATING)
    assert {level for _, _, _, level, _ in told(plugins, base=Base("HEAD"))} == {"warning"}


def test_a_change_is_held_to_the_rules_and_what_it_leaves_alone_is_not(plugins: Path) -> None:
    commit(plugins, OldLamp=DEVIATING)
    (plugins / "OldLamp.md").write_bytes(DEVIATING + b"\n<script>x</script>\n")
    found = told(plugins, base=Base("HEAD"))
    assert [item[1:] for item in found if item[3] == "error"] == [(31, "body", "error", "body-script")]


def test_a_file_that_could_not_be_read_is_new_once_it_can(plugins: Path) -> None:
    commit(plugins, OldLamp=b"\xff")
    (plugins / "OldLamp.md").write_bytes(DEVIATING)
    found = told(plugins, base=Base("HEAD"))
    assert ("_plugins/OldLamp.md", 12, "follow_dependency_links", "error", "dependency-links") in found
    assert ("_plugins/OldLamp.md", 3, "id", "warning", "id-file-name") in found


def test_the_date_never_changes(plugins: Path) -> None:
    commit(plugins, snowfall=PLAIN)
    (plugins / "snowfall.md").write_bytes(PLAIN.replace(b"2016-12-24", b"2017-12-24"))
    assert told(plugins, base=Base("HEAD")) == [("_plugins/snowfall.md", 8, "date", "error", "date-changed")]


def test_an_older_revision_can_be_the_base(plugins: Path) -> None:
    commit(plugins, snowfall=PLAIN)
    commit(plugins, OldLamp=DEVIATING)
    levels = {name: {item[3] for item in told(plugins, base=Base(name))} for name in ("HEAD", "HEAD~1")}
    assert levels == {"HEAD": {"warning"}, "HEAD~1": {"warning", "error"}}


@pytest.mark.parametrize("revision", ["nothing", "--help", "HEAD:_plugins", ""])
def test_a_base_that_is_no_commit_is_told(plugins: Path, revision: str) -> None:
    (plugins / "snowfall.md").write_bytes(PLAIN)
    with pytest.raises(GitError, match=rf"^there is no commit '{revision}'$"):
        told(plugins, base=Base(revision))


def test_a_folder_outside_of_git_has_no_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "snowfall.md").write_bytes(PLAIN)
    with pytest.raises(GitError, match="not a git repository"):
        told(tmp_path, base=Base("HEAD"))


def test_without_git_there_is_no_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "snowfall.md").write_bytes(PLAIN)
    with pytest.raises(GitError, match=r"^git cannot be run: No such file or directory$"):
        told(tmp_path, base=Base("HEAD"))


def test_what_is_no_registration_is_told(plugins: Path) -> None:
    for name in (".gitkeep", "evil.rb", "LAMP.MD"):
        (plugins / name).write_text("x")
    (plugins / "folder").mkdir()
    (plugins / "link.md").symlink_to(DATA / "_plugins/snowfall.md")
    (plugins / "a b.md").write_bytes(PLAIN)
    (plugins / "a\x1b[2J\n::error::.md").write_bytes(PLAIN)
    assert [(file, line, level, code) for file, line, _, level, code in told(plugins)] == [
        ("_plugins/.gitkeep", 1, "error", "not-markdown"),
        ("_plugins/LAMP.MD", 1, "error", "not-markdown"),
        ("_plugins/a\x1b[2J\n::error::.md", 1, "error", "file-name"),
        ("_plugins/a b.md", 1, "error", "file-name"),
        ("_plugins/evil.rb", 1, "error", "not-markdown"),
        ("_plugins/folder", 1, "error", "not-a-file"),
        ("_plugins/link.md", 1, "error", "not-a-file"),
    ]


def test_a_name_that_is_no_text_is_told(plugins: Path) -> None:
    Path(os.fsdecode(os.fsencode(plugins) + b"/\xff.md")).write_bytes(PLAIN)
    assert told(plugins) == [("_plugins/\\xff.md", 1, "", "error", "file-name")]


def test_ids_are_unique_without_regard_to_case_even_when_one_file_is_given(plugins: Path) -> None:
    (plugins / "snowfall.md").write_bytes(PLAIN)
    (plugins / "other.md").write_bytes(PLAIN.replace(b"id: snowfall", b"id: SnowFall"))
    (plugins / "broken.md").write_bytes(b"x")
    problems = [item for item in validator().validate([plugins / "snowfall.md"]) if item.level == "error"]
    assert [(item.file, item.line, item.code, item.message) for item in problems] == [
        (
            "_plugins/snowfall.md",
            3,
            "duplicate-id",
            "other.md has this id, too (upper and lower case are the same); give each plugin its own",
        )
    ]


def test_file_names_are_unique_without_regard_to_case(plugins: Path) -> None:
    (plugins / "snowfall.md").write_bytes(PLAIN)
    (plugins / "Snowfall.md").write_bytes(PLAIN.replace(b"id: snowfall", b"id: other"))
    found = told(plugins / "snowfall.md")
    assert found == [("_plugins/snowfall.md", 1, "", "error", "duplicate-file-name")]


def test_nobody_redirects_the_page_of_another_plugin(plugins: Path) -> None:
    (plugins / "other.md").write_bytes(PLAIN.replace(b"id: snowfall", b"id: other"))
    (plugins / "snowfall.md").write_bytes(
        PLAIN.replace(b"license", b"redirect_from: /plugins/Other/\nlicense")
    )
    assert told(plugins) == [("_plugins/snowfall.md", 7, "redirect_from", "error", "redirect")]


def test_images_are_looked_up_beside_the_folder(plugins: Path) -> None:
    text = PLAIN.replace(b"license", b"screenshots:\n- url: /assets/img/plugins/x.png\n  alt: x\nlicense")
    (plugins / "snowfall.md").write_bytes(text)
    assert told(plugins) == []
    (plugins.parent / "assets").mkdir()
    expected = ("_plugins/snowfall.md", 8, "screenshots[0].url", "warning", "image-missing")
    assert told(plugins) == [expected]
    assert told(plugins, base=Base("HEAD")) == [(*expected[:3], "error", "image-missing")]


def test_a_file_that_cannot_be_opened_is_told(plugins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (plugins / "snowfall.md").write_bytes(PLAIN)

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    problems = validator().validate([plugins])
    assert [(item.code, item.message) for item in problems] == [
        ("unreadable", "the file cannot be read: Permission denied")
    ]


def test_a_path_that_does_not_exist_is_no_registration_at_all(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        told(tmp_path / "nothing")


def test_a_file_given_twice_is_told_once() -> None:
    lamp = DATA / "odd/OldLamp.md"
    assert len(validator().validate([lamp, DATA / "odd"])) == len(validator().validate([lamp]))


FIXTURES = [path.read_bytes() for path in sorted(DATA.glob("*/*.md"))]
PIECES = [
    *(
        b"",
        b"\n",
        b"---\n",
        b": ",
        b"\n- ",
        b"[",
        b"{}",
        b"&a",
        b"*a",
        b"!!x ",
        b"'",
        b'"',
        b"\t",
        b"\0",
        b"\xff",
    ),
    *(b" 1.5", b" yes", b" ~", b"\nid: 3", b"{{", b"%}", b"<script", b"```", b"](javascript:"),
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_file_whatever_its_bytes_ends_the_run(tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(FIXTURES)))
    for _ in range(data.draw(st.integers(0, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 30)))
        raw[start:end] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=5))
    path = tmp_path / "snowfall.md"
    path.write_bytes(raw)
    for problem in validator().validate([path]):
        assert problem.code in get_args(Code)
        assert 1 <= problem.line <= raw.count(b"\n") + 1
        assert problem.message


def test_of_a_huge_file_only_the_beginning_is_read(plugins: Path) -> None:
    with (plugins / "huge.md").open("wb") as file:
        file.truncate(10**10)  # a hole: it takes no room
    (plugins / "snowfall.md").write_bytes(PLAIN)
    assert told(plugins) == [("_plugins/huge.md", 1, "", "error", "too-large")]


STEERING = ("notices", "blocklist", "update_check_overlays", "update_check_overlays_py2")


@pytest.fixture
def data(plugins: Path) -> Path:
    """An empty `_data` beside `_plugins`, which holds one plugin."""
    (plugins / "snowfall.md").write_bytes(PLAIN)
    folder = plugins.parent / "_data"
    folder.mkdir()
    return folder


def faults(*paths: Path, **changes: Any) -> list[str]:
    problems = validator(**changes).validate(paths)
    assert {item.level for item in problems} <= {"error"}
    assert all(item.code in get_args(Code) for item in problems)
    return [f"{item.file}:{item.line} {item.key} [{item.code}] {item.message}" for item in problems]


def test_our_own_hand_written_data_are_in_good_order() -> None:
    ours = Path(__file__).parents[2] / "_data"
    assert faults(ours) == []
    assert sorted(path.stem for path in ours.glob("*.yml")) == sorted(STEERING)


def test_every_fault_of_hand_written_data_is_an_error_with_line_and_cure(data: Path) -> None:
    (data / "notices.yml").write_text(
        "- plugin: Snowfall\n  date: 2020-01-01\n  text: x\n- plugin: fan\n  date: 2020-01-01\n  txt: x\n"
        "- plugin: fan\n  date: 2020-01-01\n  text: x\n  important: 1\n"
    )
    (data / "blocklist.yml").write_text("- plugin: fan\n  pluginversions: [0.1.0]\n- fan\n")
    (data / "update_check_overlays.yml").write_text("- fan\n")
    (data / "update_check_overlays_py2.yml").write_text("fan: {user: a}\nfan: {user: b}\n'a b': {user: c}\n")
    assert faults(data, base=Base("HEAD")) == [
        "_data/blocklist.yml:2 [0].pluginversions[0] [bad-value] '0.1.0' is not a PEP 440 specifier; write "
        "e.g. '==0.1.0'",
        "_data/blocklist.yml:3 [1] [wrong-type] must hold keys and values; see the head of the file",
        "_data/notices.yml:1 [0].plugin [wrong-case] 'Snowfall' is registered as 'snowfall', and upper and "
        "lower case count; write 'snowfall'; until then the entry holds for both",
        "_data/notices.yml:4 [1].text [missing-key] is missing",
        "_data/notices.yml:6 [1].txt [unknown-key] is no key here; there are plugin, date, text, link, "
        "important, versions, pluginversions, octoversions",
        "_data/notices.yml:10 [2].important [wrong-type] 1 is neither true nor false",
        "_data/update_check_overlays.yml:1  [wrong-type] must map plugin identifiers to keys; see the head "
        "of the file",
        "_data/update_check_overlays_py2.yml:2  [duplicate-key] 'fan' stands here a second time; keep one of "
        "the two",
        "_data/update_check_overlays_py2.yml:3 a b [id] 'a b' is no plugin identifier; write it as the "
        "plugin's `id` is",
    ]


def test_two_notices_of_one_date_are_told(data: Path) -> None:
    (data / "notices.yml").write_text("- {plugin: fan, date: 2020-01-01, text: x}\n" * 2)
    (problem,) = faults(data / "notices.yml")
    assert problem.startswith("_data/notices.yml:2 [1].date [same-date] ")


def test_faults_of_hand_written_data_never_stand(data: Path) -> None:
    (data / "notices.yml").write_text("- plugin: fan\n")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Slip")
    assert faults(data, base=Base("HEAD")) == faults(data) != []


def test_ids_come_from_the_folder_of_registrations_that_is_named(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.md").write_bytes(PLAIN.replace(b"id: snowfall", b"id: SnowFall"))
    (data / "blocklist.yml").write_text("- plugin: snowfall\n")
    assert faults(data) == []
    (problem,) = faults(data, plugins=other)
    assert "write 'SnowFall'" in problem


def test_other_files_of_data_are_none_of_the_gates_business(data: Path) -> None:
    (data / "baseline.json").write_text("{")
    (data / "other.yml").write_text("[")
    assert faults(data) == []


def test_a_name_alone_makes_no_hand_written_data(plugins: Path) -> None:
    (plugins / "notices.yml").write_text("[]")
    assert told(plugins) == [("_plugins/notices.yml", 1, "", "error", "not-markdown")]


def test_hand_written_data_are_plain_files(data: Path) -> None:
    (data / "notices.yml").symlink_to("/etc/passwd")
    (data / "blocklist.yml").mkdir()
    assert [line.split(" [")[1].split("]")[0] for line in faults(data)] == ["not-a-file", "not-a-file"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"- \xff\n", "not-utf8"),
        (b"- &a {plugin: x}\n- *a\n", "alias"),
        (b"[" * 1000, "too-deep"),
        (b"\t- a\n", "tab"),
        (b"- \x00\n", "control-character"),
    ],
)
def test_hand_written_data_that_cannot_be_read_are_told(data: Path, raw: bytes, code: str) -> None:
    (data / "notices.yml").write_bytes(raw)
    assert [item.code for item in validator().validate([data])][:1] == [code]


def test_of_huge_hand_written_data_only_the_beginning_is_read(data: Path) -> None:
    with (data / "notices.yml").open("wb") as file:
        file.truncate(10**10)  # a hole: it takes no room
    assert faults(data) == [
        "_data/notices.yml:1  [too-large] the file is larger than 2,000,000 bytes; shorten it"
    ]


class Pretended:
    """A base that is no git repository: what stands, by file name."""

    def __init__(self, **files: bytes) -> None:
        self.files = files

    def read(self, path: Path, now: bytes) -> bytes | None:
        return self.files.get(path.stem)


def test_anything_that_can_read_what_stands_may_be_the_base(plugins: Path) -> None:
    (plugins / "OldLamp.md").write_bytes(DEVIATING)
    assert {level for *_, level, _ in told(plugins, base=Pretended(OldLamp=DEVIATING))} == {"warning"}
    assert {level for *_, level, _ in told(plugins, base=Pretended())} == {"warning", "error"}


def test_an_id_that_hand_written_data_name_in_another_case_is_an_error_on_its_line(data: Path) -> None:
    (data / "blocklist.yml").write_text("# x\n- plugin: fan\n- plugin: SnowFall\n  versions: [nonsense]\n")
    (data / "update_check_overlays.yml").write_text("SNOWFALL: {user: a}\n")
    plugins = data.parent / "_plugins"
    assert faults(plugins) == faults(plugins / "snowfall.md", base=Base("HEAD")) == [
        "_plugins/snowfall.md:3 id [wrong-case] _data/blocklist.yml, line 3 names 'SnowFall', and upper and "
        "lower case count; write the id so, or correct that line",
        "_plugins/snowfall.md:3 id [wrong-case] _data/update_check_overlays.yml, line 1 names 'SNOWFALL', "
        "and upper and lower case count; write the id so, or correct that line",
    ]  # fmt: skip
    (data / "update_check_overlays.yml").write_text("snowfall: {user: a}\n")
    (data / "blocklist.yml").write_text("[")
    assert faults(plugins) == []


def test_data_that_name_another_registered_spelling_mean_that_one(data: Path) -> None:
    (data / "blocklist.yml").write_text("- plugin: SnowFall\n")
    plugins = data.parent / "_plugins"
    (plugins / "SnowFall.md").write_bytes(PLAIN.replace(b"id: snowfall", b"id: SnowFall"))
    assert "wrong-case" not in {problem.code for problem in validator().validate([plugins])}


def test_hand_written_data_may_lie_elsewhere(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "_data"
    other.mkdir(parents=True)
    (other / "notices.yml").write_text("- plugin: SnowFall\n")
    assert faults(data.parent / "_plugins") == []
    (problem,) = faults(data.parent / "_plugins", data=other)
    assert "_data/notices.yml, line 1 names 'SnowFall'" in problem


def test_a_file_that_makes_a_rule_raise_costs_the_others_no_verdict(
    plugins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(document: Any) -> Any:
        if document.path.endswith("odd.md"):
            raise IndexError("no such place")
        return []

    monkeypatch.setattr("registry.validation.validator.check_body", raising)
    (plugins / "odd.md").write_bytes((DATA / "_plugins" / "harbor.md").read_bytes())
    (plugins / "bad.md").write_bytes(b"no front matter")
    problems = validator().validate([plugins])
    messages = [problem.message for problem in problems if problem.file.endswith("odd.md")]
    assert any(message.startswith("the file cannot be read (IndexError in ") for message in messages)
    assert any(problem.file.endswith("bad.md") for problem in problems)
