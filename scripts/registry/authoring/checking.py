"""What the validator says of a registration that is new, and whether it is one."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from registry.authoring.writing import render
from registry.git.base_revision import Base
from registry.registration.frontmatter import FrontMatterError, parse, read_bytes
from registry.registration.model import is_slug
from registry.text.problems import Problem
from registry.text.scalars import scalar_text
from registry.validation.validator import Validator

REQUIRED = ("id", "title", "description", "author", "license", "date", "homepage", "source", "archive")
"""The keys that every registration has; `authors` may stand for `author`."""


class _NothingStands(Base):
    """A revision in which there was no file: everything is new."""

    def read(self, path: Path, now: bytes) -> bytes | None:
        """Return that there was none."""
        del path, now
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """Judges drafts as `validate.py --base` judges a new file."""

    today: date
    server_url: str

    def problems(self, slug: str, text: str) -> list[Problem]:
        """Return the problems of a text under the file name `slug`, which must be one."""
        with tempfile.TemporaryDirectory(prefix="almanac-") as folder:
            path = Path(folder, f"{slug}.md")
            path.write_bytes(text.encode())
            nothing = _NothingStands("")
            return Validator(today=self.today, server_url=self.server_url, base=nothing).validate([path])

    def fault(self, key: str, value: Any) -> str | None:
        """Return the validator's first error about one key's value, or None."""
        return next((p.message for p in self._of(key, value) if p.level == "error"), None)

    def warning(self, key: str, value: Any) -> str | None:
        """Return the validator's first warning about one key's value, or None."""
        return next((p.message for p in self._of(key, value) if p.level == "warning"), None)

    def body_fault(self, body: str) -> str | None:
        """Return the validator's first error about a body, or None."""
        problems = self.problems("draft", render({"layout": "plugin", "id": "draft"}, body))
        return next((p.message for p in problems if p.key == "body" and p.level == "error"), None)

    def _of(self, key: str, value: Any) -> list[Problem]:
        slug = value if key == "id" and isinstance(value, str) and is_slug(value) else "draft"
        try:
            text = render({"layout": "plugin", key: value}, "")
        except ValueError as error:
            return [Problem(file="", line=1, key=key, level="error", code="wrong-type", message=str(error))]
        problems = [problem for problem in self.problems(slug, text) if problem.code != "missing-key"]
        return [p for p in problems if p.key == key or p.key.startswith((f"{key}[", f"{key}."))]


def missing(flat: Mapping[str, Any]) -> list[str]:
    """Return the required keys that have no value."""
    return [key for key in REQUIRED if key not in flat and not (key == "author" and "authors" in flat)]


def conflict(folder: Path, identifier: str) -> str | None:
    """Return why no registration of this id can be added to a folder, or None."""
    wanted = identifier.casefold()
    for path in sorted(folder.glob("*.md")) if folder.is_dir() else ():
        if path.stem.casefold() == wanted:
            return f"{path.name} is there already; change that file, or give another id by --id"
        try:
            given = parse(read_bytes(path), path.name, patient=True).data.get("id")
        except (OSError, FrontMatterError):
            continue
        if not isinstance(given, list | dict) and scalar_text(given).casefold() == wanted:
            return f"{path.name} has this id, too; change that file, or give another id by --id"
    return None
