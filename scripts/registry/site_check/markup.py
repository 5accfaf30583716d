"""What may stand in a page: elements, attributes, the policy, data for search engines. Pure functions."""

import json
import re
from collections.abc import Iterator, Mapping

# fmt: off
ELEMENTS = frozenset((
    "a", "abbr", "article", "aside", "b", "bdi", "blockquote", "body", "br", "button", "caption",
    "cite", "code", "col", "colgroup", "datalist", "dd", "del", "details", "dfn", "dialog", "div", "dl",
    "dt", "em", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "head", "header", "hr", "html", "i", "img", "input", "ins", "kbd", "label", "legend", "li",
    "link", "main", "mark", "meta", "meter", "nav", "noscript", "ol", "optgroup", "option", "output",
    "p", "pre", "progress", "q", "s", "samp", "script", "search", "section", "select", "small", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "title",
    "tr", "u", "ul", "var",
))
"""HTML that the layouts and the allow-list of bodies (_jekyll/body/safe_html.rb) can write."""
SVG = frozenset(("svg", "g", "path", "rect", "circle", "line", "polyline", "text", "title", "desc"))
"""Drawings of ours: nothing that links, loads, moves or holds HTML."""
NEVER_IN_BODIES = SVG - {"title"} | frozenset((
    "article", "datalist", "dialog", "fieldset", "form", "h1", "input", "label", "legend", "link",
    "main", "meta", "meter", "nav", "noscript", "option", "optgroup", "output", "progress", "script",
    "search", "select", "title",
))
"""What no registration's text becomes, though pages have it."""
_SVG_ATTRIBUTES = frozenset((
    "class", "cx", "cy", "d", "dominant-baseline", "dx", "dy", "fill", "fill-opacity", "fill-rule",
    "focusable", "font-size", "font-weight", "height", "id", "lang", "opacity", "points",
    "preserveaspectratio", "r", "role", "rx", "ry", "stroke", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "stroke-opacity", "stroke-width", "tabindex", "text-anchor", "transform",
    "vector-effect", "viewbox", "width", "x", "x1", "x2", "xmlns", "y", "y1", "y2",
))
_REFUSED = frozenset((
    "style", "srcdoc", "srcset", "imagesrcset", "formaction", "ping", "attributionsrc", "background",
    "manifest",
))
# fmt: on
URL_ATTRIBUTES = frozenset({"href", "src", "action", "poster", "data", "cite", "xlink:href"})
LOADING = ("src", "poster", "data", "xlink:href")
"""Attributes whose address a browser asks for by itself, whatever their element."""
QUIET_LINKS = frozenset({"alternate", "author", "bookmark", "canonical", "help", "license", "next", "prev"})
"""Kinds of <link> that load nothing."""
REFERRING = ("aria-controls", "aria-describedby", "aria-labelledby", "aria-owns", "for", "headers", "list")
"""Attributes that hold ids of the same page."""

POLICY: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
}
FRAMES = {"frame-src": "https://www.youtube-nocookie.com"}
"""Where a reader may start a video."""
MOVED_POLICY: Mapping[str, str] = {"default-src": "'none'", "base-uri": "'none'"}
"""Of a page that only sends its reader on."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_IGNORED_BY_BROWSERS = re.compile(r"[\x00-\x20\x7f]")


def attribute_faults(element: str, key: str, value: str) -> Iterator[str]:
    """Yield what is wrong with an attribute."""
    if key.startswith("on"):
        yield f"<{element}> has the event handler {key}"
    elif key in _REFUSED:
        yield f"<{element}> has the attribute {key}"
    elif key in URL_ATTRIBUTES:
        scheme = _SCHEME.match(_IGNORED_BY_BROWSERS.sub("", value))
        if scheme and scheme[1].lower() not in {"http", "https", "mailto"}:
            yield f"<{element} {key}> has an address of the kind {scheme[1].lower()}:"


def drawing_faults(element: str, attributes: Mapping[str, str | None]) -> Iterator[str]:
    """Yield what is wrong with an element of an inline SVG."""
    for key, value in attributes.items():
        name = key.lower()
        if name not in _SVG_ATTRIBUTES and not name.startswith(("aria-", "data-")):
            yield f"<{element}> has the attribute {key}"
        elif "url(" in (value or "").lower().replace(" ", ""):
            yield f"<{element} {key}> loads {value!r}"


def policy_faults(policies: list[str], *, moved: bool) -> Iterator[str]:
    """Yield what is wrong with the contents of a page's Content-Security-Policy elements.

    `moved`: the page sends its reader on, and holds nothing else.
    """
    if not policies:
        yield "has no Content-Security-Policy"
        return
    if len(policies) > 1:
        yield f"has {len(policies)} Content-Security-Policies, not one"
    clauses = [clause.split(maxsplit=1) for clause in policies[0].split(";") if clause.strip()]
    found = {clause[0].lower(): " ".join(clause[1].split()) if clause[1:] else "" for clause in clauses}
    ours = (POLICY, {**POLICY, **FRAMES}, *([MOVED_POLICY] if moved else []))
    if found not in ours or len(found) != len(clauses):
        yield f"has a Content-Security-Policy that is not ours: {policies[0]!r}"


def data_faults(text: str) -> Iterator[str]:
    """Yield what is wrong with a script of the type application/ld+json."""
    if "<" in text:
        yield "its JSON-LD holds a `<`, which could end it"
    try:
        content = json.loads(text)
    except ValueError as error:
        yield f"its JSON-LD is no JSON: {error}"
        return
    if not isinstance(content, dict) or "@context" not in content:
        yield "its JSON-LD has no @context"
