"""Where a registration and its source disagree, and which to change where. Pure.

Users of the reference were confused exactly there: they changed the registration, and the host went on
reading the source. So each advice ends in an action.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

from registry.registration.frontmatter import Document
from registry.registration.model import Registration, parse_repo
from registry.review.inspection.comparison import Advice, Both, capital
from registry.review.inspection.licence import licence_advice
from registry.review.inspection.python_flag import python_advice
from registry.review.inspection.source import Source
from registry.review.suggestions.guesses import yaml_text
from registry.settings import Settings
from registry.text.github_markdown import code


def disagreements(
    registration: Registration,
    document: Document,
    source: Source,
    settings: Settings,
    server_url: str,
    *,
    new: bool,
) -> list[Advice]:
    """Return where registration and source disagree, what matters most first."""
    both = Both(
        registration=registration,
        document=document,
        source=source,
        settings=settings,
        server_url=server_url,
        new=new,
    )
    if source.repo is None:
        return []
    if source.unread:
        return list(_gone(both))
    return [
        advice
        for check in (python_advice, _identity, _archive, _moved, _archived, licence_advice)
        for advice in check(both)
    ]


def _gone(both: Both) -> Iterator[Advice]:
    if both.source.gone and both.source.repo:
        yield Advice(
            title="No such repository",
            text=f"GitHub knows no public repository {code(both.source.repo.full_name)}, so nobody can "
            f"install or check this plugin. Correct the address in {both.line('source')}, or make the "
            "repository public.",
        )


def _identity(both: Both) -> Iterator[Advice]:
    declared = both.source.declared
    if declared is None or not declared.entry_point or declared.entry_point == both.registration.id:
        return
    found, own = declared.entry_point, both.registration.id
    rename = f" and rename the file to {code(f'_plugins/{found}.md')}" if both.new else ""
    yield Advice(
        title="The plugin's identifier",
        text=f"{capital(both.line('id'))} says {code(own)}, but {both.place(both.source.packaging, 0)} "
        f"says {code(found)}, and {both.host} knows the plugin by what the package says: updates and usage "
        f"figures would not find it. If the package is right, change {both.line('id')} to "
        f"{code('id: ' + yaml_text(found))}{rename}. If the registration is right, change the identifier in "
        f"{code(both.source.packaging)} to {code(own)} and release a new version.",
    )


def _archive(both: Both) -> Iterator[Advice]:
    source, registration = both.source, both.registration
    where = both.line("archive")
    if source.archive_missing:
        cure = "Change it to a branch or tag that is there."
        if source.branch:
            good = f"{both.root}/archive/refs/heads/{quote(source.branch)}.zip"
            cure = f"Change {where} to {code('archive: ' + good)}."
        yield Advice(
            title="The archive does not exist",
            text=f"{capital(where)} downloads {code(source.archive_ref)}, and {code(both.name)} has "
            f"neither a branch nor a tag of that name, so the plugin cannot be installed. {cure}",
        )
        return
    archive = parse_repo(registration.archive, both.server_url)
    names = {both.name.lower(), source.repo.full_name.lower() if source.repo else ""}
    if archive and archive.full_name.lower() not in names:
        yield Advice(
            title="The archive of another repository",
            text=f"{capital(where)} installs from {code(archive.full_name)}, but {both.line('source')} "
            f"names {code(both.name)}: people would install what they cannot read there. Change the one "
            "of the two lines that is wrong.",
        )


def _moved(both: Both) -> Iterator[Advice]:
    repo, now = both.source.repo, str(both.source.facts.get("repo") or "")
    if repo is None or not now or now.lower() == repo.full_name.lower():
        return
    changes = []
    # An archive that is not there is told of by itself.
    for key in ("source", "homepage", *(("archive",) if not both.source.archive_missing else ())):
        address = getattr(both.registration, key)
        named = parse_repo(address, both.server_url)
        if named and named.full_name.lower() == repo.full_name.lower():
            moved = re.sub(re.escape(repo.full_name), lambda _: now, address, count=1, flags=re.IGNORECASE)
            changes.append(f"{both.line(key)} to {code(f'{key}: {moved}')}")
    yield Advice(
        title="The repository has moved",
        text=f"{code(repo.full_name)} is called {code(now)} now; the old address works only until somebody "
        f"else takes the name. Change {', '.join(changes) or both.line('source')}.",
    )


def _archived(both: Both) -> Iterator[Advice]:
    data = both.registration.data
    attributes = data.get("attributes")
    told = any(data.get(key) for key in ("abandoned", "disabled", "up_for_adoption")) or (
        isinstance(attributes, list) and "abandoned" in attributes
    )
    if both.source.facts.get("archived") and not told:
        yield Advice(
            title="The repository is archived",
            text=f"{code(both.name)} is read-only: no fault can be mended there. If the plugin is "
            "maintained, unarchive the repository in its settings. If it is not, write `abandoned: true` "
            f"into {code(both.registration.path)}.",
        )
