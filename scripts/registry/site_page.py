"""What one built HTML page says and links to, and what must not stand in it. Pure functions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

# fmt: off
ELEMENTS = frozenset((
    "a", "abbr", "article", "b", "bdi", "blockquote", "body", "br", "button", "caption", "cite",
    "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html",
    "i", "img", "input", "ins", "kbd", "label", "li", "link", "main", "mark", "meta", "nav",
    "noscript", "ol", "p", "pre", "q", "s", "samp", "script", "section", "small", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "title", "tr",
    "u", "ul", "var",
))
# fmt: on
"""Everything that the layouts and the allow-list of bodies (_jekyll/safe_html.rb) can write."""
LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "form": "action"}
URL_ATTRIBUTES = frozenset(
    {"href", "src", "action", "formaction", "poster", "data", "cite", "background", "ping", "xlink:href"}
)
PICTURES = "/assets/img/plugins/"
"""Where registrations keep their pictures; one that is missing is only a warning."""

OUTSIDE = "/outside the site:"
"""Before the path of a link on the site's host that lacks the site's baseurl."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_IGNORED_BY_BROWSERS = re.compile(r"[\x00-\x20\x7f]")
_REFRESH = re.compile(r"0; url=(/[^/\\].*|/)")
_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the site will live."""

    url: str = ""
    """Scheme and host, without a slash at the end; "" when unknown."""
    baseurl: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was read of a page."""

    faults: list[str] = field(default_factory=list)
    links: frozenset[str] = frozenset()
    """Links to this site: path without baseurl, decoded by nobody, with its fragment."""
    ids: frozenset[str] = frozenset()
    heading: str | None = None
    """Text of the only h1."""
    lead: str | None = None
    """Text of the line below it."""


def visible(text: str) -> str:
    """Return the text as a page can show it: controls and runs of spaces are one space."""
    return _SPACES.sub(" ", text).strip(" ")


def read_page(html: str, site: Site) -> Page:
    """Return what the page says, links to, and does wrong. Never raises."""
    root = LexborHTMLParser(html).root
    if root is None:
        return Page(faults=["is empty"])
    faults: list[str] = []
    links: set[str] = set()
    ids: set[str] = set()
    headings: list[str] = []
    policy = False
    for node in root.traverse():
        name = node.tag or ""
        attributes = node.attributes
        if name not in ELEMENTS:
            faults.append(f"<{name}> may not stand in a page")
        for key, value in attributes.items():
            faults.extend(_attribute(name, key, value or ""))
        if identifier := attributes.get("id"):
            if identifier in ids:
                faults.append(f"the id {identifier!r} stands twice")
            ids.add(identifier)
        if name in LINKS:
            links.update(own_links([attributes.get(LINKS[name]) or ""], site))
        if name == "script":
            faults.extend(_script(node, site))
        elif name == "form" and not list(own_links([attributes.get("action") or "/"], site)):
            faults.append(f"a form is sent to {attributes.get('action')!r}")
        elif name == "link" and _is_foreign(attributes.get("href") or "", site):
            faults.append(f"<link> loads {attributes.get('href')!r} from elsewhere")
        elif name == "h1":
            headings.append(visible(node.text()))
        elif name == "meta":
            kind = (attributes.get("http-equiv") or "").lower()
            policy = policy or kind == "content-security-policy"
            if kind == "refresh":
                links.update(_refresh(attributes.get("content") or "", site, faults))
    if len(headings) != 1:
        faults.append(f"has {len(headings)} <h1>, not one")
    if not root.attributes.get("lang"):
        faults.append("<html> has no lang")
    if not policy:
        faults.append("has no Content-Security-Policy")
    lead = root.css_first(".plugin-head .lead")
    return Page(
        faults=faults,
        links=frozenset(links),
        ids=frozenset(ids),
        heading=headings[0] if len(headings) == 1 else None,
        lead=visible(lead.text()) if lead else None,
    )


def own_links(urls: list[str], site: Site) -> Iterator[str]:
    """Yield those of the addresses that lead to this site, as path below its root (or "#fragment")."""
    for url in urls:
        address = url.strip()
        if site.url and address.lower().startswith(site.url.lower() + "/"):
            address = address[len(site.url) :]
        if not address or _is_foreign(address, site) or address.lower().startswith("mailto:"):
            continue
        if address.startswith("/"):
            inside = address.startswith(f"{site.baseurl}/")
            yield address.removeprefix(site.baseurl) if inside else f"{OUTSIDE}{address}"
        else:
            yield address


def _is_foreign(url: str, site: Site) -> bool:
    parts = urlsplit(url if _parses(url) else "//unreadable")
    if site.url and url.lower().startswith(site.url.lower() + "/"):
        return False
    return bool(parts.netloc) or (bool(parts.scheme) and parts.scheme != "mailto")


def _parses(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _attribute(element: str, key: str, value: str) -> Iterator[str]:
    """Yield what is wrong with an attribute, whatever its element."""
    if key.startswith("on"):
        yield f"<{element}> has the event handler {key}"
    elif key in {"style", "srcdoc", "srcset"}:
        yield f"<{element}> has the attribute {key}"
    elif key in URL_ATTRIBUTES:
        scheme = _SCHEME.match(_IGNORED_BY_BROWSERS.sub("", value))
        if scheme and scheme[1].lower() not in {"http", "https", "mailto"}:
            yield f"<{element} {key}> has an address of the kind {scheme[1].lower()}:"


def _script(node: LexborNode, site: Site) -> Iterator[str]:
    source = node.attributes.get("src") or ""
    ours = any(link.startswith("/assets/js/") for link in own_links([source], site))
    if not ours or visible(node.text()):
        yield f"a script that is not ours: {visible(node.text())[:60] or source!r}"


def _refresh(content: str, site: Site, faults: list[str]) -> list[str]:
    """Return where a page that has moved sends its reader: to this site, or it is a fault."""
    match = _REFRESH.fullmatch(content)
    if not match:
        faults.append(f"<meta> sends the reader to {content!r}")
        return []
    return list(own_links([match[1]], site))
