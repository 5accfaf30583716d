"""The one issue about failing scheduled builds, in an emulated repository."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import report_build
from registry.github.access import Access
from registry.github.rest import Rest
from registry.housekeeping.build_issue import (
    MARKER,
    Run,
    body,
    folded,
    keep,
    read_record,
    read_report,
    report_lines,
)
from registry.net.http import Overloaded
from registry.quarantine.left_out import LeftOut, left_out
from tests.emulators.github import GitHub
from tests.emulators.rest import BOT, Failure, RestWorld
from tests.emulators.world import stamp

TOKEN = "t0ken-of-the-registry"
START = datetime(2026, 5, 1, 5, 17, tzinfo=UTC)


class Registry:
    """A repository whose workflow *build* runs again and again, twelve hours apart."""

    def __init__(self) -> None:
        self.world = RestWorld(tokens={TOKEN: {"issues": "write"}}, now=lambda: self.at)
        self.at = START
        self.runs = 100
        self.github = GitHub(rest=self.world, token=None)

    def run(
        self,
        build: str = "success",
        deploy: str = "success",
        *,
        event: str = "schedule",
        after: timedelta = timedelta(hours=12),
        trouble: tuple[str, ...] = (),
        left_out: tuple[LeftOut, ...] = (),
        again: bool = False,
    ) -> str:
        """Let time pass and a run end; return what was done about it."""
        self.at += after
        self.runs += not again
        self.github.forget()
        rest = Rest(Access(token=TOKEN, api_url=self.github.url), sleep=lambda _: None)
        run = Run(
            id=self.runs,
            url=f"https://github.com/almanac/registry/actions/runs/{self.runs}",
            workflow="build",
            event=event,
            build=build,  # type: ignore[arg-type]
            deploy=deploy,  # type: ignore[arg-type]
            at=self.at,
            trouble=trouble,
            left_out=left_out,
        )
        return keep(rest, "almanac/registry", run)

    def fail(self, job: str = "build", **more: object) -> str:
        if job == "build":
            return self.run("failure", "skipped", **more)  # type: ignore[arg-type]
        return self.run("success", "failure", **more)  # type: ignore[arg-type]

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.github.requests]

    def states(self) -> dict[int, str]:
        return {number: issue["state"] for number, issue in self.world.issues.items()}

    def comments(self) -> list[tuple[int, str]]:
        return [(comment["number"], comment["body"]) for comment in self.world.comments]

    def body(self, number: int = 1) -> str:
        return str(self.world.issues[number]["body"])

    def lines(self, number: int = 1) -> list[str]:
        return self.body(number).splitlines()


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry()
    with made.github:
        yield made
    assert made.world.faults == []


# One issue, no flood


def test_a_failed_scheduled_run_opens_one_issue(registry: Registry) -> None:
    assert registry.fail() == "opened issue 1"
    issue = registry.world.issues[1]
    assert (issue["title"], issue["labels"], issue["user"]) == (
        "The scheduled build fails",
        ["build-failure"],
        BOT,
    )
    assert registry.lines()[1:] == [
        "The scheduled run of the workflow build fails, so the site stays as it was last published. The "
        "workflow keeps this issue: it updates it on each failure and closes it when all is well.",
        "",
        "| | |",
        "|---|---|",
        "| First failure | 2026-05-01 17:17 UTC |",
        "| Last failure | 2026-05-01 17:17 UTC |",
        "| Failures | 1 |",
        "| Job that failed last | build |",
        "",
        "Last failed runs:",
        "",
        "- 2026-05-01 17:17 UTC, job build: [101](https://github.com/almanac/registry/actions/runs/101)",
    ]


def test_further_failures_update_the_issue_without_a_word(registry: Registry) -> None:
    registry.fail()
    assert registry.fail() == "updated issue 1"
    assert registry.methods == ["GET", "PATCH"]
    assert registry.fail() == "updated issue 1"
    assert registry.states() == {1: "open"}
    assert registry.comments() == []
    lines = registry.lines()
    assert "| First failure | 2026-05-01 17:17 UTC |" in lines
    assert "| Last failure | 2026-05-02 17:17 UTC |" in lines
    assert "| Failures | 3 |" in lines
    assert [line[:3] + line[-4:] for line in lines[12:]] == ["- 2103)", "- 2102)", "- 2101)"]


def test_the_last_ten_runs_are_kept_however_long_it_goes_on(registry: Registry) -> None:
    for _ in range(25):
        registry.fail()
    assert "| Failures | 25 |" in registry.lines()
    assert "| First failure | 2026-05-01 17:17 UTC |" in registry.lines()
    assert len([line for line in registry.lines() if line.startswith("- ")]) == 10
    assert len(registry.body()) < 3_000
    assert registry.comments() == []


def test_a_run_that_is_tried_again_is_not_counted_twice(registry: Registry) -> None:
    registry.fail()
    registry.fail(again=True)
    assert "| Failures | 1 |" in registry.lines()
    assert "| Last failure | 2026-05-02 05:17 UTC |" in registry.lines()


def test_a_success_closes_the_issue_with_one_comment(registry: Registry) -> None:
    registry.fail()
    assert registry.run() == "closed issue 1"
    assert registry.states() == {1: "closed"}
    assert registry.world.issues[1]["state_reason"] == "completed"
    assert registry.comments() == [
        (1, "It works again: https://github.com/almanac/registry/actions/runs/102")
    ]


def test_a_success_without_an_issue_is_one_question_and_no_noise(registry: Registry) -> None:
    assert registry.run() == ""
    assert registry.methods == ["GET"]
    assert registry.states() == {}


@pytest.mark.parametrize("event", ["push", "workflow_dispatch", "repository_dispatch"])
def test_a_run_that_somebody_started_opens_nothing_and_closes(registry: Registry, event: str) -> None:
    assert registry.fail(event=event) == ""
    assert registry.methods == []
    registry.fail()
    assert registry.fail(event=event) == ""
    assert "| Failures | 1 |" in registry.lines()
    assert registry.run(event=event) == "closed issue 1"


@pytest.mark.parametrize(
    ("build", "deploy"),
    [
        ("cancelled", "skipped"),
        ("success", "cancelled"),
        ("failure", "cancelled"),
        ("success", "skipped"),
        ("skipped", "skipped"),
    ],
)
def test_a_run_that_did_not_end_changes_nothing(registry: Registry, build: str, deploy: str) -> None:
    registry.fail()
    before = registry.body()
    assert registry.run(build, deploy) == ""
    assert registry.methods == []
    assert (registry.states(), registry.body()) == ({1: "open"}, before)


# Another failure


def test_another_job_that_fails_is_told_once_a_day(registry: Registry) -> None:
    registry.fail()
    registry.fail("deploy")
    registry.fail("build")
    registry.fail("build")
    assert registry.comments() == [
        (1, "Now the job deploy fails: https://github.com/almanac/registry/actions/runs/102"),
        (1, "Now the job build fails: https://github.com/almanac/registry/actions/runs/104"),
    ]
    assert "| Job that failed last | build |" in registry.lines()


def test_jobs_that_take_turns_are_no_flood(registry: Registry) -> None:
    registry.fail()
    for _ in range(12):
        registry.fail("deploy", after=timedelta(hours=1))
        registry.fail("build", after=timedelta(hours=1))
    assert len(registry.comments()) == 1


def test_a_comment_that_fails_is_not_written_twice(registry: Registry) -> None:
    registry.fail()
    registry.world.failures = [Failure(kind="bad-gateway", method="POST", heard=True, times=1)]
    with pytest.raises(Overloaded, match="answered 502"):
        registry.fail("deploy")
    registry.fail("deploy")
    assert len(registry.comments()) == 1


# Closed and opened again


def test_a_failure_within_a_week_opens_the_same_issue_again(registry: Registry) -> None:
    registry.fail()
    registry.run()
    assert registry.fail(after=timedelta(days=6)) == "reopened issue 1"
    assert registry.states() == {1: "open"}
    assert "| Failures | 2 |" in registry.lines()
    assert "| First failure | 2026-05-01 17:17 UTC |" in registry.lines()


def test_a_failure_after_a_week_opens_a_new_issue(registry: Registry) -> None:
    registry.fail()
    registry.run()
    registry.world.add_comment(1, "Thanks!")  # an issue may be touched after it was closed
    registry.world.issues[1]["updated_at"] = stamp(registry.at + timedelta(days=7))
    assert registry.fail(after=timedelta(days=7, minutes=1)) == "opened issue 2"
    assert registry.states() == {1: "closed", 2: "open"}
    assert "| Failures | 1 |" in registry.lines(2)


def test_the_issue_that_was_closed_last_is_opened_again(registry: Registry) -> None:
    registry.fail()
    registry.run()
    registry.fail(after=timedelta(days=8))
    registry.run()
    registry.world.issues[1] |= {"updated_at": stamp(registry.at), "closed_at": stamp(registry.at)}
    registry.at += timedelta(hours=1)
    registry.world.issues[2] |= {"updated_at": stamp(registry.at), "closed_at": stamp(registry.at)}
    before = registry.comments()
    assert registry.fail() == "reopened issue 2"
    assert registry.states() == {1: "closed", 2: "open"}
    assert registry.comments() == before


# Several at once


def test_issues_that_two_runs_opened_at_once_are_folded_into_the_oldest(registry: Registry) -> None:
    registry.fail()
    registry.fail()
    registry.world.add_issue(
        "The scheduled build fails", body=registry.body(), user=BOT, labels=["build-failure"]
    )
    assert registry.fail() == "updated issue 1"
    assert registry.states() == {1: "open", 2: "closed"}
    assert registry.world.issues[2]["state_reason"] == "duplicate"
    assert registry.comments() == [(2, "Goes on in #1.")]
    assert "| Failures | 3 |" in registry.lines()
    registry.run()
    assert registry.fail() == "reopened issue 1"


def test_a_success_closes_all_of_them(registry: Registry) -> None:
    registry.fail()
    registry.world.add_issue("Again", body=registry.body(), user=BOT, labels=["build-failure"])
    assert registry.run() == "closed issue 1"
    assert registry.states() == {1: "closed", 2: "closed"}
    assert [number for number, _ in registry.comments()] == [2, 1]
    assert registry.fail() == "reopened issue 1"


def test_records_are_folded_into_what_happened_in_all() -> None:
    def failed(count: int, first: int, *runs: int, commented: int = 0) -> str:
        record = {
            "first": stamp(START + timedelta(days=first)),
            "last": stamp(START + timedelta(days=9)),
            "count": count,
            "told": "build",
            **({"commented": stamp(START + timedelta(days=commented))} if commented else {}),
            "runs": [{"id": run, "at": stamp(START), "job": "build"} for run in runs],
        }
        return f"{MARKER}{json.dumps(record)} -->\n"

    records = [read_record(failed(12, 3, 5, 4)), read_record(failed(2, 1, 5, 6))]
    whole = folded([record for record in records if record])
    assert whole is not None
    assert (whole.count, whole.first) == (13, START + timedelta(days=1))
    assert [entry.id for entry in whole.runs] == [6, 5, 4]
    assert whole.commented is None
    asked = [read_record(failed(1, 1, 1, commented=day)) for day in (2, 4, 3)]
    both = folded([record for record in asked if record])
    assert both is not None
    assert both.commented == START + timedelta(days=4)
    assert folded([]) is None


# Whose issue it is


def test_an_issue_that_somebody_else_opened_is_not_ours(registry: Registry) -> None:
    registry.fail()
    ours = registry.body()
    registry.run(after=timedelta())
    registry.world.issues.clear()
    registry.world.add_issue("Mine", body=ours, user="mallory", labels=["build-failure"])
    registry.world.add_issue("App", body=ours, user="mallory[bot]", labels=["build-failure"])
    registry.world.add_issue("No label", body=ours, user=BOT)
    registry.world.add_issue("Quoted", body=f"> {ours}", user=BOT, labels=["build-failure"])
    registry.world.add_pull("A change", body=ours, user=BOT, labels=["build-failure"])
    before = {number: dict(issue) for number, issue in registry.world.issues.items()}
    assert registry.run() == ""
    assert registry.fail() == "opened issue 6"
    assert {number: registry.world.issues[number] for number in before} == before


@pytest.mark.parametrize(
    "record",
    [
        "{}",
        "not json",
        '{"first": "2026-05-01", "last": 5, "count": -1, "told": "x", "runs": []}',
        '{"first": "2026-05-01T00:00:00", "last": "2026-05-01T00:00:00Z", "count": 1, "told": "build",'
        ' "runs": [{"id": 5, "at": "2026-05-01T00:00:00Z", "job": "build"}]}',
        "[" * 5_000,
    ],
)
def test_a_record_that_was_spoilt_begins_anew(registry: Registry, record: str) -> None:
    registry.world.add_issue("x", body=f"{MARKER}{record} -->\r\n", user=BOT, labels=["build-failure"])
    assert read_record(registry.body()) is None
    assert registry.fail() == "updated issue 1"
    assert "| Failures | 1 |" in registry.lines()
    assert registry.fail() == "updated issue 1"
    assert "| Failures | 2 |" in registry.lines()


# What is left out


def missing(*plugins: str, message: str = "It is odd; mend it.") -> tuple[LeftOut, ...]:
    return tuple(left_out(plugin, "page", "odd", message) for plugin in plugins)


def test_a_build_that_leaves_plugins_out_opens_the_issue_with_a_line_for_each(registry: Registry) -> None:
    several = [left_out("lamp", "feed", "x", "No entry."), left_out("lamp", "registration", "x", "No file.")]
    assert registry.run(left_out=(*missing("fan"), *several)) == "opened issue 1"
    issue = registry.world.issues[1]
    assert (issue["title"], issue["labels"], issue["user"]) == (
        "The build leaves plugins out",
        ["build-failure"],
        BOT,
    )
    assert registry.lines()[1:] == [
        "The workflow build publishes the site without what stands below. It keeps this issue: it updates it "
        "with each build, last at 2026-05-01 17:17 UTC "
        "([101](https://github.com/almanac/registry/actions/runs/101)), and closes it when nothing is left "
        "out.",
        "",
        "Left out:",
        "",
        "- `fan`, page: It is odd; mend it.",
        "- `lamp`, registration: No file. (and 1 more)",
    ]
    assert registry.comments() == []


@pytest.mark.parametrize("event", ["push", "workflow_dispatch", "schedule"])
def test_any_build_tells_what_it_leaves_out_and_one_that_leaves_out_nothing_closes(
    registry: Registry, event: str
) -> None:
    assert registry.run(left_out=missing("lamp"), event=event) == "opened issue 1"
    assert registry.run(left_out=missing("lamp"), event=event) == "updated issue 1"
    assert registry.comments() == []
    assert registry.run(event=event) == "closed issue 1"
    assert registry.states() == {1: "closed"}
    assert registry.comments() == [
        (1, "Nothing is left out any more: https://github.com/almanac/registry/actions/runs/103")
    ]
    assert registry.run(left_out=missing("lamp"), event=event) == "reopened issue 1"


def test_a_further_plugin_is_told_at_most_once_a_day_and_one_that_is_mended_is_no_news(
    registry: Registry,
) -> None:
    registry.run(left_out=missing("lamp"))
    registry.run(left_out=missing("lamp", "fan"))
    registry.run(left_out=missing("lamp", "fan", "bed"), after=timedelta(hours=1))
    registry.run(left_out=missing("lamp", "bed"), after=timedelta(hours=1))
    url = "https://github.com/almanac/registry/actions/runs"
    assert registry.comments() == [(1, f"Now left out are 2 plugins, see above: {url}/102")]
    registry.run(left_out=missing("lamp", "bed"), after=timedelta(hours=23))
    assert registry.comments()[1:] == [(1, f"Now left out are 2 plugins, see above: {url}/105")]
    registry.run(left_out=missing("lamp"), after=timedelta(days=2))
    assert len(registry.comments()) == 2
    assert registry.lines()[-1] == "- `lamp`, page: It is odd; mend it."


def test_a_failure_and_what_is_left_out_share_the_issue(registry: Registry) -> None:
    registry.fail()
    registry.run(left_out=missing("lamp"))
    assert registry.world.issues[1]["title"] == "The build leaves plugins out"
    assert "Failures" not in registry.body()
    registry.fail(left_out=missing("lamp"), after=timedelta(days=2))
    assert registry.world.issues[1]["title"] == "The scheduled build fails"
    assert "| Failures | 1 |" in registry.lines()
    assert "| First failure | 2026-05-04 05:17 UTC |" in registry.lines()
    assert registry.lines()[-1] == "- `lamp`, page: It is odd; mend it."
    url = "https://github.com/almanac/registry/actions/runs"
    assert registry.comments() == [
        (1, f"It works again, but leaves out 1 plugin, see above: {url}/102"),
        (1, f"Now the job build fails: {url}/103"),
    ]
    assert registry.states() == {1: "open"}


def test_what_strangers_wrote_of_a_plugin_is_plain_text_and_has_an_end(registry: Registry) -> None:
    odd = missing("`@all` <b>", message="![x](https://evil.example) @all #1 <!-- " + "x" * 1_000)
    many = missing(*(f"plugin{number}{'<' * 80}" for number in range(1_000)), message="<" * 500)
    registry.run(left_out=(*odd, *many))
    body = registry.body()
    assert len(body) < 65_536
    assert read_record(body) is not None
    assert "<b>" not in body.replace("`` `@all` <b> ``", "")
    assert "![" not in body
    assert body.count("<!--") == 1
    assert re.search(r"\n- and \d+ more, in /api/v1/errors\.json\n\Z", body)


# What the build says


def test_what_others_wrote_is_shown_as_plain_text(registry: Registry) -> None:
    report = {
        "refused": "octo<b>cat</b> --> is @lost",
        "sources": {"github": {"trouble": "![x](https://evil.example)\n# Big"}, "usage": {"trouble": ""}},
    }
    registry.fail(trouble=report_lines(report))
    lines = registry.lines()
    assert lines[-4:-2] == ["The build says:", ""]
    for sign in ("<b>", "-->", "@", "!["):
        assert sign not in "\n".join(lines[-2:])
    assert lines[-2].startswith("- Nothing is published&#58;&#8203; octo&#60;b&#62;cat")
    assert lines[-1].startswith(
        "- github&#58;&#8203; &#33;&#91;x&#93;&#40;https&#58;&#8203;//evil.example&#41;&#92;n&#35;&#8203; Big"
    )
    assert read_record(registry.body()) is not None


def test_many_troubles_are_cut(registry: Registry) -> None:
    registry.fail(trouble=tuple(f"trouble {number}" for number in range(500)))
    assert registry.lines()[-1] == "- and 490 more, in the run's summary"


def test_a_refusal_of_the_feeds_is_told_with_its_reason_first(registry: Registry) -> None:
    problems = [
        {"level": "error", "message": "One fault."},
        {"level": "warning", "message": "A hint."},
        {"level": "error", "message": "21 of 100 plugins are missing."},
    ]
    report = {"feeds": {"published": False, "problems": problems}}
    assert report_lines(report) == ("feeds: 21 of 100 plugins are missing.", "feeds: One fault.")
    assert report_lines({"feeds": {"published": True, "problems": problems}}) == ()


def test_a_refusal_of_the_check_is_told_with_all_its_reasons() -> None:
    report = {"check": {"refused": ["index.html is missing", "plugins.json is empty"]}}
    assert report_lines(report) == ("check: index.html is missing", "check: plugins.json is empty")
    assert report_lines({"check": {"refused": []}}) == ()


@pytest.mark.parametrize(
    "report",
    [
        None, [], 5, {"refused": 5, "sources": [1]}, {"sources": {"a": "b"}}, {"feeds": 1}, {"errors": 1},
        {"feeds": {"published": False, "problems": [1, {"level": "error", "message": 5}]}},
        {"check": 1}, {"check": {"refused": 1}}, {"check": {"refused": [1]}},
        {"errors": [1, {"plugin": 1, "stage": "page", "code": "x", "message": "y"}, {"plugin": "x"}]},
    ],
)  # fmt: skip
def test_what_is_no_report_says_nothing(report: object) -> None:
    assert report_lines(report) == ()
    assert read_report(json.dumps(report).encode()) == ((), ())


def test_the_longest_body_is_one_that_github_takes() -> None:
    run = Run(
        id=10**17,
        url="https://github.com/" + "o" * 100 + "/" + "n" * 100 + f"/actions/runs/{10**17}",
        workflow="<" * 5_000,
        event="schedule",
        build="failure",
        deploy="skipped",
        at=START,
        trouble=("<" * 10_000,) * 50,
        left_out=missing(*(f"plugin{number}" for number in range(1_000)), message="<" * 500),
    )
    entry = {"id": 10**17, "at": stamp(START), "job": "deploy"}
    record = read_record(
        MARKER
        + json.dumps(
            {
                "first": stamp(START),
                "last": stamp(START),
                "count": 10**6,
                "told": "deploy",
                "commented": stamp(START),
                "runs": [entry] * 10,
                "known": ["0" * 8] * 100,
            }
        )
        + " -->"
    )
    assert record is not None
    text = body(record, run)
    assert read_record(text) == record
    assert len(text) < 65_536


# The command


@pytest.fixture
def environment(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    known = {
        "BUILD_RESULT": "failure",
        "DEPLOY_RESULT": "skipped",
        "GITHUB_API_URL": registry.github.url,
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_REPOSITORY": "almanac/registry",
        "GITHUB_RUN_ID": "4711",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_WORKFLOW": "build",
    }
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_command_reads_what_actions_sets(
    registry: Registry,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    report = tmp_path / "report.json"
    entry = {"plugin": "lamp", "stage": "feed", "code": "date", "message": "It is odd."}
    content = {"refused": "no registrations", "sources": {}, "errors": [entry]}
    report.write_text(json.dumps(content), encoding="utf-8")
    environment.setenv("REPORT", str(report))
    assert report_build.main([]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "report_build: opened issue 1\n")
    assert "[4711](https://github.com/almanac/registry/actions/runs/4711)" in registry.body()
    assert "- Nothing is published&#58;&#8203; no registrations" in registry.lines()
    assert registry.lines()[-1] == "- `lamp`, feed: It is odd."
    environment.setenv("BUILD_RESULT", "success")
    environment.setenv("DEPLOY_RESULT", "success")
    assert report_build.main([]) == 0
    assert capsys.readouterr().err == "report_build: updated issue 1\n"
    report.unlink()
    assert report_build.main([]) == 0
    assert capsys.readouterr().err == "report_build: closed issue 1\n"
    assert report_build.main([]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("content", [None, b"\xff", b"{", b"[" * 100_000])
def test_a_report_that_cannot_be_read_is_left_out(
    registry: Registry, environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    report = tmp_path / "report.json"
    if content is not None:
        report.write_bytes(content)
    environment.setenv("REPORT", str(report))
    assert report_build.main([]) == 0
    assert "The build says:" not in registry.body()


def test_a_report_that_cannot_be_read_closes_nothing(
    registry: Registry,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Nobody knows then that nothing is left out."""
    report = tmp_path / "report.json"
    environment.setenv("REPORT", str(report))
    assert report_build.main([]) == 0
    environment.setenv("BUILD_RESULT", "success")
    environment.setenv("DEPLOY_RESULT", "success")
    environment.setattr("report_build.MAX_REPORT_BYTES", 1 << 20)
    for content in ("{", json.dumps({"errors": [], "padding": "x" * (1 << 20)})):
        report.write_text(content, encoding="utf-8")
        capsys.readouterr()
        assert report_build.main([]) == 0
        assert registry.states() == {1: "open"}
        assert capsys.readouterr().err == (
            f"report_build: {report} is not JSON of at most 1 MB; the issue stays\n"
        )


