"""Attacks by texts: titles, descriptions, names, tags, licences, reasons, versions and releases."""

# ruff: noqa: E501 -- an attack is easier to understand in one line

from tests.hostile.attack import EVIL, WINNING, Attack, on_text

TITLES = {
    "script": f"<script>{WINNING}</script>",
    "image": f"<img src=x onerror={WINNING}>",
    "svg": f"<svg/onload={WINNING}>",
    "end-title": f"</title><script>{WINNING}</script><title>",
    "json-ld-end": f'Name"}}</script><script>{WINNING}</script>',
    "json-ld-comment": "Name <!--<script> is never closed",
    "json-ld-key": '","url":"javascript:alert(1)","@type":"Thing","x":"',
    "json-backslash": 'Name \\" \\u003cscript\\u003e \\',
    "template-literal": f"`${{{WINNING}}}` ${{7*7}} #{{7*7}} {{{{7*7}}}}",
    "line-separators": "one\u2028two\u2029three\u0085four",
    "cdata": "]]><script>alert(1)</script><![CDATA[ x",
    "doctype": '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]> &x;',
    "xml-instruction": '<?xml-stylesheet href="//evil.example/x.css"?> x',
    "entities": "&lt;img src=x onerror=alert(1)&gt; &amp;lt;b&amp;gt; &quot;",
    "entities-open": "&ltscript&gtalert&lpar;1&rpar;&ltsol;script&gt &colon;",
    "entities-numeric": "&#60;script&#x3e;alert(1)&#0000060/script&#x00003e;",
    "liquid": "{{ site.config | jsonify }}{% include header.html %}{% raw %}",
    "liquid-comment": "{% comment %} gone {% endcomment %}{{ '<script>' }} stays",
    "markdown": f"`code` **bold** [x](javascript:alert(1)) ![y](https://{EVIL}/a.png) <b>",
    "markdown-end": f'](https://{EVIL}/) [x](https://{EVIL}/ "t") ![',
    "query": "x&labels=evil&template=evil.yml&body=taken&assignees=evil#fragment?x",
    "percent": "%22%3E%3Cscript%3Ealert(1)%3C/script%3E %0d%0aSet-Cookie:x %00",
    "line-breaks": "one\r\nSet-Cookie: x=1\r\n\r\n<b>two</b>",
    "override": "Good \u202etxt.exe\u202d \u202c back",
    "isolates": "Good \u2067\u2066\u2068 never closed",
    "embedding": "\u202b\u202a\u202b unclosed embeddings",
    "homoglyph": "ОctoPrint Оffiсiаl",
    "fullwidth": "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e \ufe64b\ufe65",
    "zero-width": "Oc\u200bto\u200dPr\u2060in\u00adt\u200c x",
    "zalgo": "Z" + "\u0310\u033a\u0356\u0489" * 60 + "algo" + "\u0300" * 200,
    "long-word": "W" * 3_000,
    "long-ideographs": "漢" * 600,
    "joined": "👩‍❤️‍💋‍👨" * 60,
    "wide-marks": "\u1242\ufdfd" * 40 + "𒐫" * 40,
    "spaces": "a\u3000\u2003\u00a0\u205f b" + "\u00a0" * 500 + "c",
    "prototype": "__proto__",
    "constructor": "constructor",
    "dots": "../../..",
    "number": "NaN",
}

DESCRIPTIONS = {
    "meta-refresh": f'"><meta http-equiv="refresh" content="0;url=https://{EVIL}/"><base href="https://{EVIL}/">',
    "open-graph": f'" property="og:image" content="https://{EVIL}/a.png"><link rel=stylesheet href="//{EVIL}/x.css">',
    "beacon": f'<img src="https://{EVIL}/beacon.png"> is not seen by readers of RSS',
    "handlers": f"' autofocus onfocus='{WINNING}' onmouseover=\"{WINNING}\" x=`",
    "math": f"<math><mtext><table><mglyph><style><img src=x onerror={WINNING}>",
    "broken-tag": '<img src=x onerror=alert(1) alt="never closed',
    "broken-end": "</p></main></body></html><plaintext>",
    "comment": "<!-- x --!> <!--> --><script>alert(1)</script> <!-",
    "table": "| a | b |\n|---|---|\n| <script>alert(1)</script> | c |",
    "cut-in-entity": "x" * 236 + '&&&&&&&&<<<<>>>>""""',
    "cut-in-pair": "y" * 238 + "😀😀👩‍❤️‍💋‍👨😀",
    "right-to-left": "שלום עולם \u202eevil\u2066 (right) to left",
    "long": "d" * 20_000,
    "words": "word " * 4_000,
}

