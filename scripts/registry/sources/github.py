"""GitHub's GraphQL API: activity of the repositories, and the files that tell Python compatibility.

Many repositories are asked for in one query by aliases `r0`, `r1` …; owner, name and paths travel as
variables, so the text of a query depends on its shape alone. A batch that GitHub cannot answer in time is
split in half. Files are asked for only where the head commit is not the one that was read last.
"""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, Literal

from registry.facts.model import GITHUB_SOURCE, Fact, Facts, Missing, SourceRun, parse_time, utc_text
from registry.facts.state import State
from registry.github.graphql import LimitSpentError, line, parse_reply, pause_for_limit
from registry.net.http import Http, Overloaded, Stopped, Unavailable, Unreachable, backoff_s
from registry.net.room import Room, RoomError, Share
from registry.registration.model import Registration, RepoRef
from registry.settings import Settings
from registry.sources.base import Blob, Files, Tree, mistake
from registry.sources.compat import Evidence, Outcome, Question, Rules, Unread, advance, first_paths
from registry.sources.identity import has_new_id, is_stranger, parse_identity, warning
from registry.system.workers import Failed, Workers

EXTRACTOR = "2"
"""Raised when the extraction learns something new: then every source is read again."""
COLLAPSE_FLOOR = 20
"""Known repositories from which on an answer by which half of them are gone is not believed."""
SINGLE_TRIES = 3
"""Tries of a query about one repository, which cannot be split."""
DEAF_AFTER = 3
"""Single repositories that went unanswered before any answer at all: GitHub itself is down then."""
BEARABLE, BEARABLE_EACH = 50, 8
"""Queries of a run that may be too much for GitHub, and more for each batch: past it none is split."""

_FACTS = """
fragment Facts on Repository {
  id createdAt nameWithOwner stargazerCount forkCount pushedAt isArchived
  watchers { totalCount }
  openIssues: issues(states: OPEN) { totalCount }
  closedIssues: issues(states: CLOSED) { totalCount }
  releases { totalCount }
  licenseInfo { spdxId }
  repositoryTopics(first: 20) { nodes { topic { name } } }
  latestRelease { name tagName url publishedAt isDraft isPrerelease }
  defaultBranchRef { target { oid ... on Commit { committedDate } } }
}
"""
_FILE = """
fragment File on GitObject {
  __typename
  ... on Blob { text byteSize isTruncated isBinary }
  ... on Tree { entries { name type } }
}
"""


TOPICS = 20
"""What the query asks for. GitHub gives no more, and what is kept of an answer is bounded whoever sent it."""
MAX_FILE_CHARS = 1_000_000
"""GitHub shows half of it; a longer text is taken for one that it does not show."""
_OID = re.compile(r"[0-9a-f]{0,64}")
_FILE_FIELD = re.compile(r"f[0-9]+")
"""The alias of a file in a query."""


class AnswerError(ValueError):
    """An answer that does not have the shape of GitHub's schema."""


@dataclass(slots=True)
class Wanted:
    """One repository in a query: whose it is, and the paths in it that are asked for."""

    plugin_id: str
    repo: RepoRef
    paths: tuple[str, ...] = ()
    archive: str = ""
    """Where the plugin is installed from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What GitHub said of one repository."""

    facts: Mapping[str, Any] | None
    """As `parse_repository` returns them; None when they were not asked for."""
    head: str
    """Commit id of the default branch's head, "" where there is none."""
    files: Files
    identity: Mapping[str, str] | None = None
    """As `parse_identity` returns it; None when it was not asked for."""
    unread: bool = False
    """Whether some of the files could not be read: what they lack is unknown then, not absent."""


def build_query(shape: Sequence[int], *, facts: bool) -> str:
    """Return the query about `len(shape)` repositories, with `shape[i]` files of the i-th.

    Its variables are `$o0 $n0` (owner and name) and `$e0_0` (git expressions such as `HEAD:setup.py`).
    """
    return _query(tuple(shape), facts)


