"""What the world may answer: repositories, exports and states that are not what they should be."""

# ruff: noqa: E501 -- inputs are easier to compare side by side

import json
import random
from collections.abc import Callable
from typing import Any

from tests.fuzz.broken import Broken, package, registration, repository, usage

NUMBERS = (
    0,
    -1,
    1,
    2**31,
    2**53,
    2**53 + 1,
    2**63,
    10**40,
    1.5,
    -0.0,
    1e308,
    True,
    None,
    "7",
    "",
    [],
    {},
    [7],
    {"instances": 7},
    "x" * 9_000,
)
TEXTS = (
    "", " ", "1.0", "v" * 3_000, "\u202e1.0", "\ud800", "a\x00b", "\x1b[2J", "::error::x", "##[group]", "<script>alert(1)</script>", "{{ site }}",
    "../../x", "%0a", "\u0310" * 500, "__proto__", "7" * 4_400, "\U0001F600", "\u2028", "'\"`", "--", "]]>", "漢" * 200,
)  # fmt: skip
DATES = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2099-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2024-02-29T00:00:00Z",
)
SOURCES = (
    "", "\x00", "\ufeff__plugin_pythoncompat__ = '>=3'\n", "# -*- coding: latin-1 -*-\n__plugin_pythoncompat__ = '>=3'\n", "# coding: no-such-codec\n",
    "(" * 100_000, "[" * 50_000 + "]" * 50_000, "-" * 100_000 + "1", "x = " + "1+" * 60_000 + "1", "x = " + "a." * 60_000 + "b", "if x:\n" * 90,
    "plugin_package = 'a%s'\n" + "x = 'y' % 1 % 2 % 3\n" * 900, "plugin_package = '%10000000s' % 'x' " + "% 'x' " * 3_000, "plugin_package = 'a' * 10**10",
    "plugin_package = f'{\"x\":>9999999}'", "x = " + "9" * 9_000, "x = 9**9**9**9", "plugin_package = '../../../../user?x='", "plugin_package = 'a' * 578",
    "__plugin_pythoncompat__ = '" + ">=3," * 9_000 + "'", "__plugin_pythoncompat__ = '>=" + "7" * 4_400 + "'", "print 'x'\n__plugin_pythoncompat__ = '>=3'",
    "__plugin_pythoncompat__ = b'\\xff'", "__plugin_pythoncompat__ = '\\ud800'", "try:\n    __plugin_pythoncompat__ = '>=3'\nexcept E:\n    pass\n", "\n" * 400_000,
    "\\\n" * 50_000, "'" * 99_999, "\"\"\"" + "x" * 300_000, "lambda: " * 20_000 + "1", "def f():\n" + " return\n" * 60_000, "match x:\n case " + "|".join("1" * 9_000),
)  # fmt: skip


def figures(chance: random.Random, slug: str) -> Broken:
    """Return a repository whose figures are of the right types, and true of no repository."""
    big = chance.choice((2**31 - 1, 0, 2**31 - 2))
    odd = {
        "stars": big,
        "forks": big,
        "open_issues": big,
        "closed_issues": big,
        "topics": [chance.choice(TEXTS) for _ in range(chance.randint(0, 30))],
        "license": chance.choice(("MIT", "NOASSERTION", None)),
        "committed_at": chance.choice(DATES),
        "pushed_at": chance.choice(DATES),
        "created_at": chance.choice(DATES),
        "releases": [
            {
                "name": _utf8(chance.choice(TEXTS)),
                "tag": _utf8(chance.choice(TEXTS)) or "t",
                "published_at": chance.choice(DATES),
            }
            for _ in range(chance.randint(0, 5))
        ],
    }
    odd["topics"] = [_utf8(text) for text in odd["topics"]]
    chosen = chance.sample(sorted(odd), chance.randint(1, len(odd)))
    return Broken(
        name="figures",
        registrations={f"{slug}.md": registration(slug)},
        repositories={f"maker/{slug}": {**repository(slug), **{key: odd[key] for key in chosen}}},
    )


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def source(chance: random.Random, slug: str) -> Broken:
    """Return a repository with a file that is hard to read."""
    right = repository(slug)
    path = chance.choice(
        (*right["files"], "pyproject.toml", "setup.cfg", f"{slug}.py", f"octoprint_{package(slug)}.py")
    )
    files = {
        **right["files"],
        path: chance.choice(
            (*SOURCES, "[" * 9_000, "[project]\nname = 7\n", "a = [" * 3_000, "[a]\nb = %(b)s\n")
        ),
    }
    if chance.random() < 0.3:
        files.pop(chance.choice(sorted(right["files"])), None)
    return Broken(
        name=f"source {path}",
        registrations={f"{slug}.md": registration(slug)},
        repositories={
            f"maker/{slug}": {**right, "files": {name: _utf8(text) for name, text in files.items()}}
        },
    )


