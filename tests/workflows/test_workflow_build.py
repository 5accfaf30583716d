"""The workflow *build*, run whole: from the schedule to the published site, and what stops it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulators.faults import Fault
from tests.emulators.world import world_for
from tests.review.builders import registration
from tests.workflows.events import push, repository_dispatch, schedule, workflow_dispatch
from tests.workflows.forge import Forge, open_forge
from tests.workflows.origin import ROOT, working_tree
from tests.workflows.runner import Result, run_workflow

pytestmark = pytest.mark.xdist_group("workflow-build")

BUILD, DEPLOY, TELL = "build", "deploy", "tell"
WELL = {BUILD: "success", DEPLOY: "success", TELL: "success"}
STOPPED = {BUILD: "failure", DEPLOY: "skipped", TELL: "success"}
PLUGINS = sorted((ROOT / "_plugins").glob("*.md"))
SLUGS = [path.stem for path in PLUGINS]


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """Return a forge that holds this checkout and its plugins' repositories; nothing is published yet."""
    world = world_for(ROOT / "_plugins", gone=0).world
    with open_forge(tmp_path_factory.mktemp("build"), files=working_tree(), world=world) as forge:
        yield forge
        assert forge.rest.faults == []
        assert forge.github.not_emulated == set()


@pytest.fixture(scope="module")
def first(forge: Forge) -> Result:
    """Return the first run: there is no live site."""
    return run_workflow(forge, "build.yml", push(forge))


@pytest.fixture(scope="module")
def second(forge: Forge, first: Result) -> Result:
    """Return a scheduled run after the first."""
    forge.github.forget()
    return run_workflow(forge, "build.yml", schedule(forge))


def published(forge: Forge) -> dict[str, dict[str, Any]]:
    """Return the live site's plugins by id."""
    plugins = json.loads((forge.live.folder / "plugins.json").read_bytes())
    return {plugin["id"]: plugin for plugin in plugins}


def outcomes(run: Result) -> dict[str, str]:
    return {name: job.result for name, job in run.jobs.items()}


def open_issues(forge: Forge) -> list[dict[str, Any]]:
    return [issue for issue in forge.rest.issues.values() if issue["state"] == "open"]


def test_the_first_run_publishes_every_plugin_with_its_figures(forge: Forge, first: Result) -> None:
    assert outcomes(first) == WELL, first.log
    plugins = published(forge)
    assert len(plugins) == len(SLUGS)
    assert sum("github" in plugin for plugin in plugins.values()) >= 24
    assert (forge.live.folder / "plugins" / SLUGS[0] / "index.html").is_file()
    assert first.jobs[DEPLOY].environment_url == f"{forge.live.url}/"


def test_the_site_knows_the_address_that_pages_gave_it(forge: Forge, first: Result) -> None:
    assert forge.live.url in (forge.live.folder / "sitemap.xml").read_text(encoding="utf-8")


def test_the_report_of_the_enrichment_is_the_jobs_summary(first: Result) -> None:
    summary = first.jobs[BUILD].summary
    assert summary.startswith("## Enrichment of ")
    assert f"{len(SLUGS)} plugins published, 0 left out" in summary


def test_a_success_is_quiet(forge: Forge, second: Result) -> None:
    assert forge.rest.issues == {}
    assert [note for note in second.annotations if note.name == "error"] == []
    assert second.jobs[TELL].step("Open, update or close the issue").log == ""


def test_the_next_run_goes_on_from_what_the_live_site_publishes(forge: Forge, second: Result) -> None:
    assert outcomes(second) == WELL, second.log
    log = second.jobs[BUILD].step("Restore the state from the live site").log
    assert f"{forge.live.url}/api/v1/state.json.gz" in log
    assert "baseline" not in log


def test_the_token_of_the_build_cannot_write(first: Result) -> None:
    assert first.jobs[BUILD].permissions == {"contents": "read", "pages": "read"}
    assert set(first.jobs[DEPLOY].permissions.values()) == {"write"}
    assert [step.name for step in first.jobs[DEPLOY].steps] == ["Deploy"]


def test_somebody_outside_may_ask_for_a_build(forge: Forge, second: Result) -> None:
    assert (
        outcomes(run_workflow(forge, "build.yml", repository_dispatch(forge, "rebuild")))[DEPLOY] == "success"
    )


def test_github_down_costs_freshness_and_no_figure(forge: Forge, second: Result) -> None:
    before = published(forge)
    forge.github.faults.append(Fault(kind="bad-gateway"))
    try:
        run = run_workflow(forge, "build.yml", schedule(forge))
    finally:
        forge.github.faults.clear()
    assert outcomes(run) == WELL, run.log
    assert {key: plugin.get("github") for key, plugin in published(forge).items()} == {
        key: plugin.get("github") for key, plugin in before.items()
    }
    assert "answered 502" in run.jobs[BUILD].summary
    assert forge.rest.issues == {}


def test_a_live_site_that_is_down_is_replaced_by_the_last_runs_state(forge: Forge, second: Result) -> None:
    forge.live.down = True
    try:
        run = run_workflow(forge, "build.yml", schedule(forge))
    finally:
        forge.live.down = False
    assert outcomes(run) == WELL, run.log
    assert "Cache restored from key: state-" in run.jobs[BUILD].step("Take the state of the last run").log


