"""The plugins of the rich site: some that each show something of their own, and any number of others."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from bench.generate import plugin_of, registration
from registry.facts.model import GITHUB_SOURCE, Fact, Facts, Kind, utc_text
from tests.emulators.world import EPOCH, exports_for, figures

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""The time of the build, also as Jekyll and the browser see it."""
SPECIAL = 23
"""Plugins that each show something of their own."""
UNFIT_BODY = f"[again]: https://example.org/ '{'T' * 20_000}'\n\n" + "[again], " * 60
"""Little to read, and more HTML than a page may hold."""
COMMIT = "0123456789abcdef0123456789abcdef01234567"

LONG_BODY = "\n\n".join(
    [
        "Keeps an eye on *everything*. See [home]({{ page.homepage }}) and [the plain one](/plugins/plain/).",
        "# Setup",
        "1. Install it.\n2. Look at `settings`.\n   - a point within\n   - and one more",
        "| What | How many | Why |\n|------|---------:|-----|\n| Cameras | 2 | Two see |\n| Lamps | 10 | |",
        '```python\ndef watch(printer):\n    return "' + "y" * 150 + '"\n```',
        "![The tab](/assets/img/plugins/everything/tab.png)",
        "### A heading that leaves out a level",
        "> Quoted, because somebody said it.",
        '<p align="center"><img src="https://images.example/center.gif"></p>',
        "<details><summary>More</summary>\n\nHidden until asked for.\n\n</details>",
        '{% include youtube.html vid="abcdefghijk" preview="/assets/img/plugins/everything/tab.png" %}',
        "![](https://images.example/without-words.png)",
        "Averylongwordwithoutanyspace" * 8,
        "https://example.org/" + "a/very/long/path/" * 10,
        *(f"## Part {n}\n\n" + "It goes on and on, as manuals do. " * 12 for n in range(1, 9)),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One plugin of the rich site."""

    slug: str
    text: str
    """The registration as somebody would write it."""
    facts: Facts = field(default_factory=dict)
    stars: int | None = None
    """What its history ends with."""


def cases(ordinary: int) -> list[Case]:
    """Return the special plugins and `ordinary` others, sorted by nothing."""
    special = _special()
    assert len(special) == SPECIAL
    return [*special, *(_ordinary(number, ordinary) for number in range(ordinary))]


def fact(data: dict[str, Any], *, age_h: float = 3, source: str = "made up", **more: Any) -> Fact:
    """Return a fact heard `age_h` hours before NOW."""
    at = NOW - timedelta(hours=age_h)
    return Fact(fetched_at=at, as_of=at, source=source, data=data, **more)


def _ordinary(number: int, count: int) -> Case:
    rng = random.Random(f"rich:{number}")
    plugin = plugin_of(number, count, rng)
    text = registration(plugin, count, rng)
    facts: dict[Kind, Fact] = {}
    exports = exports_for([plugin.id])
    for window in ("week", "month"):
        counted = exports[window]["plugins"].get(plugin.id.lower())
        if counted:
            versions = {name: share["instances"] for name, share in counted["versions"].items()}
            facts[f"usage_{window}"] = fact({**counted, "versions": versions})  # type: ignore[index]
    if plugin.owner:
        facts["github"] = fact(_github(f"{plugin.owner}/{plugin.name}", figures(rng)), source=GITHUB_SOURCE)
        python = rng.choice([None, ">=3,<4", ">=3.7,<4", ">=2.7,<4"])
        facts["compatibility"] = fact(_evidence(f"octoprint_{plugin.id.lower()}/__init__.py", python))
    return Case(slug=plugin.id, text=text, facts=facts)


def _github(repo: str, made: dict[str, Any]) -> dict[str, Any]:
    """Return what GitHub says of a repository of tests/emulators/world.py, its times moved up to NOW."""

    def moved(text: str) -> str:
        return utc_text(datetime.fromisoformat(text) + (NOW - EPOCH))

    data = {
        "repo": repo,
        "stars": made["stars"],
        "watchers": made["watchers"],
        "forks": made["forks"],
        "open_issues": made["open_issues"],
        "closed_issues": made["closed_issues"],
        "releases": len(made["releases"]),
        "last_push": moved(made["committed_at"]),
        "archived": made["archived"],
        "topics": made["topics"],
    }
    if made["license"]:
        data["license"] = made["license"]
    if made["releases"]:
        last = made["releases"][-1]
        data |= {
            "latest_release": last["name"],
            "latest_release_tag": last["tag"],
            "latest_release_url": f"https://github.com/{repo}/releases/tag/{last['tag']}",
            "latest_release_date": moved(last["published_at"]),
        }
    return data


def _evidence(path: str, python: str | None, kind: str = "") -> dict[str, Any]:
    kind = kind or ("flag" if python else "syntax" if len(path) % 2 else "default")
    return {
        "commit": COMMIT,
        "extractor": "2",
        "python": python or ">=2.7,<3",
        "rule": f"setup.py:plugin_package+{kind}",
        "path": path,
        "line": 0 if kind == "default" else 93,
    }


def _usage(instances: int, installs: int, versions: dict[str, int] | None = None) -> dict[Kind, Fact]:
    week = {"instances": instances * 3 // 4, "install_events": installs, "uninstall_events": installs // 4}
    month = {"instances": instances, "install_events": installs * 4, "uninstall_events": installs}
    shares = (
        versions if versions is not None else {"1.2.0": instances - instances // 4, "1.1.0": instances // 4}
    )
    return {
        "usage_week": fact({**week, "versions": shares}),
        "usage_month": fact({**month, "versions": shares}),
    }


def _case(
    slug: str, title: str, /, facts: dict[Kind, Fact] | None = None, body: str = "It works.\n", **keys: Any
) -> Case:
    """Return a plugin whose registration says the least, and `keys` on top; None leaves a key out."""
    source = f"https://github.com/example/OctoPrint-{slug}"
    data = {
        "layout": "plugin",
        "id": slug,
        "title": title,
        "description": f"What {slug} does, in one sentence.",
        "authors": ["Ada Example"],
        "license": "AGPL-3.0-or-later",
        "date": datetime(2020, 2, 29, tzinfo=UTC).date(),
        "homepage": source,
        "source": source,
        "archive": f"{source}/archive/main.zip",
        **keys,
    }
    data = {key: value for key, value in data.items() if value is not None}
    front = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)
    return Case(slug=slug, text=f"---\n{front}---\n\n{body}", facts=facts or {})


def _repository(slug: str, **over: Any) -> Fact:
    data = _github(f"example/OctoPrint-{slug}", figures(random.Random(slug)))
    data |= {key: value for key, value in over.items() if key != "gone"}
    gone = NOW - timedelta(days=40) if over.get("gone") else None
    return fact(data, age_h=40 * 24 if gone else 3, source=GITHUB_SOURCE, gone_since=gone)


def _special() -> list[Case]:
    issue = "https://github.com/example/registry/issues/"
    everything: dict[Kind, Fact] = {
        **_usage(23_456, 210, {f"1.{n}.0": 8_000 // n for n in range(1, 12)}),
        "github": _repository(
            "everything",
            stars=1234,
            archived=False,
            releases=6,
            latest_release="The second",
            latest_release_tag="1.2.0",
            latest_release_date=utc_text(NOW - timedelta(days=5)),
            latest_release_url="https://github.com/example/x/releases/tag/1.2.0",
            last_push=utc_text(NOW - timedelta(hours=9)),
        ),
        "compatibility": fact(_evidence("octoprint_everything/__init__.py", ">=3.7,<4")),
    }
    off = {**_usage(120, 1), "github": _repository("off", archived=True)}
    many_tags = [f"tag number {n}" for n in range(1, 31)]
    return [
        _case(
            "everything",
            "Everything at Once",
            everything,
            body=LONG_BODY,
            description="Shows everything that can be known of a plugin & more.",
            authors=["Ada Example", "Zoë Beispiel"],
            tags=["camera", "Power saving", "ui"],
            screenshots=[
                {
                    "url": "/assets/img/plugins/everything/tab.png",
                    "alt": "The tab",
                    "caption": "The tab, with its graph",
                },
                {"url": "/assets/img/plugins/everything/settings.jpg", "alt": "The settings"},
                {
                    "url": "/assets/img/plugins/everything/tall.png",
                    "alt": "On a phone",
                    "caption": "On a phone",
                },
                {"url": "https://images.example/remote.png", "alt": "Elsewhere", "caption": "Kept elsewhere"},
                {"url": "/assets/img/plugins/everything/gone.png", "alt": "Not there"},
            ],
            featuredimage="/assets/img/plugins/everything/tab.png",
            compatibility={"octoprint": ["1.4.0", "1.5.0"], "os": ["nix", "windows"], "python": ">=2.7,<4"},
            attributes=["cloud", "free-tier", "commercial"],
            privacypolicy="https://example.org/privacy",
            note="Needs a camera.",
            follow_dependency_links=True,
            redirect_from=["/plugins/everythingelse/"],
        ),
        _case(
            "plain",
            "Plain",
            source="https://framagit.example/ada/plain",
            homepage="https://framagit.example/ada/plain",
            archive="https://framagit.example/ada/plain/archive.zip",
            authors=None,
            author="Nemo",
        ),
        _case("off", "Switched Off", off, disabled="It breaks the printer's settings.", tags=["camera"]),
        _case("off_bare", "Switched Off Without a Word", disabled=True, abandoned=True),
        _case(
            "left",
            "Left Behind",
            {
                **_usage(900, 3),
                "github": _repository("left", archived=True),
                "abandonment": fact({"url": f"{issue}7", "created_at": "2024-09-03 10:11:12 +0000"}),
            },
            abandoned=f"{issue}7",
            tags=["ui", "camera"],
        ),
        _case(
            "seeking",
            "Seeking a Home",
            {**_usage(4_000, 20), "github": _repository("seeking", archived=False)},
            up_for_adoption=f"{issue}8",
            tags=["ui"],
        ),
        _case("vanished", "Vanished", {**_usage(50, 0), "github": _repository("vanished", gone=True)}),
        _case("shelved", "Shelved", {"github": _repository("shelved", archived=True)}),
        _case(
            "torn",
            "Torn Between Two Truths",
            {
                "github": _repository("torn", archived=False),
                "compatibility": fact(_evidence("octoprint_torn/__init__.py", ">=3.9,<4")),
            },
            compatibility={"python": ">=2.7,<3"},
        ),
        _case(
            "assumed",
            "A Flag That Is Not Read",
            {
                "github": _repository("assumed", archived=False),
                "compatibility": fact(_evidence("octoprint_assumed/__init__.py", None, "default")),
            },
            compatibility={"python": ">=3.7,<4"},
        ),
        _case(
            "unparsed",
            "Not to Be Parsed",
            {
                "github": _repository("unparsed", archived=False),
                "compatibility": fact(_evidence("octoprint_unparsed/__init__.py", None, "syntax")),
            },
            compatibility={"python": ">=3.7,<4"},
        ),
        _case("unfit", "Not Fit to Be Published & <Left> Out", body=UNFIT_BODY, tags=["camera"]),
        _case(
            "zeros",
            "Nothing but Zeros",
            {
                **_usage(0, 0, {}),
                "github": _repository(
                    "zeros",
                    stars=0,
                    forks=0,
                    watchers=0,
                    open_issues=0,
                    closed_issues=0,
                    releases=0,
                    archived=False,
                ),
            },
        ),
        _case(
            "stale",
            "Long Not Heard Of",
            {"github": fact({"repo": "example/OctoPrint-stale", "stars": 3}, age_h=24 * 300)},
        ),
        _case("tagged", "Tagged a Lot", tags=many_tags, authors=[f"Maker {n}" for n in range(1, 13)]),
        _case(
            "nihongo",
            "日本語のプラグイン",
            _usage(70, 9),
            description="印刷の様子を見守ります。",
            authors=["山田太郎"],
            tags=["カメラ"],
            body="これは**日本語**の説明です。" * 20,
        ),
        _case(
            "arabic",
            "إضافة عربية",
            _usage(64, 5),
            description="تراقب الطابعة.",
            authors=["ليلى"],
            tags=["كاميرا"],
        ),
        _case("greek", "Ελληνικό πρόσθετο", authors=["Ελένη"], license=None),
        _case("emoji", "🚀 Rocket 👩‍🚀", description='Goes up <b>fast</b> & "quotes".'),
        _case("Capital.Dots", "Capital.Dots", tags=["UI"]),
        _case(
            "long",
            "A Title That Is Far Longer Than Anybody Would Wish to Read in a Row of a List of Plugins",
            description="Word " * 55,
            authors=["An Author Whose Name Does Not End Before the Line Does, Nor After It"],
        ),
        _case(
            "unbroken",
            "Unbrokenwordunbrokenwordunbrokenwordunbrokenwordunbrokenwordunbrokenword",
            description="x" * 200,
            tags=["y" * 60],
            authors=["z" * 70],
        ),
        _case(
            "fresh",
            "Fresh From Today",
            {
                **_usage(30, 25),
                "github": _repository(
                    "fresh", archived=False, stars=2, last_push=utc_text(NOW - timedelta(hours=1))
                ),
            },
            date=NOW.date(),
        ),
    ]
