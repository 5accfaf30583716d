"""The workflows *validate* and *comment* on pull requests: good ones, bad ones, and attacks.

What an attack would run leaves a file named PWNED below the forge's folder. A token that gets out, and
a workflow command that gets in, end a run with a Breach.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.emulators.world import world_for
from tests.workflows.events import pull_request, workflow_dispatch, workflow_run
from tests.workflows.forge import Forge, open_forge
from tests.workflows.hostile import ATTACKS, BAD, GOOD, GREEDY, NAME, NO_KEY, POISONS, PWNED
from tests.workflows.origin import ROOT, Changes, working_tree
from tests.workflows.runner import Result, run_workflow

pytestmark = pytest.mark.xdist_group("workflow-review")

REPOSITORY = "markwal/OctoPrint-GPX"
MODULE = '__plugin_name__ = "GPX"\n__plugin_pythoncompat__ = ">=2.7,<4"\n'
SETUP = 'plugin_identifier = "GPX"\nplugin_package = "octoprint_GPX"\nplugin_license = "AGPLv3"\n'


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """Return a forge that holds this checkout without one plugin, which pull requests then bring."""
    folder = tmp_path_factory.mktemp("review")
    world = world_for(ROOT / "_plugins", gone=0).world
    files = {"setup.py": SETUP, "octoprint_GPX/__init__.py": MODULE}
    world["repositories"][REPOSITORY] |= {"files": files, "license": "AGPL-3.0"}
    with open_forge(folder, files=working_tree(), world=world) as forge:
        forge.origin.push({NAME: None})
        forge.secrets["SECRET"] = "s3cret-of-the-registry"
        assert run_workflow(forge, "labels.yml", workflow_dispatch(forge)).conclusion == "success"
        yield forge
        assert forge.rest.faults == []
        assert forge.github.not_emulated == set()
        assert [path for path in folder.rglob("*") if PWNED in path.name] == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a push to a pull request led to."""

    number: int
    validate: Result
    comment: Result
    comments: list[str]
    suggestions: list[str]
    """Comments on lines."""

    artefact: dict[str, bytes]
    """The files in what *validate* uploaded."""


def answered(forge: Forge, changes: Changes, number: int = 0) -> Answer:
    """Push changes to a pull request, and run what answers."""
    event = pull_request(forge, changes, number)
    validate = run_workflow(forge, "validate.yml", event)
    comment = run_workflow(forge, "comment.yml", workflow_run(forge, validate))
    assert comment.conclusion == "success", comment.log
    (kept,) = forge.artifacts(validate.run_id)
    with zipfile.ZipFile(io.BytesIO(kept["zip"])) as archive:
        artefact = {name: archive.read(name) for name in archive.namelist()}
    number = event.payload["number"]
    return Answer(
        number=number,
        validate=validate,
        comment=comment,
        comments=[one["body"] for one in forge.rest.comments_of(number)],
        suggestions=[one["body"] for one in forge.rest.review_comments if one["number"] == number],
        artefact=artefact,
    )


def prose(body: str) -> str:
    """Return a comment without its blocks of code, in which nothing is obeyed."""
    return re.sub(r"(?ms)^ *```.*?^ *```$", "", body)


def errors(run: Result) -> list[tuple[str, str]]:
    """Return file and message of each error that a run annotates."""
    found = [note for note in run.annotations if note.name == "error"]
    return [(note.properties["file"], note.data) for note in found]


def test_a_good_pull_request_is_answered_once_with_what_was_found_and_pictures(forge: Forge) -> None:
    answer = answered(forge, {NAME: GOOD})
    assert answer.validate.conclusion == "success", answer.validate.log
    assert "preview: 1 of 1 changed plugins built" in answer.validate.log
    names = set(answer.artefact)
    assert {"review.json", "preview.json", "pages/GPX.html"} <= names
    assert {"screenshots/GPX.phone.png", "screenshots/GPX.desktop.png"} <= names
    assert json.loads(answer.artefact["review.json"])["valid"] is True
    (body,) = answer.comments
    assert "**All is well, thank you!**" in body
    assert "### Found in the source of `GPX`" in body
    assert "### How the page will look" in body
    assert "### For reviewers" in body
    assert forge.rest.pulls[answer.number]["labels"] == ["plugin"]


def test_a_bad_one_is_told_line_and_cure_and_the_comment_follows_its_mending(
    forge: Forge,
) -> None:
    bad = answered(forge, {NAME: BAD})
    assert bad.validate.conclusion == "failure"
    assert errors(bad.validate) == [(NAME, NO_KEY)]
    line = next(number for number, text in enumerate(BAD.split(b"\n"), 1) if text.startswith(b"licence"))
    (note,) = bad.validate.annotations
    assert note.properties["line"] == str(line)
    (body,) = bad.comments
    assert f"- `{NAME}`, line {line}, `licence`: There is no such key; did you mean 'license'?" in body
    (suggestion,) = bad.suggestions
    assert "```suggestion\nlicense: AGPLv3\n```" in suggestion

    mended = answered(forge, {NAME: GOOD}, bad.number)
    assert mended.validate.conclusion == "success"
    (body,) = mended.comments
    assert "**All is well, thank you!**" in body
    assert mended.suggestions == []


