"""The main job, end to end: registrations and a stand-in world in, enriched copies, state and report out."""

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry import __version__
from registry.enrich.job import Options, RefusedError, UsageError, enrich, place_of
from registry.enrich.verdicts import maintained
from registry.facts.state import read_state
from registry.registration import frontmatter
from registry.settings import load_settings
from tests.emulators.github import TOKEN, Fault, GitHub

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)

CONFIG: dict[str, Any] = {
    "title": "Plugins",
    "url": "https://plugins.example",
    "registry": {
        "host": {"name": "OctoPrint", "version": "1.11.8"},
        "packages": {"prefix": "octoprint_"},
        "entry_point_group": "octoprint.plugin",
        "compatibility": {"control_property": "__plugin_pythoncompat__", "default_python": ">=2.7,<3"},
        "limits": {"timeout_s": 3, "patience_s": 3},
    },
}


class Bench:
    """A registry in a temporary folder: registrations, settings, and the last run's results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plugins = folder / "_plugins"
        self.out = folder / "build" / "_plugins"
        self.state = folder / "build" / "state.json"
        self.report_file = folder / "build" / "report.json"
        self.plugins.mkdir()
        self.exported: Mapping[str, Any] = {}
        self.configure()

    def configure(self, **registry: Any) -> None:
        config = {**CONFIG, "registry": {**CONFIG["registry"], **registry}}
        (self.folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")

    def register(self, name: str, *, source: str = "", body: str = "Hello.\n", **keys: Any) -> None:
        source = source or f"https://github.com/maker/{name}"
        data = {
            "layout": "plugin",
            "id": name,
            "title": name.title(),
            "description": "Does things",
            "author": "Maker",
            "license": "MIT",
            "date": "2024-01-02",
            "homepage": source,
            "source": source,
            "archive": f"{source}/archive/main.zip",
            **keys,
        }
        text = "---\n" + yaml.safe_dump(data, sort_keys=False) + "---\n\n" + body
        (self.plugins / f"{name}.md").write_text(text, encoding="utf-8")

    def export(self, plugins: Mapping[str, Any]) -> None:
        self.exported = plugins
        text = json.dumps({"_generated": "2026-05-01T05:00:00Z", "plugins": plugins})
        for window in ("week", "month"):
            (self.folder / f"{window}.json").write_text(text, encoding="utf-8")
        self.configure(usage={"exports": {"week": "week.json", "month": "month.json"}})

    def run(
        self,
        github: GitHub | None = None,
        *,
        now: datetime = NOW,
        env: Mapping[str, str] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        environment = dict(env or {})
        if github:
            environment |= {"GITHUB_TOKEN": TOKEN, "GITHUB_GRAPHQL_URL": github.graphql_url}
        options = Options(
            plugins=self.plugins, out=self.out, state=self.state, report=self.report_file, **more
        )
        enrich(options, load_settings([self.folder / "_config.yml"]), environment, now)
        return self.report

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.report_file.read_bytes())
        return report

    def copy(self, name: str) -> dict[str, Any]:
        path = self.out / f"{name}.md"
        return frontmatter.parse(path.read_bytes(), str(path)).data


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def repository(flag: str | None = ">=3.7,<4", **more: Any) -> dict[str, Any]:
    line = f"__plugin_pythoncompat__ = {flag!r}\n" if flag else ""
    files = {
        "setup.py": 'plugin_identifier = "x"\nplugin_package = "octoprint_x"\n',
        "octoprint_x/__init__.py": f'__plugin_name__ = "X"\n{line}',
    }
    return {"stars": 5, "pushed_at": "2026-04-01T00:00:00Z", "files": files, **more}


def world(*names: str, **more: Any) -> dict[str, Any]:
    return {"repositories": {f"maker/{name}": repository(**more) for name in names}}


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_everything_known_is_merged_and_no_registration_changes(bench: Bench) -> None:
    bench.register("alpha", compatibility={"python": ">=2.7,<4", "octoprint": ["1.4.0"]}, tags=["b", "a"])
    bench.register("Beta", source="https://gitlab.com/maker/beta")
    bench.export({"alpha": {"instances": 7, "install_events": 2, "versions": {"1.0": {"instances": 7}}}})
    before = digest(bench.plugins)
    with GitHub(world("alpha")) as github:
        report = bench.run(github)
    assert digest(bench.plugins) == before
    alpha, beta = bench.copy("alpha"), bench.copy("Beta")
    assert alpha["tags"] == ["b", "a"]
    assert alpha["stats"]["week"] == {
        "instances": 7,
        "install_events": 2,
        "uninstall_events": 0,
        "versions": {"1.0": 7},
    }
    assert alpha["github"]["stars"] == 5
    assert alpha["compatibility"] == {"python": ">=3.7,<4", "octoprint": ["1.4.0"]}
    assert alpha["compatibility_evidence"]["path"] == "octoprint_x/__init__.py"
    assert alpha["compatibility_evidence"]["line"] == 2
    assert alpha["compatibility_evidence"]["registered"] == ">=2.7,<4"
    assert alpha["ranks"] == {"instances_month": 1, "install_events_week": 1, "stars": 1}
    assert beta["stats"]["month"]["instances"] == 0
    assert "github" not in beta
    assert report["version"] == __version__
    assert report["counts"]["published"] == 2
    assert [row["id"] for row in report["contradictions"]] == ["alpha"]


def test_the_same_input_gives_the_same_bytes(bench: Bench) -> None:
    for name in ("a", "b", "c"):
        bench.register(name)
    with GitHub(world("a", "b", "c")) as github:
        bench.run(github)
        first = digest(bench.folder)
        stamps = {path: path.stat().st_mtime_ns for path in bench.out.iterdir()}
        report = bench.run(github)
    second = digest(bench.folder)
    assert {path for path in first if first[path] != second[path]} == {"build/report.json"}
    assert {path: path.stat().st_mtime_ns for path in bench.out.iterdir()} == stamps
    assert report["traffic"]["requests"] == 1


def test_without_a_token_the_last_known_figures_stand_and_one_line_says_so(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.register("a")
    with GitHub(world("a")) as github:
        bench.run(github)
    capsys.readouterr()
    bench.run(now=NOW + timedelta(days=9))
    assert bench.copy("a")["github"]["stars"] == 5
    assert bench.copy("a")["freshness"]["github"] == {"as_of": "2026-05-01 06:00:00 +0000", "stale": True}
    lines = [line for line in capsys.readouterr().err.splitlines() if "GITHUB_TOKEN" in line]
    assert lines == [
        "enrich: github, compatibility: GITHUB_TOKEN is not set; the last known figures stand, of 2026-05-01"
    ]


def test_the_baseline_gives_a_first_build_its_dated_figures(bench: Bench) -> None:
    bench.register("a")
    bench.configure(baseline="baseline.json")
    fact = {"fetched_at": "2020-07-24T00:00:00Z", "source": "old figures", "data": {"instances": 1991}}
    baseline = {"schema_version": 1, "listed": [], "plugins": {"a": {"usage_month": fact}}}
    (bench.folder / "baseline.json").write_text(json.dumps(baseline), encoding="utf-8")
    bench.run()
    assert bench.copy("a")["stats"] == {"month": {"instances": 1991}}
    assert bench.copy("a")["freshness"]["usage"] == {"as_of": "2020-07-24 00:00:00 +0000", "stale": True}


def test_a_dead_export_does_not_end_the_run_nor_empty_the_figures(bench: Bench) -> None:
    bench.register("a")
    bench.export({"a": {"instances": 7}})
    bench.run()
    (bench.folder / "week.json").write_text("<html>busy</html>", encoding="utf-8")
    report = bench.run(now=NOW + timedelta(hours=12))
    assert bench.copy("a")["stats"]["week"]["instances"] == 7
    assert bench.copy("a")["freshness"]["usage"]["stale"] is True
    assert "week.json: is not JSON: Expecting value" in report["sources"]["usage_week"]["trouble"]


def sums(bench: Bench) -> tuple[int, int]:
    """Return the installations of the month, and of the week, that the copies show."""
    copies = [bench.copy(path.stem)["stats"] for path in bench.out.glob("*.md")]
    month, week = (sum(stats[window]["instances"] for stats in copies) for window in ("month", "week"))
    return month, week


def test_an_export_without_installations_turns_none_to_zero_for_seven_days_and_says_so(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, count in (("a", 300_000), ("b", 200_000), ("c", 16_209)):
        bench.register(name)
        bench.export({**bench.exported, name: {"instances": count}})
    bench.run()
    assert sums(bench) == (516_209, 516_209)
    bench.export({"a": {}, "b": {}, "c": {}})
    summary = bench.folder / "summary.md"
    for hours in (12, 24, 6 * 24, 7 * 24 + 11):
        capsys.readouterr()
        now = NOW + timedelta(hours=hours)
        report = bench.run(now=now, env={"GITHUB_STEP_SUMMARY": str(summary)})
        assert sums(bench) == (516_209, 516_209)
        assert bench.copy("a")["freshness"]["usage"] == {"as_of": "2026-05-01 05:00:00 +0000", "stale": True}
        assert report["source_errors"] == []
        words = (
            "month.json: counts no installation of any plugin, 516,209 were believed last: not believed "
            "before 2026-05-08 unless it agrees again; --accept-usage believes it at once"
        )
        assert report["sources"]["usage_month"]["trouble"].endswith(words)
        lines = [line for line in capsys.readouterr().err.splitlines() if "usage_month" in line]
        assert len(lines) == 1
        assert lines[0].endswith(f"{words}; the last known figures stand, of 2026-05-01")
        assert "516,209 were believed last" in summary.read_text(encoding="utf-8")
    assert json.loads(bench.state.read_bytes())["doubted_since"] == {
        "usage_month": "2026-05-01T18:00:00Z",
        "usage_week": "2026-05-01T18:00:00Z",
    }
    report = bench.run(now=NOW + timedelta(days=7, hours=12), env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert sums(bench) == (0, 0)
    assert [line.split(":")[0] for line in report["source_errors"]] == ["usage_week", "usage_month"]
    assert "### Errors of sources (2)" in summary.read_text(encoding="utf-8")
    assert "enrich: error: usage_month: " in capsys.readouterr().err
    assert "doubted_since" not in json.loads(bench.state.read_bytes())


def test_accepted_usage_is_believed_at_once(bench: Bench) -> None:
    bench.register("a")
    bench.export({"a": {"instances": 500}})
    bench.run()
    bench.export({"a": {"instances": 5_000}})
    bench.run()
    assert sums(bench) == (500, 500)
    report = bench.run(accept_usage=True)
    assert sums(bench) == (5_000, 5_000)
    assert report["source_errors"] == []


def test_a_doubted_month_holds_the_week_back(bench: Bench) -> None:
    bench.register("a")
    bench.export({"a": {"instances": 500}})
    bench.run()
    bench.export({"a": {"instances": 600}})
    (bench.folder / "month.json").write_text(
        json.dumps({"plugins": {"a": {"instances": 5}}}), encoding="utf-8"
    )
    report = bench.run(now=NOW + timedelta(hours=12))
    assert sums(bench) == (500, 500)
    words = "not taken over while the export of usage_month is not believed"
    assert report["sources"]["usage_week"]["trouble"] == words


def test_one_plugin_alone_cannot_make_an_export_unbelievable(bench: Bench) -> None:
    for name in ("a", "b"):
        bench.register(name)
    bench.export({"a": {"instances": 500}, "b": {"instances": 30}})
    bench.run()
    bench.export({"a": {"instances": 520}, "b": {"instances": 300}})
    bench.run(only=["b"])
    assert sums(bench) == (800, 800)
    bench.export({"a": {"instances": 520}, "b": {"instances": 3_000}})
    bench.run(only=["b"])
    assert sums(bench) == (800, 800)


def test_a_clock_that_is_behind_teaches_nothing_and_is_said(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.register("a")
    bench.export({"a": {"instances": 500}})
    with GitHub(world("a")) as github:
        bench.run(github)
        before = bench.state.read_bytes(), bench.copy("a")
        capsys.readouterr()
        github.forget()
        report = bench.run(github, now=datetime(1970, 1, 1, tzinfo=UTC))
        assert github.requests == []
    assert (bench.state.read_bytes(), bench.copy("a")) == before
    [line] = [line for line in capsys.readouterr().err.splitlines() if "clock" in line]
    assert "the clock of this machine says 1970-01-01 00:00 UTC" in line
    assert (
        "was made 2026-05-01 06:00: set the clock; where it is right, delete that file or restore it" in line
    )
    assert report["sources"]["github"]["trouble"].startswith("the clock of this machine")


def test_figures_of_a_time_to_come_are_stale_until_they_are_read_again(bench: Bench) -> None:
    bench.register("a")
    bench.export({"a": {"instances": 500}})
    bench.run()
    content = json.loads(bench.state.read_bytes())
    for kind in ("usage_week", "usage_month"):
        content["plugins"]["a"][kind]["as_of"] = "2031-01-01T00:00:00Z"
    bench.state.write_text(json.dumps(content), encoding="utf-8")
    bench.run(offline=True)
    assert bench.copy("a")["freshness"]["usage"] == {"as_of": "2031-01-01 00:00:00 +0000", "stale": True}
    bench.run()
    assert bench.copy("a")["freshness"]["usage"] == {"as_of": "2026-05-01 05:00:00 +0000", "stale": False}


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="bad-gateway"),
        Fault(kind="revoked"),
        Fault(kind="rate-limited"),
        Fault(kind="secondary-limit", retry_after_s=600),
        Fault(kind="truncated"),
        Fault(kind="close"),
        Fault(kind="null-data"),
    ],
    ids=lambda fault: fault.kind,
)
def test_github_out_of_order_costs_freshness_and_no_figure(bench: Bench, fault: Fault) -> None:
    for name in ("a", "b", "c"):
        bench.register(name)
    with GitHub(world("a", "b", "c")) as github:
        bench.run(github)
    known = {name: bench.copy(name) for name in ("a", "b", "c")}
    with GitHub(world("a", "b", "c", stars=0), faults=[fault]) as github:
        bench.run(github, now=NOW + timedelta(hours=12))
    for name, before in known.items():
        after = bench.copy(name)
        assert after["github"] == before["github"]
        assert after["compatibility"] == before["compatibility"]
        assert after["freshness"]["github"] == {"as_of": "2026-05-01 06:00:00 +0000", "stale": True}


def older_release(state: Path, last_push: str) -> None:
    """Turn a state into the one that the release before wrote: `last_push` is that of any branch."""
    content = json.loads(state.read_bytes())
    for facts in content["plugins"].values():
        facts["github"]["source"] = "github"
        facts["github"]["data"]["last_push"] = last_push
    state.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.slow
def test_a_push_to_any_branch_of_an_older_release_is_stale_until_github_is_read_again(bench: Bench) -> None:
    for name in ("a", "b"):
        bench.register(name)
    told = world("a", "b", pushed_at="2026-04-30T00:00:00Z", committed_at="2019-02-03T04:05:06Z")
    with GitHub(told) as github:
        bench.run(github)
        older_release(bench.state, "2026-04-30 00:00:00 +0000")
    stale = {"as_of": "2026-05-01 06:00:00 +0000", "stale": True}
    with GitHub(told, faults=[Fault(kind="bad-gateway")]) as dead:
        for source, options in ((None, {"offline": True}), (None, {}), (dead, {})):
            bench.run(source, **options)
            data = bench.copy("a")
            assert (data["github"]["last_push"], data["github"]["stars"]) == ("2026-04-30 00:00:00 +0000", 5)
            assert data["github"]["last_push_any_branch"] is True
            assert (data["freshness"]["github"], maintained(data, NOW)) == (stale, None)
    fault = Fault(kind="repository-error", repository="maker/b")
    with GitHub(told, faults=[fault]) as github:
        bench.run(github)
    read, unread = bench.copy("a"), bench.copy("b")
    assert read["github"]["last_push"] == "2019-02-03 04:05:06 +0000"
    assert "last_push_any_branch" not in read["github"]
    assert (read["freshness"]["github"], maintained(read, NOW)) == ({**stale, "stale": False}, False)
    assert (unread["freshness"]["github"], maintained(unread, NOW)) == (stale, None)


def test_a_bot_s_branch_makes_no_plugin_maintained(bench: Bench) -> None:
    for name in ("dead", "alive", "liar", "empty", "odd"):
        bench.register(name)
    moved = {"pushed_at": "2026-04-30T00:00:00Z"}
    dates = {"dead": "2019-02-03T04:05:06Z", "alive": "2026-04-02T00:00:00Z", "odd": "soon"}
    told = {f"maker/{name}": repository(**moved, committed_at=date) for name, date in dates.items()}
    told["maker/liar"] = repository(pushed_at="2020-01-01T00:00:00Z", committed_at="2037-01-01T00:00:00Z")
    told["maker/empty"] = {"stars": 5, "empty": True}
    with GitHub({"repositories": told}) as github:
        report = bench.run(github)
        assert github.not_emulated == set()
    copies = {name: bench.copy(name) for name in (*dates, "liar", "empty")}
    assert {
        name: (data["github"].get("last_push"), maintained(data, NOW)) for name, data in copies.items()
    } == {
        "dead": ("2019-02-03 04:05:06 +0000", False),
        "alive": ("2026-04-02 00:00:00 +0000", True),
        "liar": ("2020-01-01 00:00:00 +0000", False),
        "empty": (None, None),
        "odd": (None, None),
    }
    assert {data["github"]["stars"] for data in copies.values()} == {5}
    assert not any(data["freshness"]["github"]["stale"] for data in copies.values())
    assert report["sources"]["github"]["trouble"] == ""


def test_one_repository_out_of_order_makes_no_other_stale(bench: Bench) -> None:
    bench.register("a")
    bench.register("b")
    with GitHub(world("a", "b")) as github:
        bench.run(github)
    fault = Fault(kind="repository-error", repository="maker/a")
    with GitHub(world("a", "b"), faults=[fault]) as github:
        bench.run(github, now=NOW + timedelta(hours=12))
    assert bench.copy("a")["freshness"]["github"] == {"as_of": "2026-05-01 06:00:00 +0000", "stale": True}
    assert bench.copy("b")["freshness"]["github"] == {"as_of": "2026-05-01 18:00:00 +0000", "stale": False}


def test_a_repository_that_vanished_keeps_its_figures_and_is_marked(bench: Bench) -> None:
    bench.register("a")
    bench.register("b")
    with GitHub(world("a", "b")) as github:
        bench.run(github)
    with GitHub(world("a")) as github:
        report = bench.run(github, now=NOW + timedelta(days=1))
    assert bench.copy("b")["github"]["stars"] == 5
    assert bench.copy("b")["github"]["gone_since"] == "2026-05-02 06:00:00 +0000"
    assert bench.copy("b")["compatibility"] == {"python": ">=3.7,<4"}
    assert report["changes"]["gone"] == ["b"]
    assert "gone_since" not in bench.copy("a")["github"]


def test_a_name_that_was_taken_is_shown_to_the_operator_and_accepted_by_them(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.register("a")
    with GitHub({"repositories": {"maker/a": repository(id="R_ours")}}) as github:
        bench.run(github)
    taken = repository(id="R_theirs", created_at="2026-05-01T12:00:00Z", stars=9_000, flag=">=3.12")
    summary = bench.folder / "summary.md"
    capsys.readouterr()
    with GitHub({"repositories": {"maker/a": taken}}) as github:
        tomorrow = NOW + timedelta(days=1)
        report = bench.run(github, now=tomorrow, env={"GITHUB_STEP_SUMMARY": str(summary)})
        copy = bench.copy("a")
        assert (copy["github"]["stars"], copy["compatibility"]["python"]) == (5, ">=3.7,<4")
        assert copy["github"]["gone_since"] == "2026-05-02 06:00:00 +0000"
        assert copy["freshness"]["github"]["stale"] is True
        assert "id" not in copy["github"]
        [words] = report["source_errors"]
        assert words.startswith("a: maker/a now belongs to another repository, created 2026-05-01")
        assert f"enrich: error: {words}\n" in capsys.readouterr().err
        assert "### Errors of sources (1)" in summary.read_text(encoding="utf-8")
        report = bench.run(github, now=tomorrow, accept_repository=["a"])
    assert report["source_errors"] == []
    copy = bench.copy("a")
    assert (copy["github"]["stars"], copy["compatibility"]["python"]) == (9_000, ">=3.12")
    with pytest.raises(UsageError, match="--accept-repository nobody: no such plugin"):
        bench.run(accept_repository=["nobody"])


def test_one_broken_registration_never_stops_the_others(bench: Bench) -> None:
    bench.register("good")
    (bench.plugins / "broken.md").write_bytes(b"---\nid: [\n---\n")
    (bench.plugins / "binary.md").write_bytes(b"\x00\xff\xfe")
    report = bench.run()
    assert sorted(path.name for path in bench.out.glob("*.md")) == ["good.md"]
    assert set(report["left_out"]) == {"broken.md", "binary.md"}
    assert report["counts"]["published"] == 1


def test_a_broken_registration_comes_back_with_its_figures(bench: Bench) -> None:
    for n in range(30):
        bench.register(f"p{n}")
    with GitHub(world(*(f"p{n}" for n in range(30)))) as github:
        bench.run(github)
    whole = (bench.plugins / "p3.md").read_bytes()
    (bench.plugins / "p3.md").write_bytes(b"---\nid: [\n---\n")
    bench.run(now=NOW + timedelta(days=1))
    assert not (bench.out / "p3.md").exists()
    (bench.plugins / "p3.md").write_bytes(whole)
    bench.run(now=NOW + timedelta(days=2))
    assert bench.copy("p3")["github"]["stars"] == 5


def test_no_registrations_is_nothing_to_publish(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="no registrations in"):
        bench.run()
    assert not bench.out.exists()
    assert not bench.state.exists()
    assert bench.report["refused"].startswith("no registrations in")


def test_losing_more_than_five_percent_and_more_than_twenty_is_refused_and_changes_nothing(
    bench: Bench,
) -> None:
    for n in range(40):
        bench.register(f"p{n:02}")
    bench.run()
    before = digest(bench.folder / "build")
    for n in range(21):
        (bench.plugins / f"p{n:02}.md").unlink()
    with pytest.raises(RefusedError) as caught:
        bench.run(now=NOW + timedelta(days=1))
    assert str(caught.value) == (
        "21 of 40 plugins are missing (p00, p01, p02, p03, p04, p05, p06, p07, p08, p09 …), more than 5 % "
        "and more than 20 of those published last time; mend their registrations, or pass --accept-loss when "
        "they were meant to go"
    )
    after = digest(bench.folder / "build")
    assert {path for path in after if after[path] != before.get(path)} == {"report.json"}
    bench.run(now=NOW + timedelta(days=1), accept_loss=True)
    assert len(list(bench.out.glob("*.md"))) == 19


def test_losing_twenty_of_many_is_published(bench: Bench) -> None:
    for n in range(21):
        bench.register(f"p{n}")
    bench.run()
    for n in range(20):
        (bench.plugins / f"p{n}.md").write_bytes(b"---\nid: [\n---\n")
    report = bench.run()
    assert (report["refused"], report["counts"]["published"], len(report["errors"])) == ("", 1, 20)


def test_a_small_registry_may_change_all_of_its_plugins(bench: Bench) -> None:
    bench.register("a")
    bench.run()
    (bench.plugins / "a.md").unlink()
    bench.register("b")
    report = bench.run()
    assert (report["refused"], report["counts"]["published"]) == ("", 1)


def test_losing_five_percent_is_published(bench: Bench) -> None:
    for n in range(20):
        bench.register(f"p{n}")
    bench.run()
    (bench.plugins / "p0.md").unlink()
    report = bench.run()
    assert report["changes"]["removed"] == ["p0"]
    assert not (bench.out / "p0.md").exists()


def test_two_registries_may_be_built_in_turn_with_one_state(bench: Bench, tmp_path: Path) -> None:
    for n in range(10):
        bench.register(f"p{n}")
    bench.run()
    own, bench.plugins = bench.plugins, tmp_path / "corpus" / "_plugins"
    bench.plugins.mkdir(parents=True)
    for n in range(8, 40):
        bench.register(f"p{n}")
    assert bench.run()["counts"]["published"] == 32
    bench.plugins = own
    assert bench.run()["counts"]["published"] == 10


def test_a_broken_state_is_kept_aside_and_the_baseline_takes_over(bench: Bench) -> None:
    bench.register("a")
    bench.configure(baseline="baseline.json")
    (bench.folder / "baseline.json").write_text(
        json.dumps({"schema_version": 1, "listed": [], "plugins": {}}), encoding="utf-8"
    )
    bench.state.parent.mkdir()
    bench.state.write_text('{"half": ', encoding="utf-8")
    bench.run()
    assert (bench.folder / "build" / "state.json.refused").read_text(encoding="utf-8") == '{"half": '
    assert json.loads(bench.state.read_bytes())["listed"] == ["a"]


def test_a_broken_state_without_a_baseline_is_refused(bench: Bench) -> None:
    bench.register("a")
    bench.state.parent.mkdir()
    bench.state.write_text('{"half": ', encoding="utf-8")
    with pytest.raises(RefusedError, match=r"the state is unreadable .* there is no baseline"):
        bench.run()
    assert bench.state.read_text(encoding="utf-8") == '{"half": '


def test_the_copies_are_never_written_among_the_registrations(bench: Bench) -> None:
    bench.register("a")
    for out in (bench.plugins, bench.plugins / "deep", bench.folder):
        bench.out = out
        with pytest.raises(UsageError, match="must lie apart from the registrations"):
            bench.run()


def test_files_that_are_not_ours_are_never_deleted(bench: Bench) -> None:
    bench.register("a")
    bench.out.mkdir(parents=True)
    (bench.out / "diary.md").write_text("Dear diary", encoding="utf-8")
    bench.run()
    assert (bench.out / "diary.md").read_text(encoding="utf-8") == "Dear diary"
    assert (bench.out / "a.md").exists()


def test_a_run_that_is_interrupted_leaves_the_last_copies(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        bench.register(name)
    bench.run()
    before = digest(bench.folder / "build")
    for name in ("a", "b", "c"):
        bench.register(name, title="New")
    written: list[dict[str, Any]] = []

    def dump(data: dict[str, Any], body: str) -> str:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(data)
        return "---\nhalf: true\n---\n"

    monkeypatch.setattr("registry.enrich.copies.frontmatter.dump", dump)
    with pytest.raises(KeyboardInterrupt):
        bench.run()
    assert digest(bench.folder / "build") == before


def test_a_copy_that_stays_the_same_keeps_its_time(bench: Bench) -> None:
    for name in ("a", "b"):
        bench.register(name)
    bench.run()
    os.utime(bench.out / "a.md", (1, 1))
    bench.register("b", title="New")
    bench.run()
    assert (bench.out / "a.md").stat().st_mtime == 1
    assert bench.copy("b")["title"] == "New"
    assert sorted(path.name for path in bench.out.iterdir()) == [".almanac", "a.md", "b.md"]
    assert sorted(path.name for path in bench.out.parent.iterdir()) == [
        "_plugins",
        "report.json",
        "state.json",
    ]


def test_only_asks_for_the_named_plugin_and_writes_all(bench: Bench) -> None:
    bench.register("a")
    bench.register("b")
    with GitHub(world("a", "b")) as github:
        bench.run(github, only=["a"])
        assert {name for query in github.queries for name in query.repositories} == {"maker/a"}
    assert "github" in bench.copy("a")
    assert "github" not in bench.copy("b")
    with pytest.raises(UsageError, match="--only nobody: no such plugin"):
        bench.run(only=["nobody"])


def test_offline_asks_nothing(bench: Bench) -> None:
    bench.register("a")
    bench.export({"a": {"instances": 7}})
    with GitHub(world("a")) as github:
        report = bench.run(github, offline=True)
        assert github.requests == []
    assert report["traffic"]["requests"] == 0
    assert "stats" not in bench.copy("a")


def mutations(raw: bytes, rng: random.Random) -> Iterator[bytes]:
    """Break a registration in the ways in which files break, and in some in which they do not."""
    yield raw[: rng.randrange(len(raw))]
    yield raw.replace(b"---", b"--", 1)
    yield raw.replace(b"\n", b"\r\n")
    yield b"\xef\xbb\xbf" + raw
    yield raw.replace(b"title: ", b"title: &a [*a, ", 1)
    yield raw.replace(b"title: ", b"title: !!python/object/apply:os.system ['true'] #", 1)
    yield raw.replace(b"id: ", b"id: ../", 1)
    yield raw.replace(b"description: ", b"description: {{ site }} " + b"[" * 500, 1)
    yield raw.replace(b"\ntitle", b"\n\ttitle", 1)
    yield raw + bytes(rng.randrange(256) for _ in range(50))
    for _ in range(10):
        spot = rng.randrange(len(raw))
        yield raw[:spot] + bytes([rng.randrange(256)]) + raw[spot + 1 :]
    cut, put = sorted(rng.sample(range(len(raw)), 2))
    yield raw[put:] + raw[cut:put] + raw[:cut]


def test_no_broken_registration_ends_the_run_or_changes_on_disk(bench: Bench) -> None:
    bench.register("good", compatibility={"python": ">=3,<4"}, tags=["x"], screenshots=[{"url": "/a.png"}])
    raw = (bench.plugins / "good.md").read_bytes()
    rng = random.Random(7)
    broken = [mutated for _ in range(20) for mutated in mutations(raw, rng)]
    for number, mutated in enumerate(broken):
        (bench.plugins / f"broken{number}.md").write_bytes(mutated)
    before = digest(bench.plugins)
    with GitHub(world("good")) as github:
        report = bench.run(github)
    assert digest(bench.plugins) == before
    assert bench.copy("good")["github"]["stars"] == 5
    assert report["counts"]["registrations"] == len(broken) + 1
    assert report["counts"]["left_out"] > len(broken) // 3


# What could be done to the reference


def test_a_package_name_that_escapes_never_becomes_a_request(bench: Bench) -> None:
    bench.register("evil")
    bench.register("good")
    hostile = repository(flag=None)
    hostile["files"] = {
        "setup.py": 'plugin_identifier = "evil"\nplugin_package = "../../../../user?x="\n',
        "octoprint_evil/__init__.py": '__plugin_pythoncompat__ = ">=3,<4"\n',
    }
    with GitHub({"repositories": {"maker/evil": hostile, **world("good")["repositories"]}}) as github:
        bench.run(github)
        assert github.others == []
        values = [str(value) for query in github.queries for value in query.variables.values()]
    assert not [value for value in values if ".." in value or "?" in value]
    assert bench.copy("good")["compatibility"] == {"python": ">=3.7,<4"}


@pytest.mark.parametrize(
    "source",
    [
        'https://github.com/maker/x") { id } evil: viewer { login',
        "https://github.com/maker/../../user",
        "https://github.com/maker/x%22%7D",
        "https://github.com@evil.example/maker/x",
        "https://github.com.evil.example/maker/x",
        "https://evil.example/https://github.com/maker/x",
    ],
)
def test_a_source_that_is_no_repository_breaks_nobodys_query(bench: Bench, source: str) -> None:
    bench.register("good")
    bench.register("evil", source=source, github={"repo": 'x") { id } viewer { login'})
    with GitHub(world("good", "x")) as github:
        bench.run(github)
        assert {name for query in github.queries for name in query.repositories} == {"maker/good"}
        assert github.others == []
    assert bench.copy("good")["github"]["stars"] == 5


def test_a_flag_that_is_no_specifier_is_reported_and_counts_as_none(bench: Bench) -> None:
    flag = '>=3"}]</script><script>alert(1)</script>'
    bench.register("evil", compatibility={"python": ">=3,<4"})
    with GitHub({"repositories": {"maker/evil": repository(flag=flag)}}) as github:
        report = bench.run(github)
    assert bench.copy("evil")["compatibility"] == {"python": ">=2.7,<3"}
    assert bench.copy("evil")["compatibility_evidence"] == {
        "python": ">=2.7,<3",
        "rule": "setup.py:plugin_package+default",
        "path": "octoprint_x/__init__.py",
        "line": None,
        "commit": bench.copy("evil")["compatibility_evidence"]["commit"],
        "registered": ">=3,<4",
    }
    assert [row["id"] for row in report["compatibility_problems"]] == ["evil"]


def test_a_hostile_tag_is_text_like_any_other(bench: Bench, tmp_path: Path) -> None:
    tag = "v1<img/src=x/onerror=alert(1)>"
    release = {"name": tag, "tag": tag, "published_at": "2026-01-01T00:00:00Z", "url": "https://github.com/x"}
    bench.register("evil")
    bench.run()
    told = tmp_path / "summary.md"
    with GitHub({"repositories": {"maker/evil": repository(releases=[release])}}) as github:
        bench.run(github, env={"GITHUB_STEP_SUMMARY": str(told)})
    assert bench.copy("evil")["github"]["latest_release_tag"] == tag
    assert "<img" not in told.read_text(encoding="utf-8")


def test_the_token_is_in_no_output(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    bench.register("a")
    with GitHub(world("a"), faults=[Fault(kind="revoked")]) as github:
        bench.run(github, env={"GITHUB_STEP_SUMMARY": str(bench.folder / "summary.md")})
    out, err = capfd.readouterr()
    written = "".join(path.read_text(encoding="utf-8") for path in bench.folder.rglob("*") if path.is_file())
    assert TOKEN not in out + err + written


# The command itself


def command(bench: Bench, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            str(ROOT / "scripts" / "enrich.py"),
            *("--plugins", str(bench.plugins), "--out", str(bench.out), "--state", str(bench.state)),
            *("--config", str(bench.folder / "_config.yml")),
            *arguments,
        ],
        cwd=bench.folder,
        env={**os.environ, "GITHUB_TOKEN": "", **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_the_command_tells_by_its_exit_status(bench: Bench) -> None:
    assert command(bench).returncode == 1
    bench.register("a")
    assert command(bench).returncode == 0
    assert command(bench, "--only", "nobody").returncode == 2
    assert command(bench, "--nonsense").returncode == 2
    bench.configure(packages={"prefix": "../"}, limits={"max_loss_percent": 500, "max_loss_count": "many"})
    refused = command(bench)
    assert refused.returncode == 2
    assert [line.partition(": ")[2].partition(": ")[0] for line in refused.stderr.splitlines()] == [
        "registry.packages.prefix",
        "registry.limits.max_loss_percent",
        "registry.limits.max_loss_count",
    ]


def test_a_refusal_gives_no_command_to_the_runner_that_reads_the_log(bench: Bench) -> None:
    bench.register("a")
    bench.state.parent.mkdir()
    bench.state.write_text(
        '{"schema_version": 1, "listed": [], "plugins": {}, "##[group]x": 1}', encoding="utf-8"
    )
    refused = command(bench)
    assert refused.returncode == 1
    assert r"('#\x23[group]x' was unexpected)" in refused.stderr
    assert "##[" not in refused.stderr


def test_data_and_progress_keep_apart(bench: Bench) -> None:
    bench.register("a")
    done = command(bench)
    assert done.stdout == ""
    assert "enrich: 1 plugins enriched" in done.stderr


@pytest.mark.slow
def test_killed_at_any_moment_the_next_run_builds_with_all_figures(bench: Bench) -> None:
    names = [f"p{n}" for n in range(40)]
    for name in names:
        bench.register(name)
    with GitHub(world(*names), latency_ms=20) as github:
        bench.run(github)
        for step in range(8):
            process = subprocess.Popen(
                [
                    sys.executable,
                    str(ROOT / "scripts" / "enrich.py"),
                    *("--plugins", str(bench.plugins), "--out", str(bench.out), "--state", str(bench.state)),
                    *("--config", str(bench.folder / "_config.yml")),
                ],
                env={**os.environ, "GITHUB_TOKEN": TOKEN, "GITHUB_GRAPHQL_URL": github.graphql_url},
                stderr=subprocess.DEVNULL,
            )
            time.sleep(0.15 + step * 0.07)
            process.send_signal(signal.SIGKILL)
            process.wait()
            copies = {path.stem for path in bench.out.glob("*.md")}
            assert copies == set(names) or not bench.out.exists(), (
                "the last folder, or none between two names"
            )
            bench.run(now=NOW + timedelta(hours=step))
            assert all(bench.copy(name)["github"]["stars"] == 5 for name in names)


THREADS = {"7": {"created_at": "2020-09-03T10:11:12Z"}}
ISSUE = "https://github.com/almanac/registry/issues/7"
DATED = {"url": ISSUE, "date": "2020-09-03 10:11:12 +0000"}


def abandoned_world() -> dict[str, Any]:
    made = world("a", "b")
    made["repositories"]["almanac/registry"] = {"threads": THREADS}
    return made


def test_an_abandoned_plugin_is_dated_by_its_issue_and_asked_for_once(bench: Bench) -> None:
    bench.register("a", abandoned=f"{ISSUE}#issuecomment-1")
    bench.register("b")
    with GitHub(abandoned_world()) as github:
        report = bench.run(github)
        assert bench.copy("a")["abandonment"] == DATED
        assert "abandonment" not in bench.copy("b")
        assert report["counts"]["abandonment"] == 1
        assert report["sources"]["abandonment"]["found"] == 1
        first = bench.state.read_bytes()
        github.forget()
        report = bench.run(github)
        assert len(github.queries) == 1, "the figures alone"
        assert report["sources"]["abandonment"]["trouble"] == ""
    assert bench.copy("a")["abandonment"] == DATED
    assert bench.state.read_bytes() == first


def test_a_plugin_that_is_no_longer_abandoned_loses_its_date(bench: Bench) -> None:
    bench.register("a", abandoned=ISSUE)
    with GitHub(abandoned_world()) as github:
        bench.run(github)
        bench.register("a")
        bench.run(github)
    assert "abandonment" not in bench.copy("a")


def test_an_issue_that_is_not_there_is_told_and_makes_no_date(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.register("a", abandoned=ISSUE.replace("7", "8"))
    with GitHub(abandoned_world()) as github:
        report = bench.run(github)
    assert "abandonment" not in bench.copy("a")
    assert report["skipped"] == [
        {
            "kind": "abandonment",
            "id": "a",
            "reason": "GitHub knows no issue almanac/registry#8, which `abandoned` names",
        }
    ]


def test_an_outage_leaves_the_date_and_says_nothing_of_it(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.register("a", abandoned=ISSUE)
    with GitHub(abandoned_world()) as github:
        bench.run(github)
    capsys.readouterr()
    bench.run(now=NOW + timedelta(days=9))
    assert bench.copy("a")["abandonment"] == DATED
    lines = [line for line in capsys.readouterr().err.splitlines() if "GITHUB_TOKEN" in line]
    assert lines == [
        "enrich: github, compatibility: GITHUB_TOKEN is not set; the last known figures stand, of 2026-05-01"
    ]


# What is left out


def test_each_registration_that_is_left_out_stands_in_the_report_and_in_the_summary(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.register("good")
    bench.register("odd", stats={"month": 9})
    (bench.plugins / "torn.md").write_bytes(b"---\nid: torn\ntitle: [\n---\n")
    (bench.plugins / "a b.md").write_bytes(b"")
    (bench.plugins / "##[group]x.md").write_bytes(b"")
    told = tmp_path / "summary.md"
    report = bench.run(env={"GITHUB_STEP_SUMMARY": str(told), "GITHUB_ACTIONS": "true"})
    rows = [
        tuple(entry[key] for key in ("plugin", "stage", "code", "slug", "line", "source"))
        for entry in report["errors"]
    ]
    assert rows == [
        ("#\\x23[group]x", "registration", "file-name", "", 1, ""),
        ("a b", "registration", "file-name", "", 1, ""),
        ("odd", "registration", "computed-key", "odd", 12, "https://github.com/maker/odd"),
        ("torn", "registration", "yaml-syntax", "torn", 4, ""),
    ]
    assert report["errors"][2]["file"] == f"{bench.plugins}/odd.md"
    assert report["errors"][2]["message"] == "line 12: stats: only the build writes this key; remove it"
    text = told.read_text(encoding="utf-8")
    assert "### Left out (4)" in text
    assert [line.split("&")[0] for line in text.splitlines() if line.startswith(("- odd", "- torn"))] == [
        "- odd",
        "- torn",
    ]
    err = capsys.readouterr().err
    assert "::error" not in err
    assert "##[" not in err


def test_one_plugin_has_one_line_in_the_summary(bench: Bench, tmp_path: Path) -> None:
    bench.register("bad")
    bench.export({"bad": {"instances": 7, "versions": {"1\ud800": 7}}})
    told = tmp_path / "summary.md"
    bench.run(env={"GITHUB_STEP_SUMMARY": str(told)})
    _, _, section = told.read_text(encoding="utf-8").partition("### Left out (1)\n\n")
    line, blank, *_ = section.splitlines()
    assert line.startswith("- bad")
    assert line.count("does not fit and is dropped") == 2
    assert blank == ""


# Facts that cannot stand in the state


def test_a_fact_that_does_not_fit_costs_that_fact_alone_in_this_build_and_every_later_one(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.register("bad")
    bench.register("good")
    export = {"bad": {"instances": 7, "versions": {"1\ud800": 7}}, "good": {"instances": 3}}
    bench.export(export)
    for day in range(3):
        with GitHub(world("bad", "good")) as github:
            report = bench.run(github, now=NOW + timedelta(days=day))
        state = read_state(bench.state)
        assert set(state.plugins["good"]) == {
            "usage_week",
            "usage_month",
            "github",
            "compatibility",
            "identity",
        }
        assert set(state.plugins["bad"]) == {"github", "compatibility", "identity"}
    assert bench.copy("bad")["github"]["stars"] == 5
    assert bench.copy("good")["stats"]["month"]["instances"] == 3
    assert report["errors"] == [
        {
            "plugin": "bad",
            "stage": "source",
            "code": "bad-fact",
            "message": f"`{kind}` does not fit and is dropped (the whole: holds half of a character (a lone "
            "surrogate), which UTF-8 cannot); the last good fact stays; mend it where it was read",
            "slug": "bad",
            "file": (bench.plugins / "bad.md").as_posix(),
            "line": 1,
            "source": "https://github.com/maker/bad",
        }
        for kind in ("usage_month", "usage_week")
    ]
    message = report["errors"][0]["message"]
    told = capsys.readouterr().err.splitlines()
    assert f"{bench.plugins}/bad.md:1: warning: {message} [bad-fact]" in told
    bench.run(now=NOW + timedelta(days=2), env={"GITHUB_ACTIONS": "true"})
    told = capsys.readouterr().err.splitlines()
    assert f"::warning file={bench.plugins}/bad.md,line=1,title=bad-fact::{message}" in told


def test_counts_whose_sum_no_number_holds_make_no_total(bench: Bench) -> None:
    for name in ("a", "b"):
        bench.register(name)
    bench.export({name: {"instances": 2**53 - 1} for name in ("a", "b")})
    bench.run()
    report = bench.run(now=NOW + timedelta(days=1))
    assert [(entry["plugin"], entry["stage"], entry["message"]) for entry in report["errors"]] == [
        (
            "",
            "source",
            "the sum of `instances` does not fit and is dropped (18014398509481982 is greater than "
            "9007199254740991); mend it where it came from",
        )
    ]
    state = read_state(bench.state)
    assert set(state.history.registries[state.registrations]) == {"plugins", "installs_week", "python_3"}
    assert state.plugins["a"]["usage_month"].data["instances"] == 2**53 - 1


def test_a_folder_with_a_name_that_no_state_holds_is_named_by_its_digest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = bench.folder / ("x" * 200) / ("y" * 200) / "z\udcff"
    deep.mkdir(parents=True)
    bench.register("a")
    (bench.plugins / "a.md").rename(deep / "a.md")
    bench.plugins = deep
    bench.run()
    bench.run(now=NOW + timedelta(days=1))
    state = read_state(bench.state)
    assert re.fullmatch(r"z\? [0-9a-f]{12}", state.registrations)
    assert state.listed == ("a",)
    monkeypatch.chdir(bench.folder)
    assert re.fullmatch(r"z\? [0-9a-f]{12}", place_of(deep))
    assert place_of(deep.parent.parent) == "x" * 200


# A state from another release


@pytest.mark.parametrize("baseline", [False, True])
def test_a_state_of_a_newer_almanac_is_refused_with_the_way_out(bench: Bench, baseline: bool) -> None:
    bench.register("a")
    bench.state.parent.mkdir()
    newer = '{"schema_version": 3, "everything": "is new"}'
    bench.state.write_text(newer, encoding="utf-8")
    if baseline:
        bench.configure(baseline="baseline.json")
        (bench.folder / "baseline.json").write_text('{"schema_version": 1, "listed": [], "plugins": {}}')
    with pytest.raises(RefusedError) as caught:
        bench.run()
    assert str(caught.value) == (
        f"{bench.state}: is of schema_version 3, and this Almanac reads 2: a newer one wrote it; update the "
        f"checkout (git pull), or delete {bench.state} to start afresh{' from baseline.json' * baseline}"
    )
    assert bench.state.read_text(encoding="utf-8") == newer
    assert not bench.out.exists()


def raising_for(marked: str, of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `of`, a function that the merge calls, raise for whatever has `marked` in it."""
    module, _, name = of.rpartition(".")
    real = getattr(sys.modules[module], name)

    def raising(*arguments: Any) -> Any:
        if marked in repr(arguments[0]):
            raise IndexError("no such place")
        return real(*arguments)

    monkeypatch.setattr(of, raising)


