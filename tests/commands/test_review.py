"""`scripts/review.py` tells the verdict to people, to the pull request and to the next workflow."""

import json
import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

import review
from registry.review import verdict_formats
from registry.review.change import Change
from registry.review.judgement import Judgement, ReviewCode, judge
from registry.text.json_schemas import validator
from tests.review.builders import PNG, Files, Origin, Pull, registration

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/pull-requests.md"
FRESH = "_plugins/fresh.md"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of GitHub's, and the base's checkout as the working directory."""
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)


def run(tmp_path: Path, files: Files, *arguments: str) -> tuple[int, Pull]:
    origin = Origin(tmp_path)
    pull = origin.propose(files)
    checkout = origin.checkout(pull)
    out = ("--repository", str(checkout), "--out", str(tmp_path / "out"))
    return review.main([pull.merge, *out, *arguments]), pull


def document(tmp_path: Path) -> dict[str, object]:
    content = json.loads((tmp_path / "out/review.json").read_bytes())
    assert [error.message for error in validator("review").iter_errors(content)] == []
    return dict(content)


def test_a_good_change_exits_0_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, pull = run(tmp_path, {FRESH: registration("fresh")})
    assert status == 0
    assert capsys.readouterr() == ("", "review: 1 file changed, 0 errors, 0 warnings\n")
    assert document(tmp_path) == {
        "version": 1,
        "commit": pull.merge,
        "base": pull.base,
        "head": pull.head,
        "valid": True,
        "counts": {
            "errors": 0, "warnings": 0, "files": 1, "registration": 1, "image": 0, "data": 0, "other": 0,
        },
        "registrations": [
            {"slug": "fresh", "path": FRESH, "status": "added", "id": "fresh", "title": "The fresh"}
        ],
        "problems": [],
        "notes": [],
        "others": [],
    }  # fmt: skip


def test_a_bad_change_exits_1_and_points_to_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        FRESH: registration("fresh", compatibility="{python: three}"),
        "_plugins/plugin1.md": None,
        "x": "y",
    }
    assert run(tmp_path, files)[0] == 1
    assert capsys.readouterr().out == (
        "_plugins/fresh.md:12: error: compatibility.python: 'three' is not a specifier; write e.g. '>=3.7,<4'"
        " [python-specifier]\n"
        "_plugins/plugin1.md:1: warning: the plugin 'plugin1' vanishes from every list, with its page; where "
        "it is only not maintained any more, write 'abandoned: true' instead [registration-removed]\n"
        "note: The change reaches into the repository itself and needs a maintainer's reading: x.\n"
    )
    written = document(tmp_path)
    assert written["valid"] is False
    assert [item["status"] for item in written["registrations"]] == ["added", "deleted"]  # type: ignore[attr-defined]
    assert written["others"] == ["x"]


def test_annotations_are_workflow_commands_that_no_name_can_add_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"_plugins/::set-output name=x::y.md": "x", "_plugins/a\n::set-env name=PATH::x.md": "x"}
    assert run(tmp_path, files, "--format", "github")[0] == 1
    assert capsys.readouterr().out == (
        "::error file=_plugins/%3A%3Aset-output name=x%3A%3Ay.md,line=1,title=file-name::a file name has "
        "1 to 100 letters, digits and _ . + -, begins with a letter, a digit or _, and has no dot at its end "
        "and no two in a row; name the file after the plugin's id\n"
        "::error file=_plugins/a\\n%3A%3Aset-env name=PATH%3A%3Ax.md,line=1,title=file-name::the name holds "
        "a character that nobody can see; rename the file\n"
    )
    document(tmp_path)


def test_at_most_50_annotations_are_made_errors_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warned = {f"_plugins/a{number}.md": registration(f"a{number}", tags="[x, x]") for number in range(30)}
    wrong = {f"_plugins/b{number}.md": registration(f"b{number}", license="") for number in range(30)}
    run(tmp_path, {**warned, **wrong}, "--format", "github")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 30 + ["::warning"] * 20 + ["::notice"]
    assert lines[-1] == "::notice title=review::10 more problems are in the summary and in review.json"


def test_the_summary_is_markdown_in_which_nothing_of_the_change_is_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    evil = "<img src=x onerror=alert(1)>|@everyone [x](http://e)"
    files = {"_plugins/`|<b>.md": "x", FRESH: registration("fresh", source=f"'{evil}'"), "docs/<b>@me": "x"}
    run(tmp_path, files)
    summary = (tmp_path / "summary").read_text(encoding="utf-8")
    assert summary.startswith("### The change has to be mended: ")
    assert "<img" not in summary
    assert "@everyone" not in summary
    assert "](http" not in summary
    assert "``_plugins/`\\|<b>.md:1``" in summary  # code, fenced by more backticks than it holds
    assert "docs/<b>" not in summary


def test_a_file_at_the_root_whose_name_is_a_command_stays_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, {"::error::\u202e": "x"})
    assert capsys.readouterr().out.splitlines()[0] == (
        "\\x3a:error::\\u202e:1: error: the name holds a character that nobody can see; rename the file "
        "[file-name]"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "review: there is no commit 'nothing'; fetch it first, with its parents\n"),
        (["--", "-x"], "review: '-x' is no commit; name one by its full id, or by a branch\n"),
    ],
)
def test_wrong_usage_exits_2(
    tmp_path: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    origin = Origin(tmp_path)
    options = ["--repository", str(origin.bare), "--out", str(tmp_path / "out")]
    assert review.main([*options, *arguments]) == 2
    assert capsys.readouterr() == ("", words)
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_but_the_verdict(tmp_path: Path) -> None:
    run(tmp_path, {FRESH: registration("fresh"), "assets/img/plugins/fresh/a.png": PNG, "Makefile": "x:"})
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"review.json"}
    assert {path.name for path in tmp_path.iterdir()} == {"origin.git", "checkout", "index", "out"}


@pytest.mark.slow
def test_what_is_written_has_bounds_and_tells_how_much_there_is(tmp_path: Path) -> None:
    files = {f"_plugins/p{number}.md": registration(f"p{number}", license="") for number in range(600)}
    change, judgement = judged(tmp_path, files)
    written = verdict_formats.review_document(change, judgement)
    assert [error.message for error in validator("review").iter_errors(written)] == []
    assert (len(written["problems"]), len(written["registrations"])) == (500, 200)
    assert written["counts"]["errors"] == written["counts"]["registration"] == 600


def judged(tmp_path: Path, files: Files) -> tuple[Change, Judgement]:
    change = Origin(tmp_path).change(files)
    return change, judge(change, date(2026, 11, 21), "https://github.com")


def test_every_code_of_the_review_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([a-z0-9-]+)` \| (?:error|warning)", text, re.MULTILINE)
    assert sorted(documented) == sorted(get_args(ReviewCode))


def test_every_code_of_the_review_is_used() -> None:
    home = ROOT / "scripts/registry/review"
    paths = [home / "judgement.py", *(home / "faults").glob("*.py")]
    sources = "".join(path.read_text(encoding="utf-8") for path in paths)
    used = re.sub(r"ReviewCode = Literal\[.*?\]", "", sources, flags=re.DOTALL)
    assert [code for code in get_args(ReviewCode) if f'"{code}"' not in used] == []


def test_the_options_of_the_guide_are_those_of_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    import preview

    text = GUIDE.read_text(encoding="utf-8")
    for command in (review, preview):
        with pytest.raises(SystemExit):
            command.main(["--help"])
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
        assert all(f"`{option}" in text for option in options)
