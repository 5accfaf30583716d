"""What the build makes of changed plugins: its own steps, what they leave out, photographs of the pages."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from registry.enrich.job import RefusedError
from registry.quarantine.left_out import PAGELESS
from registry.review.change import Change
from registry.review.judgement import Judgement, Reviewed
from registry.review.preview.blame import problems_of
from registry.review.preview.rendering import BuildError, environment, run
from registry.review.preview.sample import sample, standing_registrations
from registry.review.preview.small_site import Ingredients
from registry.review.preview.trial import Trial, page_file, try_build
from registry.review.staging import is_fit, is_registration
from registry.review.verdict_formats import VERSION
from registry.settings import Settings
from registry.site_check.page import Site, read_page
from registry.text.problems import Problem

MAX_PLUGINS = 200
"""That are built; the rest is named."""
MAX_PHOTOGRAPHED = 10
MAX_NAMED = 200
MAX_PROBLEMS = 200
LONGEST_PROBLEM = 1_000
MAX_HEADINGS = 30
MAX_FAULTS = 20
LONGEST = 300
PHOTOGRAPHS_TIMEOUT_S = 150.0
MARKER = ".almanac-review"
"""A file that tells our output folder from any other: only in such a one are folders deleted."""
BROWSERS = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
)  # fmt: skip
"""The headless shell first: it is the same engine, and takes half of the processor time."""


class OutError(ValueError):
    """A folder to write into that holds something else."""


@dataclass(slots=True, kw_only=True)
class Plugin:
    """What became of one changed registration."""

    slug: str
    path: str
    new: bool
    built: bool = False
    reason: str = ""
    """Why it was not built."""
    title: str = ""
    """Heading of the page, as it is shown."""
    headings: list[str] = field(default_factory=list)
    page: str = ""
    """Its file below the output folder."""
    faults: list[str] = field(default_factory=list)
    """What the site check says against the page."""
    requests: list[dict[str, str]] = field(default_factory=list)
    """What the page would load from elsewhere: `url` and `type`."""
    errors: list[str] = field(default_factory=list)
    """What the page tried, or failed at, in the browser."""
    screenshots: list[dict[str, Any]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the plugin as preview.json has it."""
        return {
            "slug": self.slug,
            "path": self.path,
            "status": "added" if self.new else "modified",
            "built": self.built,
            "reason": self.reason[:LONGEST],
            "title": self.title[:LONGEST],
            "headings": [text[:LONGEST] for text in self.headings[:MAX_HEADINGS]],
            "page": self.page,
            "faults": [text[:LONGEST] for text in self.faults[:MAX_FAULTS]],
            "requests": self.requests,
            "errors": self.errors,
            "screenshots": self.screenshots,
        }


def prepare_out(out: Path) -> None:
    """Make the output folder, empty of what an earlier run left. Raises OutError for somebody else's."""
    ours = (out / MARKER).is_file()
    for name in ("build", "pages", "screenshots"):
        if (out / name).exists() and not ours:
            raise OutError(f"--out {out}: its folder '{name}' was not made here; name another folder")
        if (out / name).exists():
            shutil.rmtree(out / name)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).touch()


def preview(
    change: Change,
    judgement: Judgement,
    settings: Settings,
    configs: Sequence[str],
    out: Path,
    given: Mapping[str, str],
    now: datetime,
    *,
    server_url: str,
    screenshots: bool = True,
) -> dict[str, Any]:
    """Build and photograph the changed plugins' pages; return preview.json as its schema has it.

    `given` is the environment. What fails is told in `message`. Raises ChangeError, OSError.
    """
    plugins = [_plugin(slug, reviewed) for slug, reviewed in sorted(judgement.registrations.items())]
    chosen = [plugin for plugin in plugins if not plugin.reason][:MAX_PLUGINS]
    for plugin in plugins:
        if not plugin.reason and plugin not in chosen:
            plugin.reason = f"at most {MAX_PLUGINS} plugins are built"
    notes: tuple[str, ...] = ()
    problems: list[Problem] = []
    message, built = "", False
    if chosen:
        ingredients = Ingredients(
            change=change,
            judgement=judgement,
            settings=settings,
            configs=configs,
            now=now,
            server_url=server_url,
        )
        changed = _changed(change, chosen)
        standing = standing_registrations(change)
        before = {slug: standing.pop(slug) for slug in sorted(_touched(change) & standing.keys())}
        before = dict(list(before.items())[:MAX_PLUGINS])
        beside = sample(changed, standing)
        folder = out / "build"
        try:
            whole = changed | beside
            trial = try_build(folder, whole, ingredients, given, pictured=changed, data=_data(change))
            notes, built = trial.notes, True
            for plugin in chosen:
                _read(plugin, trial, out, settings)
            found = problems_of(
                trial.errors,
                {plugin.slug: plugin.path for plugin in chosen},
                {_id_of(judgement, plugin.slug).casefold(): plugin.slug for plugin in chosen},
                changed,
                lambda: try_build(folder / "before", before | beside, ingredients, given).errors,
            )
            # What the rules said of a line, or of a file in the same word, is not said twice.
            said = {
                (fault.file, of)
                for fault in judgement.problems
                if fault.level == "error"
                for of in (fault.line, fault.code)
            }
            problems = [
                problem
                for problem in found
                if said.isdisjoint({(problem.file, problem.line), (problem.file, problem.code)})
            ]
            if screenshots:
                pages = [plugin for plugin in chosen if plugin.built][:MAX_PHOTOGRAPHED]
                _photograph(pages, trial.site, out, given, settings.baseurl)
        except (BuildError, RefusedError) as error:
            message = str(error)
    return {
        "version": VERSION,
        "commit": change.commit,
        "base": change.base,
        "head": change.head,
        "built": built,
        "message": message[:5_000],
        "problems": [
            asdict(problem) | {"message": problem.message[:LONGEST_PROBLEM]}
            for problem in problems[:MAX_PROBLEMS]
        ],
        "notes": [note[:LONGEST] for note in notes[:MAX_NAMED]],
        "plugins": [plugin.document() for plugin in plugins[:MAX_NAMED]],
        "not_listed": max(0, len(plugins) - MAX_NAMED),
    }