def test_a_plugin_whose_facts_cannot_be_merged_is_published_without_them_and_the_others_with_theirs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "odd", "two"):
        bench.register(name)
    figures = {"instances": 7, "install_events": 2, "uninstall_events": 1}
    bench.export({"one": figures, "two": figures, "odd": {**figures, "versions": {"marked": 3}}})
    raising_for("marked", "registry.enrich.merge._window", monkeypatch)
    report = bench.run()
    for name in ("one", "two"):
        assert bench.copy(name)["stats"]["month"] == {**figures, "versions": {}}
    assert "stats" not in bench.copy("odd")
    assert read_state(bench.state).plugins["odd"]["usage_month"].data["versions"] == {"marked": 3}
    (entry,) = report["errors"]
    assert (entry["plugin"], entry["stage"], entry["code"]) == ("odd", "source", "internal-error")
    assert re.fullmatch(
        r"its facts are left out \(IndexError in merge\.py, line \d+\); report this as a fault of Almanac",
        entry["message"],
    )


def test_a_registration_that_cannot_be_merged_even_without_facts_is_left_out_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "odd", "two"):
        bench.register(name)
    raising_for("'odd'", "registry.enrich.merge._python", monkeypatch)
    report = bench.run()
    assert sorted(path.name for path in bench.out.glob("*.md")) == ["one.md", "two.md"]
    assert [(entry["plugin"], entry["stage"], entry["slug"]) for entry in report["errors"]] == [
        ("odd", "registration", "odd")
    ]


