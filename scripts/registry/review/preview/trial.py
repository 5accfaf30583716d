"""The build's own steps on a small site: enrichment, feeds, Jekyll, the check; and what they leave out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.quarantine.left_out import LeftOut, left_out
from registry.review.preview.rendering import build_site
from registry.review.preview.small_site import Ingredients, Source, make_source
from registry.settings import Settings
from registry.site_check.check import check_site
from registry.site_check.leaving_out import from_jekyll, in_words
from registry.site_check.page import Site
from registry.site_check.verdict import Verdict, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a small build came to."""

    site: Path
    errors: tuple[LeftOut, ...]
    """What it left out, or would refuse to publish."""
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """File name of a registration without `.md` -> what its page is published with all the same."""
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
    build_site(source, site, given.settings.root.resolve(), variables)
    verdict = _check(site, source, given.settings)
    found = in_words(verdict, source.copies, from_jekyll(source.left_out), (), given.settings)
    # What the whole would be refused for.
    found += [
        left_out("", "check", fault.kind, f"{fault.file} {fault.message}") for fault in verdict.refusals
    ]
    return Trial(
        site=site,
        errors=tuple(dict.fromkeys([*source.errors, *found])),
        warnings={
            slug: tuple(fault.message for fault in verdict.warnings if fault.file == page_file(slug))
            for slug in registrations
        },
        notes=source.notes,
    )


def page_file(slug: str) -> str:
    """Return where a plugin's page lies in a site."""
    return f"plugins/{slug}/index.html"


def _check(site: Path, source: Source, settings: Settings) -> Verdict:
    place = Site(url=settings.url.rstrip("/"), baseurl=settings.baseurl.rstrip("/"))
    slugs = {path.stem for path in source.copies.glob("*.md")}
    return judge(check_site(site, source.copies, place), slugs)
