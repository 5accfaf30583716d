"""What is wrong with a built site: missing, broken, or smuggled in; `verdict` says what comes of it."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urljoin

from registry.feeds.site import LIST_PAGES
from registry.registration.frontmatter import CopyHandler, FrontMatterError, parse
from registry.registration.visible import line
from registry.site_check.assets import css_faults, js_faults, svg_faults
from registry.site_check.feeds import REQUIRED, json_faults, xml_faults
from registry.site_check.page import OUTSIDE, PICTURES, Page, Site, own_links, read_page
from registry.site_check.short_page import is_short

ADDRESSES = (*LIST_PAGES, "/404.html", "/search/", "/search/manifest.json", "/list/index.json")
"""Pages that every site has, and what they fetch; the feeds stand in `feeds.REQUIRED`."""
READ = (".html", ".json", ".json.gz", ".xml", ".svg", ".css", ".js")
FEW = 400
"""Files that one process reads faster than several can be started."""

MAX_PAGE_BYTES = 2_000_000
"""Of a plugin's page; `MAX_BYTES` of _jekyll/build/parallel_rendering.rb. A larger one is not read."""

Kind = Literal[
    "missing",  # it is not there
    "too-large",
    "unreadable",  # neither HTML nor UTF-8, or the check itself failed on it
    "unsafe",  # what no page of ours holds, and what is loaded from elsewhere
    "other-text",  # heading or description are not the registration's
    "markup",  # what a reader stumbles over: ids twice, no title, a label without its field
    "data",  # JSON or XML that is empty, broken or not as its schema has it
    "dead-link",
    "picture",  # one that is missing, or whose size is not known
    "left-out",  # a page that says so of itself
]
"""What is wrong with a file."""

_TITLE = re.compile(r"^(title|description): (\".*\")$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """Something wrong with a file of the site."""

    file: str
    """Path below the site's root, or the folder of the registrations."""
    message: str
    kind: Kind


@dataclass(slots=True, kw_only=True)
class _Found:
    """What some files of the site hold."""

    faults: list[Fault] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    """Link with its path resolved ("/plugins/x/#id") -> the first file that has it."""
    ids: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, other: "_Found") -> None:
        self.faults += other.faults
        self.ids |= other.ids
        for link, file in other.links.items():
            self.links[link] = min(file, self.links.get(link, file))


def check_site(folder: Path, plugins: Path, site: Site) -> list[Fault]:
    """Return everything that is wrong with the site in `folder`, built from the copies in `plugins`."""
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    slugs = [path.stem for path in sorted(plugins.glob("*.md"))]
    there = frozenset(files)
    faults = [
        Fault(file=_file_of(address), message="is missing", kind="missing")
        for address in (*ADDRESSES, *(f"/{name}" for name in REQUIRED))
        if _file_of(address) not in there
    ]
    pages = {f"plugins/{slug}/index.html": slug for slug in slugs}
    faults += [
        Fault(file=page, message=f"is missing: {plugins.name}/{slug}.md has no page", kind="missing")
        for page, slug in pages.items()
        if page not in there
    ]
    if not slugs:
        faults.append(Fault(file=str(plugins), message="holds no registration", kind="missing"))
    found = _read_all(folder, plugins, files, site)
    faults += found.faults
    faults += _broken(found, there.union(pages))
    return sorted(set(faults))


def _read_all(folder: Path, plugins: Path, files: Sequence[str], site: Site) -> _Found:
    readable = [name for name in files if name.endswith(READ)]
    processes = os.cpu_count() or 1
    found = _Found()
    if len(readable) <= FEW or processes == 1:
        found.add(_read_some(folder, plugins, readable, site))
        return found
    method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    shares = [readable[start :: processes * 4] for start in range(processes * 4)]
    with ProcessPoolExecutor(processes, mp_context=get_context(method)) as pool:
        for part in [pool.submit(_read_some, folder, plugins, share, site) for share in shares]:
            found.add(part.result())
    return found


def _read_some(folder: Path, plugins: Path, names: Iterable[str], site: Site) -> _Found:
    found = _Found()
    for name in names:
        try:
            _read(folder, plugins, name, site, found)
        except Exception as error:  # noqa: BLE001 -- a mistake of the check's own costs this file and no other
            message = f"cannot be checked ({type(error).__name__}: {error})"
            kind: Kind = "data" if name.endswith((".json", ".json.gz", ".xml")) else "unreadable"
            found.faults.append(Fault(file=name, message=message, kind=kind))
    return found


