"""A *world*: the repositories that the GitHub emulator knows, and what each answers to GraphQL.

A world is JSON:

    {"repositories": {"owner/name": {REPOSITORY}, …},
     "renames": {"old/name": "owner/name"},        followed, as GitHub's API does
     "forbidden": ["owner/name"]}                  behind an organization's single sign-on

    REPOSITORY (every key may be left out):
      stars, forks, watchers, open_issues, closed_issues, open_pulls, closed_pulls      numbers
      releases: [{name, tag, published_at, created_at, prerelease, draft, latest, url, description}]
      pushed_at, updated_at, created_at, archived_at      "2024-05-01T10:00:00Z"
      archived, disabled, private, fork, empty            true or false
      push_access         whether the token may push: only then GitHub shows drafts of releases
      license             SPDX id, "NOASSERTION" or null
      topics, language, homepage, description, default_branch, branches: {name: "HEAD"}
      committed_at        of the default branch's head; `pushed_at` when it is left out: no other branch moved
      head                oid of the head commit; without it, it is made from the files and `committed_at`
      owner_type          "User" (as it is when left out) or "Organization"
      threads: {"7": THREAD}      issues, pull requests and discussions by number; they change no count above
      files: {path: FILE}

    THREAD: {"kind": "issue" (as it is when left out), "pull" or "discussion", "title", "created_at",
      "author", "closed"}

    FILE: text, or {"text", "filler", "tail", "byte_size", "truncated", "binary", "executable"}:
      `filler` bytes of plausible methods stand between `text` and `tail`, which keeps a large world small;
      {"symlink": target} or {"submodule": oid}.
"""

import base64
import html
import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Literal

from graphql import GraphQLResolveInfo

from tests.emulators.files import as_file, file_bytes, folders_of, sha1

Info = GraphQLResolveInfo[Any]
Value = dict[str, Any]
"""What answers for a GraphQL object: a value or a callable `(info, **arguments)` by field name."""

TRUNCATED_AT_BYTES = 512_000
LONG_AGO = "2015-01-01T00:00:00Z"
MODES = {"tree": 0o040000, "commit": 0o160000, "symlink": 0o120000, "executable": 0o100755, "blob": 0o100644}

THREADS = {
    "issue": ("Issue", "issues"),
    "pull": ("PullRequest", "pull"),
    "discussion": ("Discussion", "discussions"),
}
"""Kind of a thread -> its type in the schema, its part of an address."""

LICENSE_NAMES = {
    "AGPL-3.0": "GNU Affero General Public License v3.0",
    "Apache-2.0": "Apache License 2.0",
    "BSD-3-Clause": 'BSD 3-Clause "New" or "Revised" License',
    "GPL-3.0": "GNU General Public License v3.0",
    "MIT": "MIT License",
    "NOASSERTION": "Other",
}


class NotEmulatedError(Exception):
    """A field that GitHub has and this emulator does not."""


def resolve(source: Value, info: Info, **arguments: Any) -> Any:
    """Answer one field: the emulator's default resolver."""
    try:
        value = source[info.field_name]
    except KeyError:
        raise NotEmulatedError(
            f"the GitHub emulator does not answer {info.parent_type.name}.{info.field_name} yet"
        ) from None
    return value(info, **arguments) if callable(value) else value


def node_id(*parts: str) -> str:
    """Make an opaque id."""
    return base64.b64encode(":".join(parts).encode()).decode()


