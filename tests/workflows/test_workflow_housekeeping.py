"""The workflows *labels*, *links*, *abandon* and *test*, each run whole."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.emulators.world import world_for
from tests.workflows.events import issue_labeled, pull_request, push, schedule, workflow_dispatch
from tests.workflows.forge import Forge, open_forge
from tests.workflows.origin import ROOT, working_tree
from tests.workflows.runner import run_workflow

pytestmark = pytest.mark.xdist_group("workflow-housekeeping")

ISSUE = "https://github.com/almanac/registry/issues/{}"


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """Return a forge that holds this checkout; labels are there as its file lists them."""
    world = world_for(ROOT / "_plugins", gone=0).world
    with open_forge(tmp_path_factory.mktemp("keeping"), files=working_tree(), world=world) as forge:
        yield forge
        assert forge.rest.faults == []


@pytest.fixture(scope="module")
def labelled(forge: Forge) -> Forge:
    """Return the forge after the labels were made."""
    forge.rest.add_label("Plugin", "ffffff", "As somebody clicked it together")
    run = run_workflow(forge, "labels.yml", push(forge))
    assert run.conclusion == "success", run.log
    return forge


def test_the_labels_are_those_of_the_file(labelled: Forge) -> None:
    wanted = yaml.safe_load((ROOT / ".github" / "labels.yml").read_bytes())
    found = {label["name"]: (label["color"], label["description"]) for label in labelled.rest.labels.values()}
    assert found == {label["name"]: (label["color"], label["description"]) for label in wanted}


def test_labels_that_are_right_are_left_alone(labelled: Forge) -> None:
    run = run_workflow(labelled, "labels.yml", workflow_dispatch(labelled))
    assert (
        run.jobs["labels"].step("Make the labels").log == f"0 of {len(labelled.rest.labels)} labels changed\n"
    )


def abandoned(forge: Forge, body: str, plugin: str = "GPX") -> dict[str, Any]:
    """Open an issue of the form "Abandoned plugin"."""
    title, labels = f"Abandoned: {plugin}", ["abandoned plugin"]
    issue: dict[str, Any] = forge.rest.add_issue(title, body=body, user="newcomer", labels=labels)
    return issue


def filled_form(plugin: str) -> str:
    """Return an issue's body as GitHub makes it of the form, each field answered by `plugin`."""
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "abandoned-plugin.yml").read_bytes())
    fields = [field["attributes"] for field in form["body"] if field["type"] != "markdown"]
    return "\n\n".join(f"### {field['label']}\n\n{plugin}" for field in fields)


def test_an_approved_issue_opens_a_pull_request_that_marks_the_registration(labelled: Forge) -> None:
    issue = abandoned(labelled, filled_form("GPX"))
    run = run_workflow(labelled, "abandon.yml", issue_labeled(labelled, issue["number"], "approved"))
    assert run.conclusion == "success", run.log
    assert len(labelled.rest.pulls) == 1, run.log
    (pull,) = labelled.rest.pulls.values()
    before = labelled.origin.read("refs/heads/main", "_plugins/GPX.md")
    after = labelled.origin.read(f"refs/heads/{pull['head']['ref']}", "_plugins/GPX.md")
    added = set(after.splitlines()) - set(before.splitlines())
    assert added == {f"abandoned: {ISSUE.format(issue['number'])}".encode()}
    assert set(before.splitlines()) - set(after.splitlines()) == set()
    assert labelled.origin.changed(f"refs/heads/{pull['head']['ref']}") == ["_plugins/GPX.md"]
    again = run_workflow(labelled, "abandon.yml", issue_labeled(labelled, issue["number"], "approved"))
    assert again.conclusion == "success", again.log
    assert len(labelled.rest.pulls) == 1


def test_an_issue_with_a_hostile_form_opens_nothing(labelled: Forge) -> None:
    pulls = dict(labelled.rest.pulls)
    for value in (
        "../../.github/workflows/build",
        "$(touch pwned)",
        "GPX\n::set-output name=a::b",
        "<img src=x>",
    ):
        issue = abandoned(labelled, filled_form(value), value)
        run = run_workflow(labelled, "abandon.yml", issue_labeled(labelled, issue["number"], "approved"))
        assert all("<img" not in comment["body"] for comment in labelled.rest.comments)
        assert run.jobs["abandon"].step("Open the pull request").commands == []
    assert labelled.rest.pulls == pulls


def test_another_label_or_another_form_starts_nothing(labelled: Forge) -> None:
    issue = abandoned(labelled, filled_form("GPX"))
    wish = labelled.rest.add_issue("A wish", labels=["feature"])
    for number, label in ((issue["number"], "feature"), (wish["number"], "approved")):
        assert (
            run_workflow(labelled, "abandon.yml", issue_labeled(labelled, number, label)).conclusion
            == "skipped"
        )


def test_links_that_answer_from_nowhere_fail_no_run_and_one_bad_hour_makes_no_report(labelled: Forge) -> None:
    issues = set(labelled.rest.issues)
    run = run_workflow(labelled, "links.yml", schedule(labelled, "43 3 * * 2"))
    assert run.conclusion == "success", run.log
    log = run.jobs["links"].step("Check the links").log
    assert re.search(r"^check_links: \d+ addresses visited, ", log, re.MULTILINE)
    assert set(labelled.rest.issues) == issues
    again = run_workflow(labelled, "links.yml", schedule(labelled, "43 3 * * 2"))
    assert "Cache restored from key: links-" in again.jobs["links"].step("Take what the last check found").log


def test_a_pull_requests_own_tests_and_checks_are_called(
    forge: Forge,
) -> None:
    # The suite does not run inside itself: pytest only collects, and `make check` is the change's own. *test*
    # may run what a change brings: its token reads what everybody reads, and it has no secret.
    forge.environment["PYTEST_FLAGS"] = "--collect-only -q -n 0 -p no:cacheprovider tests/text"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    stub = re.sub(r"(?m)^check:.*\n(?:\t.*\n)+", "check:\n\t@echo checked: the change\n", makefile)
    try:
        event = pull_request(forge, {"Makefile": stub})
        run = run_workflow(forge, "test.yml", event, row_limit=1)
    finally:
        forge.environment.clear()
    assert run.conclusion == "success", run.log
    (job,) = run.jobs.values()
    assert re.search(r"\d+ tests collected", job.step("Test").log)
    assert job.step("Check").log.endswith("checked: the change\n")
    assert job.permissions == {"contents": "read"}
