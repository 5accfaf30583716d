"""What steps tell the runner: by commands in their output, and by the files GITHUB_OUTPUT and GITHUB_ENV."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Source: github.com/actions/runner, ActionCommand.cs, ActionCommandManager.cs and FileCommandManager.cs.
REGISTERED = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group",
    "internal-set-repo-path", "notice", "remove-matcher", "save-state", "set-env", "set-output",
    "stop-commands", "warning",
}  # fmt: skip
HARMLESS = {"debug", "endgroup", "error", "group", "notice", "warning", "add-mask", "stop-commands"}
ANNOTATIONS = {"error", "notice", "warning"}
ESCAPES = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
OLD_ESCAPES = {"%0D": "\r", "%0A": "\n", "%3B": ";", "%5D": "]", "%25": "%"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that the runner obeys or would have obeyed."""

    name: str
    properties: Mapping[str, str] = field(default_factory=dict)
    data: str = ""


def parse_line(line: str) -> Command | None:
    """Return the command in a line, `::name …::` after blanks or `##[name …]` anywhere; None without one."""
    if found := re.match(r"\s*::(.*?)::(.*)", line):
        command = _command(found[1], found[2], ",", ESCAPES)
        if command:
            return command
    if found := re.search(r"##\[(.*?)\](.*)", line):
        return _command(found[1], found[2], ";", OLD_ESCAPES)
    return None


def _command(head: str, rest: str, comma: str, escapes: Mapping[str, str]) -> Command | None:
    name, _, given = head.partition(" ")
    if name not in REGISTERED:
        return None
    pairs = [pair.strip().partition("=") for pair in given.split(comma) if "=" in pair]
    properties = {key: _unescape(value, escapes) for key, _, value in pairs}
    return Command(name=name, properties=properties, data=_unescape(rest, escapes))


def _unescape(text: str, escapes: Mapping[str, str]) -> str:
    return re.sub("|".join(escapes), lambda found: escapes[found[0]], text)


def parse_log(log: str) -> list[Command]:
    """Return the commands in a step's output; those between `stop-commands` and its end mark are none."""
    commands = []
    stopped = ""
    for line in re.split(r"\r\n|\r|\n", log):
        if stopped:
            if line.strip() == f"::{stopped}::":
                stopped = ""
        elif command := parse_line(line):
            commands.append(command)
            if command.name == "stop-commands":
                stopped = command.data
    return commands


class FileCommandError(ValueError):
    """A file of GITHUB_OUTPUT or GITHUB_ENV that the runner refuses, which fails the step."""


def parse_pairs(text: str, place: str) -> dict[str, str]:
    """Return the values of `name=value` lines and of `name<<MARK … MARK` blocks."""
    pairs: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, value = line.split("=", 1)
        elif heredoc >= 0:
            name, mark = line.split("<<", 1)
            held = []
            for inner in lines:
                if inner == mark:
                    break
                held.append(inner)
            else:
                raise FileCommandError(f"{place}: {mark} does not come")
            value = "\n".join(held)
        else:
            raise FileCommandError(f"{place}: {line!r} is no name=value")
        if not name:
            raise FileCommandError(f"{place}: {line!r} has no name")
        pairs[name] = value
    return pairs
