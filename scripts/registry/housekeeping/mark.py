"""Mark a registration as abandoned, up for adoption or disabled: one key, every other byte as it was."""

import argparse
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from registry.registration.edit_key import EditError, set_key
from registry.registration.frontmatter import FrontMatterError, parse, read_bytes
from registry.registration.model import is_slug
from registry.registration.values import control_fault, first_invisible, url_fault
from registry.settings import SettingsError, load_settings
from registry.system.files import write_bytes
from registry.system.progress import say
from registry.text.problems import Problem, as_text, printable, quoted
from registry.text.scalars import scalar_text
from registry.validation.validator import Validator

__all__ = ["MarkError", "Marked", "find_registration", "mark", "plan", "run"]

Key = Literal["abandoned", "up_for_adoption", "disabled"]


class MarkError(ValueError):
    """What cannot be marked; the message says why and what to do, one fault a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A registration before and after."""

    path: Path
    before: bytes
    after: bytes


def find_registration(folder: Path, id_or_slug: str) -> Path:
    """Return the registration with this id or file name, letter by letter; `.md` asks for the file alone.

    Raises MarkError, with near names, when there is none, when two files are meant, or when it is a link.
    """
    name = id_or_slug.removesuffix(".md")
    if not is_slug(name):
        raise MarkError(f"{quoted(id_or_slug)} is no id; write the plugin's id or its file's name")
    try:
        # In order, so that what is told does not depend on the file system.
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".md")
    except OSError as error:
        raise MarkError(f"{folder}: {error.strerror}; name the registrations' folder by --plugins") from None
    ids = {path: _id_of(path) for path in paths if path.is_file() and not path.is_symlink()}
    meant = [path for path in paths if path.name == f"{name}.md"]
    if not id_or_slug.endswith(".md"):
        meant += [path for path, identifier in ids.items() if identifier == name and path not in meant]
    if len(meant) > 1:
        names = " and ".join(path.name for path in meant)
        raise MarkError(f"{quoted(name)} may be {names}; write the file's name with '.md'")
    if not meant:
        near = _near(name, ids)
        cure = f"did you mean {', '.join(near)}?" if near else "write its id, or the name of its file"
        raise MarkError(f"there is no registration {quoted(name)} in {folder}; {cure}")
    if meant[0] not in ids:
        raise MarkError(f"{meant[0]}: only plain files belong here, no folders and no links; remove it")
    return meant[0]


def _near(name: str, ids: Mapping[Path, str]) -> list[str]:
    """Return the ids, and names of files without one, that look like the name."""
    known = {
        (identifier or path.stem).casefold(): identifier or path.stem for path, identifier in ids.items()
    }
    return [known[word] for word in get_close_matches(name.casefold(), known, n=3)]


def _data_of(raw: bytes) -> dict[str, Any]:
    """Return the front matter, nothing of what cannot be read."""
    try:
        return parse(raw, "", patient=True).data
    except FrontMatterError:
        return {}


def _id_of(path: Path) -> str:
    """Return the id in a file, "" when it has none that can be read."""
    try:
        identifier = _data_of(read_bytes(path)).get("id")
    except OSError:
        return ""
    return "" if isinstance(identifier, list | dict) else scalar_text(identifier)


def plan(
    folder: Path,
    plugin: str,
    key: Key,
    value: str | bool,
    undo: bool = False,
    *,
    today: date | None = None,
    server_url: str = "https://github.com",
) -> Marked:
    """Return what marking would write; nothing is written. `undo` removes the key, whatever it holds.

    True leaves a text or address alone that stands: it marks the plugin as well, and says more.
    Raises MarkError: see `find_registration`; for a value that the key cannot hold; for a file that cannot be
    edited; with the errors that the file would have afterwards and does not have now.
    """
    if not undo and (fault := _value_fault(key, value)):
        raise MarkError(f"{key}: {fault}")
    path = find_registration(folder, plugin)
    try:
        before = read_bytes(path)
        after = before
        if undo or value is not True or not _says_more(before, key):
            after = set_key(before, key, None if undo else value, path=path.as_posix())
    except OSError as error:
        raise MarkError(f"{path}: cannot be read: {error.strerror}") from None
    except EditError as error:
        raise MarkError(str(error)) from None
    if after != before:
        validator = Validator(today=today or datetime.now(UTC).date(), server_url=server_url)
        known = {_identity(problem) for problem in _errors(validator, path, before)}
        if new := [item for item in _errors(validator, path, after) if _identity(item) not in known]:
            raise MarkError("\n".join(as_text(problem) for problem in new))
    return Marked(path=path, before=before, after=after)


