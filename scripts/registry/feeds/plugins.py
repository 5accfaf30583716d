"""`/plugins.json`: the list that a plugin manager reads. Pure functions from front matter to entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.enrich.verdicts import is_stated
from registry.feeds.site import FeedSite
from registry.host import plugin_list_rules
from registry.registration.frontmatter import Document
from registry.text.feed_text import moment, numeric_moment, plain, published_moment, safe_url
from registry.text.problems import quoted

_WRITE = {"octoprint": "'1.4.0' or '>=1.4,<2'", "os": "'linux' or '!windows'"}
"""What an installation understands, by key of `compatibility`."""

GROUPS = {"posix": ("linux", "freebsd", "macos"), "nix": ("linux", "freebsd")}
"""Names for several operating systems, which an installation does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something about one plugin that its entry could not carry."""

    key: str
    code: str
    message: str
    fatal: bool = False
    """The entry is left out; else it is published without the part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A plugin as the feed shows it."""

    slug: str
    document: Document
    entry: dict[str, Any]


def make_entry(data: Mapping[str, Any], slug: str, site: FeedSite) -> tuple[dict[str, Any], list[Fault]]:
    """Return the entry of a plugin and what could not be said in it.

    `data` is its enriched front matter. What YAML misread (the version 1.4, a date, `on`) becomes text again.
    An entry with a fatal fault must not be published.
    """
    found: list[Fault] = []
    published = moment(data.get("date"))
    compatibility = _compatibility(data, site, found)
    source = safe_url(data.get("source"))
    entry: dict[str, Any] = {
        "id": plain(data.get("id")),
        "published": published_moment(published) if published else "",
        "title": plain(data.get("title")),
        "description": plain(data.get("description")),
        "archive": _address(data, "archive", found) or "",
        "author": _author(data),
        "homepage": _address(data, "homepage", found) or source or "",
        "page": site.page(slug),
        "license": plain(data.get("license")),
        "compatibility": compatibility,
        "abandoned": is_stated(data.get("abandoned")),
        "attributes": _attributes(data.get("attributes"), found),
    }
    for key, value in (
        ("follow_dependency_links", data.get("follow_dependency_links")),
        ("privacypolicy", _address(data, "privacypolicy", found)),
        ("image", _image(data, site, found)),
        ("disabled", _disabled(data.get("disabled"))),
        ("github", _github(data.get("github"))),
        ("stats", _stats(data.get("stats"))),
    ):
        if value is not None and (key != "follow_dependency_links" or isinstance(value, bool)):
            entry[key] = value
    if entry.get("follow_dependency_links"):
        message = "pip 19 and later refuse `--process-dependency-links`, so nobody can install it; remove it"
        found.append(Fault(key="follow_dependency_links", code="dependency-links", message=message))
    if not published:
        message = f"{quoted(plain(data.get('date')))} is no day of the calendar; write e.g. 2026-11-20"
        found.append(Fault(key="date", code="date", message=message, fatal=True))
    for reason in plugin_list_rules.faults(entry):
        key, _, message = reason.partition(": ")
        if key == "published" and not published:
            continue
        found.append(Fault(key=key, code="unpublishable", message=message, fatal=True))
    return entry, found


def sort_entries(listed: Sequence[Listed]) -> list[Listed]:
    """Return the plugins in the feed's order: by publication, then by id and file name."""
    return sorted(listed, key=lambda item: (item.entry["published"], item.entry["id"], item.slug))


def _author(data: Mapping[str, Any]) -> str:
    """Return the authors' names, one after the other."""
    values = data.get("authors") or data.get("author")
    names = values if isinstance(values, list) else [values]
    return ", ".join(name for name in map(plain, names) if name)


def _address(data: Mapping[str, Any], key: str, found: list[Fault]) -> str | None:
    value = data.get(key)
    if value is None or value == "":
        return None
    url = safe_url(value)
    if url is None:
        message = f"{quoted(plain(value))} is not an http or https address; the feed does without it"
        found.append(Fault(key=key, code="unsafe-url", message=message))
    return url


def _image(data: Mapping[str, Any], site: FeedSite, found: list[Fault]) -> str | None:
    """Return the absolute address of the featured image; the site's own begin with a slash."""
    text = plain(data.get("featuredimage"))
    if text and "//" not in text and ":" not in text and ".." not in text:
        return safe_url(site.address("/" + text.lstrip("/")))
    return _address(data, "featuredimage", found)


def _disabled(value: object) -> bool | str | None:
    """Return what stands for "nobody may install it": true, or the words why."""
    if value is None or value is False:
        return None
    return True if value is True else plain(value) or None