def test_a_github_that_cannot_be_told_is_exit_1_with_words(
    registry: Registry, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.world.tokens[TOKEN] = {"issues": "read"}
    assert report_build.main([]) == 1
    assert capsys.readouterr().err == (
        "report_build: POST /repos/almanac/registry/issues answered 403: Resource not accessible by "
        "integration; the token may not do this: check GITHUB_TOKEN's permissions\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "BUILD_RESULT",
            "",
            "BUILD_RESULT is ''; set it to one of success, failure, cancelled, skipped",
        ),
        (
            "DEPLOY_RESULT",
            "broken",
            "DEPLOY_RESULT is 'broken'; set it to one of success, failure, cancelled, skipped",
        ),
        ("GITHUB_REPOSITORY", "a/b/c", "set GITHUB_REPOSITORY to the repository's owner/name"),
        ("GITHUB_RUN_ID", "1/../2", "set GITHUB_RUN_ID to the run's number"),
        ("GITHUB_RUN_ID", "٣", "set GITHUB_RUN_ID to the run's number"),
        ("GITHUB_TOKEN", " ", "set GITHUB_TOKEN to a token that may write issues"),
    ],
)
def test_what_the_environment_lacks_is_named(
    registry: Registry,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    words: str,
) -> None:
    environment.setenv(name, value)
    assert report_build.main([]) == 2
    assert capsys.readouterr().err == f"report_build: {words}\n"
    assert registry.github.requests == []