NAMES = {
    "quote": f'" onmouseover="{WINNING}" x="',
    "markup": f"Some <b>Body</b></bdi></a><script>{WINNING}</script>",
    "address": f"<a href=javascript:{WINNING}>Name</a>",
    "path": "../../../assets/js/theme.js",
    "dots-only": "..",
    "encoded-path": "%2e%2e%2f%2e%2e%2fx",
    "query": "a?b=c&d#e",
    "page": "page",
    "index": "index.html",
    "prototype": "__proto__",
    "to-string": "toString",
    "has-own": "hasOwnProperty",
    "override": "\u202eydobemoS\u2066",
    "homoglyph": "Ѕоmеbоdу",
    "comma": "Some, Body; and others",
    "long": "n" * 5_000,
    "marks": "n" + "\u0301" * 300,
    "line-breaks": "a\nb\u2028c",
    "liquid": "{{ site.url }}",
    "backslash": 'a\\"b\\',
    "case-fold": "ſomebody İı",
}

LICENCES = {
    "markup": f"MIT</span><img src=x onerror={WINNING}>",
    "prototype": "__proto__",
    "constructor": "constructor",
    "expression": "(MIT OR <script>) AND `id` WITH ${x}",
    "override": "MIT\u202eLPG\u2066",
    "long": "L" * 2_000,
}

REASONS = {
    "markup": f"because <script>{WINNING}</script> &amp; </p></article>",
    "url-in-text": "see javascript:alert(1) or https://evil.example/<b>",
    "override": "because \u202e of \u2067 this",
    "almost-url": 'https://evil.example/ " onclick="alert(1)',
    "long": "r" * 3_000,
}

VERSIONS = {
    "markup": f"1.0<script>{WINNING}</script>",
    "quote": '1.0" style="width:9999px" x="',
    "prototype": "__proto__",
    "override": "1.0\u202e0.2",
    "long": "1." * 2_000,
    "percent": "100%; position:fixed",
}


def _versions(payload: str) -> dict[str, object]:
    window = {"instances": 9, "install_events": 1, "uninstall_events": 0, "versions": {payload: 7, "1.0": 2}}
    return {"week": window, "month": window}


def _github(**values: object) -> dict[str, object]:
    return {
        "repo": "owner/name",
        "stars": 3,
        "last_push": "2026-11-01 00:00:00 +0000",
        "archived": False,
        **values,
    }


def attacks() -> list[Attack]:
    """Return the attacks by texts."""
    made = [on_text("title", name, text, title=text) for name, text in TITLES.items()]
    # Nothing of these can be seen, so the file's name stands instead.
    made += [
        Attack(
            name="title-invisible",
            aim="title",
            keys={"title": "\u0007 \u0000\u0085"},
            shows=("title-invisible",),
        ),
        Attack(name="title-list", aim="title", keys={"title": ["<b>x</b>"]}, shows=("title-list",)),
        Attack(name="title-true", aim="title", keys={"title": True}, shows=("true",)),
    ]
    made += [on_text("description", name, text, description=text) for name, text in DESCRIPTIONS.items()]
    made += [on_text("author", name, text, authors=[text, "Somebody"]) for name, text in NAMES.items()]
    made += [on_text("tag", name, text, tags=[text, "plain"]) for name, text in NAMES.items()]
    made.append(
        Attack(
            name="tag-many", aim="tag", keys={"tags": [f"tag {n}" for n in range(1_000)]}, shows=("tag 0",)
        )
    )
    made += [on_text("licence", name, text, license=text) for name, text in LICENCES.items()]
    for key in ("disabled", "abandoned", "up_for_adoption", "note"):
        word = key.replace("_", "-")
        made += [on_text("reason", f"{word}-{name}", text, **{key: text}) for name, text in REASONS.items()]
    for name, text in VERSIONS.items():
        shown = text[:30] if len(text) > 40 else text
        made.append(
            Attack(name=f"versions-{name}", aim="versions", keys={"stats": _versions(text)}, shows=(shown,))
        )
    for name, text in VERSIONS.items():
        keys = {
            "latest_release": text, "latest_release_tag": text, "latest_release_date": "2026-10-01 00:00:00 +0000",
            "latest_release_url": f"https://example.org/{name}\"onclick=alert(1)",
        }  # fmt: skip
        shown = text[:30] if len(text) > 40 else text
        made.append(
            Attack(name=f"release-{name}", aim="release", keys={"github": _github(**keys)}, shows=(shown,))
        )
    for key in ("octoprint", "os", "python"):
        for name in ("markup", "quote", "override", "prototype"):
            text = VERSIONS[name]
            values = {key: text if key == "python" else [text]}
            made.append(
                Attack(
                    name=f"source-{key}-{name}", aim="source", keys={"compatibility": values}, shows=(text,)
                )
            )
    return made