def _attributes(value: object, found: list[Fault]) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    texts = [plain(item).lower() for item in items]
    words = [text for text in texts if plugin_list_rules.is_attribute(text)]
    if len(words) < len(texts):
        wrong = next(text for text in texts if not plugin_list_rules.is_attribute(text))
        message = f"{quoted(wrong)} is no attribute, so the feed does without it; write a word such as cloud"
        found.append(Fault(key="attributes", code="attribute", message=message))
    # An installation adds `abandoned` of its own accord.
    return [word for word in dict.fromkeys(words) if word != "abandoned"]


def _compatibility(data: Mapping[str, Any], site: FeedSite, found: list[Fault]) -> dict[str, Any]:
    given = data.get("compatibility")
    if given is not None and not isinstance(given, dict):
        message = f"{quoted(plain(given))} is no mapping; write octoprint, os and python below it"
        found.append(Fault(key="compatibility", code="no-mapping", message=message))
    values: Mapping[str, Any] = given if isinstance(given, dict) else {}
    systems = _expand(_kept(values, "os", _system, found))
    return {
        "octoprint": _kept(values, "octoprint", _host_version, found),
        "os": ["disabled"] if _disabled(data.get("disabled")) else systems,
        "python": _python(values.get("python"), site.default_python, found),
    }


def _kept(values: Mapping[str, Any], key: str, read: Any, found: list[Fault]) -> list[str]:
    """Return the items of a list that an installation understands.

    When it understands none of them the plugin cannot be listed: an empty list means "fits everything".
    """
    given = values.get(key)
    items = given if isinstance(given, list) else [given]
    items = [item for item in items if item is not None and item != ""]
    kept: list[str] = [text for item in items if (text := read(item))]
    if len(kept) < len(items):
        wrong = next(item for item in items if not read(item))
        fatal = not kept
        message = f"{quoted(plain(wrong) or str(wrong))} means nothing to an installation" + (
            f", and nothing else is given; write e.g. {_WRITE[key]}"
            if fatal
            else "; it is left out of the list"
        )
        found.append(
            Fault(key=f"compatibility.{key}", code="bad-compatibility", message=message, fatal=fatal)
        )
    return list(dict.fromkeys(kept))


def _host_version(item: object) -> str:
    text = plugin_list_rules.compact(plain(item))
    return text if plugin_list_rules.is_host_version(text) else ""


def _system(item: object) -> str:
    text = plain(item).lower()
    return text if plugin_list_rules.is_os(text) else ""


def _expand(systems: Sequence[str]) -> list[str]:
    """Return the systems with each group replaced by its members, each once, in the given order."""
    expanded: list[str] = []
    for system in systems:
        sign = "!" if system.startswith("!") else ""
        expanded += [
            sign + name for name in GROUPS.get(system.removeprefix("!"), (system.removeprefix("!"),))
        ]
    return list(dict.fromkeys(expanded))


def _python(value: object, default: str, found: list[Fault]) -> str:
    text = plugin_list_rules.compact(plain(value))
    if not text:
        return default
    if plugin_list_rules.is_specifier(text):
        return text
    said = f"{quoted(plain(value))} is not a PEP 440 specifier, so the feed says {default!r}"
    message = f"{said}; write e.g. '>=3.7,<4'"
    found.append(Fault(key="compatibility.python", code="bad-specifier", message=message))
    return default


def _stats(value: object) -> dict[str, int] | None:
    """Return the figures of month and week; None without the month, by which lists are sorted."""
    if not isinstance(value, dict):
        return None
    figures: dict[str, int] = {}
    for window in ("month", "week"):
        block = value.get(window)
        counts = [_count(block.get(key)) if isinstance(block, dict) else None for key in _EVENTS]
        if counts[0] is not None and counts[1] is not None:
            figures[f"instances_{window}"], figures[f"install_events_{window}"] = counts[0], counts[1]
    return figures if "instances_month" in figures else None


def _github(value: object) -> dict[str, Any] | None:
    """Return the block of figures; None when stars or last push, which the list is sorted by, are unknown."""
    if not isinstance(value, dict):
        return None
    stars, pushed = _count(value.get("stars")), moment(value.get("last_push"))
    if stars is None or pushed is None:
        return None
    block: dict[str, Any] = {}
    released, tag = moment(value.get("latest_release_date")), plain(value.get("latest_release_tag"))
    if released and tag:
        name = plain(value.get("latest_release")) or tag
        block["latest_release"] = {"name": name, "date": numeric_moment(released), "tag": tag}
    releases, opened, closed = (
        _count(value.get(key)) for key in ("releases", "open_issues", "closed_issues")
    )
    if releases is not None:
        block["releases"] = releases
    block |= {"last_push": numeric_moment(pushed), "stars": stars}
    if opened is not None and closed is not None:
        block["issues"] = {"open": opened, "closed": closed}
    return block


_EVENTS = ("instances", "install_events")


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and plugin_list_rules.is_count(value) else None
