"""Where GitHub is and what opens it: the environment that GitHub Actions sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

API_URL = "https://api.github.com"
SERVER_URL = "https://github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The addresses of one GitHub, and the token that belongs to its API and to no other host."""

    token: str = field(default="", repr=False)
    api_url: str = API_URL
    graphql_url: str = f"{API_URL}/graphql"
    server_url: str = SERVER_URL
    repository: str = ""
    """`owner/name` of the registry's own repository; "" outside of a workflow."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Access":
        """Read `GITHUB_TOKEN`, `_API_URL`, `_GRAPHQL_URL`, `_SERVER_URL` and `_REPOSITORY`."""
        api_url = (environment.get("GITHUB_API_URL") or API_URL).rstrip("/")
        return cls(
            token=environment.get("GITHUB_TOKEN", "").strip(),
            api_url=api_url,
            graphql_url=environment.get("GITHUB_GRAPHQL_URL") or f"{api_url}/graphql",
            server_url=environment.get("GITHUB_SERVER_URL") or SERVER_URL,
            repository=environment.get("GITHUB_REPOSITORY", ""),
        )
