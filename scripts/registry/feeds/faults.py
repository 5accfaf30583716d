"""What is wrong with a plugin or an entry, as the build prints it and as `/api/v1/errors.json` has it."""

from pathlib import Path

from registry.feeds.enriched_copies import problem
from registry.feeds.plugins import Fault
from registry.host.handwritten_yaml import EntryFault
from registry.quarantine.left_out import INTERNAL, LeftOut, left_out
from registry.registration.frontmatter import Document, FrontMatterError, parse
from registry.registration.model import is_slug
from registry.text.feed_text import plain, safe_url
from registry.text.problems import Problem
from registry.text.unforeseen import whence


def internal(error: Exception) -> Fault:
    """Return the fault of a plugin that no feed can be made of."""
    message = (
        f"no feed can be made of it: {whence(error)}; compare it with a registration that is listed, and "
        "report this as a fault of Almanac"
    )
    return Fault(key="", code=INTERNAL, message=message, fatal=True)


def problem_of(document: Document, fault: Fault) -> Problem:
    """Return a fault with its place in the enriched copy."""
    line = document.line_of(*fault.key.split("."))
    level = "error" if fault.fatal else "warning"
    return problem(document.path, fault.code, fault.message, line, fault.key, level)


def unread_copy(fault: Problem) -> LeftOut:
    """Return what is left out because its enriched copy cannot be read."""
    slug = Path(fault.file).stem
    return left_out(slug, "feed", fault.code, fault.message, slug=slug if is_slug(slug) else "")


def sentence(fault: Fault) -> str:
    """Return a fault for those who do not see its key."""
    return f"{fault.key}: {fault.message}" if fault.key else fault.message


def left_out_plugin(slug: str, document: Document, fault: Fault, registrations: Path | None) -> LeftOut:
    """Return what is left out because of a fault, with its place in the registration where that is there."""
    file, line = _place(slug, fault.key, registrations)
    return left_out(
        plain(document.data.get("id")) or slug,
        "feed",
        fault.code,
        sentence(fault),
        slug=slug,
        file=file,
        line=line,
        source=safe_url(document.data.get("source")) or "",
    )


def _place(slug: str, key: str, registrations: Path | None) -> tuple[str, int]:
    """Return the registration's path and the line of the key, ("", 1) where it is not known."""
    path = registrations / f"{slug}.md" if registrations else None
    if path is None or not path.is_file():
        return "", 1
    try:
        document = parse(path.read_bytes(), path.as_posix(), patient=True)
    except (OSError, FrontMatterError):
        return path.as_posix(), 1
    return path.as_posix(), document.line_of(*key.split("."))


def left_out_entry(fault: EntryFault, data: Path) -> LeftOut:
    """Return the fault of a hand-written entry; its message names the place, for those who see no file."""
    about = fault.problem
    place = f"{data.name}/{Path(about.file).name}, line {about.line}"
    key = f"{about.key}: " if about.key else ""
    return left_out(
        fault.plugin, "feed", about.code, f"{place}: {key}{about.message}", file=about.file, line=about.line
    )