def connection(info: Info, nodes: list[Any], arguments: Mapping[str, Any]) -> Value:
    """Answer a page of a list. Cursors are positions."""
    start, end = 0, len(nodes)
    if (after := arguments.get("after")) is not None:
        start = int(base64.b64decode(after)) + 1
    if (before := arguments.get("before")) is not None:
        end = min(end, int(base64.b64decode(before)))
    if (first := arguments.get("first")) is not None:
        end = min(end, start + first)
    if (last := arguments.get("last")) is not None:
        start = max(start, end - last)
    page = nodes[start:end]
    cursors = [base64.b64encode(str(start + index).encode()).decode() for index in range(len(page))]
    return {
        "totalCount": len(nodes),
        "nodes": page,
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, page, strict=True)],
        "pageInfo": {
            "hasNextPage": end < len(nodes),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def counted(total: int) -> Callable[..., Value]:
    """Answer a connection of which only the number is known here."""

    def answer(info: Info, **_: Any) -> Value:
        return {"totalCount": total}

    return answer


def by_state(**totals: int) -> Callable[..., Value]:
    """Answer a count of issues or pull requests by their states; other filters are not emulated."""

    def answer(info: Info, *, states: list[str] | None = None, **arguments: Any) -> Value:
        if unknown := set(arguments) - {"first", "last", "orderBy"}:
            raise NotEmulatedError(f"the GitHub emulator does not filter by {', '.join(sorted(unknown))} yet")
        return {"totalCount": sum(totals[state] for state in set(states or totals))}

    return answer


class Repository:
    """One repository of a world, answering GraphQL fields from `fields`."""

    def __init__(self, name_with_owner: str, data: Mapping[str, Any]) -> None:
        self.name_with_owner = name_with_owner
        self.owner, _, self.name = name_with_owner.partition("/")
        self.data = data
        self.url = f"https://github.com/{name_with_owner}"
        self.id: str = data.get("id") or node_id("Repository", name_with_owner)
        self.pushed_at = data.get("pushed_at", LONG_AGO)
        self.committed_at = data.get("committed_at", self.pushed_at)
        self.branch = data.get("default_branch", "main")
        self.files: Mapping[str, Any] = data.get("files", {})
        self.head: str = data.get("head") or sha1(
            self.id, self.committed_at, json.dumps(self.files, sort_keys=True)
        )
        self.folders = folders_of(self.files)
        self.fields: Value = {**self._figures(), **self._words(), **self._git(), **self._threads()}

    def _figures(self) -> Value:
        data = self.data
        stars = data.get("stars", 0)
        return {
            "stargazerCount": stars,
            "stargazers": counted(stars),
            "forkCount": data.get("forks", 0),
            "forks": counted(data.get("forks", 0)),
            "watchers": counted(data.get("watchers", 0)),
            "issues": by_state(OPEN=data.get("open_issues", 0), CLOSED=data.get("closed_issues", 0)),
            "pullRequests": by_state(
                OPEN=data.get("open_pulls", 0), CLOSED=0, MERGED=data.get("closed_pulls", 0)
            ),
            "discussions": counted(0),
            "diskUsage": 1 + sum(len(str(file)) for file in self.files.values()) // 1024,
            "databaseId": int(sha1(self.name_with_owner)[:7], 16),
            "viewerHasStarred": False,
            "viewerPermission": "WRITE" if data.get("push_access") else "READ",
        }

    def _words(self) -> Value:
        data = self.data
        language = data.get("language", "Python")
        spoken = {"name": language, "color": "#3572A5", "id": node_id("Language", language)}
        topics = [
            {
                "topic": {"name": topic, "id": node_id("Topic", topic)},
                "url": f"https://github.com/topics/{topic}",
            }
            for topic in data.get("topics", [])
        ]
        description = data.get("description")
        archived = bool(data.get("archived"))
        private = bool(data.get("private"))
        return {
            "__typename": "Repository",
            "id": self.id,
            "name": self.name,
            "nameWithOwner": self.name_with_owner,
            "owner": self._owner(),
            "url": self.url,
            "resourcePath": f"/{self.name_with_owner}",
            "sshUrl": f"git@github.com:{self.name_with_owner}.git",
            "homepageUrl": data.get("homepage"),
            "openGraphImageUrl": f"https://opengraph.githubassets.com/1/{self.name_with_owner}",
            "description": description,
            "descriptionHTML": f"<div>{html.escape(description or '')}</div>",
            "createdAt": data.get("created_at", LONG_AGO),
            "updatedAt": data.get("updated_at", self.pushed_at),
            "pushedAt": None if data.get("empty") else self.pushed_at,
            "archivedAt": data.get("archived_at", self.pushed_at) if archived else None,
            "isArchived": archived,
            "isDisabled": bool(data.get("disabled")),
            "isEmpty": bool(data.get("empty")),
            "isFork": bool(data.get("fork")),
            "isInOrganization": data.get("owner_type") == "Organization",
            "isLocked": False,
            "isMirror": False,
            "isPrivate": private,
            "isTemplate": False,
            "visibility": "PRIVATE" if private else "PUBLIC",
            "hasIssuesEnabled": True,
            "hasDiscussionsEnabled": False,
            "hasWikiEnabled": True,
            "parent": None,
            "fundingLinks": [],
            "licenseInfo": license_value(data.get("license")),
            "primaryLanguage": spoken,
            "languages": lambda info, **arguments: connection(info, [spoken], arguments),
            "repositoryTopics": lambda info, **arguments: connection(info, topics, arguments),
            "releases": self._releases,
            "latestRelease": lambda info: self._latest_release(),
            "release": self._release_by_tag,
        }

    def _owner(self) -> Value:
        kind = self.data.get("owner_type", "User")
        return {
            "__typename": kind,
            "id": node_id(kind, self.owner),
            "login": self.owner,
            "name": self.owner,
            "url": f"https://github.com/{self.owner}",
            "resourcePath": f"/{self.owner}",
            "avatarUrl": lambda info, **_: f"https://avatars.githubusercontent.com/{self.owner}",
        }

    # Releases

    def _visible_releases(self) -> list[Value]:
        """List releases as GitHub does, newest first; drafts only for those who may push."""
        releases = [
            release
            for release in self.data.get("releases", [])
            if self.data.get("push_access") or not release.get("draft")
        ]
        releases.sort(key=released, reverse=True)
        latest = self._latest_data()
        return [self._release(release, latest=release is latest) for release in releases]

    def _latest_data(self) -> Mapping[str, Any] | None:
        full = [
            release
            for release in self.data.get("releases", [])
            if not release.get("draft") and not release.get("prerelease")
        ]
        marked = [release for release in full if release.get("latest")]
        return max(marked or full, key=released, default=None)

    def _latest_release(self) -> Value | None:
        latest = self._latest_data()
        return None if latest is None else self._release(latest, latest=True)

    def _release_by_tag(self, info: Info, **arguments: str) -> Value | None:
        releases = self._visible_releases()
        return next((release for release in releases if release["tagName"] == arguments["tagName"]), None)

    def _release(self, release: Mapping[str, Any], *, latest: bool) -> Value:
        tag = release.get("tag", "")
        draft = bool(release.get("draft"))
        return {
            "__typename": "Release",
            "id": node_id("Release", self.name_with_owner, tag),
            "name": release.get("name"),
            "tagName": tag,
            "url": release.get("url", f"{self.url}/releases/tag/{tag}"),
            "resourcePath": f"/{self.name_with_owner}/releases/tag/{tag}",
            "createdAt": released(release),
            "publishedAt": None if draft else release.get("published_at", LONG_AGO),
            "updatedAt": release.get("published_at", LONG_AGO),
            "isDraft": draft,
            "isPrerelease": bool(release.get("prerelease")),
            "isLatest": latest,
            "description": release.get("description"),
            "descriptionHTML": html.escape(release.get("description") or ""),
            "releaseAssets": lambda info, **arguments: connection(info, [], arguments),
            "repository": lambda info: self.fields,
        }

    def _releases(self, info: Info, **arguments: Any) -> Value:
        releases = self._visible_releases()
        order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "DESC"}
        if order["field"] == "NAME":
            releases.sort(key=lambda release: release["name"] or "")
        else:
            releases.sort(key=lambda release: str(release["createdAt"]))
        if order["direction"] == "DESC":
            releases.reverse()
        return connection(info, releases, arguments)

    # Issues, pull requests and discussions

    def _threads(self) -> Value:
        return {
            name: lambda info, *, number, kinds=kinds, what=what: self._thread(number, kinds, what)
            for name, kinds, what in (
                ("issue", ("issue",), "an Issue"),
                ("pullRequest", ("pull",), "a PullRequest"),
                ("issueOrPullRequest", ("issue", "pull"), "an issue or pull request"),
                ("discussion", ("discussion",), "a Discussion"),
            )
        }

    def _thread(self, number: int, kinds: tuple[str, ...], what: str) -> Value:
        from tests.emulators.execution import GitHubError  # which imports this module

        thread = self.data.get("threads", {}).get(str(number))
        if thread is None or thread.get("kind", "issue") not in kinds:
            raise GitHubError("NOT_FOUND", f"Could not resolve to {what} with the number of {number}.")
        kind, section = THREADS[thread.get("kind", "issue")]
        author = thread.get("author", "maker")
        path = f"/{self.name_with_owner}/{section}/{number}"
        return {
            "__typename": kind,
            "id": node_id(kind, self.name_with_owner, str(number)),
            "number": number,
            "title": thread.get("title", f"Thread {number}"),
            "createdAt": thread.get("created_at", LONG_AGO),
            "closed": bool(thread.get("closed")),
            "state": "CLOSED" if thread.get("closed") else "OPEN",
            "url": f"https://github.com{path}",
            "resourcePath": path,
            "author": {
                "__typename": "User",
                "login": author,
                "url": f"https://github.com/{author}",
                "resourcePath": f"/{author}",
            },
            "repository": lambda info: self.fields,
        }

    # Git

    def _git(self) -> Value:
        empty = bool(self.data.get("empty"))
        return {
            "object": self._object,
            "defaultBranchRef": None if empty else self._ref(self.branch),
            "ref": self._find_ref,
        }

    def _ref(self, branch: str) -> Value:
        return {
            "__typename": "Ref",
            "id": node_id("Ref", self.name_with_owner, branch),
            "name": branch,
            "prefix": "refs/heads/",
            "target": lambda info: self._commit(),
            "repository": lambda info: self.fields,
        }

    def _branches(self) -> set[str]:
        return {self.branch, *self.data.get("branches", ())}

    def _find_ref(self, info: Info, **arguments: str) -> Value | None:
        name = arguments["qualifiedName"].removeprefix("refs/heads/")
        return self._ref(name) if name in self._branches() and not self.data.get("empty") else None

    def _commit(self) -> Value:
        url = f"{self.url}/commit/{self.head}"
        return {
            "__typename": "Commit",
            "id": node_id("Commit", self.name_with_owner, self.head),
            "oid": self.head,
            "abbreviatedOid": self.head[:7],
            "url": url,
            "commitUrl": url,
            "commitResourcePath": f"/{self.name_with_owner}/commit/{self.head}",
            "resourcePath": f"/{self.name_with_owner}/commit/{self.head}",
            "committedDate": self.committed_at,
            "authoredDate": self.committed_at,
            "message": "A commit of the emulator",
            "messageHeadline": "A commit of the emulator",
            "tree": lambda info: self._tree(""),
            "file": lambda info, *, path: self._entry(path.strip("/")),
            "repository": lambda info: self.fields,
        }

    def _object(self, info: Info, *, expression: str | None = None, oid: str | None = None) -> Value | None:
        if self.data.get("empty") or (expression is None and oid is None):
            return None
        if oid is not None:
            return self._by_oid(oid)
        revision, colon, path = (expression or "").partition(":")
        tree_only = revision.endswith("^{tree}")
        revision = revision.removesuffix("^{tree}")
        known = {"HEAD", self.head, *self._branches(), *(f"refs/heads/{name}" for name in self._branches())}
        if revision not in known:
            return None if colon else self._by_oid(revision)
        if tree_only:
            return self._tree("")
        return self._at(path) if colon else self._commit()

    def _at(self, path: str) -> Value | None:
        """Look a path up as git does: no `..`, no leading slash; a trailing slash means a folder."""
        folder = path.rstrip("/")
        if folder in self.folders:
            return self._tree(folder)
        if path in self.files and "submodule" not in as_file(self.files[path]):
            return self._blob(path)
        return None

    def _by_oid(self, oid: str) -> Value | None:
        if oid == self.head:
            return self._commit()
        for folder in self.folders:
            if self._tree_oid(folder) == oid:
                return self._tree(folder)
        return next((self._blob(path) for path in self.files if self._blob_oid(path) == oid), None)

    def _git_object(self, kind: str, oid: str, path: str) -> Value:
        url = f"{self.url}/{kind.lower()}/{self.head}/{path}"
        return {
            "__typename": kind,
            "id": node_id(kind, self.name_with_owner, oid),
            "oid": oid,
            "abbreviatedOid": oid[:7],
            "commitUrl": url,
            "commitResourcePath": url.removeprefix("https://github.com"),
            "repository": lambda info: self.fields,
        }

    def _blob_oid(self, path: str) -> str:
        raw = file_bytes(self.files[path])
        return sha1(f"blob {len(raw)}\0", raw)

    def _blob(self, path: str) -> Value:
        file = as_file(self.files[path])
        raw = file_bytes(file)
        binary = bool(file.get("binary")) or b"\0" in raw
        truncated = bool(file.get("truncated")) or len(raw) > TRUNCATED_AT_BYTES
        text = None if binary else raw[:TRUNCATED_AT_BYTES].decode("utf-8", "replace")
        return {
            **self._git_object("Blob", sha1(f"blob {len(raw)}\0", raw), path),
            "text": text,
            "byteSize": file.get("byte_size", len(raw)),
            "isBinary": binary,
            "isTruncated": truncated,
        }

    def _tree_oid(self, folder: str) -> str:
        inside = {
            path: file for path, file in self.files.items() if not folder or path.startswith(folder + "/")
        }
        return sha1("tree", folder, json.dumps(inside, sort_keys=True))

    def _tree(self, folder: str) -> Value:
        return {
            **self._git_object("Tree", self._tree_oid(folder), folder),
            "entries": lambda info: [
                self._entry(f"{folder}/{name}" if folder else name) for name in sorted(self.folders[folder])
            ],
        }

    def _entry(self, path: str) -> Value | None:
        name = path.rpartition("/")[2]
        kind: Literal["tree", "commit", "blob"]
        if path in self.folders:
            kind = "tree"
            mode = MODES["tree"]
        elif path in self.files:
            file = as_file(self.files[path])
            kind = "commit" if "submodule" in file else "blob"
            mode = next((MODES[key] for key in ("symlink", "executable") if file.get(key)), MODES[kind])
        else:
            return None
        return {
            "__typename": "TreeEntry",
            "name": name,
            "nameRaw": base64.b64encode(name.encode()).decode(),
            "path": path,
            "pathRaw": base64.b64encode(path.encode()).decode(),
            "type": kind,
            "mode": mode,
            "extension": "." + name.rpartition(".")[2] if "." in name else "",
            "isGenerated": False,
            "oid": lambda info: self._entry_oid(path, kind),
            "size": lambda info: len(file_bytes(self.files[path])) if kind == "blob" else 0,
            "object": lambda info: self._at(path),
            "repository": lambda info: self.fields,
        }

    def _entry_oid(self, path: str, kind: str) -> str:
        if kind == "tree":
            return self._tree_oid(path)
        if kind == "commit":
            return str(self.files[path]["submodule"])
        return self._blob_oid(path)


