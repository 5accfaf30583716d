"""Registrations of each kind that once passed every gate and then stopped the whole build."""

# ruff: noqa: E501 -- inputs are easier to compare side by side

from collections.abc import Mapping

from tests.fuzz.broken import registration

SITE = "https://plugins.example.org"
SEVENS = "7" * 4_400
CLASHING = (
    "index", "..", "''", "'-'", "'...'", "page", "'page/2'", "'%2e%2e'", "'a/b'", "'a%2fb'", "index.html", "İ", "i\u0307", "I", "ı", "ß", "ss",
    "ẞ", "é", "e\u0301", "'?'", "'#'", "ﬁ", "'\u200b'", "Ⅷ", "'﷽'", "'" + "a\u0310" * 200 + "'", "x" * 300, "'\U0001f600'", "Σ", "σ", "ς", "ŉ",
)  # fmt: skip
"""Names whose addresses may be one, or may be none."""

PUBLISHED: Mapping[str, bytes] = {
    "says.md": registration(
        "says", body='Write:\n\n```\ntitle: "My Plugin"\ndescription: "What it does"\n```\n'
    ),
    "saysmore.md": registration("saysmore", body='title: "x"\n\nhistory: {"a": 1}\n'),
    "theta.md": registration("theta", tags="\n- Θ"),
    "thetasymbol.md": registration("thetasymbol", tags="\n- ϴ"),
    "longs.md": registration("longs", tags="\n- ſea\n- sea\n- SEA"),
    **{f"{name}.md": registration(name) for name in ("indexed", "page", "__proto__", "toString", "404")},
    "swapped1.md": registration("swapped2"),
    "swapped2.md": registration("swapped3"),
    "swapped3.md": registration("swapped1"),
    "tags.md": registration("tags", tags="".join(f"\n- {name}" for name in CLASHING)),
    "authors.md": registration("authors", author="", authors="".join(f"\n- {name}" for name in CLASHING)),
    "blockedone.md": registration("blockedone"),
    "linkorder.md": registration("linkorder", body='<a title="x" href="/plugins/plain/">the other</a>\n'),
    "commands.md": registration(
        "commands", description='"::error file=x::y ##[group]z"', body="::stop-commands::x\n\n##[error]y\n"
    ),
}
"""File name -> registration that has its page, and its entry in the list."""

PUBLISHED_OR_REPORTED: Mapping[str, bytes] = {
    **{f"{name}.md": registration(name) for name in ("index", "All")},
    "deadlink.md": registration(
        "deadlink", body=f"[it]({SITE}/plugins/nowhere/) [cura]({SITE}/plugins/plain/#cura)\n"
    ),
    "deadlocal.md": registration(
        "deadlocal", body='[it](/plugins/nowhere/) <a title="x" href="/gone/">y</a>\n'
    ),
    "slashes.md": registration(
        "slashes", body=f"[it]({SITE}//plugins//plain/) [x](//) [y](/plugins//plain/)\n"
    ),
    "fragment.md": registration("fragment", body="[a](/plugins/plain/#none) [b](/help/#none) [c](#none)\n"),
    "picture.md": registration("picture", body=f"![p]({SITE}/assets/img/plugins/picture/none.png)\n"),
    **{
        f"key{number}.md": registration(f"key{number}", **{key: f"{SITE}/plugins/gone/#x"})
        for number, key in enumerate(
            ("homepage", "source", "archive", "privacypolicy", "up_for_adoption", "abandoned", "disabled")
        )
    },
    "number.md": registration("number", title="7"),
    "version.md": registration("version", title="1.10"),
    "clock.md": registration("clock", title="1:30"),
    "day.md": registration("day", title="2024-05-06"),
    "truth.md": registration("truth", description="no"),
    "early.md": registration("early", date="0001-01-01T00:00:00+14:00"),
    "late.md": registration("late", date="9999-12-31T23:59:59-12:00"),
    "zoned.md": registration("zoned", date="2024-05-06T07:08:09+05:30"),
    "dot..md": registration("dot."),
    "dot2.md": registration("dot2."),
    "hostversion.md": registration("hostversion", compatibility=f'\n  octoprint:\n  - ">={SEVENS}"'),
    "python.md": registration("python", compatibility=f'\n  python: ">=3.7,<{SEVENS}"'),
    "digits.md": registration("digits", title=SEVENS),
    "big.md": registration("big", body='[r]: /x "' + "t" * 20_000 + '"\n\n' + "[r] " * 4_800),
    "video.md": registration(
        "video", body='<figure>\n{% include youtube.html vid="abcdefghijk" %}\n</figure>\n'
    ),
    "deep.md": registration("deep", body="> " * 3_000 + "x\n"),
    "rival.md": registration("plain"),
    "squatter.md": registration("squatter", redirect_from="\n- /plugins/plain/"),
    **{
        f"moved{number}.md": registration(f"moved{number}", redirect_from=f"\n- {address}")
        for number, address in enumerate(
            (
                "/plugins/%70lain/",
                "/plugins/PLAIN/",
                "/plugins/plain/index.html",
                "/plugins/./plain/",
                "/plugins/plain/?x",
                "/plugins/former/",
                "/plugins/FORMER/",
                "/plugins/Page/",
                "/plugins/index.html",
                "/plugins/feed.xml/",
            )
        )
    },
    "former2.md": registration("former2", redirect_from="\n- /plugins/torn/"),
    "torn.md": registration("torn")[:90],
    "empty.md": b"",
}
"""File name -> registration that is published, or left out and reported."""
