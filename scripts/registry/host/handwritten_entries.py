"""The entries that people write under `_data`: a notice, a block, an overlay.

A value that YAML misread becomes the text it was meant to be; all else that an installation could not read
(`get_plugin_blacklist`, `_refresh_notices`, `_get_check_overlays` in OctoPrint 1.11) is refused with a cure.
"""

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from registry.host import plugin_list_rules
from registry.text.feed_text import escape_html, moment, numeric_moment, plain, safe_url
from registry.text.pep440 import is_version

_REQUIREMENT_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_GITHUB_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}?|\}")


def _text(value: object) -> str:
    text = plain(value)
    if not text:
        raise ValueError(f"{value!r} is no text; write some words")
    return text


def plugin_id(value: object) -> str:
    """Return the identifier that `value` is. Raises ValueError with the cure when it is none."""
    text = plain(value)
    if not plugin_list_rules.is_id(text):
        raise ValueError(f"{text!r} is no plugin identifier; write it as the plugin's `id` is")
    return text


def _url(value: object) -> str:
    url = safe_url(value)
    if url is None:
        raise ValueError(
            f"{plain(value)!r} is not an http or https address; write e.g. 'https://example.org/'"
        )
    return url


def _moment(value: object) -> datetime:
    when = moment(value)
    if when is None:
        raise ValueError(f"{plain(value)!r} is no moment; write e.g. 2026-11-20 08:30:00Z")
    return when


def _items(value: object) -> object:
    """A single value where a list is meant is a list of one."""
    return value if isinstance(value, list | dict) or value is None else [value]


def _specifier(value: object) -> str:
    text = plugin_list_rules.compact(plain(value))
    if not plugin_list_rules.is_specifier(text):
        hint = f"'=={text}'" if is_version(text) else "'>=1.0,<2'"
        raise ValueError(f"{plain(value)!r} is not a PEP 440 specifier; write e.g. {hint}")
    return text


def _host_version(value: object) -> str:
    text = plugin_list_rules.compact(plain(value))
    if not plugin_list_rules.is_host_version(text):
        raise ValueError(f"{plain(value)!r} is neither a version nor a specifier; write e.g. '>=1.4.0'")
    return text


def _version(value: object) -> str:
    text = plain(value)
    if not is_version(text):
        raise ValueError(f"{text!r} is no version; write e.g. '0.1.0'")
    return text


def _version_or_specifier(value: object) -> str:
    return _version(value) if is_version(plain(value)) else _specifier(value)


def _plain_words(value: object) -> str:
    text = _text(value)
    if "<" in text or ">" in text:
        raise ValueError("must be plain words without < and >, since installations may show it as HTML")
    return text


def _github_name(value: object) -> str:
    text = plain(value)
    if not _GITHUB_NAME.fullmatch(text) or set(text) == {"."}:
        raise ValueError(f"{text!r} is no name of an account or repository")
    return text


def _branch(value: object) -> str:
    text = plain(value)
    if not _BRANCH.fullmatch(text) or ".." in text:
        raise ValueError(f"{text!r} is no name of a branch")
    return text


def _pip_url(value: object) -> str:
    """The archive that an update installs: its only placeholders are those that OctoPrint fills in."""
    text = plain(value)
    bare = text.replace("{target_version}", "0").replace("{target}", "0")
    if _PLACEHOLDER.search(bare):
        raise ValueError(f"{text!r}: the only placeholders are {{target_version}} and {{target}}")
    if safe_url(bare) != bare or not bare.startswith("https://"):
        raise ValueError(f"{text!r} is not an https address of an archive")
    return text


