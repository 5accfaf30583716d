"""Whether a built site may be published: every page there, nothing broken, nothing that was smuggled in."""

import json
import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urljoin

from registry.feeds.site import LIST_PAGES
from registry.registration.frontmatter import CopyHandler, FrontMatterError, parse
from registry.registration.visible import visible
from registry.site_check.assets import css_faults, js_faults, svg_faults
from registry.site_check.feeds import REQUIRED, json_faults, xml_faults
from registry.site_check.page import OUTSIDE, PICTURES, Page, Site, own_links, read_page

ADDRESSES = (*LIST_PAGES, "/404.html", "/search/", "/search/manifest.json", "/list/index.json")
"""Pages that every site has, and what they fetch; the feeds stand in site_feeds.REQUIRED."""
READ = (".html", ".json", ".json.gz", ".xml", ".svg", ".css", ".js")
FEW = 400
"""Files that one process reads faster than several can be started."""

_TITLE = re.compile(r"^(title|description): (\".*\")$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """Something wrong with a file of the site."""

    file: str
    """Path below the site's root, or of the registration."""
    message: str
    level: Literal["error", "warning"] = "error"


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
        Fault(file=_file_of(address), message="is missing")
        for address in (*ADDRESSES, *(f"/{name}" for name in REQUIRED))
        if _file_of(address) not in there
    ]
    faults += [
        Fault(file=f"plugins/{slug}/index.html", message=f"is missing: {plugins.name}/{slug}.md has no page")
        for slug in slugs
        if f"plugins/{slug}/index.html" not in there
    ]
    if not slugs:
        faults.append(Fault(file=str(plugins), message="holds no registration"))
    found = _read_all(folder, plugins, files, site)
    faults += found.faults
    faults += _broken(found, there)
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
        content = (folder / name).read_bytes()
        messages: list[str] = []
        links: Iterable[str] = ()
        if name.endswith(".html"):
            page = _page(content, name, plugins, site, messages)
            links = page.links
            found.ids[name] = page.ids
            found.faults += [Fault(file=name, message=text, level="warning") for text in page.warnings]
        elif name.endswith(".svg"):
            messages = svg_faults(content)
        elif name.endswith((".json", ".json.gz")):
            messages = json_faults(content, name)
        else:
            messages, links = _others(content, name, site)
        found.faults += [Fault(file=name, message=message) for message in dict.fromkeys(messages)]
        for link in links:
            found.links.setdefault(urljoin(_address_of(name), link), name)
    return found


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


def _page(content: bytes, name: str, plugins: Path, site: Site, messages: list[str]) -> Page:
    try:
        page = read_page(content.decode("utf-8"), site, _address_of(name))
    except UnicodeDecodeError:
        messages.append("is not UTF-8")
        return Page()
    messages += page.faults
    match name.split("/"):
        case ["plugins", slug, "index.html"] if (plugins / f"{slug}.md").is_file():
            title, description = _texts(plugins / f"{slug}.md", slug)
            if page.heading is not None and page.heading != title:
                messages.append(f"its heading is {page.heading!r}, not the title {title!r}")
            if (page.lead or "") != description:
                messages.append(f"its description reads {page.lead!r}, not {description!r}")
    return page


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
    title, description = (
        visible(value) if isinstance(value := texts.get(key), str) else "" for key in ("title", "description")
    )
    return title or slug, description


def _broken(found: _Found, there: frozenset[str]) -> list[Fault]:
    """Return the links that lead nowhere, each where it stands first."""
    faults = []
    for link, file in found.links.items():
        address, _, fragment = link.partition("#")
        path = unquote(address.partition("?")[0])
        target = _target(path, there)
        if path.startswith(OUTSIDE):
            message = f"links to {path.removeprefix(OUTSIDE)}, which is outside of the site's baseurl"
            faults.append(Fault(file=file, message=message))
        elif target is None:
            picture = path.startswith(PICTURES)
            level: Literal["error", "warning"] = "warning" if picture else "error"
            faults.append(Fault(file=file, message=f"links to {path}, which is not there", level=level))
        elif fragment and unquote(fragment) not in found.ids.get(target, ()):
            faults.append(Fault(file=file, message=f"links to {path}#{fragment}: that page has no such id"))
    return faults


def _target(path: str, there: frozenset[str]) -> str | None:
    name = path.lstrip("/")
    candidates = (f"{name}index.html",) if path.endswith("/") else (name, f"{name}/index.html")
    return next((candidate for candidate in candidates if candidate in there), None)


def _file_of(address: str) -> str:
    return f"{address[1:]}index.html" if address.endswith("/") else address[1:]


def _address_of(name: str) -> str:
    return f"/{name.removesuffix('index.html')}" if name.endswith("index.html") else f"/{name}"


def as_json(faults: Iterable[Fault]) -> str:
    """Return the faults as a JSON list of {file, message, level}."""
    rows = [{"file": fault.file, "message": fault.message, "level": fault.level} for fault in faults]
    return json.dumps(rows, ensure_ascii=False, indent=1)
