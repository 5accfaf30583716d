"""The body is Markdown in which nothing runs; what would not be shown is told with its line."""

# ruff: noqa: E501 - whole messages stand in a table, a case a line

import pytest

from registry.registration.frontmatter import parse
from registry.validation.body import check_body

HEAD = "---\nid: lamp\n---\n"


def told(body: str) -> list[tuple[int | None, str, str]]:
    findings = list(check_body(parse((HEAD + body).encode(), "lamp.md")))
    assert all(finding.key == "body" for finding in findings)
    return [(finding.line, finding.code, finding.message) for finding in findings]


@pytest.mark.parametrize(
    "body",
    [
        '{% include youtube.html vid="abcdefghijk" %} {%include youtube.html vid="a" preview="/b c.png"%}',
        "[Home]({{ page.homepage }}/x) {{page.homepage | absolute_url}} {{ site.url }}{{ site.baseurl }}",
        "`{{ a }}` and ``{% b ` %}`` and `two\nlines {{ c }}`",
        "```liquid\n{{ a }}\n<script>\n```\n",
        "~~~\n```\n{{ a }}\n~~~\n",
        "Text\n\n    {{ a }}\n\n    <script>\n",
        "- item\n\n  ```\n  {{ a }}\n  ```\n",
        "Use <axis> and <karmen-key>, a < b, {a}, {{ open, %}",
        '<a href="https://x.example"><img src="/a.png" alt="one=1"></a><br/><small>x</small>',
        "[a](https://x.example) [b](#c) <https://x.example>\n\n[d]: https://x.example",
        "A line with once = 1 in it, and <b title='on time'>x</b>",
    ],
)
def test_no_false_alarm(body: str) -> None:
    assert told(body) == []


@pytest.mark.parametrize(
    ("body", "line", "code", "message"),
    [
        ("", 4, "body-empty", "nothing follows the front matter; describe the plugin in a few sentences of Markdown"),
        ("\n \n", 4, "body-empty", "nothing follows the front matter; describe the plugin in a few sentences of Markdown"),
        ("a\n{{ page.title }}", 5, "body-liquid", "'{{ page.title }}' is Liquid, which does not run here; write it out, or as `code`"),
        ("a\n\n{% raw %}", 6, "body-liquid", "'{% raw %}' is Liquid, which does not run here; write it out, or as `code`"),
        ("{% include other.html %}", 4, "body-liquid", "'{% include other.html %}' is Liquid, which does not run here; write it out, or as `code`"),
        ("an ` unpaired {{ a }}\n\ntick `", 4, "body-liquid", "'{{ a }}' is Liquid, which does not run here; write it out, or as `code`"),
        ("- item\n\n    {{ a }}", 6, "body-liquid", "'{{ a }}' is Liquid, which does not run here; write it out, or as `code`"),
        ("a\r\n<SCRIPT src=x>", 5, "body-script", "scripts do not run here and are taken out; remove it"),
        ("<b/onclick = x>", 4, "body-script", "the attribute onclick would run a script; remove it"),
        ("<img src=x onerror='a'>", 4, "body-script", "the attribute onerror would run a script; remove it"),
        ('<a href=" java&#x73;cript:a">', 4, "body-script", "' java&#x73;cript:a' would run a script; write an https address"),
        ("[x](javascript:a)", 4, "body-script", "'javascript:a' would run a script; write an https address"),
        ("[x]( <java\tscript:a>)", 4, "body-script", "'java\tscript:a' would run a script; write an https address"),
        ("a\n\n[x]: vbscript:a", 6, "body-script", "'vbscript:a' would run a script; write an https address"),
        ("<javascript:a>", 4, "body-script", "'<javascript:a>' would run a script; write an https address"),
        ("<iframe src=x></iframe>", 4, "body-html", "<iframe> is taken out of the page; write Markdown, or a link, instead"),
        ("<svg>", 4, "body-html", "<svg> is taken out of the page; write Markdown, or a link, instead"),
        ("a\nb\x07", 5, "control-character", "the text holds '\\x07', a control character; delete it"),
    ],
)  # fmt: skip
def test_what_is_told(body: str, line: int, code: str, message: str) -> None:
    assert told(body) == [(line, code, message)]


def test_a_flood_is_told_in_part() -> None:
    assert len(told("<script>\n" * 500)) == 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["`", "{{", "<a ", "](", "[a]: ", "\n```\n", "\n    x", " on", "<!--", "\x01", "` `` "]
)
def test_half_a_megabyte_of_one_sign_is_scanned(unit: str) -> None:
    # A scan that grows with the square of the body would not come back within minutes.
    assert len(told(unit * (500_000 // len(unit)))) <= 60
