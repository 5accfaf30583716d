"""Paths of GitHub's REST API, made of strangers' names. Pure."""

import re
from urllib.parse import quote, unquote


def quoted(segment: str) -> str:
    """Return `segment` percent-encoded as one segment of a path.

    Raises ValueError for '', '.' and '..': clients take the latter two out of a path, encoded or not.
    """
    if segment in {"", ".", ".."}:
        raise ValueError(f"{segment!r} cannot be a segment of a path")
    return quote(segment, safe="")


def quoted_path(path: str) -> str:
    """Return a file's path with each of its segments percent-encoded. Raises ValueError as `quoted` does."""
    return "/".join(quoted(segment) for segment in path.split("/"))


def is_repository(text: str) -> bool:
    """Tell whether `text` is owner/name as GitHub has them, fit to stand in a path."""
    parts = text.split("/")
    return len(parts) == 2 and all(
        re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", part) and part not in {".", ".."} for part in parts
    )


def checked_path(path: str) -> str:
    """Return a path of the API. Raises ValueError where somebody's text in it has not been `quoted`."""
    segments = unquote(path).split("/")
    if not path.startswith("/") or path.startswith("//") or {".", ".."} & set(segments):
        raise ValueError(f"{path!r} is no path of the API; write its segments by registry.github.rest.quoted")
    if any(not " " < character < "\x7f" or character in "?#\\" for character in path):
        raise ValueError(
            f"{path!r} is not percent-encoded; write its segments by registry.github.rest.quoted"
        )
    return path