def _says_more(raw: bytes, key: Key) -> bool:
    held = _data_of(raw).get(key)
    return isinstance(held, str) and held.strip() != ""


def mark(folder: Path, plugin: str, key: Key, value: str | bool = True, undo: bool = False) -> Path:
    """Mark a registration and write it in one step; return its path. Raises MarkError as `plan` does."""
    return _write(plan(folder, plugin, key, value, undo))


def _write(marked: Marked) -> Path:
    try:
        if marked.path.is_symlink() or read_bytes(marked.path) != marked.before:
            raise MarkError(f"{marked.path}: somebody else changed it just now; try again")
        write_bytes(marked.path, marked.after)
    except OSError as error:
        raise MarkError(f"{marked.path}: cannot be written: {error.strerror}") from None
    return marked.path


def _value_fault(key: Key, value: str | bool) -> str | None:
    if isinstance(value, bool):
        return None if value else "false marks nothing; use --undo"
    if key != "disabled":
        return url_fault(value)
    if not value.strip():
        return "the reason is empty; say why the plugin cannot be installed"
    if character := first_invisible(value):
        return f"holds {character}, which hides or reorders text; delete it"
    if "\n" in value or "\r" in value or "\t" in value:
        return "the reason has several lines or a tab; write one line"
    return control_fault(value)


def _errors(validator: Validator, path: Path, raw: bytes) -> list[Problem]:
    """Return the errors of these bytes under the registration's name, in a folder of their own.

    What they share with other files (id, name, images) is not changed by marking.
    """
    with tempfile.TemporaryDirectory(prefix="mark-") as name:
        copy = Path(name) / path.parent.name / path.name
        copy.parent.mkdir()
        copy.write_bytes(raw)
        problems = validator.validate([copy])
    return [replace(problem, file=path.as_posix()) for problem in problems if problem.level == "error"]


def _identity(problem: Problem) -> tuple[str, str, str]:
    return problem.key, problem.code, problem.message


# --- what the three commands share ------------------------------------------------------------------------

FAILED, USAGE = 1, 2


def run(
    arguments: list[str] | None,
    *,
    command: str,
    description: str | None,
    key: Key,
    state: str,
    value_name: str,
    value_help: str,
    default: bool | None = None,
) -> int:
    """Run one of the commands; return its exit code: 0 done or nothing to do, 1 impossible, 2 wrong usage.

    `state` completes "is …"; `default` is the value where none is given, None where one must be.
    """
    parser = argparse.ArgumentParser(prog=f"{command}.py", description=description)
    parser.add_argument("plugin", metavar="ID", help="the plugin's id, or its file's name")
    parser.add_argument("value", metavar=value_name, nargs="?", help=value_help)
    parser.add_argument("--undo", action="store_true", help=f"remove the key '{key}', whatever it holds")
    parser.add_argument(
        "--plugins", type=Path, metavar="DIR", help="the registrations; default: the folder of the settings"
    )
    parser.add_argument("--config", metavar="FILES", default="", help="settings; default: _config.yml")
    options = parser.parse_args(arguments)
    value: str | bool | None = default if options.value is None else options.value
    if value is None and not options.undo:
        parser.error(f"{value_name} is missing (only --undo needs none)")
    try:
        folder = options.plugins or _plugins_folder(options.config)
    except SettingsError as error:
        _tell(command, str(error))
        return USAGE
    if not folder.is_dir():
        _tell(command, f"{folder}: there is no such folder; name it by --plugins")
        return USAGE
    server_url = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    try:
        marked = plan(
            folder, options.plugin, key, True if value is None else value, options.undo, server_url=server_url
        )
        _write(marked)
    except MarkError as error:
        _tell(command, str(error))
        return FAILED
    if marked.after == marked.before:
        done = f"{'was not' if options.undo else 'is already'} {state}; nothing to do"
    else:
        done = f"{'is no longer' if options.undo else 'is now'} {state}"
    _tell(command, f"{marked.path} {done}")
    return 0


def _tell(command: str, text: str) -> None:
    for line in text.split("\n"):
        say(printable(f"{command}: {line}"))


def _plugins_folder(config: str) -> Path:
    if config or Path("_config.yml").is_file():
        settings = load_settings(config or "_config.yml")
        return settings.root / settings.plugins_dir
    return Path("_plugins")
