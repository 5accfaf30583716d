"""Whether the repository that answers to a registered name is still the one that was registered. Pure.

A repository keeps its node id and its creation date when it is renamed or transferred. One of another id has
taken a name that became free: its account was deleted, or moved away.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from registry.facts.model import Fact, Facts, parse_time, utc_text

_ID = re.compile(r"[A-Za-z0-9_=+/-]{1,100}")


def parse_identity(node: Mapping[str, Any], registered: str) -> dict[str, str] | None:
    """Return `{id, created_at, registered}` of a GraphQL `Repository` node, None where it has no id.

    `registered` is owner/name as the registration has it; `created_at` is left out where it cannot be read.
    """
    node_id = node.get("id")
    if not isinstance(node_id, str) or not _ID.fullmatch(node_id):
        return None
    identity = {"id": node_id, "registered": registered}
    with suppress(KeyError, TypeError, ValueError):
        identity["created_at"] = utc_text(parse_time(node["createdAt"]))
    return identity


def is_stranger(identity: Mapping[str, str], facts: Facts) -> bool:
    """Return whether the repository of `identity` is another than the one that `facts` are of.

    A registration with another `source` than before begins anew. Where no id is known yet, a repository
    that was created after GitHub said figures of that very name is another one. Figures of a baseline, and
    those of a repository that answered by another name, prove nothing.
    """
    known, figures, name = facts.get("identity"), facts.get("github"), identity["registered"].lower()
    if known:
        return bool(known.data["registered"].lower() == name and known.data["id"] != identity["id"])
    if figures is None or not figures.source.startswith("github"):
        return False
    created = _created(identity)
    return str(figures.data.get("repo")).lower() == name and created is not None and created > figures.as_of


def has_new_id(identity: Mapping[str, str], known: Fact | None) -> bool:
    """Return whether only the id of a repository is new: created in the same second, it may be the same."""
    created = identity.get("created_at")
    return bool(created and known and known.data.get("created_at") == created)


def warning(plugin_id: str, identity: Mapping[str, str], facts: Facts) -> str:
    """Return what an operator has to know of a stranger, and what to do."""
    created, known = _created(identity), facts.get("identity")
    first = _created(known.data) if known else None
    dates = f", created {created:%Y-%m-%d}" if created else ""
    dates += f" and the registered one {first:%Y-%m-%d}" if created and first else ""
    return (
        f"{identity['registered']} now belongs to another repository{dates}: nothing of it is taken over; "
        f"change `source`, or pass --accept-repository {plugin_id} if the plugin lives there"
    )


def _created(data: Mapping[str, Any]) -> datetime | None:
    text = data.get("created_at")
    return parse_time(text.replace(" +0000", "+00:00")) if isinstance(text, str) else None
