"""The command tells what is wrong on stdout, counts on stderr, and answers by its exit code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import validate
from registry.text.problems import Code
from registry.validation.front_matter_schema import Compatibility, FrontMatter, Screenshot

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/data/registrations"
GUIDE = (ROOT / "docs/registering.md").read_text(encoding="utf-8")

BROKEN = (DATA / "_plugins/snowfall.md").read_text(encoding="utf-8").replace(
    "license: MIT", "license: MIT\ncompatibility:\n  python: three"
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with an empty `_plugins`, and no setting of GitHub's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
    (tmp_path / "_plugins").mkdir()
    return tmp_path / "_plugins"


def test_valid_registrations_exit_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate.main([str(DATA / "_plugins")]) == 0
    assert capsys.readouterr() == ("", "0 errors, 0 warnings\n")


def test_warnings_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate.main([str(DATA / "odd")]) == 0
    assert capsys.readouterr().err == "0 errors, 19 warnings\n"


def test_the_least_level_leaves_warnings_out_and_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate.main([str(DATA / "odd"), "--format", "github", "--level", "error"]) == 0
    assert capsys.readouterr() == ("", "0 errors, 19 warnings\n")


def test_an_error_is_printed_at_every_level(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "snowfall.md").write_text(BROKEN, encoding="utf-8")
    assert validate.main(["--level", "error"]) == 1
    assert "python-specifier" in capsys.readouterr().out


def test_errors_exit_1_and_point_to_the_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "snowfall.md").write_text(BROKEN, encoding="utf-8")
    assert validate.main([]) == 1
    assert capsys.readouterr() == (
        "_plugins/snowfall.md:9: error: compatibility.python: "
        "'three' is not a specifier; write e.g. '>=3.7,<4' [python-specifier]\n",
        "1 error, 0 warnings\n",
    )


def test_json_is_a_list_of_problems(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "snowfall.md").write_text(BROKEN, encoding="utf-8")
    assert validate.main([str(folder / "snowfall.md"), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": "_plugins/snowfall.md",
            "line": 9,
            "key": "compatibility.python",
            "level": "error",
            "code": "python-specifier",
            "message": "'three' is not a specifier; write e.g. '>=3.7,<4'",
        }
    ]


def test_json_of_valid_registrations_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate.main([str(DATA / "_plugins"), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_annotations_for_github(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "snowfall.md").write_text(BROKEN, encoding="utf-8")
    assert validate.main(["--format", "github"]) == 1
    assert capsys.readouterr().out == (
        "::error file=_plugins/snowfall.md,line=9,title=python-specifier::"
        "compatibility.python: 'three' is not a specifier; write e.g. '>=3.7,<4'\n"
    )


def test_the_server_of_github_is_that_of_the_environment(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = BROKEN.replace("python: three", "python: '>=3'").replace(
        "github.com/vesna-example/snowfall", "git.example/x"
    )
    (folder / "snowfall.md").write_text(text, encoding="utf-8")
    assert validate.main([]) == 0
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example")
    assert validate.main([]) == 0
    assert "[source-repository]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "validate: nothing: No such file or directory\n"),
        (["--config", "nothing.yml"], "validate: nothing.yml: cannot be read: No such file or directory\n"),
        (["--base", "nothing", str(DATA / "odd")], "validate: there is no commit 'nothing'\n"),
    ],
)
def test_wrong_usage_exits_2(
    folder: Path,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "--base" in arguments:
        subprocess.run(["git", "init", "--quiet"], check=True)
        (folder / "snowfall.md").write_text(BROKEN, encoding="utf-8")
        arguments = arguments[:2]
    assert validate.main(arguments) == 2
    assert capsys.readouterr() == ("", words)


@pytest.mark.parametrize("arguments", [["--format", "xml"], ["--nothing"]])
def test_unknown_arguments_exit_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        validate.main(arguments)
    assert caught.value.code == 2


def test_the_settings_name_the_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = folder.parent / "registrations"
    other.mkdir()
    (other / "snowfall.md").write_text(BROKEN, encoding="utf-8")
    overlay = folder.parent / "other.yml"
    overlay.write_text(f"registry: {{plugins_dir: {json.dumps(str(other))}}}\n", encoding="utf-8")
    assert validate.main(["--config", f"{ROOT / '_config.yml'},{overlay}"]) == 1
    assert capsys.readouterr().out.startswith("registrations/snowfall.md:9: error: ")


def test_a_terminal_without_unicode_still_gets_the_words(folder: Path) -> None:
    (folder / "snowfall.md").write_text(BROKEN.replace("three", "drei-ß"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/validate.py")],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert rb"'drei-\xdf' is not a specifier" in done.stdout
    assert done.stderr == b"1 error, 0 warnings\n"


def test_every_code_is_in_the_guide() -> None:
    documented = re.findall(r"^\| `([a-z0-9-]+)` \| (?:error|deviation|warning)", GUIDE, re.MULTILINE)
    assert sorted(documented) == sorted(set(get_args(Code)))


@pytest.mark.parametrize(
    "key", [*FrontMatter.model_fields, *(f"compatibility.{key}" for key in Compatibility.model_fields)]
)
def test_every_key_is_in_the_guide(key: str) -> None:
    assert re.search(rf"^\| `{re.escape(key)}` \|", GUIDE, re.MULTILINE)


def test_every_key_of_a_screenshot_is_in_the_guide() -> None:
    assert all(f"`{key}`" in GUIDE for key in Screenshot.model_fields)


def test_the_example_of_the_guide_is_valid_as_it_stands(folder: Path) -> None:
    example = re.search(r"^```markdown\n(---\n.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert example
    (folder / "my_plugin.md").write_text(example[1], encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], check=True)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *identity, "commit", "--quiet", "--allow-empty", "--message", "Begin"], check=True)
    assert validate.main(["--base", "HEAD"]) == 0


def test_the_help_of_the_guide_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        validate.main(["--help"])
    options = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}
    assert all(option in GUIDE for option in options)


def test_hand_written_data_are_checked_by_default(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = folder.parent / "_data"
    data.mkdir()
    (data / "blocklist.yml").write_text("- plugin: a b\n", encoding="utf-8")
    assert validate.main([]) == 1
    assert capsys.readouterr().out == (
        "_data/blocklist.yml:1: error: [0].plugin: 'a b' is no plugin identifier; write it as the plugin's "
        "`id` is [bad-value]\n"
    )
    assert validate.main([str(folder)]) == 0
    assert validate.main(["_data/blocklist.yml", "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=_data/blocklist.yml,line=1,title=bad-value::")


def test_ids_are_those_of_the_folder_that_the_settings_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = folder.parent / "registrations"
    other.mkdir()
    (other / "snowfall.md").write_bytes((DATA / "_plugins/snowfall.md").read_bytes())
    (folder.parent / "_data").mkdir()
    (folder.parent / "_data/blocklist.yml").write_text("- plugin: SnowFall\n", encoding="utf-8")
    settings = (ROOT / "_config.yml").read_text(encoding="utf-8")
    (folder.parent / "_config.yml").write_text(
        settings.replace("plugins_dir: _plugins", "plugins_dir: registrations"), encoding="utf-8"
    )
    assert validate.main([]) == 1
    assert "'SnowFall' is registered as 'snowfall'" in capsys.readouterr().out
