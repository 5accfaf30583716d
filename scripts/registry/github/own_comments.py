"""What a workflow has written at GitHub before: told by its author and a hidden marker at its beginning.

Anybody may copy a marker into an issue or a comment of theirs; nobody else can be its author.
"""

from collections.abc import Mapping
from typing import Any

BOT = "github-actions[bot]"
"""Who GITHUB_TOKEN writes as. No person's name has brackets."""


def is_ours(item: Any, marker: str, login: str = BOT) -> bool:
    """Tell whether an issue or a comment (as the API has it) is by `login` and begins with `marker`."""
    if not isinstance(item, Mapping) or "pull_request" in item:
        return False
    user, body = item.get("user"), item.get("body")
    return (
        isinstance(user, Mapping)
        and user.get("login") == login
        and isinstance(body, str)
        and body.startswith(marker)
    )