def test_a_build_stops_when_nothing_tells_what_was_published(forge: Forge, second: Result) -> None:
    before = published(forge)
    kept = dict(forge.caches.entries)
    forge.caches.entries.clear()
    forge.live.down = True
    try:
        stopped = run_workflow(forge, "build.yml", push(forge))
        afresh = run_workflow(forge, "build.yml", workflow_dispatch(forge, afresh=True))
    finally:
        forge.live.down = False
        forge.caches.entries.update(kept)
    assert outcomes(stopped) == STOPPED
    step = stopped.jobs[BUILD].step("Restore the state from the live site")
    assert step.outcome == "failure"
    assert "restore: nothing stands in for the state" in step.log
    assert stopped.jobs[BUILD].step("Enrich").outcome == "skipped"
    assert outcomes(afresh) == WELL, afresh.log
    assert set(published(forge)) == set(before)
    # Only a scheduled run's failure is an issue's matter: who pushes or presses the button sees it.
    assert forge.rest.issues == {}


def test_a_broken_registration_stops_no_other(forge: Forge, second: Result) -> None:
    forge.origin.push({"_plugins/broken.md": "---\nlayout: plugin\nid: broken\ntitle: [\n---\nHello.\n"})
    try:
        run = run_workflow(forge, "build.yml", push(forge))
    finally:
        forge.origin.push({"_plugins/broken.md": None})
    assert outcomes(run) == WELL, run.log
    assert len(published(forge)) == len(SLUGS)
    files = [note.properties.get("file") for note in run.annotations if note.name == "error"]
    assert files == ["_plugins/broken.md"]
    assert "1 left out" in run.jobs[BUILD].summary
    (issue,) = open_issues(forge)
    assert "broken" in issue["body"]
    forge.rest.issues.clear()


def test_what_is_left_out_is_published_and_one_issue_tells_it_until_it_is_mended(
    forge: Forge, second: Result
) -> None:
    odd = registration("odd", compatibility="{os: [Mac OS X]}")
    notices = (ROOT / "_data/notices.yml").read_text(encoding="utf-8")
    bad = f"{notices.rstrip()}\n- plugin: {SLUGS[0]}\n  text: '##[error]x @all'\n"
    forge.origin.push({"_plugins/odd.md": odd, "_data/notices.yml": bad})
    try:
        run = run_workflow(forge, "build.yml", schedule(forge))
        again = run_workflow(forge, "build.yml", push(forge))
    finally:
        forge.origin.push({"_plugins/odd.md": None, "_data/notices.yml": notices})
    assert outcomes(run) == outcomes(again) == WELL, run.log
    assert len(published(forge)) == len(SLUGS)
    assert (forge.live.folder / "plugins/odd/index.html").is_file()
    found = json.loads((forge.live.folder / "api/v1/errors.json").read_bytes())
    assert [(entry["plugin"], entry["stage"], entry["code"]) for entry in found] == [
        (SLUGS[0], "feed", "missing-key"),
        ("odd", "feed", "bad-compatibility"),
    ]
    places = {note.properties["file"] for note in run.annotations if note.name == "error"}
    assert places == {"_plugins/odd.md", "_data/notices.yml"}
    assert "### Left out (2)" in run.jobs[BUILD].summary
    (issue,) = open_issues(forge)
    assert issue["title"] == "The build leaves plugins out"
    assert [line.split(":")[0] for line in issue["body"].splitlines()[-2:]] == [
        f"- `{SLUGS[0]}`, feed",
        "- `odd`, feed",
    ]
    assert forge.rest.comments_of(issue["number"]) == []
    mended = run_workflow(forge, "build.yml", push(forge))
    assert outcomes(mended) == WELL, mended.log
    assert json.loads((forge.live.folder / "api/v1/errors.json").read_bytes()) == []
    assert open_issues(forge) == []
    forge.rest.issues.clear()
    forge.rest.comments.clear()


def test_what_is_typed_beside_the_button_is_an_id_and_no_command(forge: Forge, second: Result) -> None:
    typed = "x$(shell touch pwned);touch pwned"
    run = run_workflow(forge, "build.yml", workflow_dispatch(forge, accept_repository=typed))
    assert outcomes(run) == STOPPED
    said = run.jobs[BUILD].step("Enrich").log.splitlines()
    assert f"accept_repository: '{typed}' is no plugin's id" in said
    assert not any(line.startswith("enrich: ") for line in said)


def test_losing_plugins_stops_the_build_and_one_issue_tells_it(forge: Forge, second: Result) -> None:
    lost = SLUGS[:21]
    site = (forge.live.folder / "plugins.json").read_bytes()
    forge.origin.push({f"_plugins/{slug}.md": None for slug in lost})
    runs = [run_workflow(forge, "build.yml", schedule(forge)) for _ in range(2)]
    for run in runs:
        assert outcomes(run) == STOPPED, run.log
        assert "enrich: nothing is published: " in run.jobs[BUILD].step("Enrich").log
        assert f"{len(lost)} of {len(SLUGS)} plugins are missing" in run.log
        assert "**Nothing is published:**" in run.jobs[BUILD].summary
    assert (forge.live.folder / "plugins.json").read_bytes() == site
    (issue,) = open_issues(forge)
    assert issue["labels"] == ["build-failure"]
    assert "| Failures | 2 |" in issue["body"]
    assert "\n- Nothing is published&#58;" in issue["body"]
    assert forge.rest.comments_of(issue["number"]) == []

    meant = {"accept_loss": True, "accept_usage": True, "accept_repository": SLUGS[-1]}
    accepted = run_workflow(forge, "build.yml", workflow_dispatch(forge, **meant))
    assert outcomes(accepted) == WELL, accepted.log
    assert set(published(forge)) == set(SLUGS) - set(lost)

    forge.origin.push({f"_plugins/{path.name}": path for path in PLUGINS if path.stem in lost})
    mended = run_workflow(forge, "build.yml", schedule(forge))
    assert outcomes(mended) == WELL, mended.log
    assert open_issues(forge) == []
    assert len(forge.rest.issues) == 1
    forge.rest.issues.clear()
