"""What the build would leave out, as errors of the change that makes it do so. Pure functions."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from registry.quarantine.left_out import LeftOut, Stage
from registry.text.problems import Problem

_WORDS: Mapping[Stage, str] = {
    "registration": "the build would leave this registration out",
    "source": "the build would do without a fact of this plugin",
    "feed": "the build would leave this out of the feeds",
    "page": "the build would put a short page in the place of this plugin's",
    "check": "the build would put a short page in the place of this plugin's",
}
_SHORTEST = 4
"""Characters of a word by which a line is found."""


def problems_of(
    errors: Sequence[LeftOut],
    paths: Mapping[str, str],
    ids: Mapping[str, str],
    texts: Mapping[str, bytes],
    without: Callable[[], Iterable[LeftOut]],
) -> list[Problem]:
    """Return what a change makes the build leave out, each an error on its line.

    `paths` and `texts` are those of the changed registrations by file name without `.md`, `ids` maps their
    ids, case-folded, to that name. A fault of another plugin or of the site is the change's only when it is
    not among what `without` returns, which is left out without the change.
    """
    problems = []
    others = []
    for error in errors:
        slug = error.slug or ids.get(error.plugin.casefold(), "")
        if slug in paths:
            problems.append(_own(error, paths[slug], texts[slug].decode(errors="replace")))
        else:
            others.append(error)
    if others:
        known = set(map(_identity, without()))
        first = min(paths.values())
        problems += [_caused(error, first) for error in others if _identity(error) not in known]
    return sorted(
        dict.fromkeys(problems),
        key=lambda problem: (problem.file, problem.line, problem.code, problem.message),
    )


def _identity(error: LeftOut) -> tuple[str, ...]:
    """Return what is the same of a fault in two builds."""
    return (error.plugin, error.slug, error.stage, error.code, error.message)


def _own(error: LeftOut, path: str, text: str) -> Problem:
    line = error.line if error.slug and error.file else line_of(text, error.message)
    return _problem(path, line, error.code, f"{_WORDS[error.stage]}: {error.message}")


def _caused(error: LeftOut, path: str) -> Problem:
    whom = repr(error.plugin) if error.plugin else "a page of the site"
    message = f"with this change, and not without it, the build finds a fault in {whom}: {error.message}"
    return _problem(path, 1, error.code, message)


def line_of(text: str, message: str) -> int:
    """Return the line of a registration that holds the longest word of a message, 1 where none does."""
    words = {word.strip("'\"`.,:;()") for word in re.findall(r"'[^']+'|\S+", message)}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        if len(word) >= _SHORTEST and not word.isalpha() and (at := text.find(word)) >= 0:
            return text.count("\n", 0, at) + 1
    return 1


def _problem(path: str, line: int, code: str, message: str) -> Problem:
    return Problem(file=path, line=line, key="", level="error", code=code, message=message)
