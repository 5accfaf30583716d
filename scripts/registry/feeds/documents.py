"""The enriched registrations, read for the feeds."""

import re
from pathlib import Path
from typing import Any

from registry.frontmatter import BUILT, Document, FrontMatterError, parse
from registry.model import is_slug
from registry.problems import Problem


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
            raw = without_history(path.read_bytes())
            documents[slug] = parse(raw, str(path), patient=True, limits=BUILT)
        except FrontMatterError as error:
            problems.append(problem(error.path, error.code, error.message, line=error.line))
        except OSError as error:
            problems.append(problem(str(path), "unreadable", f"cannot be read: {error.strerror}"))
    return documents, problems


_HISTORY = re.compile(rb"^history: \{.*$", re.MULTILINE)


def without_history(raw: bytes) -> bytes:
    """Return an enriched copy with its history made a comment: Jekyll draws it, the feeds have the state's.

    Reading it for 10,000 plugins would take longer, and more memory, than all the rest.
    """
    line = _HISTORY.search(raw, 0, max(0, raw.find(b"\n---", 4)))
    return raw[: line.start()] + b"#" * len(line[0]) + raw[line.end() :] if line else raw


def problem(
    file: str, code: str, message: str, line: int = 1, key: str = "", level: Any = "error"
) -> Problem:
    """Return what is wrong with a file, an error unless told otherwise."""
    return Problem(file=file, line=line, key=key, level=level, code=code, message=message)
