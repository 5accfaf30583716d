"""Default branches, and whether there is what archives name: one query for all repositories."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from registry.registration.model import Registration, parse_repo
from registry.review.inspection.github_queries import Asked
from registry.review.inspection.source import Source

_ARCHIVE = re.compile(r"/[^/]+/[^/]+/archive/(.+?)(?:\.zip|\.tar\.gz|\.tgz)")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@/-]{0,200}")


async def learn_branches(
    sources: dict[str, Source], registrations: Sequence[Registration], asked: Asked, server_url: str
) -> None:
    """Learn the name of each default branch, and whether what the archive names is there."""
    known = [reg for reg in registrations if sources[reg.slug].facts]
    fields: list[str] = []
    declared: list[str] = []
    variables: dict[str, str] = {}
    for number, registration in enumerate(known):
        assert registration.repo is not None  # noqa: S101 - as above
        ref = archive_ref(registration, server_url)
        sources[registration.slug] = replace(sources[registration.slug], archive_ref=ref)
        variables |= {f"o{number}": registration.repo.owner, f"n{number}": registration.repo.name}
        declared.append(f"$o{number}: String!, $n{number}: String!")
        there = ""
        if ref:
            variables[f"e{number}"] = f"{ref}^{{tree}}"
            declared.append(f"$e{number}: String!")
            there = f" object(expression: $e{number}) {{ __typename }}"
        inner = f"defaultBranchRef {{ name }}{there}"
        fields.append(f"r{number}: repository(owner: $o{number}, name: $n{number}) {{ {inner} }}")
    if not fields:
        return
    data = await asked.query(f"query({', '.join(declared)}) {{ {' '.join(fields)} }}", variables)
    for number, registration in enumerate(known):
        node = data.get(f"r{number}")
        if not isinstance(node, Mapping):
            continue
        source = sources[registration.slug]
        branch = (node.get("defaultBranchRef") or {}).get("name")
        sources[registration.slug] = replace(
            source,
            branch=branch if isinstance(branch, str) and _BRANCH.fullmatch(branch) else "",
            archive_missing=bool(source.archive_ref) and "object" in node and node["object"] is None,
        )


def archive_ref(registration: Registration, server_url: str) -> str:
    """Return the branch, tag or commit that the archive of the registration's own repository names, or ""."""
    repo = parse_repo(registration.archive, server_url)
    if repo is None or registration.repo is None:
        return ""
    if repo.full_name.lower() != registration.repo.full_name.lower():
        return ""
    match = _ARCHIVE.fullmatch(urlsplit(registration.archive).path)
    ref = unquote(match[1]) if match else ""
    ref = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    return ref if _BRANCH.fullmatch(ref) and ".." not in ref and "@{" not in ref else ""