def _read(folder: Path, plugins: Path, name: str, site: Site, found: _Found) -> None:
    """Add what one file holds."""
    messages: Iterable[str] = ()
    kind: Kind = "unsafe"
    links: Iterable[str] = ()
    if name.endswith(".html"):
        faults, page = _page(folder / name, name, plugins, site)
        found.faults += dict.fromkeys(faults)
        links = page.links
        # A short page has none of the places that the page had, and whoever links there is not to blame.
        if not any(fault.kind == "left-out" for fault in faults):
            found.ids[name] = page.ids
    elif name.endswith(".svg"):
        messages = svg_faults((folder / name).read_bytes())
    elif name.endswith((".json", ".json.gz")):
        messages, kind = json_faults((folder / name).read_bytes(), name), "data"
    else:
        messages, links = _others((folder / name).read_bytes(), name, site)
        kind = "data" if name.endswith(".xml") else "unsafe"
    found.faults += [Fault(file=name, message=message, kind=kind) for message in dict.fromkeys(messages)]
    for link in links:
        found.links.setdefault(urljoin(_address_of(name), link), name)


def _others(content: bytes, name: str, site: Site) -> tuple[list[str], list[str]]:
    """Return what is wrong with XML, a style sheet or a script, and its links to this site."""
    if name.endswith(".xml"):
        messages, addresses = xml_faults(content, name)
        verb = "names a page of another site"
    else:
        messages, addresses = (css_faults if name.endswith(".css") else js_faults)(content)
        verb = "loads from elsewhere"
    links = {address: list(own_links([address], site)) for address in addresses if address}
    messages += [f"{verb}: {address!r}" for address, own in links.items() if not own]
    return messages, [link for own in links.values() for link in own]


def _page(path: Path, name: str, plugins: Path, site: Site) -> tuple[list[Fault], Page]:
    """Return what is wrong with a page, its links aside, and what it says."""
    match name.split("/"):
        case ["plugins", slug, "index.html"] if (plugins / f"{slug}.md").is_file():
            copy: Path | None = plugins / f"{slug}.md"
        case _:
            copy = None
    if copy and (size := path.stat().st_size) > MAX_PAGE_BYTES:
        message = f"has {size:,} bytes, more than {MAX_PAGE_BYTES:,}"
        return [Fault(file=name, message=message, kind="too-large")], Page()
    try:
        html = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return [Fault(file=name, message="is not UTF-8", kind="unreadable")], Page()
    page = read_page(html, site, _address_of(name))
    faults = [
        Fault(file=name, message=text, kind="unsafe" if text in page.smuggled else "markup")
        for text in page.faults
    ]
    faults += [Fault(file=name, message=text, kind="picture") for text in page.warnings]
    if name.startswith("plugins/") and is_short(html):
        faults.append(Fault(file=name, message="says that the plugin is left out", kind="left-out"))
    elif copy:
        faults += [Fault(file=name, message=text, kind="other-text") for text in _other_text(page, copy)]
    return faults, page


def _other_text(page: Page, copy: Path) -> Iterator[str]:
    """Yield where a page says something else than its registration."""
    title, description = _texts(copy, copy.stem)
    if page.heading is not None and page.heading != title:
        yield f"its heading is {page.heading!r}, not the title {title!r}"
    if (page.lead or "") != description:
        yield f"its description reads {page.lead!r}, not {description!r}"


def _texts(path: Path, slug: str) -> tuple[str, str]:
    """Return title and description as the page should show them."""
    content = path.read_bytes()
    try:
        quick, _ = CopyHandler(str(path)).split(content.decode("utf-8", "replace"))
        texts = {key: json.loads(value) for key, value in _TITLE.findall(quick)}
        if texts.keys() != {"title", "description"}:
            texts = parse(content, str(path), patient=True, handler=CopyHandler).data
    except (ValueError, FrontMatterError):
        texts = {}
    return line(texts.get("title")) or slug, line(texts.get("description"))


def _broken(found: _Found, there: frozenset[str]) -> list[Fault]:
    """Return the links that lead nowhere, each where it stands first."""
    faults = []
    for link, file in found.links.items():
        address, _, fragment = link.partition("#")
        path = unquote(address.partition("?")[0])
        target = _target(path, there)
        if path.startswith(OUTSIDE):
            message = f"links to {path.removeprefix(OUTSIDE)}, which is outside of the site's baseurl"
            faults.append(Fault(file=file, message=message, kind="dead-link"))
        elif target is None:
            kind: Kind = "picture" if path.startswith(PICTURES) else "dead-link"
            faults.append(Fault(file=file, message=f"links to {path}, which is not there", kind=kind))
        elif fragment and target in found.ids and unquote(fragment) not in found.ids[target]:
            message = f"links to {path}#{fragment}: that page has no such id"
            faults.append(Fault(file=file, message=message, kind="dead-link"))
    return faults


def _target(path: str, there: frozenset[str]) -> str | None:
    name = path.lstrip("/")
    candidates = (f"{name}index.html",) if path.endswith("/") else (name, f"{name}/index.html")
    return next((candidate for candidate in candidates if candidate in there), None)


def _file_of(address: str) -> str:
    return f"{address[1:]}index.html" if address.endswith("/") else address[1:]


def _address_of(name: str) -> str:
    return f"/{name.removesuffix('index.html')}" if name.endswith("index.html") else f"/{name}"
