"""What the check leaves out of a built site: put into words, and done on disk."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from registry.feeds.api import ERRORS
from registry.quarantine.left_out import PAGELESS, LeftOut, left_out, published
from registry.registration.frontmatter import CopyHandler, FrontMatterError, parse, read_bytes
from registry.registration.model import is_slug
from registry.registration.visible import line
from registry.settings import Settings
from registry.site_check.check import Fault
from registry.site_check.short_page import is_short, short_page
from registry.site_check.verdict import Verdict, plugin_of
from registry.system.files import write_bytes
from registry.text.feed_text import json_bytes, safe_url

MOST_REPORTED = 50
"""Faults of the site's own parts that are reported: one mistake of a layout makes thousands."""
_CURE = "mend the registration, or report it if the fault is the site's"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromJekyll:
    """What Jekyll hands to the check (_jekyll/build/left_out.rb)."""

    pages: Mapping[str, tuple[str, str]]
    """File name of a registration without `.md`, or address of a list or a redirect -> (code, message)."""
    template: str = ""
    """The short page, with marks; "" where there is none."""


def from_jekyll(folder: Path) -> FromJekyll:
    """Return what lies in the folder; a site that was built otherwise has none."""
    try:
        pages = json.loads((folder / "pages.json").read_bytes())
        template = (folder / "page.html").read_text(encoding="utf-8")
        read = {slug: (str(entry["code"]), str(entry["message"])) for slug, entry in pages.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return FromJekyll(pages={})
    return FromJekyll(pages=read, template=template)


def in_words(
    verdict: Verdict, plugins: Path, jekyll: FromJekyll, before: Iterable[LeftOut], settings: Settings
) -> list[LeftOut]:
    """Return what is left out, with the stages `page` and `check`.

    `plugins`: folder of the copies. `before`: what the report says already; it stands where the page is a
    short one by now, so that a site can be checked twice.
    """
    said = {entry.slug: entry for entry in before if entry.stage in {"page", "check"} and entry.slug}
    entries = []
    for slug, faults in verdict.pages.items():
        data = _read_copy(plugins / f"{slug}.md")
        where: dict[str, Any] = {
            "slug": slug,
            "file": f"{settings.plugins_dir}/{slug}.md",
            "source": safe_url(data.get("source")) or "",
        }
        plugin = line(data.get("id")) or slug
        if slug in jekyll.pages:
            code, message = jekyll.pages[slug]
            entries.append(left_out(plugin, "page", code, message, **where))
        elif slug in said and any(fault.kind == "left-out" for fault in faults):
            entries.append(said[slug])
        else:
            message = f"its page is left out: {_first(faults)}; {_CURE}"
            entries.append(left_out(plugin, "check", faults[0].kind, message, **where))
    for file, faults in verdict.files.items():
        message = f"{file} is left out: {_first(faults)}; {_CURE}"
        entries.append(left_out(_id_of(file, plugins), "check", faults[0].kind, message))
    for address, (code, message) in jekyll.pages.items():
        if address.startswith("/"):
            entries.append(left_out("", "page", code, f"{address} is left out: {message}; {_CURE}"))
    for fault in verdict.reported[:MOST_REPORTED]:
        entries.append(left_out("", "check", fault.kind, f"{fault.file} {fault.message}"))
    return entries


def _id_of(file: str, plugins: Path) -> str:
    """Return the id of the plugin that a file is about. Those of the API are named after its registration."""
    name = plugin_of(file)
    own = line(_read_copy(plugins / f"{name}.md").get("id")) if file.startswith("api/v1/plugins/") else ""
    return own or name


def _first(faults: list[Fault]) -> str:
    more = f" (and {len(faults) - 1} more)" if faults[1:] else ""
    return faults[0].message[:300] + more


def _read_copy(path: Path) -> dict[str, Any]:
    try:
        return parse(read_bytes(path), str(path), patient=True, handler=CopyHandler).data
    except (OSError, FrontMatterError):
        return {}


def leave_out(
    site: Path,
    verdict: Verdict,
    plugins: Path,
    jekyll: FromJekyll,
    entries: Iterable[LeftOut],
    settings: Settings,
) -> None:
    """Take out of the site what is left out; put a short page where a plugin has none of its own.

    `entries`: of all steps of the build. A registration without a copy gets one, too, unless another plugin
    moved away from its address.
    """
    for file in verdict.files:
        (site / file).unlink(missing_ok=True)
    for entry in entries:
        if entry.stage not in PAGELESS or not is_slug(entry.slug):
            continue
        page = site / "plugins" / entry.slug / "index.html"
        if entry.stage == "registration" and not _is_free(page):
            continue
        title = line(_read_copy(plugins / f"{entry.slug}.md").get("title")) or entry.plugin or entry.slug
        if jekyll.template:
            links = dict(_links(entry, settings))
            write_bytes(
                page, short_page(jekyll.template, entry.slug, title, links).encode("utf-8", "replace")
            )
        else:
            page.unlink(missing_ok=True)


def _is_free(page: Path) -> bool:
    try:
        return is_short(page.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return True


def _links(entry: LeftOut, settings: Settings) -> Iterator[tuple[str, str]]:
    if source := safe_url(entry.source):
        yield source, "Its source"
    if repository := settings.repository:
        path = quote(f"{repository.branch}/{settings.plugins_dir}/{entry.slug}.md")
        yield f"{repository.url}/blob/{path}", "Its registration"


def write_errors(site: Path, entries: Collection[LeftOut]) -> None:
    """Write `/api/v1/errors.json`. By a rename: the file may be a link to that of the feeds."""
    write_bytes(site / ERRORS, json_bytes(published(entries)))
