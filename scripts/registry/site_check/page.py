"""What one built HTML page says and links to, and what must not stand in it. Pure functions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from registry.registration.visible import visible
from registry.site_check.markup import (
    ELEMENTS,
    LOADING,
    NEVER_IN_BODIES,
    QUIET_LINKS,
    REFERRING,
    SVG,
    attribute_faults,
    data_faults,
    drawing_faults,
    policy_faults,
)

LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "form": "action"}
PICTURES = "/assets/img/plugins/"
"""Where registrations keep their pictures; one that is missing is only a warning."""

OUTSIDE = "/outside the site:"
"""Before the path of a link on the site's host that lacks the site's baseurl."""

_REFRESH = re.compile(r"0; url=(/[^/\\].*|/)")
"""As _jekyll/read/values.rb leaves it out of a line: what nobody sees, and what turns the text around it."""
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


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
    """All of them."""
    smuggled: frozenset[str] = frozenset()
    """Those that may be somebody's attack: what no page of ours holds, and what is loaded from elsewhere."""
    warnings: list[str] = field(default_factory=list)
    links: frozenset[str] = frozenset()
    """Links to this site: path without baseurl, decoded by nobody, with its fragment."""
    ids: frozenset[str] = frozenset()
    heading: str | None = None
    """Text of the only h1."""
    lead: str | None = None
    """Text of the line below it."""


@dataclass(slots=True, kw_only=True)
class _Read:
    """What is gathered on the way through a page."""

    site: Site
    faults: list[str] = field(default_factory=list)
    smuggled: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    wanted: dict[str, str] = field(default_factory=dict)
    """Id that an attribute names -> that attribute."""
    headings: list[tuple[str, str]] = field(default_factory=list)
    """Element and text."""
    policies: list[str] = field(default_factory=list)
    canonical: list[str] = field(default_factory=list)
    unsized: int = 0
    """Pictures of this site without width and height."""
    target: str | None = None
    """Where the page sends its reader."""


def read_page(html: str, site: Site, address: str | None = None) -> Page:
    """Return what the page says, links to, and does wrong. Never raises.

    `address` is the page's own path below the site's root, percent-decoded; without it the canonical link is
    not looked at.
    """
    root = LexborHTMLParser(html).root
    if root is None:
        return Page(faults=["is empty"])
    read = _Read(site=site)
    for node in root.traverse():
        _look(node, read)
    if address is not None and address.startswith("/plugins/"):
        in_bodies = {node.tag or "" for node in root.css(".prose *")} & NEVER_IN_BODIES
        read.smuggled += [f"<{name}> may not stand in a body" for name in sorted(in_bodies)]
    read.faults += _outline_faults(read.headings)
    if not root.attributes.get("lang"):
        read.faults.append("<html> has no lang")
    read.smuggled += policy_faults(read.policies, moved=read.target is not None)
    read.faults += [
        f"{key} names the id {identifier!r}, which is not there"
        for identifier, key in read.wanted.items()
        if identifier not in read.ids
    ]
    if address is not None:
        read.faults += _canonical_faults(read, address)
    pictures = f"{read.unsized} picture{'' if read.unsized == 1 else 's'}"
    titles = [text for name, text in read.headings if name == "h1"]
    lead = root.css_first(".plugin-head .lead")
    return Page(
        faults=[*read.smuggled, *read.faults],
        smuggled=frozenset(read.smuggled),
        warnings=[f"has {pictures} without width and height"] if read.unsized else [],
        links=frozenset(read.links),
        ids=frozenset(read.ids),
        heading=titles[0] if len(titles) == 1 else None,
        lead=visible(lead.text()) if lead else None,
    )