def test_validate_has_no_permission_and_no_secret_to_lose(forge: Forge) -> None:
    event = pull_request(forge, {NAME: GOOD})
    run = run_workflow(forge, "validate.yml", event)
    assert run.jobs["validate"].permissions == {}
    assert "SECRET" not in run.log


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_an_attack_runs_and_it_gets_a_clear_answer(forge: Forge, attack: str) -> None:
    changes, told = ATTACKS[attack]
    answer = answered(forge, changes)
    messages = {message for _, message in errors(answer.validate)}
    assert set(told) <= messages
    assert answer.validate.conclusion == ("failure" if messages else "success")
    (body,) = answer.comments
    assert prose(body).count("\n- `") >= len(messages)
    names = [re.sub(r"^\d{6} ", "", path) for path in changes if isinstance(path, str)]
    for name in names:
        if not name.startswith(("_plugins/", "assets/")):
            assert f"`{name}`" in body
            assert "reaches into the repository itself" in body
    assert "<script" not in prose(body)
    assert "root:" not in body + answer.validate.log


def test_an_image_of_200_mb_is_refused_and_not_even_fetched(forge: Forge, tmp_path: Path) -> None:
    image = tmp_path / "large.png"
    with image.open("wb") as file:
        file.truncate(200_000_000)
    answer = answered(forge, {"assets/img/plugins/GPX/large.png": image, NAME: GOOD})
    assert errors(answer.validate) == [
        (
            "assets/img/plugins/GPX/large.png",
            "the image has more than 8 MB, and 4 MB is the limit; scale it down to what a page shows "
            "(about 1,600 pixels wide), or export it as WebP",
        )
    ]
    for run in (answer.validate, answer.comment):
        packs = run.jobs[run.workflow.name].workspace.glob(".git/objects/**/*")
        assert sum(path.stat().st_size for path in packs if path.is_file()) < 20_000_000
    (body,) = answer.comments
    assert "The image has more than 8 MB, and 4 MB is the limit" in body


def test_a_pull_request_that_changes_its_own_judge_gets_no_rights_and_is_judged(
    forge: Forge,
) -> None:
    issues, pulls = dict(forge.rest.issues), set(forge.rest.pulls)
    answer = answered(forge, {".github/workflows/validate.yml": GREEDY, NAME: BAD})
    assert answer.validate.conclusion == "success", answer.validate.log
    assert "HTTP Error 403" in answer.validate.log
    assert "201" not in answer.validate.log
    assert forge.rest.issues == issues
    assert set(forge.rest.pulls) - pulls == {answer.number}
    assert "validate" in answer.comment.workflow.triggers["workflow_run"]["workflows"]
    (body,) = answer.comments
    assert "There is no such key; did you mean" in body
    assert "`.github/workflows/validate.yml`" in body
    assert "All is well" not in body


@pytest.fixture(scope="module")
def bad(forge: Forge) -> Result:
    """Return a run of *validate* on a pull request with one error; its artefact is then replaced."""
    return run_workflow(forge, "validate.yml", pull_request(forge, {NAME: BAD}))


@pytest.mark.parametrize("poison", POISONS)
def test_a_poisoned_artefact_changes_no_verdict(forge: Forge, bad: Result, poison: str) -> None:
    forge.artifacts(bad.run_id).clear()
    for name, data in POISONS[poison].items():
        forge.rest.add_artifact(bad.run_id, name, data)
    number = bad.event.payload["number"]
    forge.rest.comments[:] = [one for one in forge.rest.comments if one["number"] != number]
    run = run_workflow(forge, "comment.yml", workflow_run(forge, bad))
    assert run.conclusion == "success", run.log
    (comment,) = forge.rest.comments_of(number)
    assert "There is no such key; did you mean" in comment["body"]
    for evil in ("<img", "@almanac", "](javascript", "::set-output"):
        assert evil not in comment["body"]
        assert evil not in run.log


def test_a_run_of_validate_that_no_pull_request_started_is_not_answered(forge: Forge) -> None:
    event = pull_request(forge, {NAME: GOOD})
    told = workflow_run(forge, run_workflow(forge, "validate.yml", event))
    other = {**told.payload, "workflow_run": {**told.payload["workflow_run"], "event": "push"}}
    run = run_workflow(forge, "comment.yml", replace(told, payload=other))
    assert run.conclusion == "skipped"
    assert forge.rest.comments_of(event.payload["number"]) == []
