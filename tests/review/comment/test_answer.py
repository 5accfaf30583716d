"""The command whole: against the emulators, with the permissions that the workflow grants."""

# ruff: noqa: E501 -- a sentence is easier to read in one line

from pathlib import Path
from typing import Any

import pytest

from registry import user_agent
from registry.git.objects import Objects
from registry.github.rest import Rest
from registry.review.change import ChangeError
from tests.emulators.faults import Fault
from tests.emulators.rest_world import BOT, Failure
from tests.review.comment.rendered import assert_harmless
from tests.review.comment.stage import GOOD, NUMBER, RUN, SOURCE, TOKEN, Stage, event, git, preview, staged

BAD = GOOD.replace('python: ">=3.7,<4"', "python: 3.7+").replace("  - 1.4.0", "  - 1.4")
MARKER = "<!-- almanac: the answer to this pull request -->"


def lines_of(body: str, heading: str) -> list[str]:
    """Return the lines below a heading."""
    return body.split(f"### {heading}\n", 1)[1].split("\n### ", 1)[0].split("\n")


def writes(stage: Stage) -> list[str]:
    return [
        f"{request.method} {request.path}" for request in stage.github.requests
        if request.method != "GET" and request.path != "/graphql"
    ]  # fmt: skip


def test_a_good_registration_gets_a_short_friendly_answer(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.upload({"preview.json": preview(stage.head), "screenshots/lamp.phone.png": b"\x89PNG\r\n\x1a\n.."})
    assert stage.run() == 0
    body = stage.body
    assert "\n**All is well, thank you!** A maintainer will look at it next.\n" in body
    assert "What to mend" not in body
    assert "disagree" not in body
    assert (
        f"Pages and 1 picture are in [what the check uploaded](<https://github.com/almanac/registry/actions/runs/{RUN}/artifacts/"
        in body
    )
    assert len(body) < 2_600
    assert stage.rest.reviews == []
    assert stage.rest.pulls[NUMBER]["labels"] == ["plugin"]
    assert_harmless(body)
    # One client reads the source, another writes the answer; both say who asks.
    agents = {request.headers["user-agent"] for request in stage.github.requests}
    assert agents == {user_agent("https://plugins.example")}


def test_the_source_is_told_with_its_evidence(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    rows = [line for line in lines_of(stage.body, "Found in the source of `lamp`") if line.startswith("| ")]
    tree = "https://github.com/ada/Lamp"
    assert rows == [
        "| | |",
        f"| repository | [`ada/Lamp`](<{tree}>) at [`aaaaaaaaaa`](<{tree}/tree/{'a' * 40}>) |",
        "| package | `octoprint_lamp`, named by `setup.py` |",
        "| identifier | `lamp` |",
        f"| Python | `>=3.7,<4` in [`octoprint_lamp/__init__.py` line 2]"
        f"(<{tree}/blob/{'a' * 40}/octoprint_lamp/__init__.py#L2>) |",
        "| licence | `AGPL-3.0` |",
        "| latest release | `1.2.0`, 2026-02-01 |",
        "| last change | 2026-03-04 |",
    ]


def test_what_is_wrong_is_told_by_line_with_a_proven_change(stage: Stage) -> None:
    stage.conclusion = "failure"
    stage.push({"_plugins/lamp.md": BAD})
    assert stage.run() == 0
    assert (
        "**1 error and 1 hint to look at.** Each is below with its cure. Push to the same branch, and this "
        in stage.body
    )
    assert '  ```diff\n  -  python: 3.7+\n  +  python: ">=3.7,<4"\n  ```' in stage.body
    assert '  ```diff\n  -  - 1.4\n  +  - "1.4"\n  ```' in stage.body
    [review] = stage.rest.reviews
    assert (review["user"], review["commit_id"]) == (BOT, stage.head)
    found = {(item["path"], item["line"]): item["body"] for item in stage.rest.review_comments}
    assert set(found) == {("_plugins/lamp.md", 19), ("_plugins/lamp.md", 20)}
    assert '\n```suggestion\n  python: ">=3.7,<4"\n```\n' in found["_plugins/lamp.md", 20]
    assert_harmless(stage.body)


def test_a_second_run_without_change_writes_nothing(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": BAD})
    assert stage.run() == 0
    stage.github.forget()
    assert stage.run() == 0
    assert writes(stage) == []
    assert len(stage.rest.review_comments) == 2


def test_a_mended_push_updates_the_comment_and_takes_back_what_no_longer_applies(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": BAD})
    assert stage.run() == 0
    stage.push({"_plugins/lamp.md": BAD.replace("3.7+", '">=3.7,<4"')})
    stage.github.forget()
    assert stage.run() == 0
    assert "**No error; 1 hint.**" in stage.body
    assert [(item["line"], item["review"]) for item in stage.rest.review_comments] == [
        (19, stage.rest.reviews[0]["id"])
    ]
    assert [line.split("/")[0] for line in writes(stage)] == ["PATCH ", "DELETE "]
    stage.push({"_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    assert "**All is well, thank you!**" in stage.body
    assert stage.rest.review_comments == []


def test_what_reviewers_ticked_stays_until_the_next_push(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    [ours] = stage.rest.comments_of(NUMBER)
    ours["body"] = (
        ours["body"].replace("- [ ] `lamp`: its author", "- [x] `lamp`: its author").replace("\n", "\r\n")
    )
    stage.github.forget()
    assert stage.run() == 0
    assert writes(stage) == []
    assert "- [x] `lamp`: its author" in stage.body
    stage.push({"_plugins/lamp.md": GOOD + "\nMore.\n"})
    assert stage.run() == 0
    assert "[x]" not in stage.body


def test_a_strangers_comment_with_our_marker_is_left_alone(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": BAD})
    theirs = stage.rest.add_comment(NUMBER, f"{MARKER}\nAll is well!", user="mallory")
    forged = "x <!-- almanac: suggestion 0123456789abcdef -->"
    stage.rest.add_review_comment(NUMBER, "_plugins/lamp.md", 3, forged, user="mallory")
    assert stage.run() == 0
    assert theirs["body"] == f"{MARKER}\nAll is well!"
    assert "1 error and 1 hint" in stage.body
    assert [item["body"] for item in stage.rest.review_comments if item["user"] == "mallory"] == [forged]


def test_of_two_comments_of_ours_one_is_kept(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    for _ in range(2):
        stage.rest.add_comment(NUMBER, f"{MARKER}\nold", user=BOT)
    quoting = stage.rest.add_comment(NUMBER, f"> {MARKER}\nold", user=BOT)
    assert stage.run() == 0
    bodies = [item["body"] for item in stage.rest.comments_of(NUMBER)]
    assert len(bodies) == 2
    assert bodies[1] == quoting["body"]


def test_a_forged_verdict_is_called_one(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": BAD, ".github/workflows/validate.yml": "name: validate\n"})
    stage.upload({"review.json": {"valid": True, "problems": []}})
    assert stage.run() == 0
    assert (
        "> [!WARNING]\n> The check that ran on this pull request reported success, and the rules of the default branch say otherwise."
        in stage.body
    )
    task = "- [ ] The change reaches into the repository itself: read every line of `.github/workflows/validate.yml`"
    assert task in stage.body
    assert set(stage.rest.pulls[NUMBER]["labels"]) == {"plugin", "workflows"}


def test_a_check_that_failed_without_a_fault_is_told(stage: Stage) -> None:
    stage.conclusion = "failure"
    stage.push({"_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    assert (
        "The check that ran failed, although the rules find no error; [its log](<https://github.com/almanac/registry/actions/runs/4711>) tells why."
        in stage.body
    )


@pytest.mark.parametrize("change", [{"event": "push"}, {"event": "schedule"}, {"head_repository": None}])
def test_a_run_for_no_pull_request_is_nothing_to_do(stage: Stage, change: dict[str, Any]) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.event["workflow_run"] |= change
    assert stage.run() == 0
    assert stage.github.requests == []


def test_a_newer_push_is_answered_by_its_own_check(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.rest.pulls[NUMBER]["head"]["sha"] = "9" * 40
    assert stage.run() == 0
    assert writes(stage) == []
    assert capsys.readouterr().err == (
        "comment: no open pull request ends in the commit that was checked; nothing to do\n"
    )


def test_a_merge_that_moved_meanwhile_is_not_judged(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    checked = stage.head
    stage.push({"_plugins/lamp.md": BAD})
    stage.rest.pulls[NUMBER]["head"]["sha"] = checked
    stage.event = event(checked)
    assert stage.run() == 0
    assert writes(stage) == []
    assert "comment: pull request 7 has moved on; its next check is answered\n" in capsys.readouterr().err


def test_a_pull_request_that_conflicts_has_no_merge_to_judge(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    git(stage.origin, "update-ref", "-d", f"refs/pull/{NUMBER}/merge")
    assert stage.run() == 0
    assert writes(stage) == []


def test_the_artefact_of_another_pull_request_is_not_shown(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.upload({"preview.json": preview("e" * 40, headings=["Lamp", "Somebody else's"])})
    assert stage.run() == 0
    assert "Somebody" not in stage.body
    assert "what the check uploaded" not in stage.body


PROBLEM = {
    "file": "_plugins/lamp.md",
    "line": 7,
    "key": "",
    "level": "error",
    "code": "internal-error",
    "message": "the build would leave this out of the feeds: it is <b>odd</b>; mend it",
}


def test_what_the_build_would_leave_out_is_said_first_and_with_its_line(stage: Stage) -> None:
    stage.conclusion = "failure"
    stage.push({"_plugins/lamp.md": GOOD})
    stage.upload({"preview.json": preview(stage.head) | {"problems": [PROBLEM]}})
    assert stage.run() == 0
    assert "**The rules find no error, but the build finds 1 error.** Below stands what it" in stage.body
    assert "All is well" not in stage.body
    assert "although the rules find no error" not in stage.body
    assert (
        "### What the build would leave out\n\nThe check built this change by the steps that build the site.\n\n"
        "- `_plugins/lamp.md`, line 7: The build would leave this out of the feeds"
    ) in stage.body
    assert "<b>" not in stage.body


def test_what_the_build_of_another_commit_would_leave_out_is_not_said(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.upload({"preview.json": preview("e" * 40) | {"problems": [PROBLEM]}})
    assert stage.run() == 0
    assert "would leave" not in stage.body


def test_an_event_that_names_another_pull_request_does_not_lead_there(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.rest.add_pull("Other", head="other", head_sha="7" * 40, head_repository="bob/registry", number=9)
    stage.event["workflow_run"]["pull_requests"] = [{"number": 9}]
    assert stage.run() == 0
    assert stage.rest.comments_of(9) == []
    assert stage.body


def test_a_branch_with_odd_characters_is_found(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    branch = "fix&state=closed#%2F?é"
    stage.rest.pulls[NUMBER]["head"]["ref"] = branch
    stage.event["workflow_run"]["head_branch"] = branch
    assert stage.run() == 0
    assert "All is well" in stage.body


def test_labels_come_and_go_with_the_paths_and_others_stay(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.rest.pulls[NUMBER]["labels"] = ["approved", "code"]
    assert stage.run() == 0
    assert set(stage.rest.pulls[NUMBER]["labels"]) == {"approved", "plugin"}


def test_a_suggestion_is_made_only_on_lines_that_the_diff_shows(stage: Stage) -> None:
    far = GOOD + "\n".join(f"Line {number}." for number in range(40)) + "\n"
    stage.push({"_plugins/snowfall.md": far.replace("id: lamp", "id: snowfall")})
    stage.rest.pulls[NUMBER]["lines"] = {}
    assert stage.run() == 0
    assert stage.rest.reviews == []  # GitHub answered 422; the comment has it all the same
    assert "date: 2016-12-24" in stage.body


def test_a_secondary_limit_is_waited_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    stage.push({"_plugins/lamp.md": GOOD})
    stage.rest.failures.append(Failure(kind="secondary-limit", method="POST", path="/comments", times=1))
    defaults = {**Rest.__init__.__kwdefaults__, "sleep": waited.append}
    monkeypatch.setattr(Rest.__init__, "__kwdefaults__", defaults)
    assert stage.run() == 0
    assert waited == [1.0]
    assert stage.body


@pytest.mark.parametrize("kind", ["revoked", "forbidden", "redirect"])
def test_a_refusal_ends_with_words_and_without_the_token(
    stage: Stage, capsys: pytest.CaptureFixture[str], kind: Any
) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.rest.failures.append(Failure(kind=kind, location="https://elsewhere.example/"))
    assert stage.run() == 1
    said = capsys.readouterr().err
    assert said.startswith("comment: GET /repos/almanac/registry/pulls answered ")
    assert TOKEN not in said


def test_without_permission_to_write_it_says_so(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.rest.tokens[TOKEN] = {"actions": "read", "contents": "read", "pull_requests": "read"}
    assert stage.run() == 1
    assert "answered 403: Resource not accessible by integration" in capsys.readouterr().err


def test_a_source_that_cannot_be_read_is_told_and_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged(tmp_path, monkeypatch, faults=[Fault(kind="bad-gateway")]) as stage:
        stage.push({"_plugins/lamp.md": GOOD})
        assert stage.run() == 0
        assert "The source of `lamp` was not read: GitHub could not be read" in stage.body
        assert (
            "- [ ] `lamp`: its source was not read here, so look at licence and compatibility by hand"
            in stage.body
        )


def test_more_plugins_than_are_inspected_are_named(stage: Stage) -> None:
    stage.push(
        {f"_plugins/lamp{number}.md": GOOD.replace("id: lamp", f"id: lamp{number}") for number in range(7)}
    )
    assert stage.run() == 0
    assert "The sources of 5 plugins at a time are read; not those of `lamp5`, `lamp6`." in stage.body
    assert stage.body.count("### Found in the source of") == 5


@pytest.mark.slow
def test_a_hundred_faulty_files_fit_into_one_comment(stage: Stage) -> None:
    stage.push(
        {
            f"_plugins/lamp{number}.md": BAD.replace("id: lamp", f"id: lamp{number}") + "x" * 500
            for number in range(100)
        }
    )
    assert stage.run() == 0
    assert "**100 errors and 100 hints to look at.**" in stage.body
    assert (
        "- and 100 more, which [the check](<https://github.com/almanac/registry/actions/runs/4711>) lists"
        in stage.body
    )
    assert len(stage.rest.review_comments) == 20
    assert_harmless(stage.body)


def test_files_with_crlf_get_the_change_shown_but_not_suggested(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": BAD.replace("\n", "\r\n").encode()})
    assert stage.run() == 0
    assert '  ```diff\n  -  python: 3.7+\n  +  python: ">=3.7,<4"\n  ```' in stage.body
    assert stage.rest.reviews == []


def test_an_event_that_is_none_is_wrong_usage(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.event = {"issue": {}}
    assert stage.run() == 2
    assert capsys.readouterr().err == (
        "comment: the event is no `workflow_run`; run this in the workflow that answers to it\n"
    )


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("head_sha", "main; rm -rf", "workflow_run.head_sha is no commit"),
        ("head_branch", "a b", "workflow_run.head_branch is no name of a branch"),
        ("id", "1", "workflow_run.id is no number"),
        ("head_repository", {"owner": {"login": "../x"}}, "workflow_run.head_repository.owner.login is no name of an account"),
    ],
)  # fmt: skip
def test_an_event_with_odd_values_is_refused(
    stage: Stage, capsys: pytest.CaptureFixture[str], key: str, value: Any, words: str
) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.event["workflow_run"][key] = value
    assert stage.run() == 2
    assert capsys.readouterr().err == f"comment: {words}\n"
    assert stage.github.requests == []


def test_an_unreadable_file_gets_the_change_that_lets_it_be_read(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD.replace("- lamp\n", "\t- lamp\n")})
    assert stage.run() == 0
    assert "It hid whatever else there is; once it is mended, the rest shows." in stage.body
    assert [item["line"] for item in stage.rest.review_comments] == [15]


def test_a_missing_licence_is_taken_from_the_source(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD.replace("license: AGPL-3.0-or-later\n", "")})
    assert stage.run() == 0
    assert "  +license: AGPL-3.0\n" in stage.body


def test_a_standing_file_that_is_deleted_gets_an_answer(stage: Stage) -> None:
    stage.push({"_plugins/snowfall.md": None})
    assert stage.run() == 0
    assert "`_plugins/snowfall.md`" in stage.body
    assert_harmless(stage.body)


def test_a_source_elsewhere_is_looked_at_by_hand(stage: Stage) -> None:
    stage.push(
        {"_plugins/lamp.md": GOOD.replace("https://github.com/ada/Lamp", "https://gitlab.com/ada/lamp")}
    )
    assert stage.run() == 0
    assert "The source of `lamp` is not on GitHub, so nothing was read there." in stage.body
    assert SOURCE["head"] not in stage.body


def test_a_change_that_cannot_be_judged_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    monkeypatch.setattr("registry.git.objects.Objects.tree", _refuse)
    assert stage.run() == 1
    assert (
        "**This change could not be judged:** git ls&#45;tree took longer &#60;x&#62;. Mend that, or split"
        in stage.body
    )
    assert capsys.readouterr().err == "comment: git ls-tree took longer <x>\n"
    assert_harmless(stage.body)


def _refuse(*_: Any) -> Any:
    raise ChangeError("git ls-tree took longer <x>")


def test_a_change_too_large_to_be_listed_leaves_no_older_verdict_standing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    assert "**All is well, thank you!**" in stage.body
    stage.push({"_plugins/lamp.md": GOOD, **{f"x/{number:0>200}": "" for number in range(40)}})
    monkeypatch.setattr(Objects.run, "__kwdefaults__", {"given": b"", "limit_bytes": 9_000})
    capsys.readouterr()
    assert stage.run() == 1
    told = "git diff-tree has more to say than 9,000 bytes; split the change"
    assert capsys.readouterr().err == f"comment: {told}\n"
    assert "All is well" not in stage.body
    assert "**This change could not be judged:** git diff&#45;tree has more to say" in stage.body
    assert f"<!-- commit {stage.head} -->" in stage.body


def test_a_change_that_the_rules_stumble_over_leaves_no_older_verdict_standing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    stage.push({"_plugins/lamp.md": GOOD.replace("lamp\n", "lamps\n")})
    monkeypatch.setattr("registry.review.comment.answer.disagreements", _stumble)
    with pytest.raises(KeyError):
        stage.run()
    assert "All is well" not in stage.body
    assert "**This change could not be judged:** KeyError while judging it. " in stage.body


def _stumble(*_: Any, **__: Any) -> Any:
    raise KeyError("x")


def test_a_suggestion_that_holds_the_mark_of_another_is_known_by_its_own(stage: Stage) -> None:
    mark = "<!-- almanac: suggestion 0123456789abcdef -->"
    bad = GOOD.replace("title: Lamp", f"title: Lamp\nnote: x {mark}: y")
    stage.push({"_plugins/lamp.md": bad})
    assert stage.run() == 0
    (posted,) = stage.rest.review_comments
    assert posted["body"].count("<!-- almanac: suggestion ") > 1
    assert stage.run() == 0
    assert stage.rest.review_comments == [posted]


def test_a_change_of_the_repository_itself_is_not_called_well(stage: Stage) -> None:
    stage.push({"Makefile": "all:\n"})
    assert stage.run() == 0
    assert (
        "\n**This change reaches into the repository itself.** It touches no registration, so" in stage.body
    )
    stage.push({"Makefile": "all:\n", "_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    assert (
        "\n**What was judged is in order.** The change also reaches into the repository itself" in stage.body
    )


def test_the_comment_names_the_commit_that_it_is_about_before_its_verdict(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    assert f"\nAbout commit `{stage.head[:10]}`, and no later one:\n\n**All is well" in stage.body


def test_pictures_are_called_a_claim_where_the_change_touches_what_made_them(stage: Stage) -> None:
    for changed, claimed in (({".github/workflows/validate.yml": "on: push\n"}, True), ({}, False)):
        stage.push({"_plugins/lamp.md": GOOD, **changed})
        stage.upload({"preview.json": preview(stage.head)})
        assert stage.run() == 0
        assert "what the check uploaded" in stage.body
        assert ("take them for its author's claim" in stage.body) == claimed