@cache
def _query(shape: tuple[int, ...], facts: bool) -> str:
    variables, aliases = [], []
    for i, count in enumerate(shape):
        variables += [f"$o{i}: String!, $n{i}: String!"]
        variables += [f"$e{i}_{j}: String!" for j in range(count)]
        objects = " ".join(f"f{j}: object(expression: $e{i}_{j}) {{ ...File }}" for j in range(count))
        inner = "...Facts" if facts else "nameWithOwner"
        aliases.append(f"  r{i}: repository(owner: $o{i}, name: $n{i}) {{ {inner} {objects} }}")
    return (
        f"query({', '.join(variables)}) {{\n"
        + "\n".join(aliases)
        + "\n  rateLimit { cost remaining resetAt }\n}"
        + (_FACTS if facts else "")
        + (_FILE if any(shape) else "")
    )


def build_payload(batch: Sequence[Wanted], *, facts: bool) -> bytes:
    """Return the JSON body that asks for `batch`."""
    variables: dict[str, str] = {}
    for i, wanted in enumerate(batch):
        variables[f"o{i}"] = wanted.repo.owner
        variables[f"n{i}"] = wanted.repo.name
        for j, path in enumerate(wanted.paths):
            variables[f"e{i}_{j}"] = f"HEAD:{path}"
    query = build_query([len(wanted.paths) for wanted in batch], facts=facts)
    return json.dumps({"query": query, "variables": variables}).encode()


def parse_answer(
    content: Any, batch: Sequence[Wanted], *, facts: bool, now: datetime
) -> tuple[list[Answer | Missing], int]:
    """Return what `content` says of each repository of `batch`, in order, and the points that it cost.

    An error below an alias makes the whole repository Missing, since half an answer would overwrite figures
    with none. Raises what `parse_reply` does.
    """
    reply = parse_reply(content, len(batch))
    told = zip(reply.nodes, reply.errors, batch, strict=True)
    return [_parse_alias(node, errors, wanted, facts, now) for node, errors, wanted in told], reply.cost


def _parse_alias(
    node: Any, errors: Sequence[Mapping[str, Any]], wanted: Wanted, facts: bool, now: datetime
) -> Answer | Missing:
    of_files = [error for error in errors if _FILE_FIELD.fullmatch(_field(error))]
    if len(errors) > len(of_files):
        at_root = [error for error in errors if len(error.get("path") or ()) == 1]
        if any(error.get("type") == "NOT_FOUND" for error in at_root):
            return Missing(reason=f"GitHub knows no repository {wanted.repo.full_name}", gone=True)
        kind = line(errors[0].get("type")) or "error"
        return Missing(reason=f"GitHub answered {kind}: {line(errors[0].get('message'))}")
    if not isinstance(node, dict):
        return Missing(reason="GitHub left it out of its answer")
    try:
        branch = node.get("defaultBranchRef") or {}
        return Answer(
            facts=parse_repository(node, now) if facts else None,
            identity=parse_identity(node, wanted.repo.full_name) if facts else None,
            head=_head((branch.get("target") or {}).get("oid")),
            files={path: _parse_file(node.get(f"f{j}")) for j, path in enumerate(wanted.paths)},
            unread=bool(of_files),
        )
    except Exception as error:  # noqa: BLE001 - one answer must not cost the others theirs
        return Missing(
            reason=f"GitHub's answer does not fit its schema: {type(error).__name__} {error}"[:500]
        )


def _field(error: Mapping[str, Any]) -> str:
    """Return the field below the alias that an error names, "" when it is the alias itself."""
    path = error.get("path")
    return str(path[1]) if isinstance(path, list) and len(path) > 1 else ""


