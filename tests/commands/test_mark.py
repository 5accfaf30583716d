"""A registration is marked by one key, the rest of the file stays, and what would be wrong is not written."""

# ruff: noqa: E501 - whole messages stand in tables, a case a line

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

import mark_abandoned
import mark_adoption
import mark_disabled
from registry.housekeeping import mark as marking
from registry.housekeeping.mark import MarkError, find_registration, mark, plan
from registry.validation.validator import Validator

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/data/registrations/_plugins"
ISSUE = "https://github.com/ada/lamp/issues/7"
COMMANDS = {mark_abandoned: ISSUE, mark_adoption: ISSUE, mark_disabled: "Breaks: the printer"}
KEYS = {mark_abandoned: "abandoned", mark_adoption: "up_for_adoption", mark_disabled: "disabled"}
WORDS = {
    mark_abandoned: "marked as abandoned",
    mark_adoption: "marked as up for adoption",
    mark_disabled: "disabled",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the good registrations, `_plugins` of the working directory."""
    shutil.copytree(DATA, tmp_path / "_plugins")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
    return tmp_path / "_plugins"


Told = Callable[[], str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """What was said on stderr since the last call; nothing may be said on stdout."""

    def read() -> str:
        out, err = capsys.readouterr()
        assert out == ""
        return err

    return read


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_mark_is_one_line_more_and_undone_the_file_is_as_it_was(
    folder: Path, told: Told, command: ModuleType
) -> None:
    path = folder / "lantern.md"
    before = {file: file.read_bytes() for file in folder.iterdir()}
    name, key, state = command.__name__, KEYS[command], WORDS[command]

    assert command.main(["lantern", COMMANDS[command]]) == 0
    assert told() == f"{name}: _plugins/lantern.md is now {state}\n"
    line = f'{key}: "Breaks: the printer"' if command is mark_disabled else f"{key}: {ISSUE}"
    first, fence, rest = before[path].partition(b"redirect_from: /plugins/bed_lamp/\n")
    assert path.read_bytes() == first + fence + line.encode() + b"\n" + rest

    assert command.main(["lantern", COMMANDS[command]]) == 0
    assert told() == f"{name}: _plugins/lantern.md is already {state}; nothing to do\n"
    assert command.main(["lantern", "--undo"]) == 0
    assert told() == f"{name}: _plugins/lantern.md is no longer {state}\n"
    assert command.main(["lantern", "--undo"]) == 0
    assert told() == f"{name}: _plugins/lantern.md was not {state}; nothing to do\n"
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_what_was_marked_is_valid(folder: Path, command: ModuleType) -> None:
    assert command.main(["harbor", COMMANDS[command]]) == 0
    validator = Validator(today=date(2026, 5, 1), server_url="https://github.com")
    assert validator.validate([folder / "harbor.md"]) == []


def test_windows_line_ends_and_comments_stay(folder: Path) -> None:
    path = folder / "harbor.md"
    raw = (
        path.read_bytes()
        .replace(b"\n", b"\r\n")
        .replace(b"license", b"disabled: 'old'   # since May\r\nlicense")
    )
    path.write_bytes(raw)
    assert mark_disabled.main(["harbor", "new"]) == 0
    assert path.read_bytes() == raw.replace(b"'old'", b"new")


def test_adoption_needs_no_address(folder: Path, told: Told) -> None:
    assert mark_adoption.main(["harbor"]) == 0
    assert b"\nup_for_adoption: true\n---\n" in (folder / "harbor.md").read_bytes()
    assert told() == "mark_adoption: _plugins/harbor.md is now marked as up for adoption\n"


def test_a_mark_without_an_address_does_not_take_one_away(folder: Path, told: Told) -> None:
    assert mark_adoption.main(["harbor", ISSUE]) == 0
    assert mark_adoption.main(["harbor"]) == 0
    assert told().splitlines()[1] == (
        "mark_adoption: _plugins/harbor.md is already marked as up for adoption; nothing to do"
    )
    assert f"\nup_for_adoption: {ISSUE}\n" in (folder / "harbor.md").read_text(encoding="utf-8")


def test_undo_takes_away_whatever_stands(folder: Path) -> None:
    path = folder / "harbor.md"
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"license", b"disabled: >\n  it\n  breaks\nlicense"))
    assert mark_disabled.main(["harbor", "another reason", "--undo"]) == 0
    assert path.read_bytes() == raw


def test_a_plugin_is_found_by_its_id_as_well_as_by_its_file(folder: Path) -> None:
    (folder / "harbor.md").rename(folder / "old-name.md")
    assert find_registration(folder, "harbor") == folder / "old-name.md"
    assert find_registration(folder, "old-name") == folder / "old-name.md"
    assert find_registration(folder, "old-name.md") == folder / "old-name.md"
    assert find_registration(folder, "lantern.md") == folder / "lantern.md"


def test_a_name_that_means_two_files_is_told(folder: Path) -> None:
    (folder / "lantern.md").write_bytes((folder / "harbor.md").read_bytes())
    with pytest.raises(
        MarkError, match=r"^'harbor' may be harbor.md and lantern.md; write the file's name with '.md'$"
    ):
        find_registration(folder, "harbor")
    assert find_registration(folder, "lantern.md") == folder / "lantern.md"


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        (mark_abandoned, ["Harbor", ISSUE], "there is no registration 'Harbor' in _plugins; did you mean harbor?"),
        (mark_abandoned, ["har_bor", ISSUE], "there is no registration 'har_bor' in _plugins; did you mean harbor?"),
        (mark_abandoned, ["zzz", ISSUE], "there is no registration 'zzz' in _plugins; write its id, or the name of its file"),
        (mark_abandoned, ["../_plugins/harbor", ISSUE], "'../_plugins/harbor' is no id; write the plugin's id or its file's name"),
        (mark_abandoned, ["_plugins/harbor.md", ISSUE], "'_plugins/harbor.md' is no id; write the plugin's id or its file's name"),
        (mark_abandoned, ["har\x1b[2Jbor", ISSUE], "'har\\x1b[2Jbor' is no id; write the plugin's id or its file's name"),
        (mark_abandoned, ["harbor", "issue 7"], "abandoned: 'issue 7' holds ' ', which no address has; encode it or remove it"),
        (mark_abandoned, ["harbor", "#7"], "abandoned: '#7' is no http or https address; write the whole address, e.g. 'https://example.com/plugin'"),
        (mark_abandoned, ["harbor", "javascript:alert(1)"], "abandoned: 'javascript:alert(1)' is no http or https address; write the whole address, e.g. 'https://example.com/plugin'"),
        (mark_adoption, ["harbor", "true"], "up_for_adoption: 'true' is no http or https address; write the whole address, e.g. 'https://example.com/plugin'"),
        (mark_adoption, ["harbor", ""], "up_for_adoption: '' is no http or https address; write the whole address, e.g. 'https://example.com/plugin'"),
        (mark_disabled, ["harbor", " "], "disabled: the reason is empty; say why the plugin cannot be installed"),
        (mark_disabled, ["harbor", "a\nb"], "disabled: the reason has several lines or a tab; write one line"),
        (mark_disabled, ["harbor", "a\x07b"], "disabled: the text holds '\\x07', a control character; delete it"),
        (mark_disabled, ["harbor", "a\u202eb"], "disabled: holds U+202E, which hides or reorders text; delete it"),
        (mark_disabled, ["harbor", "a\udcffb"], "disabled: the text holds '\\udcff', a control character; delete it"),
        (mark_disabled, ["harbor", "x" * 64_000], "_plugins/harbor.md:1: 'disabled' cannot be edited (the front matter has more than 64,000 bytes; move long texts to the body); edit it by hand"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_exits_1_and_writes_nothing(
    folder: Path, told: Told, command: ModuleType, arguments: list[str], words: str
) -> None:
    before = {file: file.read_bytes() for file in folder.iterdir()}
    assert command.main(arguments) == 1
    assert told() == f"{command.__name__}: {words}\n"
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_a_file_that_cannot_be_read_is_told_with_its_line(folder: Path, told: Told) -> None:
    (folder / "harbor.md").write_text("---\nid: harbor\ntitle: @x\n---\n", encoding="utf-8")
    assert mark_abandoned.main(["harbor", ISSUE]) == 1
    assert told() == (
        "mark_abandoned: _plugins/harbor.md:3: the YAML cannot be read (found character that cannot start any token); "
        "a text that begins with a special character goes in quotes\n"
    )


def test_what_would_be_invalid_is_not_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The commands judge a value themselves; this is the second line of defence.
    monkeypatch.setattr(marking, "_value_fault", lambda key, value: None)
    before = (folder / "harbor.md").read_bytes()
    with pytest.raises(MarkError) as caught:
        mark(folder, "harbor", "abandoned", "nonsense")
    assert str(caught.value) == (
        f"{folder}/harbor.md:12: error: abandoned: 'nonsense' is no http or https address; "
        "write true, or the address of the issue where it was declared [wrong-type]"
    )
    assert (folder / "harbor.md").read_bytes() == before


def test_errors_that_stand_do_not_forbid_a_mark(folder: Path) -> None:
    path = folder / "harbor.md"
    path.write_bytes(path.read_bytes().replace(b"license: MIT\n", b""))
    assert mark(folder, "harbor", "abandoned", ISSUE) == path
    assert f"abandoned: {ISSUE}\n".encode() in path.read_bytes()
    assert mark(folder, "harbor", "abandoned", undo=True) == path
    assert b"abandoned" not in path.read_bytes()


def test_a_link_is_never_followed(folder: Path, told: Told) -> None:
    outside = folder.parent / "outside.md"
    outside.write_bytes((folder / "harbor.md").read_bytes().replace(b"id: harbor", b"id: outside"))
    (folder / "linked.md").symlink_to(outside)
    assert mark_abandoned.main(["linked", ISSUE]) == 1
    assert told() == (
        "mark_abandoned: _plugins/linked.md: only plain files belong here, no folders and no links; remove it\n"
    )
    assert mark_abandoned.main(["outside", ISSUE]) == 1
    assert told() == (
        "mark_abandoned: there is no registration 'outside' in _plugins; write its id, or the name of its file\n"
    )
    assert b"abandoned" not in outside.read_bytes()


def test_a_folder_of_the_name_is_told(folder: Path) -> None:
    (folder / "box.md").mkdir()
    with pytest.raises(
        MarkError, match=r"box.md: only plain files belong here, no folders and no links; remove it$"
    ):
        mark(folder, "box", "disabled", "x")


def test_a_file_that_changes_meanwhile_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "harbor.md"

    def changed(*arguments: object, **keys: object) -> marking.Marked:
        planned = plan(*arguments, **keys)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes() + b"more\n")
        return planned

    monkeypatch.setattr(marking, "plan", changed)
    with pytest.raises(MarkError, match=r"harbor.md: somebody else changed it just now; try again$"):
        mark(folder, "harbor", "disabled", "x")
    assert path.read_bytes().endswith(b"more\n")
    assert b"disabled" not in path.read_bytes()


def test_a_crash_while_writing_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {file: file.read_bytes() for file in folder.iterdir()}

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(MarkError, match=r"harbor.md: cannot be written: No space left on device$"):
        mark(folder, "harbor", "disabled", "x")
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_wrong_usage_exits_2(folder: Path, command: ModuleType) -> None:
    for arguments in ([], ["harbor", "a", "b"], ["harbor", "--nothing"]):
        with pytest.raises(SystemExit) as caught:
            command.main(arguments)
        assert caught.value.code == 2


@pytest.mark.parametrize(
    ("command", "name"),
    [(mark_abandoned, "ISSUE-URL"), (mark_disabled, "REASON")],
    ids=["abandoned", "disabled"],
)
def test_a_value_may_be_missing_only_to_undo(
    folder: Path, capsys: pytest.CaptureFixture[str], command: ModuleType, name: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(["harbor"])
    assert caught.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: {name} is missing (only --undo needs none)\n")


def test_a_folder_or_settings_that_are_not_there_exit_2(folder: Path, told: Told) -> None:
    assert mark_adoption.main(["harbor", "--plugins", "nowhere"]) == 2
    assert told() == "mark_adoption: nowhere: there is no such folder; name it by --plugins\n"
    assert mark_adoption.main(["harbor", "--config", "nothing.yml"]) == 2
    assert told() == "mark_adoption: nothing.yml: cannot be read: No such file or directory\n"


def test_the_settings_name_the_folder(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "elsewhere")
    (folder.parent / "other.yml").write_text(
        f"registry: {{plugins_dir: {folder.parent / 'elsewhere'}}}\n", encoding="utf-8"
    )
    files = f"{ROOT / '_config.yml'},other.yml"
    assert mark_adoption.main(["harbor", "--config", files]) == 0
    assert b"up_for_adoption" not in (folder / "harbor.md").read_bytes()
    assert b"up_for_adoption" in (folder.parent / "elsewhere/harbor.md").read_bytes()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_the_command_runs_as_a_program_in_the_folder_that_it_is_told(
    folder: Path, command: ModuleType
) -> None:
    done = subprocess.run(
        [sys.executable, str(command.__file__), "harbor", COMMANDS[command], "--plugins", str(folder)],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"{command.__name__}: {folder}/harbor.md is now {WORDS[command]}\n"
    assert stat.S_IMODE((folder / "harbor.md").stat().st_mode) == 0o644


GUIDE = (ROOT / "docs/marking.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_the_guide_shows_each_command_and_its_options(
    command: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"python scripts/{command.__name__}.py " in GUIDE
    assert f"`{KEYS[command]}`" in GUIDE
    with pytest.raises(SystemExit):
        command.main(["--help"])
    words = capsys.readouterr().out.split()
    options = {word.strip("[],") for word in words if word.strip("[,").startswith("--")} - {"--help"}
    assert options == {"--undo", "--plugins", "--config"}
    assert all(option in GUIDE for option in options)
