"""The first paragraphs of a README as plain Markdown: no HTML, no badges, nothing that runs, whole addresses.

Every line is taken apart into the few forms that are kept (text, code between backticks, links) and put
together anew, so nothing of a README reaches a registration as it was.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from registry.authoring.texts import visible
from registry.registration.values import url_fault
from registry.text.prose import runs

MAX_READ = 20_000
"""Characters of a README that are looked at."""
MAX_PARAGRAPHS = 4
MAX_LENGTH = 1_500
"""Characters of the body, about: whole paragraphs are taken."""

NAMES = ("README.md", "README.rst", "README.txt", "README")
_NAME = re.compile(r"readme(?:\.(?:md|markdown|rst|txt))?", re.IGNORECASE)


def is_readme(name: str) -> bool:
    """Tell whether a file of a folder is its README."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a README is at home."""

    folder: str
    """Address of the folder that holds it, with a slash at its end; relative links start there."""
    page: str
    """Address of the page that shows it; a link to one of its headings leads there."""


def first_paragraphs(text: str, filename: str, home: Home) -> str:
    """Return the first paragraphs as Markdown, "" where there are none."""
    text = visible(text[:MAX_READ].removeprefix("\ufeff"))
    if filename.lower().endswith(".rst"):
        text = _from_rst(text)
    text = _without_elements(text)
    references = _references(text)
    taken: list[str] = []
    for block in _blocks(text):
        if _ENDS.match(block) and taken:
            break
        if (paragraph := _paragraph(block, home, references)) is None:
            continue
        if taken and sum(map(len, taken)) + len(paragraph) > MAX_LENGTH:
            break
        taken.append(paragraph[: 2 * MAX_LENGTH])
        if len(taken) == MAX_PARAGRAPHS:
            break
    while taken and taken[-1].endswith(":"):
        taken.pop()  # what it announces was not taken
    return "\n\n".join(taken)


# --- blocks ----------------------------------------------------------------------------------------------

_REMOVED = ("script", "style", "svg", "iframe", "object", "template", "noscript", "textarea", "select")
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]\n]{1,100})\]:[ \t]{0,9}<?([^\s<>]{1,1000})>?.*$", re.MULTILINE)
_HEADING = re.compile(r" {0,3}#{1,6}(?:\s|$)")
_RULE = re.compile(r" {0,3}(?:(?:=+|-+)|(?:[-*_] ?){3,})\s*")
_ENDS = re.compile(
    r"\W*(?:installation|installing|install|set ?up|configuration|usage|changelog|change log|licen[cs]e|"
    r"contribut\w*|support|donat\w*|credits|known issues|todo|faq|development)\b"
    r"[^\n]{0,40}(?:\n[=-]{3,}\s*)?$",
    re.IGNORECASE,
)
"""Headings after which no introduction goes on."""
_LIST_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+(?=\S)")


def _without_elements(text: str) -> str:
    """Return the text without comments, and without the elements whose content is no text."""
    for opening, closing in (("<!--", "-->"), *((f"<{name}", f"</{name}") for name in _REMOVED)):
        kept, end, lower = [], 0, text.lower()
        while (start := lower.find(opening, end)) >= 0:
            kept.append(text[end:start])
            close = lower.find(closing, start + len(opening))
            bracket = lower.find(">", close) if close >= 0 else -1
            end = bracket + 1 if bracket >= 0 else len(text)
        text = "".join([*kept, text[end:]])
    return text


def _references(text: str) -> Mapping[str, str]:
    return {match[1].lower(): match[2] for match in _DEFINITION.finditer(text)}


def _blocks(text: str) -> Iterator[str]:
    """Yield what stands between blank lines; code blocks and tables are passed over."""
    block: list[str] = []
    fence = ""
    for line in [*text.split("\n"), ""]:
        bare = line.strip()
        if fence:
            fence = "" if bare.startswith(fence) else fence
            continue
        heading = _HEADING.match(line)
        if not bare or heading or bare.startswith(("```", "~~~")):
            if block:
                yield "\n".join(block)
            block = []
            if heading:
                yield line
            elif bare:
                fence = bare[:3]
            continue
        block.append(line)


def _paragraph(block: str, home: Home, references: Mapping[str, str]) -> str | None:
    """Return a block as Markdown; None for a heading, code, a table, a definition, or badges alone."""
    lines = _DEFINITION.sub("", block).split("\n")
    if _HEADING.match(block) or block.startswith(("    ", "\t")) or all("|" in line for line in lines):
        return None
    if len(lines) > 1 and _RULE.fullmatch(lines[-1]):
        return None  # a heading that is underlined
    kept = []
    for line in lines:
        if _RULE.fullmatch(line):
            continue
        bare = re.sub(r"^[\s>]+", "", line)
        item = _LIST_ITEM.match(bare)
        words = " ".join(_inline(bare[item.end() :] if item else bare, home, references).split())
        words = re.sub(r"(?<=\w) (?=[.,;!?](?:\s|$))", "", words)  # what a tag left behind
        if re.search(r"\w", words):
            kept.append(f"- {words}" if item else _at_start(words))
    if not kept:
        return None
    return "\n".join(kept)