Text = Annotated[str, BeforeValidator(_text)]
Words = Annotated[str, BeforeValidator(_plain_words)]
Id = Annotated[str, BeforeValidator(plugin_id)]
Url = Annotated[str, BeforeValidator(_url)]
PipUrl = Annotated[str, BeforeValidator(_pip_url)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
GithubName = Annotated[str, BeforeValidator(_github_name)]
Branch = Annotated[str, BeforeValidator(_branch)]
Item = TypeVar("Item")


def _not_empty(values: list[Item]) -> list[Item]:
    if not values:
        raise ValueError("is empty, which means nothing to an installation; leave the key out")
    return values


Versions = Annotated[list[Annotated[str, BeforeValidator(_version)]], BeforeValidator(_items)]
Specifiers = Annotated[
    list[Annotated[str, BeforeValidator(_specifier)]], BeforeValidator(_items), AfterValidator(_not_empty)
]
HostVersions = Annotated[
    list[Annotated[str, BeforeValidator(_host_version)]], BeforeValidator(_items), AfterValidator(_not_empty)
]
NoticeVersions = Annotated[
    list[Annotated[str, BeforeValidator(_version_or_specifier)]],
    BeforeValidator(_items),
    AfterValidator(_not_empty),
]


class Entry(BaseModel):
    """What every hand-written entry is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    ornaments: ClassVar[frozenset[str]] = frozenset()
    """Keys without which an entry does the same: a fault in one costs that key alone."""


class Notice(Entry):
    """Something that everybody with a plugin installed should read once."""

    plugin: Id
    date: Moment
    """Installations tell a plugin's notices apart by it."""
    text: Text
    link: Url | None = None
    important: bool = False
    versions: Versions | None = None
    pluginversions: NoticeVersions | None = None
    octoversions: HostVersions | None = None

    @model_validator(mode="after")
    def _says_which_versions(self) -> "Notice":
        if self.versions == [] and self.pluginversions is None:
            raise ValueError("versions is empty, so nobody would see it; name versions or leave the key out")
        ranged = any(not is_version(text) for text in self.pluginversions or ())
        if ranged and not _REQUIREMENT_NAME.fullmatch(self.plugin):
            raise ValueError(
                f"pluginversions: installations cannot read ranges of {self.plugin!r}, whose name is no "
                "package name; list its versions"
            )
        return self

    def published(self) -> dict[str, Any]:
        """Return the notice as the feed holds it: text escaped, since the client's page takes it for HTML."""
        entry: dict[str, Any] = {
            "plugin": self.plugin,
            "date": numeric_moment(self.date),
            "text": escape_html(self.text),
        }
        if self.link:
            entry["link"] = self.link
        if self.important:
            entry["important"] = True
        if self.pluginversions is not None:
            entry["pluginversions"] = self.pluginversions
            entry["versions"] = self.versions or []  # clients before 1.5 know no other key
        elif self.versions is not None:
            entry["versions"] = self.versions
        if self.octoversions is not None:
            entry["octoversions"] = self.octoversions
        return entry


class Block(Entry):
    """A plugin, or versions of it, that installations must not load."""

    ornaments = frozenset({"reason"})

    plugin: Id
    versions: Annotated[Versions, AfterValidator(_not_empty)] | None = None
    pluginversions: Specifiers | None = None
    octoversions: HostVersions | None = None
    pythonversions: Specifiers | None = None
    reason: Words | None = None

    @model_validator(mode="after")
    def _names_one_python(self) -> "Block":
        if self.pythonversions is not None and len(self.pythonversions) != 1:
            raise ValueError(
                "pythonversions: must hold exactly one specifier, or installations lose the whole list; "
                "join them with commas"
            )
        return self

    def published(self) -> dict[str, Any]:
        """Return the entry as the feed holds it."""
        return self.model_dump(exclude_none=True)


class BranchChoice(Entry):
    """A release channel of an update check."""

    name: Text
    branch: Branch
    commitish: list[Branch]


class Overlay(Entry):
    """Keys that replace those of a plugin's own update check.

    Keys that would run a command of ours on somebody's machine (`update_script`, `pip_command`, …) are none.
    """

    type: Literal["github_release", "pypi_release", "always_current", "never_current"] | None = None
    user: GithubName | None = None
    repo: GithubName | None = None
    branch: Branch | None = None
    package: GithubName | None = None
    pip: PipUrl | None = None
    displayName: Text | None = None  # noqa: N815 - OctoPrint's own key
    prerelease: bool | None = None
    prerelease_channel: Branch | None = None
    stable_branch: BranchChoice | None = None
    prerelease_branches: list[BranchChoice] | None = None
    disabled: bool | None = None
    compatible: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Overlay":
        if not self.model_fields_set:
            raise ValueError("is empty; write what should change, e.g. `user: new-maintainer`")
        return self

    def published(self) -> dict[str, Any]:
        """Return the overlay as the feed holds it."""
        return self.model_dump(exclude_none=True)