def _look(node: LexborNode, read: _Read) -> None:
    """Gather what one element says."""
    name = node.tag or ""
    attributes = node.attributes
    faults, smuggled, site = read.faults, read.smuggled, read.site
    if name in SVG and (name != "title" or "svg" in _ancestors(node)):
        smuggled.extend(drawing_faults(name, attributes))
    elif name not in ELEMENTS:
        smuggled.append(f"<{name}> may not stand in a page")
    for key, value in attributes.items():
        smuggled.extend(attribute_faults(name, key, value or ""))
        if key in REFERRING:
            read.wanted.update(dict.fromkeys((value or "").split(), key))
        elif key in LOADING and name != "script" and _is_foreign((value or "").strip(), site):
            smuggled.append(f"<{name}> loads {value!r} from elsewhere")
    if identifier := attributes.get("id"):
        if identifier in read.ids:
            faults.append(f"the id {identifier!r} stands twice")
        read.ids.add(identifier)
    if name in LINKS:
        read.links.update(own_links([attributes.get(LINKS[name]) or ""], site))
    if name == "img":
        if "alt" not in attributes:
            faults.append(f"a picture has no alt: {attributes.get('src')!r}")
        source = (attributes.get("src") or "").strip()
        sized = attributes.get("width") and attributes.get("height")
        read.unsized += bool(source) and not sized and not _is_foreign(source, site)
    elif name in _HEADINGS:
        read.headings.append((name, visible(node.text())))
    elif name == "script":
        smuggled.extend(_script(node, site))
    elif name == "form" and not list(own_links([attributes.get("action") or "/"], site)):
        smuggled.append(f"a form is sent to {attributes.get('action')!r}")
    elif name == "link":
        _link(attributes, read)
    elif name == "meta":
        _meta(attributes, read)


def _ancestors(node: LexborNode) -> Iterator[str]:
    while (parent := node.parent) is not None:
        yield parent.tag or ""
        node = parent


def _link(attributes: dict[str, str | None], read: _Read) -> None:
    href = attributes.get("href") or ""
    kinds = (attributes.get("rel") or "").lower().split()
    if not (kinds and QUIET_LINKS.issuperset(kinds)) and _is_foreign(href.strip(), read.site):
        read.smuggled.append(f"<link> loads {href!r} from elsewhere")
    if "canonical" in kinds:
        read.canonical.append(href)


def _meta(attributes: dict[str, str | None], read: _Read) -> None:
    content = attributes.get("content") or ""
    match (attributes.get("http-equiv") or "").lower():
        case "content-security-policy":
            read.policies.append(content)
        case "refresh":
            read.target = content
            match = _REFRESH.fullmatch(content)
            if match:
                read.links.update(own_links([match[1]], read.site))
            else:
                read.smuggled.append(f"<meta> sends the reader to {content!r}")
        case "":
            if attributes.get("property") in {"og:image", "og:url"}:
                read.links.update(own_links([content], read.site))
        case other:
            read.smuggled.append(f"<meta> has http-equiv={other!r}")


def _outline_faults(headings: list[tuple[str, str]]) -> Iterator[str]:
    count = sum(name == "h1" for name, _ in headings)
    if count != 1:
        yield f"has {count} <h1>, not one"
    elif headings[0][0] != "h1":
        yield f"begins with <{headings[0][0]}> {headings[0][1]!r}, not with its <h1>"


def _canonical_faults(read: _Read, address: str) -> Iterator[str]:
    """A page that sends its reader on may name where; every other one names itself."""
    if read.target is not None and not read.canonical:
        return
    if len(read.canonical) != 1:
        yield f"has {len(read.canonical)} canonical links, not one"
        return
    href = read.canonical[0]
    expected = _REFRESH.fullmatch(read.target) if read.target is not None else None
    own = [unquote(link) for link in own_links([href], read.site)]
    goal = [unquote(link) for link in own_links([expected[1]], read.site)] if expected else [address]
    if own != goal or not (href.startswith(read.site.url) and href.startswith(("http", "/"))):
        yield f"its canonical link is {href!r}, not its own address"


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


def _script(node: LexborNode, site: Site) -> Iterator[str]:
    source = node.attributes.get("src") or ""
    kind = (node.attributes.get("type") or "").strip().lower()
    if kind == "application/ld+json" and "src" not in node.attributes:
        yield from data_faults(node.text())
        return
    ours = any(link.startswith("/assets/js/") for link in own_links([source], site))
    if not ours or visible(node.text()) or kind not in {"", "module"}:
        yield f"a script that is not ours: {visible(node.text())[:60] or source!r}"
