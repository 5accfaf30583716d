"""The comment's part about how pages will look. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.registration.model import Registration
from registry.review.comment.findings import Findings
from registry.sources.compat import Evidence
from registry.text.github_markdown import Part, code, link, plain
from registry.text.problems import counted


def page_parts(found: Findings) -> Iterator[Part]:
    """Yield how each plugin's page will look, as the registration and what the check uploaded tell."""
    claimed = found.claimed
    built = {str(plugin.get("slug")): plugin for plugin in claimed.get("plugins", ())}
    items = [
        _page(found, reviewed.registration, built.get(slug, {}))
        for slug, reviewed in found.judgement.registrations.items()
        if reviewed.registration
    ]
    if not items:
        return
    tail = []
    if found.artefact and found.artefact.id and claimed:
        url = f"{found.run_url}/artifacts/{found.artefact.id:d}"
        count = len(found.artefact.screenshots)
        tail = [f"Pages and {counted(count, 'picture')} are in {link('what the check uploaded', url)}."]
        if any(name.startswith(".github/") for name in found.judgement.others):
            tail.append("The change touches what made them: take them for its author's claim.")
        if message := claimed.get("message"):
            tail.append(f"The build said: {plain(str(message), 300)}")
    elif found.artefact_fault:
        tail = [f"No preview could be read: {plain(found.artefact_fault)}."]
    yield Part("### How the page will look", items, more="- … and {} more")
    if tail:
        yield Part(" ".join(tail))


def _page(found: Findings, registration: Registration, built: Mapping[str, Any]) -> str:
    lines = [
        f"- **{plain(registration.title, 120)}**: {plain(registration.description, 300) or 'no description'}",
        f"  - page: {code(f'/plugins/{registration.slug}/')}",
        f"  - installs from: {code(registration.archive, 300)}",
        f"  - compatibility: {_compatibility(found, registration)}",
    ]
    headings = [text for text in built.get("headings", ()) if isinstance(text, str)][1:9]
    if headings:
        lines.append(f"  - headings: {', '.join(plain(text, 80) for text in headings)}")
    if built and not built.get("built"):
        lines.append(f"  - not built: {plain(str(built.get('reason', '')), 300)}")
    for name, what in (("faults", "the check of the page says"), ("errors", "in the browser")):
        told = [text for text in built.get(name, ()) if isinstance(text, str)]
        lines += [f"  - {what}: {plain(text, 200)}" for text in told[:3]]
    if requests := built.get("requests"):
        lines.append(f"  - loads {counted(len(requests), 'file')} from other sites")
    return "\n".join(lines)


def _compatibility(found: Findings, registration: Registration) -> str:
    """Return compatibility as the site will show it."""
    own = registration.data.get("compatibility")
    own = own if isinstance(own, dict) else {}
    source = found.sources.get(registration.slug)
    flag = source.outcome.python if source and isinstance(source.outcome, Evidence) else None
    prefer = found.settings.compatibility.prefer == "source"
    python = (flag or registration.python) if prefer else (registration.python or flag)
    parts = []
    for name, key in ((found.settings.host.name, "octoprint"), ("systems", "os")):
        value = own.get(key)
        values = [str(getattr(item, "text", item)) for item in value] if isinstance(value, list) else []
        parts.append(f"{name} {', '.join(code(item, 60) for item in values[:6]) or 'any'}")
    return ", ".join([*parts, f"Python {code(python) if python else 'not stated'}"])