def released(release: Mapping[str, Any]) -> str:
    """Return the date by which GitHub orders releases."""
    return str(release.get("created_at") or release.get("published_at") or LONG_AGO)


def license_value(spdx: str | None) -> Value | None:
    """Describe a licence as GitHub's detector does."""
    if spdx is None:
        return None
    other = spdx == "NOASSERTION"
    return {
        "id": node_id("License", spdx),
        "key": "other" if other else spdx.lower(),
        "name": LICENSE_NAMES.get(spdx, spdx),
        "nickname": None,
        "spdxId": spdx,
        "url": None if other else f"http://choosealicense.com/licenses/{spdx.lower()}/",
        "pseudoLicense": other,
    }


class World:
    """A world that can be asked for repositories, and changed while a server runs."""

    def __init__(self, data: MutableMapping[str, Any] | None = None) -> None:
        data = data if data is not None else {}
        self._data: dict[str, Mapping[str, Any]] = {}
        self._names: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._built: dict[str, Repository] = {}
        self._renames = {old.lower(): new for old, new in data.get("renames", {}).items()}
        self._forbidden = {name.lower() for name in data.get("forbidden", ())}
        for name, repository in data.get("repositories", {}).items():
            self.update(name, repository)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def update(self, name: str, changes: Mapping[str, Any]) -> None:
        """Add a repository, or change keys of one."""
        name = self._names.setdefault(name.lower(), name)
        # The id comes along in a rename, and the head with it: neither moves at GitHub.
        self._data[name] = {"id": node_id("Repository", name), **self._data.get(name, {}), **changes}
        self._ids[self._data[name]["id"]] = name
        self._built.pop(name, None)

    def remove(self, name: str) -> None:
        """Let a repository be gone: from now on it is NOT_FOUND."""
        known = self._names.pop(name.lower())
        del self._data[known]
        self._built.pop(known, None)

    def rename(self, old: str, new: str) -> None:
        """Give a repository another name; the old one leads to it."""
        data = self._data[self._names[old.lower()]]
        self.remove(old)
        self.update(new, data)
        self._renames[old.lower()] = new

    def forbid(self, name: str) -> None:
        """Put a repository behind single sign-on."""
        self._forbidden.add(name.lower())

    def is_forbidden(self, owner: str, name: str) -> bool:
        return f"{owner}/{name}".lower() in self._forbidden

    def find(self, owner: str, name: str) -> Repository | None:
        """Look a repository up as GitHub does: without regard to case, through renames."""
        wanted = f"{owner}/{name}".lower()
        for _ in range(10):
            known = self._names.get(wanted)
            if known is not None:
                return self._build(known)
            if wanted not in self._renames:
                return None
            wanted = self._renames[wanted].lower()
        return None

    def by_id(self, identifier: str) -> Repository | None:
        """Look a repository up by its node id."""
        name = self._ids.get(identifier)
        return self._build(name) if name in self._data and name is not None else None

    def _build(self, name: str) -> Repository | None:
        repository = self._built.get(name)
        if repository is None:
            data = self._data[name]
            if data.get("private") and not data.get("push_access"):
                return None
            repository = self._built[name] = Repository(name, data)
        return repository
