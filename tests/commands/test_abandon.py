"""An approved issue becomes a pull request that marks the registration: once, and by the book."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import abandon
from registry import user_agent
from registry.housekeeping.abandon_request import (
    EventError,
    RequestError,
    answers_in,
    approval_in,
    branch_for,
    field_labels,
    plugin_in,
    read_event,
)
from tests.emulators.github import GitHub
from tests.emulators.rest import BOT, Failure, RestWorld

ROOT = Path(__file__).resolve().parents[2]
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
FORM = FORMS / "abandoned-plugin.yml"
URL = "https://github.com/almanac/registry/issues/7"
REGISTRATION = b"""---
layout: plugin
id: mqtt
title: "MQTT"   # as it is written
description: Publishes events
author: Ada
license: MIT
date: 2015-04-11
homepage: https://github.com/ada/mqtt
source: https://github.com/ada/mqtt
archive: https://github.com/ada/mqtt/archive/master.zip
---

Hello.
"""
MARKED = REGISTRATION.replace(b"master.zip\n", b"master.zip\nabandoned: %s\n" % URL.encode())
PERMISSIONS = {"contents": "write", "issues": "write", "pull_requests": "write"}


def rendered(form: Path, answers: dict[str, str]) -> str:
    """Return an issue's body as GitHub writes it from a form; what is not answered is `_No response_`."""
    parts = []
    for field in yaml.safe_load(form.read_text())["body"]:
        if field["type"] == "markdown":
            continue
        answer = answers.get(field["id"], "_No response_")
        if field["type"] == "checkboxes":
            answer = "\n".join(f"- [x] {option['label']}" for option in field["attributes"]["options"])
        parts.append(f"### {field['attributes']['label']}\n\n{answer}")
    return "\n\n".join(parts)


def body(plugin: str = "mqtt", **answers: str) -> str:
    return rendered(FORM, {"plugin": plugin, "evidence": "No answer since 2019.", "asked": "#3", **answers})