def parse_repository(node: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the `github` block of a GraphQL `Repository` node, as of `now`.

    Counts are integers, times UTC text; the `latest_release*` keys are there only for a full release, and a
    licence only when GitHub recognised one. A time that is not there or cannot be read is left out.
    """
    facts: dict[str, Any] = {
        "repo": _text(node["nameWithOwner"]),
        "stars": _count(node["stargazerCount"]),
        "watchers": _count(node["watchers"]["totalCount"]),
        "forks": _count(node["forkCount"]),
        "open_issues": _count(node["openIssues"]["totalCount"]),
        "closed_issues": _count(node["closedIssues"]["totalCount"]),
        "releases": _count(node["releases"]["totalCount"]),
        "archived": bool(node["isArchived"]),
        "topics": sorted(
            _text(topic["topic"]["name"])
            for topic in ((node.get("repositoryTopics") or {}).get("nodes") or ())[:TOPICS]
        ),
    }
    if committed := _last_commit(node, now):
        facts["last_push"] = utc_text(committed)
    if (spdx := (node.get("licenseInfo") or {}).get("spdxId")) and spdx != "NOASSERTION":
        facts["license"] = _text(spdx)
    release = node.get("latestRelease")
    if release and not release.get("isDraft") and not release.get("isPrerelease"):
        facts["latest_release"] = _text(release.get("name") or release["tagName"])
        facts["latest_release_tag"] = _text(release["tagName"])
        facts["latest_release_url"] = _url(release["url"])
        if published := _moment(release.get("publishedAt")):
            facts["latest_release_date"] = utc_text(published)
    return facts


def _last_commit(node: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when the default branch's head was committed; None: there is no branch, commit or readable date.

    A committer dates a commit as they like, so it is cut to GitHub's last push to any branch and to `now`.
    """
    target = (node.get("defaultBranchRef") or {}).get("target") or {}
    committed, pushed = _moment(target.get("committedDate")), _moment(node.get("pushedAt"))
    return min(committed, pushed or now, now) if committed else None


def _parse_file(node: Any) -> Blob | Tree | None:
    match node:
        case {"__typename": "Blob"}:
            text = node["text"]
            return Blob(
                text=text if isinstance(text, str) and len(text) <= MAX_FILE_CHARS else None,
                byte_size=_count(node["byteSize"]),
                truncated=bool(node.get("isTruncated")),
                binary=bool(node.get("isBinary")),
            )
        case {"__typename": "Tree"}:
            return Tree(entries=tuple((entry["name"], entry["type"]) for entry in node["entries"] or ()))
        case _:
            return None


def _moment(value: Any) -> datetime | None:
    """Return the time of a GraphQL `DateTime`; None: it is not there or cannot be read."""
    try:
        return parse_time(value)
    except (TypeError, ValueError):
        return None


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise AnswerError(f"{str(value)[:40]!r} is no count")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise AnswerError(f"{str(value)[:40]!r} is no text")
    return value[:1000]


def _head(value: Any) -> str:
    return value if isinstance(value, str) and _OID.fullmatch(value) else ""


def _url(value: Any) -> str:
    text = _text(value)
    if not text.startswith(("https://", "http://")) or any(char in text for char in "<>\"' \t\r\n"):
        raise AnswerError("a release's address is no http(s) address")
    return text


Take = Callable[[Wanted, Answer | Missing], None]
"""What is done with an answer."""


@dataclass(slots=True)
class Search:
    """One plugin whose flag is looked for, and what was read for it so far."""

    question: Question
    share: Share
    """The memory that its files take."""
    files: dict[str, Blob | Tree | None] = field(default_factory=dict)
    unread: bool = False
    """Whether GitHub did not show some of the files."""

    def keep(self, answer: Answer) -> None:
        """Take over the files of an answer. Raises RoomError where the files of all take too much."""
        self.share.take(sum(map(_size, answer.files.values())))
        self.files.update(answer.files)
        self.unread |= answer.unread


def _size(part: Blob | Tree | None) -> int:
    """Return how many bytes of memory a file or a folder takes, about."""
    if isinstance(part, Tree):
        return 200 * len(part.entries)
    return sys.getsizeof(part.text) if part else 0


@dataclass(slots=True)
class Collector:
    """One collecting run over all repositories: batches, splits, and when to give up."""

    http: Http
    url: str
    settings: Settings
    now: datetime
    progress: Callable[[int], None]
    """Told how many more repositories have been answered for."""
    clock: Callable[[], float]
    workers: Workers
    """What reads the sources."""
    sleep: Callable[[float], Any] = asyncio.sleep
    points: int = 0
    facts: dict[str, Fact | Missing] = field(default_factory=dict)
    compatibility: dict[str, Fact | Missing] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """Plugin id to what people should know of its repository (renamed …)."""
    stopped: str = ""
    accepted: frozenset[str] = frozenset()
    """Plugins whose repository is taken over although it is another than before."""
    identities: dict[str, Mapping[str, str]] = field(default_factory=dict)
    strangers: dict[str, str] = field(default_factory=dict)
    """Plugin id to the registered owner/name that now belongs to another repository."""
    _new_ids: list[tuple[Wanted, Answer]] = field(default_factory=list)
    _heads: dict[str, str] = field(default_factory=dict)
    _searches: dict[str, Search] = field(default_factory=dict)
    _answered: bool = False
    _unanswered: int = 0
    _too_much: int = 0
    _bearable: int = BEARABLE
    _answered_at: float = 0.0
    _rules: Rules = field(init=False)
    _room: Room = field(default_factory=Room)
    """What the files of all searches may take."""
    _rounds: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """Learn how the host finds and reads a plugin."""
        self._rules = Rules.of(self.settings)
        # So that files do not pile up while their searches wait behind the first questions of all others.
        self._rounds = asyncio.Semaphore(2 * self.settings.limits.concurrency)

    async def run(self, registrations: Iterable[Registration], known: State) -> None:
        """Collect; afterwards `facts` and `compatibility` have an entry for each registration on GitHub."""
        self._answered_at = self.clock()
        fresh, seen = [], []
        for registration in registrations:
            if (repo := registration.repo) is None:
                continue
            wanted = Wanted(registration.id, repo, archive=registration.archive)
            if not self.settings.sources.compatibility or self._read_at(known, registration.id):
                seen.append(wanted)
            else:
                fresh.append(self._begin(wanted))
        if fresh:
            self.workers.start()  # they come up while GitHub is asked
        size = self.settings.limits.batch_size
        rounds = [self._round(batch, known) for group in (fresh, seen) for batch in _chunks(group, size)]
        self._bearable = BEARABLE + BEARABLE_EACH * len(rounds)
        stragglers = [wanted for left in await asyncio.gather(*rounds) for wanted in left]
        while stragglers:  # each search ends after a few rounds
            left = await asyncio.gather(*(self._files(batch) for batch in _chunks(stragglers, size)))
            stragglers = [wanted for part in left for wanted in part]
        self._take_new_ids(known)

    async def _round(self, batch: list[Wanted], known: State) -> list[Wanted]:
        """Ask for the facts of a batch, then once for files; return who needs more files."""
        async with self._rounds:
            read: list[Wanted] = []
            need: list[Wanted] = []

            def take(wanted: Wanted, answer: Answer | Missing) -> None:
                try:
                    if self._is_taken(wanted, answer, known) and not isinstance(answer, Missing):
                        if wanted.plugin_id in self._searches:
                            read.extend(self._keep(wanted, answer))
                        else:
                            need.extend(self._read_again(wanted, answer, known))
                except Exception as error:  # noqa: BLE001 - one plugin's facts must not cost the others theirs
                    self._lose(wanted.plugin_id, mistake(error))

            await self._ask(batch, take, facts=True)
            need += await self._advance(read)
            return await self._files(need) if need else []

    def _is_taken(self, wanted: Wanted, answer: Answer | Missing, known: State) -> bool:
        """Learn what GitHub says of a repository; return whether it is the one that was registered."""
        if isinstance(answer, Missing):
            self.facts[wanted.plugin_id] = answer
            self._drop(wanted.plugin_id, replace(answer, gone=False))
            return False
        facts = known.plugins.get(wanted.plugin_id, {})
        if answer.identity and wanted.plugin_id not in self.accepted and is_stranger(answer.identity, facts):
            self._keep_out(wanted, answer, facts)
            return False
        self._learn(wanted, answer)
        return True

    def _read_again(self, wanted: Wanted, answer: Answer, known: State) -> Iterator[Wanted]:
        """Yield the plugin when its head commit is not the one that was read last."""
        if not self.settings.sources.compatibility or wanted.plugin_id in self.compatibility:
            return
        last = self._read_at(known, wanted.plugin_id)
        if last and last.data["commit"] == answer.head:
            self.compatibility[wanted.plugin_id] = replace(last, fetched_at=self.now, as_of=self.now)
        elif (begun := self._begin(wanted)).paths:
            yield begun

    def _keep(self, wanted: Wanted, answer: Answer) -> Iterator[Wanted]:
        """Keep the files that came, and yield the plugin; end its search where they take too much memory."""
        try:
            self._searches[wanted.plugin_id].keep(answer)
        except RoomError:
            self._drop(wanted.plugin_id, Missing(reason="its files and those of others take too much memory"))
        else:
            yield wanted

    def _lose(self, plugin_id: str, reason: str) -> None:
        missing = Missing(reason=reason)
        self.facts[plugin_id] = missing
        self.identities.pop(plugin_id, None)
        self._drop(plugin_id, missing)

    def give_up(self, registrations: Iterable[Registration], reason: str) -> None:
        """Stop for the `reason`; what has no entry yet gets it for one."""
        self.stopped = self.stopped or reason
        for registration in registrations:
            if registration.repo and registration.id not in self.facts:
                self._lose(registration.id, f"GitHub was given up: {self.stopped}")

    async def _files(self, batch: list[Wanted]) -> list[Wanted]:
        """Ask for the files that a batch's searches want next; return who needs more."""
        read: list[Wanted] = []

        def take(wanted: Wanted, answer: Answer | Missing) -> None:
            if isinstance(answer, Missing):
                self._drop(wanted.plugin_id, replace(answer, gone=False))
            else:
                read.extend(self._keep(wanted, answer))

        await self._ask(batch, take, facts=False)
        return await self._advance(read)

    async def _ask(self, batch: list[Wanted], take: Take, *, facts: bool, tries: int = 1) -> None:
        """Hand the answer for each repository of `batch` to `take`; split it when it is too much for GitHub.

        An answer is used as soon as it comes, and none is kept while others are awaited: that is what bounds
        the memory that they take.
        """
        answers = self._given_up(batch) if self.stopped else await self._ask_once(batch, facts=facts)
        if isinstance(answers, str):
            await self._ask_less(batch, take, answers, facts=facts, tries=tries)
            return
        failed = []
        for wanted, answer in zip(batch, answers, strict=True):
            if tries == 1 and not self.stopped and _may_pass(answer):
                failed.append(wanted)
            else:
                take(wanted, answer)
        answers = []
        if failed:  # a field that failed by chance: once more, without those that answered
            await self._ask(failed, take, facts=facts, tries=2)
        if facts and tries == 1:
            self.progress(len(batch))

    async def _ask_once(self, batch: list[Wanted], *, facts: bool) -> list[Answer | Missing] | str:
        """Return what GitHub says of each repository of `batch`; why, in words, when that is too much for it.

        No exception leaves: the frames in its traceback would keep a whole answer.
        """
        payload = build_payload(batch, facts=facts)
        while True:
            try:
                content, headers = await self.http.post_json(self.url, payload)
                try:
                    answers, cost = parse_answer(content, batch, facts=facts, now=self.now)
                except LimitSpentError:
                    content = None
                    pause_for_limit(self.http, headers)
                    continue
            except Stopped as error:
                self.stopped = self.stopped or str(error)
                return self._given_up(batch)
            except (Overloaded, Unreachable) as error:
                self._lose_patience(error)
                return str(error)
            self._answered = True
            self._answered_at = self.clock()
            self.points += cost
            return answers

    async def _ask_less(
        self, batch: list[Wanted], take: Take, reason: str, *, facts: bool, tries: int
    ) -> None:
        """Ask for the halves of a batch that was too much; for one repository again, a few times."""
        self._too_much += 1
        hopeless = self._too_much > self._bearable
        if len(batch) > 1 and not hopeless:
            half = len(batch) // 2
            halves = [self._ask(part, take, facts=facts) for part in (batch[:half], batch[half:])]
            if self._answered:
                await asyncio.gather(*halves)
            else:  # one after the other: a GitHub that is down shows after a few
                for part in halves:
                    await part
            return
        if tries < SINGLE_TRIES and not self.stopped and not hopeless:
            await self.sleep(backoff_s(tries))
            await self._ask(batch, take, facts=facts, tries=tries + 1)
            return
        self._unanswered += len(batch)
        if not self._answered and self._unanswered >= DEAF_AFTER:
            self.stopped = self.stopped or reason
        for wanted in batch:
            take(wanted, Missing(reason=reason))

    def _lose_patience(self, error: Unavailable) -> None:
        """Stop the run when nothing has been answered for too long; a host that never answered, sooner."""
        silent_s = self.clock() - self._answered_at
        limits = self.settings.limits
        patience_s = limits.patience_s if self._answered else min(limits.patience_s, 1.5 * limits.timeout_s)
        if silent_s > patience_s or (not self._answered and isinstance(error, Unreachable)):
            self.stopped = self.stopped or str(error)

    def _given_up(self, batch: list[Wanted]) -> list[Answer | Missing]:
        return [Missing(reason=f"GitHub was given up: {self.stopped}")] * len(batch)

    def _keep_out(self, wanted: Wanted, answer: Answer, facts: Facts) -> None:
        """Take nothing over of a repository that has but the name of the registered one: that one is gone."""
        identity = answer.identity or {}
        missing = Missing(reason=warning(wanted.plugin_id, identity, facts), gone=True)
        self.facts[wanted.plugin_id] = missing
        self.strangers[wanted.plugin_id] = wanted.repo.full_name
        self._drop(wanted.plugin_id, replace(missing, gone=False))
        if has_new_id(identity, facts.get("identity")):
            self._new_ids.append((wanted, replace(answer, files={})))

    def _take_new_ids(self, known: State) -> None:
        """Take over what was kept out where GitHub gave most of the repositories new ids at once."""
        identified = sum("identity" in known.plugins.get(plugin_id, {}) for plugin_id in self.facts)
        if len(self._new_ids) >= COLLAPSE_FLOOR and len(self._new_ids) * 2 > identified:
            for wanted, answer in self._new_ids:
                del self.strangers[wanted.plugin_id]
                self._learn(wanted, answer)

    def _learn(self, wanted: Wanted, answer: Answer) -> None:
        data = answer.facts or {}
        if answer.identity:
            self.identities[wanted.plugin_id] = answer.identity
        self.facts[wanted.plugin_id] = Fact(
            fetched_at=self.now, as_of=self.now, source=GITHUB_SOURCE, data=data
        )
        self._heads[wanted.plugin_id] = answer.head
        named = wanted.repo.full_name
        if data["repo"].lower() != named.lower():
            self.notes[wanted.plugin_id] = f"{named} is now {data['repo']}: update `source`"

    def _begin(self, wanted: Wanted) -> Wanted:
        """Return `wanted` with the first paths that the search for its flag asks for."""
        question = Question(
            plugin_id=wanted.plugin_id,
            rules=self._rules,
            subpath=wanted.repo.subpath,
            archive=wanted.archive,
        )
        try:
            paths = first_paths(question)
        except Exception as error:  # noqa: BLE001 - one plugin's address must not end the run
            self._drop(wanted.plugin_id, Missing(reason=mistake(error)))
            return wanted
        if not paths:
            reason = "the source's address names a folder that is no path"
            self._drop(wanted.plugin_id, Missing(reason=reason))
            return wanted
        self._searches[wanted.plugin_id] = Search(question, self._room.share())
        return replace(wanted, paths=paths)

    async def _advance(self, read: list[Wanted]) -> list[Wanted]:
        """Have the workers read what came; return who needs more files."""
        searches = [self._searches[wanted.plugin_id] for wanted in read]
        asked = [(search.question, search.files) for search in searches]
        need = []
        for wanted, outcome in zip(read, await self.workers.map(advance, asked), strict=True):
            if isinstance(outcome, tuple):
                need.append(replace(wanted, paths=outcome))
            else:
                self._drop(wanted.plugin_id, self._concluded(wanted.plugin_id, outcome))
        return need

    def _concluded(self, plugin_id: str, outcome: Outcome | Failed) -> Fact | Missing:
        if isinstance(outcome, Failed):
            return Missing(reason=f"its source {outcome.reason}")
        certain = isinstance(outcome, Evidence) and outcome.kind == "flag"
        if self._searches[plugin_id].unread and not certain:
            return Missing(reason="GitHub did not show all of its files")
        if isinstance(outcome, Unread) and outcome.passing:
            return Missing(reason=outcome.reason[:500])
        data: dict[str, Any] = {"commit": self._heads[plugin_id], "extractor": self._extractor}
        if outcome.reason:
            data |= {"reason": outcome.reason[:1000], "problem": outcome.problem}
        if outcome.path:
            data["path"] = outcome.path
        if isinstance(outcome, Evidence):
            # 0 stands for no line: the state's schema, and older versions that read it, know only numbers.
            data |= {"python": outcome.python, "rule": outcome.rule, "line": outcome.line or 0}
        return Fact(fetched_at=self.now, as_of=self.now, source="github", data=data)

    def _drop(self, plugin_id: str, outcome: Fact | Missing) -> None:
        """End the plugin's search for its flag with `outcome`."""
        if search := self._searches.pop(plugin_id, None):
            search.share.give_back()
        if self.settings.sources.compatibility:
            self.compatibility[plugin_id] = outcome

    def _read_at(self, known: State, plugin_id: str) -> Fact | None:
        """Return the known fact of the plugin's compatibility when this extraction read it."""
        fact = known.plugins.get(plugin_id, {}).get("compatibility")
        if fact and fact.data.get("commit") and fact.data.get("extractor") == self._extractor:
            return fact
        return None

    @property
    def _extractor(self) -> str:
        """What the outcome of an extraction depends on, beside the source."""
        compatibility = self.settings.compatibility
        return f"{EXTRACTOR} {compatibility.control_property} {compatibility.default_python}"


def runs(collector: Collector, known: State) -> tuple[SourceRun, SourceRun, SourceRun]:
    """Return what `collector` found: figures, compatibility, and the identities that are new.

    When half of the repositories that were there are gone at once, the token or GitHub is at fault: then
    nothing is called gone.
    """
    there = [
        plugin_id
        for plugin_id in collector.facts
        if (fact := known.plugins.get(plugin_id, {}).get("github")) and not fact.gone_since
    ]
    gone = [plugin_id for plugin_id in there if getattr(collector.facts[plugin_id], "gone", False)]
    found: Mapping[str, Fact | Missing] = collector.facts
    trouble = collector.stopped
    if len(there) >= COLLAPSE_FLOOR and len(gone) * 2 > len(there):
        found = {
            plugin_id: replace(fact, gone=False) if isinstance(fact, Missing) else fact
            for plugin_id, fact in found.items()
        }
        trouble = trouble or f"{len(gone)} of {len(there)} repositories gone at once: not believed"
    return (
        SourceRun(
            kind="github",
            found=found,
            trouble=trouble,
            errors=tuple(
                f"{plugin_id}: {entry.reason}"
                for plugin_id in sorted(collector.strangers)
                if isinstance(entry := found[plugin_id], Missing)
            ),
        ),
        SourceRun(
            kind="compatibility",
            found=collector.compatibility,
            trouble=trouble,
            asked=collector.settings.sources.compatibility,
        ),
        SourceRun(kind="identity", found=_new_identities(collector, known)),
    )


def _new_identities(collector: Collector, known: State) -> dict[str, Fact | Missing]:
    now = collector.now
    return {
        plugin_id: Fact(fetched_at=now, as_of=now, source="github", data=data)
        for plugin_id, data in collector.identities.items()
        if (fact := known.plugins.get(plugin_id, {}).get("identity")) is None or fact.data != data
    }


def _may_pass(answer: Answer | Missing) -> bool:
    """Tell whether asking once more may bring what this answer lacks."""
    return not answer.gone if isinstance(answer, Missing) else answer.unread


def not_asked(reason: str) -> tuple[SourceRun, SourceRun]:
    """Return the runs of a build that cannot or shall not ask GitHub."""
    kinds: tuple[Literal["github"], Literal["compatibility"]] = ("github", "compatibility")
    first, second = (SourceRun(kind=kind, found={}, trouble=reason, asked=False) for kind in kinds)
    return first, second


def _chunks(items: Iterable[Wanted], size: int) -> Iterator[list[Wanted]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
