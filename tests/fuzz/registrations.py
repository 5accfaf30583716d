"""Registrations that break something, made by chance: one fault each, of every kind that broke a build once."""

# ruff: noqa: E501 -- inputs are easier to compare side by side

import random
from collections.abc import Callable

from tests.fuzz.broken import UNTOUCHED, Broken, registration
from tests.hostile.test_fuzz import PIECES

URL = "https://plugins.example.org"
"""The site's own address."""

SCALARS = (
    "1", "-1", "1.4", "1:30", "012", "0x1F", "1_000", "no", "on", "~", "null", "2024-05-06", "2024-5-6", ".inf", ".nan",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01", "9999-12-31", "2024-02-30", "2024-05-06T25:61:61Z",
    "2024-05-06 07:08:09.123456789 +05:30", "[]", "{}", "[1, [2, [3]]]", "{a: b}", '""', '" "', "''", '"\\u202E"', '"\\uD800"',
    '"\\0"', '"\\x1b[2J"', "!!python/object:os.system x", "!ruby/object:Gem::Installer {}", "&a [*a]", "*a", "<<: *a", "| \n  two\n  lines",
    ">-\n  folded\n\n  text", '"::error::x"', '"##[group]x"', "Θ", "ϴ", "ſ", "K", "İ", "ß", "\U0001F3F4\u200d\u2620\ufe0f", "x" * 5_000,
    "7" * 4_400, "-" + "7" * 4_400, "1." + "0" * 4_400, "1e" + "9" * 400, '"' + "7" * 4_400 + '"', "https://", "http://[::1", "//x/y",
    f"{URL}/plugins/none/", f"{URL}/#x", f"{URL}//plugins/", "/plugins/none/", "javascript:alert(1)", "https://example.org/" + "a/" * 900,
    "https://ex\u0430mple.org/\u202e", "https://example.org/%ff%00", "https://example.org:99999999/", "https://user:pw@example.org/",
    "plain", "aardvark", "PLAIN", "blockedone", "BLOCKEDONE", "overlaidone", "..", ".", "a/b", "a..", "zz.", "con", "index", "all",
)  # fmt: skip
LISTS = (
    "\n- Θ\n- ϴ\n- θ", "\n- light\n- Light\n- LIGHT", "\n- ſ\n- s\n- S", "\n- a b\n- a-b\n- a_b\n- A B", "\n- ''\n- null\n- 7", "\n- [x]\n- {y: z}",
    "\n- " + "\n- ".join(f"t{n}" for n in range(900)), "\n- '<script>alert(1)</script>'", "\n- //\n- /\n- '#'\n- '?'", "\n- İ\n- i̇",
)  # fmt: skip
SPECIFIERS = (
    f'">=3.7,<{"7" * 4_400}"', f'\n  - ">={"7" * 4_400}"', '"==*"', '"===x y"', '">=3,,<4"', '"~=3"', '"' + ",".join(f"!=3.{n}" for n in range(2_000)) + '"',
    "3.10", "[3.10]", "{python: 3}", '">=3.7\u202e"', '"<0"', '">=2.7,<3,>=3"', '">=1!3"', "\n  - 1.4\n  - 1.10", '\n  - ">=1.4"\n  - "<x"',
)  # fmt: skip
BODIES = (
    'title: "My Plugin"\ndescription: "What it does"\n',
    '```\ntitle: "My Plugin"\ndescription: "Says"\nhistory: {"x": 1}\n```\n',
    "---\ntitle: x\n---\n",
    f"[a]({URL}/plugins/none/) [b]({URL}/plugins/plain/#none) [c](/plugins/aardvark/#x) [d](//plugins.example.org//x)\n",
    "[a](/none/) [b](//) [c](/plugins//plain/) [d](/./plugins/) [e](../../..) [f](#none) [g](?x#y) [h](/plugins/plain/index.html#z)\n",
    "![p](/assets/img/plugins/none/none.png) ![q](/assets/css/none.css) <img src=/plugins.json>\n",
    '<a title="x" href="/plugins/none/">x</a> <a name=x></a> [x](#x) <h2 id=main>y</h2> <p id=name>z</p>\n',
    "[r]: /x \"" + "t" * 20_000 + "\"\n\n" + "[r] " * 4_800,
    "*[A]: " + "t" * 20_000 + "\n\n" + "A " * 9_000,
    "[^1]: " + "f" * 20_000 + "\n\n" + "x[^1] " * 4_000,
    "> " * 3_000 + "x\n",
    "\n".join("  " * n + "- x" for n in range(600)) + "\n",
    "<div>" * 3_000 + "x" + "</div>" * 3_000,
    "*" * 20_000 + "\n",
    "[" * 9_000 + "x" + "](" * 9_000 + "\n",
    "`" * 9_999 + "x\n",
    "|" * 9_000 + "\n|" + "-|" * 9_000 + "\n" + "|x" * 9_000 + "\n",
    "# same\n\n" * 3_000,
    "\n".join(f"# {n} \U0001F600\ufe0f" for n in range(2_000)),
    "{% include youtube.html vid=\"x\" %}\n<figure>\n{% include youtube.html vid=\"abcdefghijk\" %}\n</figure>\n{% raw %}\n",
    "{% for a in (1..99999999) %}{{ a }}{% endfor %}{{ site | jsonify }}{{ 'x' | times: 1e400 }}\n",
    "{::options toc_levels=\"99..1\" /}\n{: .x #main style=\"y\"}\n{:toc}\n* x\n{:toc}\n",
    "$$ \\def\\x{\\x\\x}\\x $$\n", "<!-- \n" * 5_000, "<![CDATA[" * 500, "&#x0;&#xD800;&#99999999;&" + "a" * 9_000 + ";\n",
    "\x00\x01\x7f\u2028\ufeff\n", "\u0310" * 9_000, "a\r\nb\rc\u0085d\n", "<table>" + "<tr><td>" * 2_000, "<svg><title><style>" * 300,
    "<https://" + "a" * 9_000 + ">\n", "x" * 39_000, "- [ ] x\n" * 4_000, "1. x\n" * 4_000, "", "\n\n\n", "    " * 3_000 + "x",
)  # fmt: skip
KEYS = (
    "layout", "id", "title", "description", "author", "authors", "license", "date", "homepage", "source", "archive", "tags", "screenshots",
    "featuredimage", "compatibility", "attributes", "privacypolicy", "follow_dependency_links", "disabled", "abandoned", "up_for_adoption", "note",
    "redirect_from", "pypi", "permalink", "published", "url", "slug", "stats", "github", "history", "freshness", "ranks", "package", "verdicts",
    "activity", "collection", "content", "excerpt", "output", "categories", "path", "__proto__", "sitemap", "render_with_liquid",
)  # fmt: skip
NAMES = (
    "{0}.md", "{0}..md", "{0}.md.md", "{0} x.md", "-{0}.md", ".{0}.md", "{0}.MD", "{0}.html", "{0}.rb", "{0}%2e.md", "{0}+.md", "{0}é.md",
    "{0}" + "n" * 230 + ".md", "index.md", "all.md", "PLAIN.md", "Aardvark.md", "Plain.MD", "{0}\n.md", "{0}'\".md", "{0}#.md", "{0}?.md", "...md",
)  # fmt: skip


