"""A repository read by GitHub's GraphQL API, with the queries of `sources.github`."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from registry.authoring.repository import About, RepositoryError
from registry.authoring.texts import visible
from registry.facts.model import Missing
from registry.github.access import Access
from registry.github.graphql import LimitSpentError
from registry.net.http import Http, Overloaded, Traffic, Unavailable, origin
from registry.registration.model import RepoRef
from registry.settings import Settings
from registry.sources.base import Files
from registry.sources.github import Answer, Wanted, build_payload, parse_answer

TRIES = 2
"""Of a question that GitHub did not answer in time."""
_WORDS = """
query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    description homepageUrl defaultBranchRef { name }
    owner { login ... on User { name } ... on Organization { name } }
  }
}
"""
"""What the facts of a build leave out: words, and the branch's name."""


class AskedRepository:
    """A repository on the GitHub that the token belongs to."""

    origin = "GitHub"

    def __init__(
        self,
        repo: RepoRef,
        access: Access,
        settings: Settings,
        *,
        user_agent: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._repo = repo
        self._access = access
        self._settings = settings
        self._user_agent = user_agent
        self._transport = transport
        self.traffic = Traffic()

    def about(self) -> About:
        """Return its facts and words. Raises RepositoryError."""
        facts = self._ask((), facts=True).facts or {}
        words = self._words()
        owner, branch = _mapping(words.get("owner")), _mapping(words.get("defaultBranchRef"))
        return About(
            full_name=facts["repo"],
            branch=_text(branch.get("name")),
            description=_text(words.get("description")),
            homepage=_text(words.get("homepageUrl")),
            owner=_text(owner.get("name")) or _text(owner.get("login")),
            license=facts.get("license", ""),
            topics=tuple(facts["topics"]),
            archived=facts["archived"],
        )

    def files(self, paths: Iterable[str]) -> Files:
        """Return what is at `paths` of the default branch. Raises RepositoryError."""
        wanted = tuple(paths)
        answer = self._ask(wanted, facts=False)
        if answer.unread:
            answer = self._ask(wanted, facts=False)  # a field that failed by chance
        if answer.unread:
            raise RepositoryError(f"GitHub did not show all files of {self._repo.full_name}; try again later")
        return answer.files

    def _ask(self, paths: tuple[str, ...], *, facts: bool) -> Answer:
        wanted = Wanted("", self._repo, paths)
        content = self._post(build_payload([wanted], facts=facts))
        try:
            answers, _ = parse_answer(content, [wanted], facts=facts, now=datetime.now(UTC))
        except LimitSpentError:
            raise RepositoryError("GitHub's rate limit is spent; try again in an hour") from None
        except Unavailable as error:
            raise RepositoryError(f"{error}; try again later") from None
        answer = answers[0]
        if isinstance(answer, Missing):
            cure = "check the address" if answer.gone else "try again later"
            raise RepositoryError(f"{answer.reason}; {cure}")
        return answer

    def _words(self) -> Mapping[str, Any]:
        variables = {"owner": self._repo.owner, "name": self._repo.name}
        content = self._post(json.dumps({"query": _WORDS, "variables": variables}).encode())
        words = _mapping(_mapping(_mapping(content).get("data")).get("repository"))
        if not words:
            raise RepositoryError(f"GitHub said nothing of {self._repo.full_name}; try again later")
        return words

    def _post(self, payload: bytes) -> Any:
        for tries in range(1, TRIES + 1):
            try:
                return asyncio.run(self._send(payload))
            except Overloaded as error:
                if tries == TRIES:
                    raise RepositoryError(f"GitHub: {error}; try again later") from None
            except Unavailable as error:
                raise RepositoryError(f"GitHub: {error}") from None
        raise AssertionError  # the loop ends by return or raise

    async def _send(self, payload: bytes) -> Any:
        limits = self._settings.limits
        async with Http(
            user_agent=self._user_agent,
            timeout_s=limits.timeout_s,
            patience_s=limits.patience_s,
            concurrency=1,
            tokens={origin(self._access.graphql_url): self._access.token},
            traffic=self.traffic,
            transport=self._transport,
        ) as http:
            return (await http.post_json(self._access.graphql_url, payload))[0]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return visible(value[:1_000]) if isinstance(value, str) else ""
