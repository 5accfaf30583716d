"""The enriched registrations, read for the feeds."""

import re
from pathlib import Path
from typing import Any

from registry.registration.frontmatter import CopyHandler, Document, FrontMatterError, parse
from registry.registration.model import is_slug
from registry.text.problems import Problem


def read_documents(folder: Path) -> tuple[dict[str, Document], list[Problem]]:
    """Return file name without `.md` -> document for each that can be read, and why the others cannot."""
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.md")):
        slug = path.stem
        if not is_slug(slug):
            message = f"{slug!r} cannot be part of an address; rename the file"
            problems.append(problem(str(path), "file-name", message))
            continue
        try:
            raw = path.read_bytes()
            documents[slug] = parse(raw, str(path), patient=True, handler=WithoutHistory)
        except FrontMatterError as error:
            problems.append(problem(error.path, error.code, error.message, line=error.line))
        except OSError as error:
            problems.append(problem(str(path), "unreadable", f"cannot be read: {error.strerror}"))
    return documents, problems


_HISTORY = re.compile(r"^history: \{.*$", re.MULTILINE)


class WithoutHistory(CopyHandler):
    """Read an enriched copy but for its history: Jekyll draws it, the feeds have the state's.

    Reading it for 10,000 plugins would take longer, and more memory, than all the rest.
    """

    def split(self, text: str) -> tuple[str, str]:
        """Return the front matter, its history made a comment, and the body."""
        front_matter, body = super().split(text)
        return _HISTORY.sub(lambda line: "#" * len(line[0]), front_matter, count=1), body


def problem(
    file: str, code: str, message: str, line: int = 1, key: str = "", level: Any = "error"
) -> Problem:
    """Return what is wrong with a file, an error unless told otherwise."""
    return Problem(file=file, line=line, key=key, level=level, code=code, message=message)