def _changed(change: Change, plugins: Sequence[Plugin]) -> dict[str, bytes]:
    """Return file name without `.md` -> content of the plugins as the change has them."""
    slugs = {plugin.path: plugin.slug for plugin in plugins}
    files = [file for file in change.files if file.kind == "registration" and file.path in slugs]
    contents = change.read_all(files)
    return {slugs[file.path]: contents[file.blob] for file in files}


def _data(change: Change) -> dict[str, bytes | None]:
    """Return the hand-written data that the change brings, None for what it takes away."""
    files = [file for file in change.files if file.kind == "data"]
    fit = [file for file in files if is_fit(file)]
    contents = change.read_all(fit)
    gone: dict[str, bytes | None] = {file.path: None for file in files if file.status == "deleted"}
    return gone | {file.path: contents[file.blob] for file in fit}


def _touched(change: Change) -> frozenset[str]:
    """Return the file names without `.md` of the registrations that the change adds, modifies or deletes."""
    paths = (file.raw_path for file in change.files if is_registration(file.raw_path))
    return frozenset(PurePosixPath(path.decode()).stem for path in paths)


def _id_of(judgement: Judgement, slug: str) -> str:
    registration = judgement.registrations[slug].registration
    return registration.id if registration else slug


def _plugin(slug: str, reviewed: Reviewed) -> Plugin:
    plugin = Plugin(slug=slug, path=reviewed.path, new=reviewed.new)
    if reviewed.registration is None:
        plugin.reason = reviewed.left_out or "the registration cannot be read"
    return plugin


def _read(plugin: Plugin, trial: Trial, out: Path, settings: Settings) -> None:
    """Take the built page, and what it says."""
    errors = [error for error in trial.errors if error.slug == plugin.slug and error.stage in PAGELESS]
    plugin.faults = [error.message for error in errors if error.stage == "check"]
    plugin.faults += trial.warnings.get(plugin.slug, ())
    page = trial.site / page_file(plugin.slug)
    reasons = [error.message for error in errors if error.stage != "check"]
    if reasons or not page.is_file():
        plugin.reason = next(iter(reasons), "the build made no page of it")
        return
    html = page.read_text(encoding="utf-8", errors="replace")
    read = read_page(html, Site(url=settings.url.rstrip("/"), baseurl=settings.baseurl.rstrip("/")))
    plugin.built = True
    plugin.title = read.heading or ""
    nodes = LexborHTMLParser(html).css("h1, h2, h3")
    plugin.headings = [" ".join(node.text().split()) for node in nodes]
    plugin.page = f"pages/{plugin.slug}.html"
    (out / "pages").mkdir(exist_ok=True)
    shutil.copyfile(page, out / plugin.page)


def _photograph(
    plugins: Sequence[Plugin], site: Path, out: Path, given: Mapping[str, str], baseurl: str
) -> None:
    """Photograph the pages in a process of its own, which ends in time whatever a page does."""
    if not plugins:
        return
    task = {
        "site": str(_served(site, baseurl)),
        "baseurl": baseurl.rstrip("/"),
        "out": str(out.resolve() / "screenshots"),
        "slugs": [plugin.slug for plugin in plugins],
        "chromium": chromium_path(given),
    }
    library = str(Path(__file__).resolve().parents[3])
    command = [sys.executable, "-m", "registry.review.preview.screenshots"]
    variables = environment(given) | {"PYTHONPATH": library, "PYTHONUTF8": "1"}
    raw = json.dumps(task).encode()
    answer = run(
        command, variables, out, PHOTOGRAPHS_TIMEOUT_S, given=raw, lines=1, name="photographing the pages"
    )
    found = json.loads(answer)
    for plugin in plugins:
        seen = found[plugin.slug]
        plugin.requests, plugin.errors = seen["requests"], seen["errors"]
        plugin.screenshots = seen["screenshots"]
    if not any(plugin.screenshots for plugin in plugins):
        raise BuildError("no page could be photographed; the errors of each page tell why")


def _served(site: Path, baseurl: str) -> Path:
    """Return a folder that holds the site below the path at which its links begin."""
    below = baseurl.strip("/")
    if not below:
        return site
    root = site.with_name("served")
    place = root / below
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(site, target_is_directory=True)
    return root


def chromium_path(given: Mapping[str, str]) -> str:
    """Return the browser's path: CHROMIUM, else the first on PATH. Raises BuildError."""
    named = given.get("CHROMIUM")
    for name in [named] if named else BROWSERS:
        if path := shutil.which(name, path=given.get("PATH", os.defpath)):
            return path
    raise BuildError("there is no Chromium; install Debian's package 'chromium', or name it in CHROMIUM")