def test_where_nothing_of_any_plugin_can_be_merged_nothing_is_published(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        bench.register(name)
    raising_for("", "registry.enrich.merge._python", monkeypatch)
    with pytest.raises(RefusedError, match=r"^nothing of 2 plugins can be merged; report"):
        bench.run()
    assert not bench.out.exists()
    assert not bench.state.exists()


def test_a_copy_that_cannot_be_written_costs_its_plugin_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "odd", "two"):
        bench.register(name)
    raising_for("'odd'", "registry.registration.frontmatter.dump", monkeypatch)
    report = bench.run()
    assert sorted(path.name for path in bench.out.glob("*.md")) == ["one.md", "two.md"]
    assert [(entry["plugin"], entry["stage"], entry["code"]) for entry in report["errors"]] == [
        ("odd", "registration", "internal-error")
    ]


def test_a_state_of_the_last_day_of_all_is_no_reason_to_stop(bench: Bench) -> None:
    """The clock of the machine that wrote it was wrong; what is a day ahead of it is no date at all."""
    bench.register("one")
    fact = {"fetched_at": "9999-12-31T23:59:59Z", "source": "export", "data": {"instances": 7}}
    state = {
        "schema_version": 1,
        "generated_at": "9999-12-31T23:59:59Z",
        "listed": ["one"],
        "plugins": {"one": {"usage_month": fact}},
    }
    bench.state.parent.mkdir()
    bench.state.write_text(json.dumps(state), encoding="utf-8")
    bench.run()
    assert bench.copy("one")["stats"] == {"month": {"instances": 7}}
