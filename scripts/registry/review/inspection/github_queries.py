"""GitHub's GraphQL API, asked for few repositories and patiently: what fails is an answer, too."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from registry.facts.model import Missing
from registry.github.graphql import LimitSpentError
from registry.net.http import Http, Unavailable
from registry.sources.github import Answer, Wanted, build_payload, parse_answer


@dataclass(slots=True)
class Asked:
    """GitHub's GraphQL API, asked patiently."""

    http: Http
    url: str

    async def batch(self, batch: Sequence[Wanted], *, facts: bool) -> list[Answer | Missing]:
        """Return the answers; a batch that fails is asked for one by one."""
        try:
            content, _ = await self.http.post_json(self.url, build_payload(batch, facts=facts))
            return parse_answer(content, batch, facts=facts, now=datetime.now(UTC))[0]
        except LimitSpentError:
            return [Missing(reason="GitHub's rate limit is spent")] * len(batch)
        except Unavailable as error:
            if len(batch) > 1:
                return [answer for one in batch for answer in await self.batch([one], facts=facts)]
            return [Missing(reason=f"GitHub could not be read ({error})")]

    async def query(self, query: str, variables: Mapping[str, str]) -> Mapping[str, Any]:
        """Return `data` of an answer, nothing where there is none."""
        payload = json.dumps({"query": query, "variables": dict(variables)}).encode()
        try:
            content, _ = await self.http.post_json(self.url, payload)
        except Unavailable:
            return {}
        data = content.get("data") if isinstance(content, dict) else None
        return data if isinstance(data, dict) else {}

    async def login(self) -> str:
        """Return who the token acts as, "" where that is not told."""
        viewer = (await self.query("query { viewer { login } }", {})).get("viewer")
        login = viewer.get("login") if isinstance(viewer, dict) else None
        return login if isinstance(login, str) and re.fullmatch(r"[\w.-]+(?:\[bot\])?", login) else ""