class Registry:
    """A checkout, and GitHub with the same files."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, github: GitHub, rest: RestWorld
    ) -> None:
        self.folder, self.rest, self.github = folder, rest, github
        for name, value in {
            "GITHUB_TOKEN": "t0ken",
            "GITHUB_API_URL": github.url,
            "GITHUB_REPOSITORY": "almanac/registry",
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
        monkeypatch.chdir(folder)

    def put(self, name: str, raw: bytes) -> None:
        (self.folder / "_plugins" / name).write_bytes(raw)
        self.rest.contents["main"][f"_plugins/{name}"] = raw

    def approve(self, text: str, *, sender: str = "keeper", **issue: Any) -> int:
        event = {
            "action": "labeled",
            "label": {"name": "approved"},
            "issue": {
                "number": 7,
                "state": "open",
                "body": text,
                "labels": [{"name": "abandoned plugin"}, {"name": "approved"}],
                **issue,
            },
            "sender": {"login": sender},
        }
        (self.folder / "event.json").write_text(json.dumps(event))
        return abandon.main([])

    def said(self) -> list[str]:
        return [comment["body"] for comment in self.rest.comments]

    def branch(self, name: str = "abandon/mqtt", file: str = "mqtt.md") -> bytes:
        return self.rest.contents[name][f"_plugins/{file}"]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    (tmp_path / "_plugins").mkdir()
    (tmp_path / ".github" / "ISSUE_TEMPLATE").mkdir(parents=True)
    (tmp_path / ".github" / "ISSUE_TEMPLATE" / FORM.name).write_bytes(FORM.read_bytes())
    (tmp_path / "_config.yml").write_bytes((ROOT / "_config.yml").read_bytes())
    rest = RestWorld(tokens={"t0ken": PERMISSIONS}, contents={"main": {}})
    for name in ("abandoned plugin", "approved"):
        rest.add_label(name, description="As .github/labels.yml has it")
    rest.add_issue("Abandoned: MQTT", labels=["abandoned plugin", "approved"], number=7)
    with GitHub(rest=rest, token="t0ken") as github:
        made = Registry(tmp_path, monkeypatch, github, rest)
        made.put("mqtt.md", REGISTRATION)
        yield made
    assert rest.faults == []


def test_an_approved_issue_opens_a_pull_request_that_marks_the_registration(registry: Registry) -> None:
    assert registry.approve(body()) == 0
    assert registry.branch() == MARKED
    agents = {request.headers["user-agent"] for request in registry.github.requests}
    assert agents == {user_agent("https://plugins.example.org")}
    (pull,) = registry.rest.pulls.values()
    assert (pull["title"], pull["head"]["ref"], pull["base"]["ref"]) == (
        "Mark mqtt as abandoned", "abandon/mqtt", "main",
    )  # fmt: skip
    assert pull["labels"] == ["abandoned plugin"]
    assert pull["body"] == (
        f"Marks `_plugins/mqtt.md` as abandoned, as #7 asks. One key is set, `abandoned: {URL}`; every other "
        "byte of the file is as it was.\n\n"
        "Please leave the issue open: the notice that users see leads there, and whoever wants to take the "
        "plugin over can say so.\n\n"
        "**Checked here:** with this change the file has no error that it did not have before.\n\n"
        "A pull request that a workflow opens starts no checks of its own. To start them, close it and open "
        "it again.\n"
    )
    assert registry.said() == [
        "<!-- almanac:abandon -->\nPull request #8 marks `_plugins/mqtt.md` as abandoned.\n"
    ]
    assert registry.rest.contents["main"]["_plugins/mqtt.md"] == REGISTRATION
    assert (registry.folder / "_plugins" / "mqtt.md").read_bytes() == REGISTRATION


def test_a_second_approval_renews_what_is_there(registry: Registry) -> None:
    registry.approve(body())
    assert registry.approve(body()) == 0
    assert len(registry.rest.pulls) == 1
    assert len(registry.said()) == 1
    assert registry.branch() == MARKED


def test_a_branch_that_was_left_behind_begins_anew(registry: Registry) -> None:
    registry.approve(body())
    registry.rest.pulls[8]["state"] = "closed"
    newer = REGISTRATION.replace(b"Hello.", b"Hello again.")
    registry.put("mqtt.md", newer)
    registry.rest.refs["heads/main"] = "a" * 40
    assert registry.approve(body()) == 0
    assert registry.branch() == MARKED.replace(b"Hello.", b"Hello again.")
    assert sorted(registry.rest.pulls) == [8, 9]


def git(folder: Path, *arguments: str) -> str:
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for role in ("AUTHOR", "COMMITTER"):
        settings |= {f"GIT_{role}_NAME": "Keeper", f"GIT_{role}_EMAIL": "keeper@registry.example"}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env=os.environ | settings, capture_output=True, check=True
    )
    return done.stdout.decode()


def test_a_real_repository_gains_one_branch_with_one_commit(registry: Registry, tmp_path: Path) -> None:
    work, bare = tmp_path / "work", tmp_path / "registry.git"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(work))
    (work / "_plugins").mkdir()

    def push(raw: bytes) -> None:
        (work / "_plugins" / "mqtt.md").write_bytes(raw)
        git(work, "add", ".")
        git(work, "commit", "--quiet", "--message=Renew")
        git(work, "push", "--quiet", "--force", str(bare), "main")

    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    push(REGISTRATION)
    registry.rest.git_dir = bare
    assert registry.approve(body()) == 0
    log = git(bare, "log", "--format=%an|%B", "main..abandon/mqtt").strip()
    assert log == f"{BOT}|Mark mqtt as abandoned\n\nAs #7 asks."
    assert git(bare, "diff", "--stat", "--format=", "main", "abandon/mqtt").endswith("1 insertion(+)\n")
    assert git(bare, "show", "abandon/mqtt:_plugins/mqtt.md").encode() == MARKED

    # Somebody closed the pull request, and the default branch went on: the old branch is moved there.
    registry.rest.pulls[8]["state"] = "closed"
    push(REGISTRATION.replace(b"Hello.", b"Hello again."))
    assert registry.approve(body()) == 0
    assert git(bare, "rev-list", "--count", "main..abandon/mqtt") == "1\n"
    assert git(bare, "rev-list", "--count", "abandon/mqtt..main") == "0\n"
    assert sorted(registry.rest.pulls) == [8, 9]


def test_the_file_is_that_of_the_default_branch_not_of_the_checkout(registry: Registry) -> None:
    (registry.folder / "_plugins" / "mqtt.md").write_bytes(REGISTRATION.replace(b"Ada", b"Eve"))
    registry.approve(body())
    assert registry.branch() == MARKED


def test_a_plugin_can_be_named_by_its_file(registry: Registry) -> None:
    registry.put("other-name.md", REGISTRATION.replace(b"id: mqtt", b"id: telegram"))
    assert registry.approve(body("other-name.md")) == 0
    assert b"abandoned" in registry.branch("abandon/other-name", "other-name.md")


def test_a_plugin_that_is_marked_is_not_marked_twice(registry: Registry) -> None:
    registry.put("mqtt.md", MARKED)
    assert registry.approve(body()) == 0
    assert registry.rest.pulls == {}
    assert registry.said() == [
        "<!-- almanac:abandon -->\n`_plugins/mqtt.md` is already marked as abandoned, by this issue.\n"
    ]


def test_a_plugin_that_another_issue_marked_keeps_that_issue(registry: Registry) -> None:
    registry.put("mqtt.md", MARKED.replace(b"issues/7", b"issues/1"))
    assert registry.approve(body()) == 0
    assert registry.rest.pulls == {}
    assert "to name this issue instead, edit the file" in registry.said()[0]


def test_a_bare_mark_gains_the_address_of_the_issue(registry: Registry) -> None:
    registry.put("mqtt.md", MARKED.replace(URL.encode(), b"true"))
    assert registry.approve(body()) == 0
    assert registry.branch() == MARKED


@pytest.mark.parametrize(
    "plugin",
    ["nosuch", "../../etc/passwd", "mqtt; rm -rf /", "$(id)", "a\nb", "mqtt.md/../x", "::debug::x", "@a"],
)  # fmt: skip
def test_what_is_no_plugin_is_told_in_one_comment(registry: Registry, plugin: str) -> None:
    for _ in range(2):
        assert registry.approve(body(plugin)) == 0
    assert registry.rest.pulls == {}
    assert list(registry.rest.contents) == ["main"]
    (said,) = registry.said()
    assert said.startswith("<!-- almanac:abandon -->\nNo pull request was opened: ")
    assert said.endswith("After mending it, take the label `approved` off and add it again.\n")
    assert not any(mark in said for mark in ("$(", "@", "::"))


def test_the_comment_follows_what_becomes_of_the_issue(registry: Registry) -> None:
    registry.approve(body("nosuch"))
    registry.approve(body())
    assert registry.said() == [
        "<!-- almanac:abandon -->\nPull request #8 marks `_plugins/mqtt.md` as abandoned.\n"
    ]


def test_a_comment_of_somebody_else_with_our_marker_is_left_alone(registry: Registry) -> None:
    registry.rest.add_comment(7, "<!-- almanac:abandon --> mine", "mallory")
    registry.approve(body())
    assert registry.said()[0] == "<!-- almanac:abandon --> mine"
    assert [comment["user"] for comment in registry.rest.comments] == ["mallory", BOT]


def test_a_name_that_two_registrations_claim_is_not_guessed(registry: Registry) -> None:
    registry.put("telegram.md", REGISTRATION)
    registry.put("mqtt.md", REGISTRATION.replace(b"id: mqtt", b"id: other"))
    assert registry.approve(body()) == 0
    assert registry.rest.pulls == {}


def test_an_issue_edited_to_name_two_plugins_is_refused(registry: Registry) -> None:
    text = body(evidence="Read on.\n\n### Plugin identifier\n\ntelegram")
    assert registry.approve(text) == 0
    assert registry.rest.pulls == {}
    assert "stands more than once" in registry.said()[0]


def test_a_file_that_cannot_be_edited_safely_is_told(registry: Registry) -> None:
    registry.put("mqtt.md", REGISTRATION.replace(b"author: Ada", b"author: Ada\nauthor: Eve"))
    assert registry.approve(body()) == 0
    assert registry.rest.pulls == {}
    assert "&#95;plugins/mqtt.md&#58;&#8203;7" in registry.said()[0]


@pytest.mark.parametrize(
    ("issue", "reason"),
    [
        ({"labels": [{"name": "approved"}]}, "the issue does not carry the label 'abandoned plugin'"),
        ({"state": "closed"}, "the issue is closed"),
        ({"pull_request": {}}, "this is a pull request, not an issue"),
    ],
)
def test_what_is_no_open_issue_of_the_form_is_left_alone(
    registry: Registry, capsys: pytest.CaptureFixture[str], issue: dict[str, Any], reason: str
) -> None:
    assert registry.approve(body(), **issue) == 0
    assert capsys.readouterr().err == f"abandon: nothing to do: {reason}\n"
    assert registry.github.requests == []


def test_who_may_only_read_approves_nothing(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    assert registry.approve(body(), sender="passer-by") == 0
    assert registry.rest.pulls == {}
    assert registry.said() == []
    assert capsys.readouterr().err == (
        "abandon: passer-by may not approve: that takes the role triage, write, maintain or admin\n"
    )


@pytest.mark.parametrize("sender", ["helper", "unknown"])
def test_who_may_label_or_cannot_be_looked_up_is_believed(registry: Registry, sender: str) -> None:
    assert registry.approve(body(), sender=sender) == 0
    assert len(registry.rest.pulls) == 1


def test_where_workflows_may_open_no_pull_request_a_person_is_told_how(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.rest.actions_may_create_pulls = False
    assert registry.approve(body()) == 1
    assert registry.branch() == MARKED
    assert "*Allow GitHub Actions to create and approve pull requests*" in registry.said()[0]
    assert "Open it by hand" in capsys.readouterr().err


def test_an_outage_fails_the_run_and_shows_no_token(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.rest.failures.append(Failure(kind="forbidden", method="PUT"))
    assert registry.approve(body()) == 1
    told = capsys.readouterr()
    assert "PUT /repos/almanac/registry/contents/_plugins/mqtt.md answered 403" in told.err
    assert "t0ken" not in told.err + told.out


def test_a_call_without_an_event_is_wrong_usage(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_EVENT_PATH")
    assert abandon.main([]) == 2
    assert capsys.readouterr().err == ("abandon: set GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_EVENT_PATH\n")


# Reading


def test_the_answers_are_what_the_form_renders() -> None:
    answers = {
        "plugin": "mqtt",
        "evidence": "a\n\n### A heading of theirs\n\nb",
        "asked": "c",
        "adoption": "No",
    }
    labels = field_labels(FORM)
    for line_end in ("\n", "\r\n"):
        found = answers_in(rendered(FORM, answers).replace("\n", line_end), labels)
        assert {**found, "checks": ""} == {**answers, "checks": ""}
        assert found["checks"].count("- [x] ") == 3


def test_a_field_without_an_answer_is_empty() -> None:
    assert answers_in(rendered(FORM, {"plugin": "mqtt"}), field_labels(FORM))["evidence"] == ""


def test_a_field_that_is_missing_is_told() -> None:
    with pytest.raises(RequestError) as caught:
        plugin_in(body().replace("### Plugin identifier", "### Plugin"), field_labels(FORM))
    assert str(caught.value) == (
        "the heading 'Plugin identifier' is missing; edit the issue so that it stands once"
    )


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("_No response_", "'Plugin identifier' is empty; write the plugin's identifier below it"),
        ("a\n\nb", "'Plugin identifier' has several lines; write the plugin's identifier alone"),
    ],
)
def test_a_name_that_cannot_be_read_is_told(named: str, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        plugin_in(body(named), field_labels(FORM))
    assert str(caught.value) == message


def test_a_name_in_backticks_is_the_name() -> None:
    assert plugin_in(body("`mqtt`"), field_labels(FORM)) == "mqtt"


@pytest.mark.parametrize(
    "event", [{}, {"action": "labeled"}, {"action": "labeled", "label": 1, "issue": {"labels": []}}]
)
def test_another_event_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(EventError, match=r"^the event is none of `issues: labeled`: "):
        approval_in(event)


@pytest.mark.parametrize(
    ("raw", "message"),
    [(b"{", "is not JSON; GITHUB_EVENT_PATH names the event"),
     (b"[" * 100_000, "is not JSON; GITHUB_EVENT_PATH names the event"),
     (b"[]", "is no event; GITHUB_EVENT_PATH names one of `issues: labeled`")],
)  # fmt: skip
def test_a_file_that_is_no_event_is_told(tmp_path: Path, raw: bytes, message: str) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(raw)
    with pytest.raises(EventError) as caught:
        read_event(file)
    assert str(caught.value) == f"{file}: {message}"


@pytest.mark.parametrize(
    ("slug", "branch"),
    [("mqtt", "abandon/mqtt"), ("a.lock", "abandon/a.lock-plugin"), ("a.", "abandon/a.-plugin")],
)
def test_a_branch_has_a_name_that_git_allows(slug: str, branch: str) -> None:
    assert branch_for(slug) == branch


# The forms themselves

TEXT = {"type": "string", "minLength": 1}
IDENTIFIER = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}
REQUIRED = {"type": "object", "additionalProperties": False, "properties": {"required": {"type": "boolean"}}}


def element(
    kind: str, attributes: dict[str, Any], needs: list[str], *, answered: bool = True
) -> dict[str, Any]:
    named = {"id": IDENTIFIER, "validations": REQUIRED} if answered else {}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "attributes"],
        "properties": {
            "type": {"const": kind},
            "attributes": {
                "type": "object",
                "additionalProperties": False,
                "required": needs,
                "properties": attributes,
            },
            **named,
        },
    }


LABELLED = {"label": TEXT, "description": {"type": "string"}}
TYPED = {**LABELLED, "placeholder": {"type": "string"}, "value": {"type": "string"}}
OPTION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["label"],
    "properties": {"label": TEXT, "required": {"type": "boolean"}},
}
FORM_SCHEMA = {
    "$comment": "docs.github.com: Syntax for issue forms, and for GitHub's form schema (read 2026-11)",
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "description", "body"],
    "properties": {
        "name": {"type": "string", "minLength": 3},
        "description": {"type": "string", "minLength": 3, "maxLength": 200},
        "title": {"type": "string"},
        "labels": {"type": "array", "items": TEXT},
        "assignees": {"type": "array", "items": TEXT},
        "body": {
            "type": "array",
            "minItems": 1,
            "contains": {"properties": {"type": {"not": {"const": "markdown"}}}},
            "items": {
                "oneOf": [
                    element("markdown", {"value": TEXT}, ["value"], answered=False),
                    element("input", TYPED, ["label"]),
                    element("textarea", {**TYPED, "render": TEXT}, ["label"]),
                    element(
                        "dropdown",
                        {
                            **LABELLED,
                            "multiple": {"type": "boolean"},
                            "default": {"type": "integer"},
                            "options": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
                        },
                        ["label", "options"],
                    ),
                    element(
                        "checkboxes",
                        {**LABELLED, "options": {"type": "array", "minItems": 1, "items": OPTION}},
                        ["label", "options"],
                    ),
                ]
            },
        },
    },
}
NAMES = ["abandoned-plugin", "feature", "listing-error", "suspicious-activity"]


def form_faults(form: Any) -> list[str]:
    import jsonschema_rs

    return [error.message for error in jsonschema_rs.validator_for(FORM_SCHEMA).iter_errors(form)]


def test_there_are_four_forms_and_no_blank_issue() -> None:
    assert sorted(path.stem for path in FORMS.glob("*.yml")) == sorted([*NAMES, "config"])
    config = yaml.safe_load((FORMS / "config.yml").read_text())
    assert config["blank_issues_enabled"] is False
    (link,) = config["contact_links"]
    assert set(link) == {"name", "url", "about"}


def test_the_contact_link_leads_to_a_page_of_the_site() -> None:
    site = yaml.safe_load((ROOT / "_config.yml").read_text())
    (link,) = yaml.safe_load((FORMS / "config.yml").read_text())["contact_links"]
    path = link["url"].removeprefix(site["url"] + site["baseurl"])
    assert f"\npermalink: {path}\n" in (ROOT / "pages" / f"{path.strip('/')}.md").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_form_is_one_by_githubs_schema(name: str) -> None:
    form = yaml.safe_load((FORMS / f"{name}.yml").read_text())
    assert form_faults(form) == []
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    for key in (lambda field: field["id"], lambda field: field["attributes"]["label"]):
        assert len({key(field) for field in fields}) == len(fields)


@pytest.mark.parametrize("name", NAMES)
def test_a_form_sets_a_label_that_the_repository_has(name: str) -> None:
    form = yaml.safe_load((FORMS / f"{name}.yml").read_text())
    known = {label["name"] for label in yaml.safe_load((ROOT / ".github" / "labels.yml").read_text())}
    assert form["labels"] == [name.replace("-", " ")]
    assert {*form["labels"], "approved"} <= known


def test_the_schema_finds_what_github_would_refuse() -> None:
    form = yaml.safe_load(FORM.read_text())
    for spoil in (
        lambda form: form.pop("description"),
        lambda form: form.update(about="x"),
        lambda form: form["body"].append({"type": "number", "attributes": {"label": "x"}}),
        lambda form: form["body"][1].update(id="with space"),
        lambda form: form["body"][1]["attributes"].pop("label"),
    ):
        spoiled = yaml.safe_load(yaml.safe_dump(form))
        spoil(spoiled)
        assert form_faults(spoiled) != []


def test_no_form_can_approve_itself() -> None:
    for path in FORMS.glob("*.yml"):
        assert "approved" not in yaml.safe_load(path.read_text()).get("labels", [])


def test_what_is_suspicious_can_be_told_in_private() -> None:
    assert "*Report a vulnerability*" in (FORMS / "suspicious-activity.yml").read_text()
