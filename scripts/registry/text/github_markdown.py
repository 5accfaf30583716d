"""Markdown that GitHub shows as it was meant, whatever strangers' text stands in it.

GitHub links `@names`, `#numbers`, `GH-numbers` and ids of commits after Markdown has become HTML, so an
entity alone does not stop them: an invisible space after the character does (as Renovate and Dependabot do
it). In code and code blocks nothing is linked.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import quote

__all__ = [
    "MAX_COMMENT",
    "Part",
    "assemble",
    "cell_code",
    "clean",
    "code",
    "fence",
    "link",
    "plain",
    "with_addresses",
]

MAX_COMMENT = 65_536
"""Characters that GitHub takes as one comment."""
LONGEST_TEXT = 500
LONGEST_LINE = 400
"""Characters of one line in a block of code."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_OBEYED = re.compile(r"[\\`*_{}\[\]()#+!|~@:<>&$-]")
_COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])")
"""What GitHub links when any fork has such a commit: as one of this repository."""
_ADDRESS = re.compile(r"(https?://\S*[^\s;,.)])")
_BREAK = "&#8203;"
"""A space without width."""


def clean(text: str) -> str:
    r"""Return text on one line: whatever is invisible or reorders text as `\u202e`."""
    return "".join(ascii(char)[1:-1] if unicodedata.category(char) in _INVISIBLE else char for char in text)


def plain(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return text in which neither Markdown, nor HTML, nor GitHub finds anything to obey; at most `limit`."""
    return "".join(_escaped(text, limit))


def _escaped(text: str, limit: int) -> Iterable[str]:
    shown = _cut(clean(text), limit)
    commits = {match.start() for match in _COMMIT.finditer(shown)}
    for index, char in enumerate(shown):
        if not _OBEYED.match(char):
            yield char
            if index in commits:
                yield _BREAK
            # `www.` alone makes a link.
            if char in "wW" and shown[max(0, index - 2) : index + 2].lower() == "www.":
                yield _BREAK
            continue
        yield f"&#{ord(char)};"
        if char in "@#:" or (char == "-" and shown[max(0, index - 2) : index].lower() == "gh"):
            yield _BREAK


def code(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return text as code, between more backticks than it has in a row."""
    shown = _cut(clean(text), limit)
    if not shown.strip():
        return "(empty)"
    # CommonMark takes one space off both ends, and needs one beside a backtick. To other renderers, one
    # backtick alone beside a space is text.
    space = " " if shown[0] in "` " or shown[-1] in "` " else ""
    ticks = "`" * max(_longest_run(shown) + 1, len(space) + 1)
    return f"{ticks}{space}{shown}{space}{ticks}"


def with_addresses(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return text as `plain` does, but for addresses of http(s): as code, so that they can be copied."""
    shown = _cut(text, limit)
    parts = _ADDRESS.split(shown)
    return "".join(code(part, limit) if at % 2 else plain(part, limit) for at, part in enumerate(parts))


def cell_code(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return text as code for a table, where a bar ends a cell even in code."""
    return code(text, limit).replace("|", "\\|")


def fence(lines: Sequence[str], info: str = "", *, exact: bool = False) -> str:
    """Return a block of code, fenced by more backticks than it has in a row.

    `exact` leaves the lines as they are, for what GitHub will apply; see `is_showable`.
    """
    shown = list(lines) if exact else [_cut(_clean_line(line), LONGEST_LINE) for line in lines]
    ticks = "`" * max(3, max(map(_longest_run, shown), default=0) + 1)
    return "\n".join([ticks + info, *shown, ticks])


def is_showable(lines: Iterable[str]) -> bool:
    """Tell whether lines can stand in a block of code as they are: nothing invisible, none too long."""
    return all(_clean_line(line) == line and len(line) <= 2_000 for line in lines)


def link(text: str, url: str) -> str:
    """Return a link; `text` is Markdown already. An address that is none of http(s) makes no link."""
    if not re.match(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/|\Z)", url) or len(url) > 2_000:
        return text
    # Safe are the characters that end neither the link nor the table's cell it stands in.
    return f"[{text}](<{quote(url, safe=_IN_URL)}>)"


_IN_URL = "/:?#=&%+,;@~.-_!$'"


class Part:
    """A piece of a comment: a head, items that may be left out from the end, and a tail."""

    def __init__(self, head: str, items: Iterable[str] = (), *, more: str = "{} more") -> None:
        self.head = head
        self.items = list(items)
        self.more = more
        """Told of what is left out; `{}` is how many."""

    def render(self, count: int) -> str:
        """Return the part with its first `count` items."""
        left = len(self.items) - count
        tail = [self.more.format(left)] if left else []
        return "\n".join(filter(None, [self.head, *self.items[:count], *tail]))


def assemble(parts: Sequence[Part], limit: int = MAX_COMMENT) -> str:
    """Return the parts as one text of at most `limit` characters: the longest lists lose their last items.

    Items are whole: no block of code is ever cut open.
    """
    counts = [len(part.items) for part in parts]
    texts = [part.render(count) for part, count in zip(parts, counts, strict=True)]
    while sum(map(len, texts)) + 2 * len(texts) > limit and any(counts):
        at = max(range(len(parts)), key=lambda index: (counts[index] > 0, len(texts[index])))
        over = sum(map(len, texts)) + 2 * len(texts) - limit
        while counts[at] and over > 0:
            counts[at] -= 1
            over -= len(parts[at].items[counts[at]]) + 1
            if len(parts[at].render(counts[at])) * 2 < len(texts[at]):
                break  # another part may be the longest now
        texts[at] = parts[at].render(counts[at])
    return "\n\n".join(filter(None, texts))


def _clean_line(line: str) -> str:
    return "\t".join(clean(piece) for piece in line.split("\t"))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)
