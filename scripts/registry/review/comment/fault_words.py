"""The comment's part about faults, line by line with their cures. Pure."""

from collections.abc import Iterator

from registry.review.comment.findings import Findings
from registry.review.suggestions.suggesting import Suggestion
from registry.text.github_markdown import Part, code, fence, link, plain
from registry.text.problems import Problem, errors_first

MAX_DIFF_LINES = 24
MAX_PROBLEMS = 100


def fault_parts(found: Findings) -> Iterator[Part]:
    """Yield the list of faults, each with the change that mends it where one is proven."""
    problems = errors_first(found.judgement.problems)
    if not problems:
        return
    by_problem = {id(problem): item for item in found.suggestions for problem in item.problems}
    known = {_key(problem): item for item in found.suggestions for problem in item.problems}
    shown: set[int] = set()
    items = []
    for problem in problems[:MAX_PROBLEMS]:
        suggestion = by_problem.get(id(problem)) or known.get(_key(problem))
        items.append(_fault(problem, suggestion, first=id(suggestion) not in shown))
        shown.add(id(suggestion))
    left = len(problems) - len(items)
    more = f"\n- and {left} more, which {link('the check', found.run_url)} lists" if left else ""
    yield Part("### What to mend", [*items, *filter(None, [more.strip()])], more="- … and {} more")


def build_parts(found: Findings) -> Iterator[Part]:
    """Yield what the build of the change would leave out, as the check that ran says."""
    items = [_fault(problem, None, first=True) for problem in found.build_errors[:MAX_PROBLEMS]]
    if items:
        words = "The check built this change by the steps that build the site."
        yield Part(f"### What the build would leave out\n\n{words}\n", items, more="- … and {} more")


def _key(problem: Problem) -> tuple[str, int, str, str, str]:
    return (problem.file, problem.line, problem.key, problem.code, problem.message)


def _fault(problem: Problem, suggestion: Suggestion | None, *, first: bool) -> str:
    key = f", {code(problem.key, 100)}" if problem.key else ""
    level = "" if problem.level == "error" else "hint: "
    where = f"{code(problem.file, 200)}, line {problem.line}{key}"
    text = f"- {where}: {level}{plain(_sentence(problem.message))}"
    if suggestion is None:
        return text
    if not first:
        return f"{text} The change above mends this, too."
    hides = " It hid whatever else there is; once it is mended, the rest shows." if suggestion.hides else ""
    return f"{text}{hides}\n\n{_indented(diff(suggestion))}\n"


def diff(suggestion: Suggestion) -> str:
    """Return the suggestion as a block of what goes and what comes."""
    lines = [f"-{line}" for line in suggestion.old_lines] + [f"+{line}" for line in suggestion.new_lines]
    if len(lines) > MAX_DIFF_LINES:
        left = len(lines) - MAX_DIFF_LINES
        lines = [*lines[:MAX_DIFF_LINES], f" … {left} more lines"]
    return fence(lines, "diff")


def _indented(block: str) -> str:
    return "\n".join(f"  {line}" for line in block.split("\n"))


def _sentence(text: str) -> str:
    shown = text[:1].upper() + text[1:]
    return shown if shown.endswith((".", "?", "!", "…")) else f"{shown}."
