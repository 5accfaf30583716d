"""The build's own steps on a small site: enrichment, feeds, Jekyll, the check; and what they leave out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from registry.quarantine.left_out import LeftOut, left_out
from registry.registration.model import is_slug
from registry.review.preview.rendering import build_site
from registry.review.preview.small_site import Ingredients, make_source
from registry.settings import Settings
from registry.site_check.check import check_site
from registry.site_check.page import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a small build came to."""

    site: Path
    errors: tuple[LeftOut, ...]
    """What it left out, or would refuse to publish."""
    notes: tuple[str, ...] = ()


def try_build(
    folder: Path,
    registrations: Mapping[str, bytes],
    given: Ingredients,
    variables: Mapping[str, str],
    *,
    pictured: Iterable[str] = (),
    data: Mapping[str, bytes | None] | None = None,
) -> Trial:
    """Build the `registrations`, by file name without `.md`, below `folder`, as the main job would.

    `variables` is the environment; see `make_source` for the rest. Raises ChangeError, OSError, enrichment's
    RefusedError, and BuildError when Jekyll fails as a whole.
    """
    source = make_source(folder, registrations, given, pictured=pictured, data=data)
    site = folder.resolve() / "site"
    omitted = build_site(source, site, given.settings.root.resolve(), variables)
    errors = [*source.errors, *_omitted(omitted, registrations)]
    told = {error.slug for error in errors}
    for error in checked(site, source.copies, given.settings):
        if error.code != _MISSING or error.slug not in told:
            errors.append(error)
    return Trial(site=site, errors=tuple(dict.fromkeys(errors)), notes=source.notes)


def _omitted(omitted: Mapping[str, str], registrations: Mapping[str, bytes]) -> Iterator[LeftOut]:
    """Yield what Jekyll said that it makes no page of."""
    for name, reason in omitted.items():
        slug = name.removesuffix(".md")
        if slug in registrations:
            yield left_out(slug, "page", "left-out", reason, slug=slug)


_MISSING = "no-page"


def checked(site: Path, copies: Path, settings: Settings) -> list[LeftOut]:
    """Return what the site check says against a site, the adapter to what it returns."""
    place = Site(url=settings.url.rstrip("/"), baseurl=settings.baseurl.rstrip("/"))
    found = []
    for fault in check_site(site, copies, place):
        if fault.level != "error":
            continue
        slug = _slug_of(fault.file)
        code = _MISSING if fault.message.startswith("is missing") else "page-check"
        message = f"its page {fault.message}" if slug else f"{fault.file} {fault.message}"
        found.append(left_out(slug, "check", code, message, slug=slug))
    return found


def _slug_of(file: str) -> str:
    """Return the registration whose page a file of the site is, "" for any other."""
    match file.split("/"):
        case ["plugins", slug, "index.html"] if is_slug(slug):
            return slug
    return ""