def _at_start(words: str) -> str:
    """Return a line that begins no other form of Markdown than a paragraph."""
    return re.sub(r"^([#>+*|~=:-]|\d{1,9}[.)])(?=\s|[=~:-]|$)", r"\\\1", words)


# --- within a line ---------------------------------------------------------------------------------------

_TARGET = r"(?:\([^()\n]{0,1000}\)|\[[^\[\]\n]{0,100}\])"
_INLINE = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`\n]{1,300}(?P=ticks)(?!`))"
    rf"|(?P<badge>\[!\[[^\[\]]{{0,300}}\]{_TARGET}\]{_TARGET}?)"
    rf"|(?P<image>!\[[^\[\]\n]{{0,300}}\]{_TARGET})"
    r"|\[(?P<words>[^\[\]\n]{1,300})\](?:"
    r"\([ ]{0,9}<?(?P<url>[^\s()<>]{0,1000}(?:\([^\s()<>]{0,200}\)[^\s()<>]{0,200})?)>?"
    r"(?:[ ]+[\"'][^\"'\n]{0,200}[\"'])?[ ]{0,9}\)"
    r"|\[(?P<label>[^\[\]\n]{0,100})\])"
    r"|<(?P<auto>https?://[^\s<>]{1,1000})>"
    r"|(?P<tag></?[A-Za-z][^<>\n]{0,1000}>|<[!?][^<>\n]{0,1000}>)"
)


def _inline(line: str, home: Home, references: Mapping[str, str]) -> str:
    """Return a line with only the forms that are kept."""
    parts, end = [], 0
    for match in _INLINE.finditer(line[:4_000]):
        parts.append(_text(line[end : match.start()]))
        end = match.end()
        if code := match["code"]:
            bare = _no_liquid(code.strip("`").strip())
            parts.append(f"`{bare}`" if bare else " ")
        elif words := match["words"]:
            label = (match["label"] or words).lower()
            url = references.get(label, "") if match["url"] is None else match["url"]
            parts.append(_link(words, url, home))
        elif url := match["auto"]:
            parts.append(_link(url, url, home))
        else:
            parts.append(" ")
    parts.append(_text(line[end:4_000]))
    return "".join(parts)


def _link(words: str, url: str, home: Home) -> str:
    """Return a link, its words alone where the address is none to link to."""
    shown = _text(re.sub(r"</?[A-Za-z][^<>]{0,1000}>", " ", words)).strip()
    address = absolute(html.unescape(url), home)
    return f"[{shown}]({address})" if shown and address else shown


def absolute(url: str, home: Home) -> str:
    """Return the http(s) address that a link leads to, "" where it leads to none."""
    if not url or runs(url) or "\\" in url or url.startswith("//"):
        return ""
    try:
        joined = home.page + url if url.startswith("#") else urljoin(home.folder, url)
    except ValueError:
        return ""
    joined = quote(joined, safe="/:?#@!$&'*+,;=%~._-")
    fits = joined.startswith(("https://", "http://")) and "{" not in joined and url_fault(joined) is None
    return joined if fits else ""


def _text(text: str) -> str:
    """Return text in which nothing is HTML, a link or Liquid."""
    for _ in range(2):
        text = html.unescape(text)
    text = "".join(character for character in visible(text) if character != "\n")
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;")
    return _no_liquid(text.replace("](", "] (").replace("][", "] [").replace("]:", "] :").replace("`", "'"))


def _no_liquid(text: str) -> str:
    return re.sub(r"\{(?=[{%])", "{ ", text)


# --- reStructuredText ------------------------------------------------------------------------------------

_RST_LINK = re.compile(r"`([^`<>\n]{1,200}?)\s*<(https?://[^\s<>`]{1,1000})>`__?")
_RST_CODE = re.compile(r"``([^`\n]{1,200})``")
_RST_ROLE = re.compile(r":[a-z:+-]{1,40}:`([^`<>\n]{1,200})`")
_RST_NAME = re.compile(r"`([^`<>\n]{1,200})`_+|\b(\w{1,100})_(?=[\s.,;:)]|$)|\|[^|\n]{1,100}\|_?")


def _from_rst(text: str) -> str:
    """Return the paragraphs and links of reStructuredText as Markdown; directives are passed over."""
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line.startswith(".."):
            inside = True
            continue
        if inside and (not line.strip() or line.startswith((" ", "\t"))):
            kept.append("")
            continue
        inside = False
        if re.fullmatch(r"([^\w\s])\1{2,}\s*", line):
            # The line above, or below, is a heading.
            kept.append("===" if kept and kept[-1].strip() else "")
            continue
        kept.append(line)
    text = "\n".join(kept)
    text = _RST_LINK.sub(r"[\1](\2)", text)
    text = _RST_ROLE.sub(r"\1", text)
    text = _RST_CODE.sub(r"`\1`", text)
    return _RST_NAME.sub(lambda match: match[1] or match[2] or "", text)
