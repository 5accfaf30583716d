"""What an approved issue of the form "Abandoned plugin" asks for. Pure.

GitHub writes a form's answers into the issue's body, which its author may edit at any time and at will:
`### <label of the field>`, a blank line, the answer. The labels are read from the form itself.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from registry.text.problems import quoted

FORM = Path(".github/ISSUE_TEMPLATE/abandoned-plugin.yml")
PLUGIN_FIELD = "plugin"
"""Id of the field that names the plugin."""
APPROVED = "approved"
ABANDONED = "abandoned plugin"
MAX_EVENT_BYTES = 8 * 1024 * 1024
MAX_BODY = 70_000
"""Characters; GitHub takes 65,536."""
_NO_ANSWER = "_No response_"
"""What GitHub writes for a field that was left empty."""


class EventError(ValueError):
    """An event that cannot be read; the message says what to do."""


class RequestError(ValueError):
    """An issue that cannot be acted upon; the message tells its author what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """That somebody has just approved an issue."""

    number: int
    body: str
    """As it stood when it was approved."""
    sender: str
    """Login of who approved it."""


def read_event(path: Path) -> Mapping[str, Any]:
    """Return the event that GitHub describes in the file at GITHUB_EVENT_PATH. Raises EventError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_EVENT_BYTES + 1)
        if len(raw) > MAX_EVENT_BYTES:
            raise EventError(f"{path}: is larger than {MAX_EVENT_BYTES >> 20} MB")
        event = json.loads(raw)
    except OSError as error:
        raise EventError(f"{path}: cannot be read: {error.strerror}; set GITHUB_EVENT_PATH") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, EventError):
            raise
        raise EventError(f"{path}: is not JSON; GITHUB_EVENT_PATH names the event") from None
    if not isinstance(event, dict):
        raise EventError(f"{path}: is no event; GITHUB_EVENT_PATH names one of `issues: labeled`")
    return event


def approval_in(event: Mapping[str, Any]) -> Approval | str:
    """Return the approval that an event tells of, or why it tells of none. Raises EventError."""
    try:
        issue = event["issue"]
        labels = {str(label["name"]).lower() for label in issue["labels"]}
        if event["action"] != "labeled" or str(event["label"]["name"]).lower() != APPROVED:
            return f"the label that was added is not '{APPROVED}'"
        if "pull_request" in issue:
            return "this is a pull request, not an issue"
        if ABANDONED not in labels:
            return f"the issue does not carry the label '{ABANDONED}'"
        if issue["state"] != "open":
            return "the issue is closed"
        number, sender = issue["number"], event["sender"]["login"]
        body = issue["body"] or ""
    except (KeyError, TypeError, AttributeError) as error:
        raise EventError(f"the event is none of `issues: labeled`: {type(error).__name__}") from None
    if type(number) is not int or number < 1 or not isinstance(sender, str) or not isinstance(body, str):
        raise EventError("the event is none of `issues: labeled`: a number or text is not there")
    return Approval(number=number, body=body, sender=sender)


def field_labels(form: Path = FORM) -> dict[str, str]:
    """Return the form's fields: id to label. Raises EventError when it is no form with a plugin's field."""
    try:
        content = yaml.load(form.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        fields = {
            str(field["id"]): " ".join(str(field["attributes"]["label"]).split())
            for field in content["body"]
            if field["type"] != "markdown"
        }
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError) as error:
        raise EventError(f"{form}: cannot be read as an issue form ({type(error).__name__})") from None
    if PLUGIN_FIELD not in fields:
        raise EventError(f"{form}: has no field with the id '{PLUGIN_FIELD}'; give it to the plugin's field")
    return fields


def answers_in(body: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the answers by field, "" for one that was left empty. Raises RequestError.

    A heading that stands twice is not chosen between: whoever approved may have read the other one.
    """
    lines = body[:MAX_BODY].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    headings = {f"### {label}": name for name, label in labels.items()}
    places = [
        (index, headings[line.rstrip()]) for index, line in enumerate(lines) if line.rstrip() in headings
    ]
    for name, label in labels.items():
        count = sum(found == name for _, found in places)
        if count != 1:
            what = "is missing" if count == 0 else "stands more than once"
            raise RequestError(f"the heading {quoted(label)} {what}; edit the issue so that it stands once")
    ends = [index for index, _ in places[1:]] + [len(lines)]
    answers = {}
    for (index, name), end in zip(places, ends, strict=True):
        answer = "\n".join(lines[index + 1 : end]).strip()
        answers[name] = "" if answer == _NO_ANSWER else answer
    return answers


def plugin_in(body: str, labels: Mapping[str, str]) -> str:
    """Return what the issue names as the plugin; it may still be no plugin's name. Raises RequestError."""
    named = answers_in(body, labels)[PLUGIN_FIELD]
    label = labels[PLUGIN_FIELD]
    if not named:
        raise RequestError(f"{quoted(label)} is empty; write the plugin's identifier below it")
    if "\n" in named:
        raise RequestError(f"{quoted(label)} has several lines; write the plugin's identifier alone")
    return re.sub(r"^`(.+)`$", r"\1", named).strip()


def branch_for(slug: str) -> str:
    """Return the name of the branch that marks a registration; git allows fewer names than we do."""
    return f"abandon/{slug}{'-plugin' if slug.endswith(('.', '.lock')) else ''}"


def pull_title(slug: str) -> str:
    """Return the title of the pull request, and the first line of its commit."""
    return f"Mark {slug} as abandoned"


def pull_body(file: str, number: int, issue_url: str) -> str:
    """Return the description of the pull request. The name of `file` is a slug: nothing to escape."""
    return (
        f"Marks `{file}` as abandoned, as #{number} asks. One key is set, `abandoned: {issue_url}`; every "
        "other byte of the file is as it was.\n\nPlease leave the issue open: the notice that users see "
        "leads there, and whoever wants to take the plugin over can say so.\n\n**Checked here:** with this "
        "change the file has no error that it did not have before.\n\nA pull request that a workflow opens "
        "starts no checks of its own. To start them, close it and open it again.\n"
    )
