"""Attacks by what only the build should write: figures, history, freshness, identifiers, files' names."""

# ruff: noqa: E501 -- an attack is easier to understand in one line

from typing import Any

from tests.hostile.attack import WINNING, Attack

MARKUP = f"<script>{WINNING}</script>"
HISTORY: dict[str, Any] = {
    "text": {"since": MARKUP, "until": '" onload="alert(1)', "instances": [[0, MARKUP], [1, "9"]]},
    "points": {
        "since": "2026-08-23",
        "until": "2026-11-20",
        "instances": [["0", 1], [1], [], None, {"a": 1}, [1, 2, 3], 5],
    },
    "huge": {
        "since": "2026-08-23",
        "until": "2026-11-20",
        "instances": [[0, 10**12], [10**12, 0], [89, 9 * 10**17]],
    },
    "negative": {
        "since": "2026-08-23",
        "until": "2026-11-20",
        "instances": [[-5, -10], [3, -1], [2, 4], [1, 8]],
    },
    "fractions": {
        "since": "2026-08-23",
        "until": "2026-11-20",
        "installs": [[0.5, 1.5], [1, "1e999"], [2, "NaN"]],
    },
    "dates": {
        "since": "9999-99-99",
        "until": "0000-00-00",
        "instances": [[0, 1], [1, 2]],
        "stars": [[0, 1], [5, 2]],
    },
    "backwards": {"since": "2026-11-20", "until": "2020-01-01", "stars": [[9, 9], [0, 0], [0, 5]]},
    "measures": {
        "since": "2026-08-23",
        "until": "2026-11-20",
        MARKUP: [[0, 1], [1, 2]],
        "__proto__": [[0, 1], [1, 2]],
    },
    "many": {
        "since": "2026-08-23",
        "until": "2026-11-20",
        "instances": [[day, day] for day in range(20_000)],
    },
    "list": [MARKUP],
    "flat": {
        "since": "2026-08-23",
        "until": "2026-11-20",
        "instances": [[0, 0], [89, 0]],
        "stars": [[0, 5], [0, 5]],
    },
    "true": {"since": "2026-08-23", "until": "2026-11-20", "instances": [[False, True], [True, True]]},
}

FIGURES: dict[str, dict[str, Any]] = {
    "text": {
        "github": {"repo": "owner/name", "stars": MARKUP, "forks": '"', "archived": MARKUP, "releases": [1]}
    },
    "huge": {
        "github": {"repo": "owner/name", "stars": 9 * 10**17, "open_issues": -1, "closed_issues": 10**12}
    },
    "stats-text": {"stats": {"month": {"instances": MARKUP, "versions": {"1": MARKUP}}, "week": MARKUP}},
    "stats-huge": {"stats": {"month": {"instances": 1, "versions": {"1": 10**12, "2": 10**12}}, "week": {}}},
    "stats-many": {
        "stats": {"month": {"instances": 9, "versions": {f"v{n}<b>": n for n in range(5_000)}}, "week": {}}
    },
    "ranks": {"ranks": {"instances_month": MARKUP, "growth": -1, "stars": 0, MARKUP: 1}},
    "ranks-taken": {
        "ranks": {
            "instances_month": 1,
            "install_events_week": 1,
            "growth": 1,
            "stars": 1,
            "latest_release": 1,
        }
    },
    "freshness": {
        "freshness": {
            "usage": {"as_of": MARKUP},
            "github": {"as_of": '2020-07-24T00:00:00Z"><b>', "stale": MARKUP},
            MARKUP: {"as_of": "2020-01-01"},
        }
    },
    "dates": {
        "github": {
            "repo": "owner/name",
            "last_push": MARKUP,
            "gone_since": "2020-02-30",
            "latest_release": "x",
            "latest_release_date": "2020-01-01T99:99:99Z",
        }
    },
    "future": {
        "github": {
            "repo": "owner/name",
            "stars": 1,
            "last_push": "9999-12-31 23:59:59 +0000",
            "gone_since": "9999-01-01",
        }
    },
    "abandonment": {"abandonment": {"url": f"javascript:{WINNING}", "date": MARKUP, "issue": MARKUP}},
    "topics": {"github": {"repo": "owner/name", "topics": [MARKUP, "__proto__"], "license": MARKUP}},
    "attributes": {"attributes": [MARKUP, "__proto__", '" onclick="x']},
    "dependency-links": {"follow_dependency_links": MARKUP},
    "prototype": {"__proto__": {"title": "x"}, "constructor": {"prototype": 1}, "toString": MARKUP},
    "date": {"date": f'2020-01-02"><script>{WINNING}</script>'},
    "date-year": {"date": "0000-01-01"},
    "layout": {
        "layout": "none",
        "permalink": "/taken/",
        "scripts": ["//evil.example/x.js"],
        "styles": [MARKUP],
        "image": MARKUP,
        "section": MARKUP,
        "frames": "*",
        "url": "/taken/",
    },
}

IDENTIFIERS = {
    "climb": "../../../taken",
    "markup": MARKUP,
    "prototype": "__proto__",
    "index": "index",
    "innocent": "innocent",
    "override": "good\u202edab",
    "long": "i" * 1_000,
    "list": [MARKUP],
    "empty": "",
    "page": "page/2",
    "space": "a b&c=d#e?f",
    "windows": "con:..\\x",
}

NAMES = ("__proto__", "constructor", "toString", "page", "PAGE", "INNOCENT", "history", "indexes", "index.json", "state",
         "usage.svg", "0", "-".join(["x"] * 50), "a+b.c_d", "con", "q.html")  # fmt: skip
"""Names of files that mean something elsewhere."""

LEFT_OUT = ("with space", "a..b", "index.html", "ünïcode", "quote\"name", "tag<b>", "back\\slash", "new\nline",
            "right\u202eleft", "-option", "p%41th", "x" * 101)  # fmt: skip
"""Names that become no page."""


def attacks() -> list[Attack]:
    """Return the attacks by figures, identifiers and names of files."""
    made = [
        Attack(name=f"history-{name}", aim="history", keys={"history": value})
        for name, value in HISTORY.items()
    ]
    made += [Attack(name=f"figure-{name}", aim="figure", keys=keys) for name, keys in FIGURES.items()]
    made += [Attack(name=f"id-{name}", aim="id", keys={"id": value}) for name, value in IDENTIFIERS.items()]
    made += [
        Attack(
            name=f"file-name-{number}",
            aim="file",
            slug=name,
            keys={"title": f"file {name}"},
            shows=(f"file {name}",),
        )
        for number, name in enumerate(NAMES)
    ]
    made += [
        Attack(name=f"file-left-out-{number}", aim="file", slug=name, left_out=True)
        for number, name in enumerate(LEFT_OUT)
    ]
    return made
