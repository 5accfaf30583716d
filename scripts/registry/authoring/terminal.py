"""Asking on a terminal for what nobody could read, until the validator is content."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TextIO

from registry.authoring.checking import Checker, missing
from registry.authoring.proposal import Draft, Found
from registry.authoring.texts import people
from registry.text.problems import printable

LONGEST_ANSWER = 4_000

LISTS = ("authors", "tags", "attributes", "compatibility.octoprint", "compatibility.os")
SETTABLE = (
    *("id", "title", "description", "author", "authors", "license", "date", "homepage", "source", "archive"),
    *("pypi", "tags", "attributes", "privacypolicy", "note"),
    *("compatibility.octoprint", "compatibility.os", "compatibility.python"),
)
"""Keys that may be given by `--set`; the others need more than one line."""

_QUESTIONS: Mapping[str, str] = {
    "id": "The plugin's identifier in the host, letter by letter (plugin_identifier in its setup.py)",
    "title": "The name that people see",
    "description": "One sentence that says what the plugin does",
    "author": "Who made it; several names are parted by commas",
    "license": "The licence, best by its SPDX identifier, e.g. AGPL-3.0-or-later",
    "date": "The day of registration, e.g. 2024-10-07",
    "homepage": "The address where there is more to read",
    "source": "The address of the repository",
    "archive": "The address of what the host downloads to install it",
}


class Interrupted(Exception):
    """The person at the terminal broke off."""


class Terminal:
    """Where questions are asked (stderr, so that stdout stays data) and answers read."""

    def __init__(self, answers: TextIO, questions: TextIO) -> None:
        self._answers = answers
        self._questions = questions

    def say(self, text: str) -> None:
        """Write one line."""
        print(text, file=self._questions, flush=True)

    def ask(self, prompt: str) -> str:
        """Return an answer of one line, without white space at its ends. Raises Interrupted."""
        try:
            self._questions.write(prompt)
            self._questions.flush()
            line = self._answers.readline(LONGEST_ANSWER)
        except (KeyboardInterrupt, UnicodeDecodeError):
            raise Interrupted from None
        if not line:
            raise Interrupted
        return line.strip()


def value_of(key: str, text: str) -> Any:
    """Return what a person's text means for a key: a list where the key holds one, a day for the date."""
    if key in LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if key == "author" and len(names := people(text)) > 1:
        return names
    if key == "date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def ask_for_missing(
    draft: Draft, terminal: Terminal, checker: Checker, taken: Callable[[str], str | None]
) -> None:
    """Ask for each required key that the draft lacks. `taken` tells why an id cannot be used.

    Raises Interrupted.
    """
    for key in missing(draft.flat()):
        terminal.say(f"{_QUESTIONS[key]}.")
        refused = draft.refused.get(key)
        default = _shown(refused.value) if refused else ""
        if refused:
            terminal.say(
                f"  found: {default} (from {printable(refused.origin)}), which cannot stand as it is"
            )
        while True:
            answer = terminal.ask(f"{key}{f' [{default}]' if default else ''}: ") or default
            value = value_of(key, answer)
            name = "authors" if key == "author" and isinstance(value, list) else key
            fault = checker.fault(name, value) if answer else "this key is required; write a value"
            if fault is None and key == "id":
                fault = taken(str(value))
            if fault is None:
                break
            terminal.say(f"  {printable(fault)}")
        draft.values[name] = Found(value=value, origin="your answer")


def _shown(value: Any) -> str:
    return printable(", ".join(map(str, value)) if isinstance(value, list) else str(value))[:200]
