"""What Python answers to the shared vectors: one function for each file and reader."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from registry.enrich import merge, verdicts
from registry.feeds.search.words import fold
from registry.host.notices_and_blocklist import excludes_python_2
from registry.registration.frontmatter import FrontMatterError, parse
from registry.registration.model import is_slug, parse_repo
from registry.registration.values import python_fault, url_fault
from registry.registration.visible import line, visible
from registry.review.inspection import python_flag
from registry.text.scalars import FloatText, scalar_text

Answer = Callable[[Any], Any]


def python_range(text: str) -> Any:
    """As registrations, the list and the steering feeds judge a range."""
    if python_fault(text):
        return {"valid": False, "python_2": None, "python_3": verdicts.runs_on_3(text, "")}
    listed, stopped = "2.7" in verdicts.pythons(text), excludes_python_2(text)
    two = listed if listed is not stopped else "the list and the overlay differ"
    return {"valid": True, "python_2": two, "python_3": verdicts.runs_on_3(text, "")}


def inspected_range(text: str) -> Any:
    """As a pull request's inspection judges it, which knows no third answer for what is not a range."""
    return None if python_fault(text) else python_flag._admits_python_3(text)


def contradicts(pair: list[str]) -> bool:
    """As the enrichment warns, and the answer to a pull request."""
    return not merge.same_pythons(*pair)


def repository(asked: list[str]) -> Any:
    """As a registration's `source` becomes its repository."""
    source, server = asked
    source = source.strip()
    repo = None if url_fault(source) else parse_repo(source, server)
    return {"repo": repo and repo.full_name, "subpath": repo and repo.subpath}


def front_matter(text: str) -> Any:
    """As a registration is read; a float and a date are the text that stands for them."""
    try:
        value = parse(f"---\n{text}\n---\n".encode(), "x.md", patient=True).data.get("a")
    except FrontMatterError:
        return "unreadable"
    return {"value": _plain(value), "shown": line(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return scalar_text(value) if isinstance(value, FloatText | date) else value


READERS: Mapping[str, Mapping[str, Answer]] = {
    "": {
        "python_ranges": python_range,
        "python_range_pairs": contradicts,
        "repository_addresses": repository,
        "slugs": is_slug,
        "visible_text": visible,
        "front_matter": front_matter,
        "search_folding": lambda text: " ".join(fold(text).split()),
    },
    "list": {"known_pythons": lambda minor: minor in (*verdicts.PYTHONS, *verdicts._OLDEST_3)},
    "merge": {"known_pythons": lambda minor: minor in merge.PROBES},
    "inspection": {
        "known_pythons": lambda minor: minor == "2.7" or minor in python_flag.PYTHONS_3,
        "python_ranges": inspected_range,
    },
}


def answers(reader: str, asked: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the answers of one reader ("" for the language's first), by file."""
    known = READERS[reader]
    return {file: [_guarded(answer, item) for item in asked[file]] for file, answer in known.items()}


def _guarded(answer: Answer, asked: Any) -> Any:
    try:
        return answer(asked)
    except Exception as error:  # noqa: BLE001 -- that a reader raises is an answer, and a wrong one
        return f"raised {type(error).__name__}: {error}"[:200]
