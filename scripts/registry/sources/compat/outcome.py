"""What is asked of a plugin's source, and what the reading ends with."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from packaging.specifiers import SpecifierSet

from registry.text.pep440 import is_specifier

if TYPE_CHECKING:  # a worker needs no settings, and they take most of its start
    from registry.settings import Settings

MAX_SPECIFIER = 100
"""Characters. The longest specifier in use has fewer than thirty."""
ANY_PYTHON = ">=2.7"
"""How a flag without any clause (`" "`, `","`) is written, which the host takes for every Python."""

_SANE = re.compile(r"[A-Za-z0-9.,<>=!~*+_\s-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the registry's host finds and reads a plugin."""

    host: str
    """Its name, for sentences."""
    prefix: str
    """Of the packages, by custom."""
    group: str
    """Of the entry points."""
    control_property: str
    default_python: str
    """What the host assumes where it reads no flag."""

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        """Return the rules that a registry's settings state."""
        return cls(
            host=settings.host.name,
            prefix=settings.packages.prefix,
            group=settings.entry_point_group,
            control_property=settings.compatibility.control_property,
            default_python=settings.compatibility.default_python,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One plugin whose flag is asked for."""

    plugin_id: str
    rules: Rules
    subpath: str = ""
    """Folder of the repository that the source's address names."""
    archive: str = ""
    """Where the plugin is installed from: a plugin of one file is that file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the host concludes of a module that was read with certainty."""

    python: str
    """A valid PEP 440 specifier set: the flag, or what the host assumes."""
    rule: str
    """How the module was found, and how the conclusion came; the vocabulary is in the package's docstring."""
    path: str
    """The module's file, from the repository's root."""
    line: int | None = None
    """1-based line of the flag or of the fault in the syntax; None where the host saw neither."""
    reason: str = ""
    """Why the host does not read what the maintainer may have meant, with the cure; "" after a plain flag."""
    problem: bool = False
    """Whether the maintainer has certainly meant something else."""
    module: str = ""
    """Dotted name of the module."""
    entry_point: str = ""
    """The plugin's id as the packaging files state it; "" where the module was found by looking."""

    @property
    def kind(self) -> str:
        """`flag`, `default` or `syntax`."""
        return self.rule.rpartition("+")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Why nothing is concluded. A `problem` is to be shown to people."""

    reason: str
    path: str = ""
    problem: bool = False
    passing: bool = False
    """Whether a newer Python, or another day, may read more: what was known before stands until then."""


Outcome = Evidence | Unread


def specifier(value: str) -> str | None:
    """Return a flag as one line of PEP 440 that admits the same Pythons; None where there is none.

    None is also for `===`, which nobody writes: any markup may stand behind it.
    """
    if "===" in value or not _SANE.fullmatch(value) or not is_specifier(value):
        return None
    bare = " ".join(value.split())
    if not len(SpecifierSet(bare)):
        return ANY_PYTHON
    return bare if is_specifier(bare) else str(SpecifierSet(value))