def usage_of_one(chance: random.Random, slug: str) -> Broken:
    """Return a plugin of which the exports say something odd."""
    entry: Any = usage(10)
    match chance.randrange(3):
        case 0:
            entry = chance.choice(NUMBERS)
        case 1:
            entry[chance.choice(sorted(entry))] = chance.choice(NUMBERS)
        case _:
            entry["versions"] = {
                chance.choice(TEXTS): chance.choice((*NUMBERS, {"instances": chance.choice(NUMBERS)}))
            }
    key = chance.choice((slug, slug.upper(), chance.choice(TEXTS)))
    return Broken(name="usage", registrations={f"{slug}.md": registration(slug)}, usage={key: entry})


MAKERS: tuple[Callable[[random.Random, str], Broken], ...] = (figures, source, source, usage_of_one)


def broken_answer(seed: str) -> Broken:
    """Return a plugin of which the world says something odd; the same for the same seed."""
    chance = random.Random(seed)
    made = chance.choice(MAKERS)(chance, f"b{chance.randrange(10**6)}")
    return Broken(
        name=f"{made.name} ({seed})",
        registrations=made.registrations,
        repositories=made.repositories,
        usage=made.usage,
    )


def broken_export(seed: str, whole: dict[str, Any]) -> Broken:
    """Return an export that is broken as a whole. `whole` is a sound one."""
    chance = random.Random(seed)
    return Broken(
        name=f"export ({seed})", exports={chance.choice(("week", "month")): _mutated(chance, whole)}
    )


def broken_state(seed: str, sound: bytes) -> Broken:
    """Return a state that is broken. `sound` is one that a build wrote."""
    chance = random.Random(seed)
    return Broken(name=f"state ({seed})", state=_mutated(chance, json.loads(sound)))


def _mutated(chance: random.Random, content: Any) -> bytes:
    """Return JSON in which a value is another one, or in which bytes are."""
    match chance.randrange(8):
        case 0:
            return chance.choice(
                (
                    b"",
                    b"null",
                    b"[]",
                    b"{}",
                    b"[" * 100_000,
                    b'{"a":' * 100_000,
                    b"\xff\xfe",
                    b"<html>",
                    b"\x1f\x8b\x08",
                    b"7",
                    b'{"plugins": {}}',
                )
            )
        case 1:
            raw = json.dumps(content).encode()
            return raw[: chance.randrange(len(raw))]
        case 2:
            raw = bytearray(json.dumps(content).encode())
            for _ in range(chance.randint(1, 5)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            return bytes(raw)
        case _:
            changed = json.loads(json.dumps(content))
            for _ in range(chance.randint(1, 3)):
                _change(chance, changed)
            return json.dumps(changed).encode()


def _change(chance: random.Random, content: Any) -> None:
    """Change one value somewhere below `content`."""
    place = content
    while True:
        keys: list[Any] = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(place[key], dict | list) and place[key] and chance.random() < 0.85:
            place = place[key]
            continue
        match chance.randrange(3):
            case 0:
                del place[key]
            case 1 if isinstance(place, dict):
                place[chance.choice(TEXTS)] = place[key]
            case _:
                place[key] = chance.choice((*NUMBERS, *TEXTS, *DATES))
        return