def scalar_in_a_key(chance: random.Random, slug: str) -> bytes:
    return registration(slug, **{chance.choice(KEYS): chance.choice(SCALARS)})


def list_in_a_key(chance: random.Random, slug: str) -> bytes:
    return registration(
        slug, **{chance.choice(("tags", "authors", "attributes", "redirect_from")): chance.choice(LISTS)}
    )


def body(chance: random.Random, slug: str) -> bytes:
    return registration(slug, body=chance.choice(BODIES))


def pieces(chance: random.Random, slug: str) -> bytes:
    return registration(slug, body="".join(chance.choices(PIECES, k=chance.randint(1, 80))))


def compatibility(chance: random.Random, slug: str) -> bytes:
    key = chance.choice(("python", "octoprint", "os"))
    return registration(slug, compatibility=f"\n  {key}: {chance.choice((*SPECIFIERS, *SCALARS))}")


def redirect(chance: random.Random, slug: str) -> bytes:
    target = chance.choice(
        ("/plugins/{}/", "/plugins/{}", "/{}/", "{}", "/plugins/{}/index.html", "//{}", "/plugins/../{}/")
    )
    name = chance.choice((*UNTOUCHED, "", "x", "../plugins.json", "plugins.json", slug, slug.upper()))
    return registration(slug, redirect_from=f"\n- {target.format(name)}")


def address(chance: random.Random, slug: str) -> bytes:
    key = chance.choice(
        ("homepage", "source", "archive", "privacypolicy", "abandoned", "disabled", "up_for_adoption")
    )
    path = chance.choice(
        (
            "/plugins/none/",
            "/plugins/plain/#none",
            "/none",
            "//none",
            "/",
            "",
            "/plugins/%2e%2e/",
            "/plugins.json",
            "/a b",
        )
    )
    return registration(slug, **{key: f'"{URL}{path}"'})


def screenshot(chance: random.Random, slug: str) -> bytes:
    url = chance.choice(
        (
            f"/assets/img/plugins/{slug}/none.png",
            f"{URL}/assets/img/x.png",
            "//x/y.png",
            "x",
            "''",
            "7",
            "https://example.org/" + "p" * 3_000,
        )
    )
    return registration(
        slug,
        screenshots=f"\n- url: {url}\n  alt: {chance.choice(SCALARS[:40]).splitlines()[0]}\n  caption: x",
    )


def bytes_of_it(chance: random.Random, slug: str) -> bytes:
    """Return a registration in which some bytes are other ones."""
    raw = bytearray(registration(slug))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[place] = chance.randrange(256)
            case 1:
                del raw[place : place + chance.randint(1, 30)]
            case 2:
                raw[place:place] = bytes(
                    chance.choices(b"\x00\t\r\n\"'#&*!|>%@`{}[]:-,\xff\xc3\xed\xa0", k=chance.randint(1, 8))
                )
            case _:
                raw[place:place] = raw[: chance.randint(1, 200)]
    return bytes(raw)


def lines_of_it(chance: random.Random, slug: str) -> bytes:
    """Return a registration whose lines are fewer, more, or in another order."""
    lines = registration(slug).splitlines(keepends=True)
    match chance.randrange(4):
        case 0:
            del lines[chance.randrange(len(lines))]
        case 1:
            lines.insert(chance.randrange(len(lines)), chance.choice(lines))
        case 2:
            chance.shuffle(lines)
        case _:
            lines = lines[: chance.randrange(len(lines))]
    return b"".join(lines)


def shape(chance: random.Random, slug: str) -> bytes:
    """Return what is hardly a registration any more."""
    return chance.choice(
        (
            b"",
            b"---\n",
            b"---\n---\n",
            b"---\n[1, 2]\n---\n",
            b"---\n" + b"- " * 3_000 + b"\n---\n",
            b"---\na: " + b"[" * 5_000 + b"\n---\n",
            b"---\na: " + b"{a: " * 2_000 + b"\n---\n",
            b"\xff\xfe-\x00-\x00-\x00",
            registration(slug).replace(b"\n", b"\r"),
            registration(slug).replace(b"\n", b"\r\n"),
            b"\xef\xbb\xbf" + registration(slug),
            registration(slug).replace(b"---", b"----"),
            registration(slug) + b"x" * 300_000,
            registration(slug) + b"\n---\n" + registration(slug),
            b"---\n" + b"k%d: v\n" * 9_000 + b"---\n",
            b"---\n" + b"".join(b"k%d: v\n" % n for n in range(5_000)) + b"---\n",
        )
    )


MAKERS: tuple[Callable[[random.Random, str], bytes], ...] = (
    scalar_in_a_key, list_in_a_key, body, pieces, compatibility, redirect, address, screenshot, bytes_of_it, lines_of_it, shape,
)  # fmt: skip


def broken_registration(seed: str) -> Broken:
    """Return a registration with one fault; the same for the same seed."""
    chance = random.Random(seed)
    slug = f"b{chance.randrange(10**6)}"
    name = f"{slug}.md"
    if chance.random() < 0.12:
        name, content = (
            chance.choice(NAMES).format(slug),
            registration(chance.choice((slug, slug + ".", "PLAIN"))),
        )
        return Broken(name=f"file name {name!r} ({seed})", registrations={name: content})
    make = chance.choice(MAKERS)
    return Broken(name=f"{make.__name__} ({seed})", registrations={name: make(chance, slug)})
