"""Registrations that are wrong in one way each, as maintainers get them wrong, and what must be told of each.

Every one is `GOOD` with one change. The line on which the fault must be told is marked by « in the text that
is put in; where there is no mark, the whole file is meant: line 1.
"""

# ruff: noqa: E501 - a fault a line

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.text.problems import Level

FILE = "_plugins/desk_lamp.md"
IMAGE = "/assets/img/plugins/desk_lamp/tab.png"

GOOD = f"""---
layout: plugin

id: desk_lamp
title: Desk Lamp
description: Lights the bed while a job runs.
author: Ada Lovelace
license: AGPL-3.0-or-later

date: 2024-10-07

homepage: https://github.com/ada/OctoPrint-DeskLamp
source: https://github.com/ada/OctoPrint-DeskLamp
archive: https://github.com/ada/OctoPrint-DeskLamp/archive/main.zip

tags:
- lamp
- control

screenshots:
- url: {IMAGE}
  alt: The plugin's tab with a slider for the brightness
  caption: Brightness
featuredimage: {IMAGE}

compatibility:
  octoprint:
  - 1.4.0
  os:
  - linux
  - windows
  python: ">=3.7,<4"

attributes:
- cloud
privacypolicy: https://example.com/privacy
---

Lights the bed while a print runs. See the [manual]({{{{ page.homepage }}}}#manual).
"""

MARK = "«"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """One faulty registration, and the one problem that the validator must find in it."""

    name: str
    """What is wrong, in words."""
    raw: bytes
    line: int
    code: str
    key: str
    level: Level
    cure: str
    """What the end of the message must hold."""
    file: str = FILE
    beside: Mapping[str, bytes] = field(default_factory=dict)
    """Other files of the repository, and their content."""


def bad(
    name: str,
    old: str,
    new: str,
    code: str,
    key: str,
    cure: str,
    level: Level = "error",
    *,
    encoding: str = "utf-8",
    line_end: str = "\n",
    file: str = FILE,
    beside: Mapping[str, str] | None = None,
) -> Bad:
    """Return GOOD with `old`, which it holds once, replaced by `new`; "" for `old` is the whole file."""
    if old and GOOD.count(old) != 1:
        raise ValueError(f"{name}: {old!r} stands {GOOD.count(old)} times")
    marked = GOOD.replace(old, new) if old else new
    line = marked.count("\n", 0, max(0, marked.find(MARK))) + 1
    text = marked.replace(MARK, "").replace("\n", line_end)
    others = {path: content.encode() for path, content in (beside or {}).items()}
    return Bad(
        name=name,
        raw=text.encode(encoding, errors="surrogateescape"),
        line=line,
        code=code,
        key=key,
        level=level,
        cure=cure,
        file=file,
        beside=others,
    )


def _without(key: str, line: str, cure: str) -> Bad:
    return bad(f"{key} is missing", f"{line}\n", "", "missing-key", key, cure)


_DESCRIPTION = "description: Lights the bed while a job runs."
_PYTHON = '  python: ">=3.7,<4"'
_URL = f"- url: {IMAGE}"
_FEATURED = f"featuredimage: {IMAGE}"
_HOMEPAGE = "homepage: https://github.com/ada/OctoPrint-DeskLamp"
_SOURCE = "source: https://github.com/ada/OctoPrint-DeskLamp"
_ARCHIVE = "archive: https://github.com/ada/OctoPrint-DeskLamp/archive/main.zip"
_TAGS = "tags:\n- lamp\n- control"
_BODY = "Lights the bed while a print runs."
_PRIVACY = "privacypolicy: https://example.com/privacy"
_SCREENSHOTS = f"""screenshots:
- url: {IMAGE}
  alt: The plugin's tab with a slider for the brightness
  caption: Brightness"""

FILE_FAULTS = (
    bad("the front matter does not begin", "---\nlayout", "«layout", "no-front-matter", "", "write '---' alone on the first line"),
    bad("a blank line comes first", "---\nlayout", "«\n---\nlayout", "no-front-matter", "", "write '---' alone on the first line"),
    bad("four dashes open it", "---\nlayout", "«----\nlayout", "no-front-matter", "", "write '---' alone on the first line"),
    bad("the front matter of another generator", "---\nlayout", "«+++\nlayout", "no-front-matter", "", "write '---' alone on the first line"),
    bad("the front matter does not end", "privacy\n---\n", "privacy\n", "unclosed-front-matter", "", "write '---' alone on the line after its last key"),
    bad("four dashes close it", "privacy\n---\n", "privacy\n«----\n", "unclosed-front-matter", "", "write '---' alone on the line after its last key"),
    bad("blanks before the closing dashes", "privacy\n---\n", "privacy\n«  ---\n", "unclosed-front-matter", "", "write '---' alone on the line after its last key"),
    bad("a byte order mark", "---\nlayout", "\ufeff«---\nlayout", "bom", "", "save it as UTF-8 without one"),
    bad("a byte order mark and Windows line ends", "---\nlayout", "\ufeff«---\nlayout", "bom", "", "save it as UTF-8 without one", line_end="\r\n"),
    bad("saved as Latin-1", "author: Ada Lovelace", "«author: Zoë Lovelace", "not-utf8", "", "save the file as UTF-8", encoding="latin-1"),
    bad("Latin-1 in the body", _BODY, "«Größe.", "not-utf8", "", "save the file as UTF-8", encoding="latin-1"),
    bad("saved as UTF-16", "", "«" + GOOD, "not-utf8", "", "save the file as UTF-8", encoding="utf-16"),
    bad("a NUL in the body", _BODY, "«Lights\0the bed.", "nul", "", "delete it"),
    bad("an escape character in the title", "title: Desk Lamp", "«title: Desk \x1b[1mLamp", "control-character", "", "delete it"),
    bad("an escape character in the body", _BODY, "First.\n\n«Lights \x1b[1mthe bed.", "control-character", "body", "delete it"),
    bad("an escaped control character", "title: Desk Lamp", '«title: "Desk \\u0007Lamp"', "control-character", "title", "delete it"),
    bad("too long a front matter", "attributes:", "note: " + "x" * 64_000 + "\nattributes:", "too-large", "", "move long texts to the body"),
    bad("too long a file", _BODY, "x " * 500_000, "too-large", "", "link to long texts and images instead"),
    bad("a picture as text in the body", _BODY, "![a](data:image/png;base64," + "QUJD" * 250_000 + ")", "too-large", "", "link to long texts and images instead"),
    bad("another ending of the name", "", GOOD, "not-markdown", "", "move it", file="_plugins/desk_lamp.markdown"),
    bad("a blank in the file's name", "", GOOD, "file-name", "", "name the file after the plugin's id", file="_plugins/desk lamp.md"),
    bad("a file whose name differs by case from another's", "", GOOD, "duplicate-file-name", "", "rename it",
        beside={"_plugins/Desk_Lamp.md": GOOD.replace("id: desk_lamp", "id: Desk_Lamp_2")}),
)  # fmt: skip

YAML_FAULTS = (
    bad("a colon in a title", "title: Desk Lamp", "«title: Desk Lamp: the light", "yaml-syntax", "", "quote a text that holds ': '"),
    bad("a colon in a description", _DESCRIPTION, "«description: Lights the bed. Note: needs a relay", "yaml-syntax", "", "quote a text that holds ': '"),
    bad("an unquoted title that begins with @", "title: Desk Lamp", "«title: @Desk Lamp", "yaml-syntax", "", "goes in quotes"),
    bad("a title in backticks", "title: Desk Lamp", "«title: `Desk Lamp`", "yaml-syntax", "", "goes in quotes"),
    bad("a title that begins with %", "title: Desk Lamp", "«title: % Desk Lamp", "yaml-syntax", "", "goes in quotes"),
    bad("a title that begins with a bracket", "title: Desk Lamp", "«title: [Beta] Desk Lamp", "yaml-syntax", "", "quote"),
    bad("a title in bold", "title: Desk Lamp", "«title: **Desk Lamp**", "yaml-syntax", "", "goes in quotes"),
    bad("a description that begins with &", _DESCRIPTION, "«description: &amp; lights", "yaml-syntax", "", "goes in quotes"),
    bad("a description that begins with !", _DESCRIPTION, "«description: !important lights", "yaml-tag", "", "quote the text"),
    bad("a description that begins with a hyphen", _DESCRIPTION, "«description: - lights the bed", "yaml-syntax", "", "quotes"),
    bad("a description that begins with #", _DESCRIPTION, "«description: #1 of all lamps", "missing-key", "description", "in quotes"),
    bad("a quote within quotes", _DESCRIPTION, '«description: "The "best" lamp"', "yaml-syntax", "", "quote"),
    bad("an apostrophe within quotes", _DESCRIPTION, "«description: 'It's a lamp'", "yaml-syntax", "", "quote"),
    bad("a quote that is not closed", "title: Desk Lamp", '«title: "Desk Lamp', "yaml-syntax", "", "close the quote"),
    bad("a single quote that is not closed", "license: AGPL-3.0-or-later", "«license: 'AGPL-3.0-or-later", "yaml-syntax", "", "close the quote"),
    bad("a Windows path in double quotes", _FEATURED, '«featuredimage: "assets\\img\\tab.png"', "yaml-syntax", "", "single quotes"),
    bad("a bracket that is not closed", _TAGS, "tags: «[lamp, control", "yaml-syntax", "", "close the bracket"),
    bad("no blank after a colon", "title: Desk Lamp", "«title:Desk Lamp", "yaml-syntax", "", "write 'key: value'"),
    bad("an equals sign for a colon", "title: Desk Lamp", "«title = Desk Lamp", "yaml-syntax", "", "write 'key: value'"),
    bad("no blank after a colon in the last key", _PRIVACY, "«privacypolicy:https://example.com/privacy", "yaml-syntax", "", "write 'key: value'"),
    bad("a no-break space after a colon", "title: Desk Lamp", "«title:\xa0Desk Lamp", "yaml-syntax", "", "type a plain space"),
    bad("a no-break space as indentation", "  os:\n", "«\xa0\xa0os:\n", "yaml-syntax", "", "type a plain space"),
    bad("a wide colon", "title: Desk Lamp", "«title：Desk Lamp", "yaml-syntax", "", "write 'key: value'"),
    bad("a tab before a key", "  os:\n", "«\tos:\n", "tab", "", "use spaces"),
    bad("a tab before a list entry", "  - linux\n", "«\t- linux\n", "tab", "", "use spaces"),
    bad("a tab before a key of a screenshot", "  alt: The", "«\talt: The", "tab", "", "use spaces"),
    bad("a blank before a key", "title: Desk Lamp", "«  title: Desk Lamp", "yaml-syntax", "", "align the keys"),
    bad("a key of a screenshot set in too far", "  caption: Brightness", "«    caption: Brightness", "yaml-syntax", "", "align the keys"),
    bad("a key of a screenshot set in too little", "  alt: The", "« alt: The", "yaml-syntax", "", "align"),
    bad("a key of compatibility set in too little", "  os:\n", "« os:\n", "yaml-syntax", "", "align the keys"),
    bad("list entries without a blank", _TAGS, "tags:\n«-lamp\n-control", "yaml-syntax", "", "'- '"),
    bad("list entries after a star", _TAGS, "tags:\n«* lamp\n* control", "yaml-syntax", "", "'- '"),
    bad("a list on the line of its key", "  octoprint:\n  - 1.4.0", "«  octoprint: - 1.4.0", "yaml-syntax", "", "line of its own"),
    bad("a text that goes on without indentation", _DESCRIPTION, "description: |\n«Lights the bed.", "yaml-syntax", "", "indent"),
    bad("a line of prose among the keys", "tags:\n", "«Please merge this soon.\ntags:\n", "yaml-syntax", "", "write 'key: value'"),
    bad("a range without quotes", _PYTHON, "«  python: >=3.7,<4", "yaml-syntax", "", "goes in quotes"),
    bad("a lower bound without quotes", _PYTHON, "«  python: >3.6", "yaml-syntax", "", "goes in quotes"),
    bad("an excluded system without quotes", "  - windows\n", "  «- !windows\n", "yaml-tag", "", "quote the text"),
    bad("a host's range without quotes", "  - 1.4.0\n", "«  - >=1.4,<2\n", "yaml-syntax", "", "goes in quotes"),
    bad("dashes that go on amid the keys", "date: 2024-10-07\n", "date: 2024-10-07\n«--- # addresses\n", "several-documents", "", "keep one block"),
    bad("a list instead of keys", "", "---\n«- layout: plugin\n- id: desk_lamp\n---\nText.\n", "not-a-mapping", "", "write one 'key: value' a line"),
    bad("prose instead of keys", "", "---\n«My plugin lights the bed.\n---\nText.\n", "not-a-mapping", "", "write one 'key: value' a line"),
    bad("nothing between the dashes", "", "---\n«---\nText.\n", "not-a-mapping", "", "write one 'key: value' a line"),
    bad("a key twice", "date: 2024-10-07\n", "date: 2024-10-07\n«license: MIT\n", "duplicate-key", "", "keep one of the two"),
    bad("a key of compatibility twice", _PYTHON, _PYTHON + "\n«  os: [linux]", "duplicate-key", "", "keep one of the two"),
    bad("an alias bomb", _TAGS, "tags:\n«- &a [lol, lol]\n- &b [*a, *a, *a]\n- &c [*b, *b, *b]", "alias", "", "write the value out"),
    bad("a merge key", _PRIVACY, _PRIVACY + "\n«<<: {note: x}", "merge-key", "", "write the keys out"),
    bad("a tag that makes an object", "title: Desk Lamp", "«title: !ruby/object:Gem::Installer {}", "yaml-tag", "", "write the plain value"),
    bad("a key that is a flag to YAML", _PRIVACY, _PRIVACY + "\n«on: push", "key-not-text", "", "put it in quotes"),
    bad("nested too deep", "  - 1.4.0", "«  - " + "[" * 30 + "]" * 30, "too-deep", "", "no key needs more than three"),
    bad("too many tags", _TAGS, "tags: [" + "x, " * 900 + "\n" + "«x, " * 1 + "x, " * 200 + "]", "too-many-values", "", "a registration needs a tenth of it"),
    bad("a day that is none, to YAML", "date: 2024-10-07", "«date: 2024-13-07", "unreadable-value", "", "correct it"),
    bad("the 30th of February", "date: 2024-10-07", "«date: 2024-02-30", "unreadable-value", "", "correct it"),
)  # fmt: skip

KEY_FAULTS = (
    _without("layout", "layout: plugin", "layout: plugin"),
    _without("id", "id: desk_lamp", "id: my_plugin"),
    _without("title", "title: Desk Lamp", "title: My Plugin"),
    _without("description", _DESCRIPTION, "description: Says"),
    _without("author", "author: Ada Lovelace", "author: Ada Lovelace"),
    _without("license", "license: AGPL-3.0-or-later", "license: AGPL-3.0-or-later"),
    _without("date", "date: 2024-10-07", "date: 2024-10-07"),
    bad("homepage is missing", _HOMEPAGE + "\n", "", "missing-key", "homepage", "homepage: https://"),
    bad("source is missing", _SOURCE + "\n", "", "missing-key", "source", "source: https://"),
    _without("archive", _ARCHIVE, "archive: https://"),
    bad("the licence has no value", "license: AGPL-3.0-or-later", "«license:", "missing-key", "license", "write e.g."),
    bad("the licence is an empty text", "license: AGPL-3.0-or-later", "«license: ''", "empty-text", "license", "write e.g. 'license: AGPL-3.0-or-later'"),
    bad("the title is blank", "title: Desk Lamp", "«title: '  '", "empty-text", "title", "write e.g. 'title: My Plugin'"),
    bad("the description is an empty text", _DESCRIPTION, '«description: ""', "empty-text", "description", "say in one sentence"),
    bad("the author is an empty text", "author: Ada Lovelace", "«author: ''", "empty-text", "author", "write e.g."),
    bad("an optional key has no value", _PRIVACY, "«privacypolicy:", "empty-key", "privacypolicy", "remove the line", "warning"),
    bad("a required key is misspelt", "license: AGPL", "«licence: AGPL", "unknown-key", "licence", "did you mean 'license'?"),
    bad("a required key has a capital", "title: Desk Lamp", "«Title: Desk Lamp", "unknown-key", "Title", "did you mean 'title'?"),
    bad("the author is misspelt", "author: Ada Lovelace", "«autor: Ada Lovelace", "unknown-key", "autor", "did you mean 'author'?"),
    bad("an optional key is misspelt", _FEATURED, f"«featured_image: {IMAGE}", "unknown-key", "featured_image", "did you mean 'featuredimage'?"),
    bad("tags in the singular", "tags:\n", "«tag:\n", "unknown-key", "tag", "did you mean 'tags'?"),
    bad("a key that nobody knows", _PRIVACY, _PRIVACY + "\n«funding: https://example.com", "unknown-key", "funding", "remove it"),
    bad("a key that steers the renderer", _PRIVACY, _PRIVACY + "\n«permalink: /", "unknown-key", "permalink", "remove it"),
    bad("a key of compatibility outside of it", _PYTHON, '«python: ">=3.7,<4"', "unknown-key", "python", "below 'compatibility'"),
    bad("a key of compatibility misspelt", _PYTHON, '«  phyton: ">=3.7,<4"', "unknown-key", "compatibility.phyton", "did you mean 'python'?"),
    bad("a key of a screenshot misspelt", "  caption: Bright", "«  captoin: Bright", "unknown-key", "screenshots[0].captoin", "did you mean 'caption'?"),
    bad("figures of one's own", _PRIVACY, _PRIVACY + "\n«stats: {month: {instances: 9000}}", "computed-key", "stats", "remove it"),
    bad("stars of one's own", _PRIVACY, _PRIVACY + "\n«github: {stars: 9000}", "computed-key", "github", "remove it"),
    bad("another layout", "layout: plugin", "«layout: plugins", "layout", "layout", "write 'layout: plugin'"),
    bad("a number as title", "title: Desk Lamp", "«title: 2001", "wrong-type", "title", "put it in quotes: '2001'"),
    bad("a flag as title", "title: Desk Lamp", "«title: On", "wrong-type", "title", "put it in quotes"),
    bad("a list as licence", "license: AGPL-3.0-or-later", "«license: [MIT, AGPL-3.0-or-later]", "wrong-type", "license", "write one text"),
    bad("a mapping as title", "title: Desk Lamp", "«title: {en: Desk Lamp}", "wrong-type", "title", "write one text"),
    bad("tags as one text", _TAGS, "«tags: lamp, control", "wrong-type", "tags", "on a line of its own after '- '"),
    bad("a tag that is a mapping", "- lamp\n", "«- lamp: bright\n", "wrong-type", "tags[0]", "write one text"),
    bad("a tag without a word", "- lamp\n", "«-\n", "wrong-type", "tags[0]", "remove the line"),
    bad("a tag twice", "- control", "«- Lamp", "tag", "tags[1]", "remove one", "warning"),
    bad("a tag that YAML takes for a number", "- control", "«- 12864", "misread", "tags[1]", "put it in quotes: '12864'", "warning"),
    bad("a TODO as description", _DESCRIPTION, "«description: TODO", "template-left", "description", "write your own"),
    bad("a TODO of the template", "tags:\n", "«# TODO: list your tags\ntags:\n", "template-left", "", "remove them", "warning"),
    bad("all comments of the template", "tags:\n", "«# a\n# b\n# c\n# d\n# e\n# f\ntags:\n", "template-left", "", "remove them", "warning"),
    bad("a flag in quotes", _PRIVACY, _PRIVACY + '\n«follow_dependency_links: "false"', "wrong-type", "follow_dependency_links", "without quotes"),
    bad("dependency links", _PRIVACY, _PRIVACY + "\n«follow_dependency_links: true", "dependency-links", "follow_dependency_links", "remove it"),
    bad("abandoned, in words", _PRIVACY, _PRIVACY + "\n«abandoned: since last year", "wrong-type", "abandoned", "write true, or the address"),
    bad("up for adoption, by a number", _PRIVACY, _PRIVACY + "\n«up_for_adoption: 12", "wrong-type", "up_for_adoption", "write true, or the address"),
    bad("disabled, by a list", _PRIVACY, _PRIVACY + "\n«disabled: [crashes]", "wrong-type", "disabled", "true or a text"),
    bad("a note as a list", _PRIVACY, _PRIVACY + "\n«note: [one, two]", "wrong-type", "note", "write one text"),
    bad("an attribute that nobody knows", "- cloud", "«- opensource", "attribute", "attributes[0]", "known are abandoned, cloud", "warning"),
    bad("attributes as one text", "attributes:\n- cloud", "«attributes: cloud", "wrong-type", "attributes", "after '- '"),
    bad("an address as project name", _PRIVACY, _PRIVACY + "\n«pypi: https://example.com/project/desk-lamp", "pypi", "pypi", "write the name alone"),
)  # fmt: skip

IDENTITY_FAULTS = (
    bad("an id that is not the file's name", "id: desk_lamp", "«id: desklamp", "id-file-name", "id", "name the file desklamp.md"),
    bad("an id in capitals that the file's name lacks", "id: desk_lamp", "«id: Desk_Lamp", "id-file-name", "id", "name the file Desk_Lamp.md"),
    bad("an id with a blank", "id: desk_lamp", "«id: desk lamp", "id", "id", "letters, digits and _ . + -"),
    bad("an id that leads elsewhere", "id: desk_lamp", "«id: ../desk_lamp", "id", "id", "letters, digits and _ . + -"),
    bad("an id that is a number", "id: desk_lamp", "«id: 123", "wrong-type", "id", "put it in quotes: '123'"),
    bad("an id that another file has", "", GOOD.replace("id: desk", "«id: desk"), "duplicate-id", "id", "give each plugin its own",
        beside={"_plugins/lamp_of_old.md": GOOD}),
    bad("an id that another file has in capitals", "", GOOD.replace("id: desk", "«id: desk"), "duplicate-id", "id", "give each plugin its own",
        beside={"_plugins/lamp_of_old.md": GOOD.replace("id: desk_lamp", "id: DESK_LAMP")}),
    bad("a redirect that takes another plugin's page", _PRIVACY, _PRIVACY + "\n«redirect_from: /plugins/neighbour/", "redirect", "redirect_from", "remove it"),
    bad("a redirect in a list that takes another plugin's page", _PRIVACY, _PRIVACY + "\nredirect_from:\n- /plugins/old/\n«- /plugins/Neighbour", "redirect", "redirect_from[1]", "remove it"),
    bad("a redirect that takes the site's own page", _PRIVACY, _PRIVACY + "\n«redirect_from: /plugins.json", "redirect", "redirect_from", "write '/plugins/<old id>/'"),
    bad("authors as a list under author", "author: Ada Lovelace", "«author: [Ada Lovelace, Charles Babbage]", "author-form", "author", "write 'authors' for a list"),
    bad("one name under authors", "author: Ada Lovelace", "«authors: Ada Lovelace", "author-form", "authors", "write 'author' for one name"),
    bad("author beside authors", "author: Ada Lovelace", "«author: Ada Lovelace\nauthors: [Charles Babbage]", "author-form", "author", "keep one of the two"),
    bad("several people under author", "author: Ada Lovelace", "«author: Ada Lovelace and Charles Babbage", "several-authors", "author", "list each under 'authors'", "warning"),
    bad("nobody under authors", "author: Ada Lovelace", "«authors: []", "missing-key", "authors", "author: Ada Lovelace"),
    bad("an author who is a number", "author: Ada Lovelace", "«author: 1815", "wrong-type", "author", "put it in quotes: '1815'"),
    bad("a mail address in a mapping as author", "author: Ada Lovelace", "«author: {name: Ada Lovelace}", "wrong-type", "author", "write one text"),
)  # fmt: skip

TEXT_FAULTS = (
    bad("a very long title", "title: Desk Lamp", "«title: Desk Lamp " + "and lamp " * 10, "long-text", "title", "shorten it", "warning"),
    bad("a very long description", _DESCRIPTION, "«description: Lights " + "the bed " * 40, "long-text", "description", "shorten it", "warning"),
    bad("HTML in the title", "title: Desk Lamp", "«title: <b>Desk Lamp</b>", "html-in-text", "title", "write plain text", "warning"),
    bad("HTML in the description", _DESCRIPTION, '«description: See <a href="https://example.com">here</a>.', "html-in-text", "description", "write plain text", "warning"),
    bad("a script in the title", "title: Desk Lamp", "«title: Lamp <script>alert(1)</script>", "html-in-text", "title", "write plain text", "warning"),
    bad("letters that run backwards", "title: Desk Lamp", "«title: Desk \u202epmaL", "bidi", "title", "delete it"),
    bad("a letter that nobody sees", "- lamp\n", "«- la\u200bmp\n", "bidi", "tags[0]", "delete it"),
    bad("a day as Germans write it", "date: 2024-10-07", "«date: 07.10.2024", "date", "date", "write e.g. 2024-10-07"),
    bad("a day as Americans write it", "date: 2024-10-07", "«date: 10/07/2024", "date", "date", "write e.g. 2024-10-07"),
    bad("a day in words", "date: 2024-10-07", "«date: October 7, 2024", "date", "date", "write e.g. 2024-10-07"),
    bad("a day with slashes", "date: 2024-10-07", "«date: 2024/10/07", "date", "date", "write e.g. 2024-10-07"),
    bad("a day without hyphens", "date: 2024-10-07", "«date: 20241007", "date", "date", "write e.g. 2024-10-07"),
    bad("a day with dashes", "date: 2024-10-07", "«date: 2024–10–07", "date", "date", "write e.g. 2024-10-07"),
    bad("the template's day", "date: 2024-10-07", "«date: YYYY-MM-DD", "date", "date", "write e.g. 2024-10-07"),
    bad("a quoted day that does not exist", "date: 2024-10-07", '«date: "2024-02-30"', "date", "date", "write e.g. 2024-10-07"),
    bad("a day with one digit", "date: 2024-10-07", "«date: 2024-10-7", "date-form", "date", "write the day alone: 2024-10-07"),
    bad("a day with a time", "date: 2024-10-07", "«date: 2024-10-07 12:30:00", "date-form", "date", "write the day alone: 2024-10-07"),
    bad("a day that is yet to come", "date: 2024-10-07", "«date: 2999-10-07", "date-future", "date", "write the day of registration"),
)  # fmt: skip

ADDRESS_FAULTS = (
    bad("an address without https", _HOMEPAGE, "«homepage: github.com/ada/OctoPrint-DeskLamp", "url", "homepage", "write the whole address"),
    bad("an address with www alone", _HOMEPAGE, "«homepage: www.example.com", "url", "homepage", "write the whole address"),
    bad("an address with one slash", _HOMEPAGE, "«homepage: https:/github.com/ada", "url", "homepage", "write the whole address"),
    bad("an address without a host", _HOMEPAGE, "«homepage: https://", "url", "homepage", "write the whole address"),
    bad("an address with a blank", _HOMEPAGE, "«homepage: https://example.com/desk lamp", "url", "homepage", "encode it or remove it"),
    bad("an address in angle brackets", _HOMEPAGE, "«homepage: <https://example.com>", "url", "homepage", "remove it"),
    bad("an address in round quotes", _HOMEPAGE, "«homepage: “https://example.com”", "url", "homepage", "straight quotes"),
    bad("an address with a password", _SOURCE, "«source: https://ada:s3cret@github.com/ada/OctoPrint-DeskLamp", "url", "source", "take it out"),
    bad("an address that runs a script", _HOMEPAGE, "«homepage: javascript:alert(document.cookie)", "url", "homepage", "write the whole address"),
    bad("an address of a mail box", _HOMEPAGE, "«homepage: mailto:ada@example.com", "url", "homepage", "write the whole address"),
    bad("a link in Markdown", _HOMEPAGE, "«homepage: '[home](https://example.com)'", "url", "homepage", "write the whole address"),
    bad("a list of addresses", _HOMEPAGE, "«homepage: [https://example.com]", "wrong-type", "homepage", "write one text"),
    bad("a source as git clones it", _SOURCE, "«source: git@github.com:ada/OctoPrint-DeskLamp.git", "url", "source", "write the whole address"),
    bad("a source that is a person", _SOURCE, "«source: https://github.com/ada", "source-repository", "source", "write 'https://github.com/<owner>/<name>'"),
    bad("a source that is a list of repositories", _SOURCE, "«source: https://github.com/ada?tab=repositories", "source-repository", "source", "write 'https://github.com/<owner>/<name>'"),
    bad("an archive that is the repository's page", _ARCHIVE, "«archive: https://github.com/ada/OctoPrint-DeskLamp", "url", "archive", "/archive/"),
    bad("an archive that is the page of releases", _ARCHIVE, "«archive: https://github.com/ada/OctoPrint-DeskLamp/releases/latest", "url", "archive", "/archive/"),
    bad("an archive that is a branch's page", _ARCHIVE, "«archive: https://github.com/ada/OctoPrint-DeskLamp/tree/main", "url", "archive", "/archive/"),
    bad("an archive as git clones it", _ARCHIVE, "«archive: https://github.com/ada/OctoPrint-DeskLamp.git", "url", "archive", "/archive/"),
    bad("a privacy policy that is none", _PRIVACY, "«privacypolicy: none", "url", "privacypolicy", "write the whole address"),
    bad("an http image", _URL, "«- url: http://example.com/tab.png", "image-insecure", "screenshots[0].url", "put a copy under '/assets/img/plugins/desk_lamp/'"),
    bad("an image elsewhere", _URL, "«- url: https://example.com/tab.png", "image-remote", "screenshots[0].url", "put a copy under '/assets/img/plugins/desk_lamp/'", "warning"),
    bad("an image that is not there", _URL, "«- url: /assets/img/plugins/desk_lamp/main.png", "image-missing", "screenshots[0].url", "correct the path"),
    bad("an image whose name has capitals", _URL, "«- url: /assets/img/plugins/desk_lamp/Tab.PNG", "image-missing", "screenshots[0].url", "correct the path"),
    bad("an image in another folder", _URL, "«- url: /assets/tab.png", "image-folder", "screenshots[0].url", "write its path from there"),
    bad("an image path without its slash", _FEATURED, "«featuredimage: assets/img/plugins/desk_lamp/tab.png", "image-folder", "featuredimage", "write its path from there"),
    bad("an image that leads out of its folder", _FEATURED, "«featuredimage: /assets/img/plugins/../../../_config.yml", "image", "featuredimage", "write '/assets/img/plugins/<id>/<file>'"),
    bad("an image on one's own disk", _URL, "«- url: C:\\Users\\Ada\\tab.png", "image", "screenshots[0].url", "write '/assets/img/plugins/<id>/<file>'"),
    bad("an image within the address", _FEATURED, "«featuredimage: data:image/svg+xml,x", "image", "featuredimage", "write '/assets/img/plugins/<id>/<file>'"),
    bad("several featured images", _FEATURED, f"«featuredimage: [{IMAGE}]", "wrong-type", "featuredimage", "write one text"),
    bad("screenshots as a list of texts", _SCREENSHOTS, f"screenshots:\n«- {IMAGE}", "wrong-type", "screenshots[0]", "url"),
    bad("one screenshot without its hyphen", _SCREENSHOTS, f"«screenshots:\n  url: {IMAGE}\n  alt: The tab", "wrong-type", "screenshots", "after '- '"),
    bad("a screenshot without an address", f"{_URL}\n  alt:", "«- alt:", "missing-key", "screenshots[0].url", "url: /assets/img/plugins/"),
    bad("a screenshot that nobody can hear", f"{_URL}\n  alt: The plugin's tab with a slider for the brightness", f"«{_URL}", "image-alt", "screenshots[0]", "say in 'alt'", "warning"),
    bad("a featured image alone", f"{_SCREENSHOTS}\nfeat", "«feat", "no-screenshots", "featuredimage", "list it under 'screenshots'", "warning"),
)  # fmt: skip

COMPATIBILITY_FAULTS = (
    bad("a Python version for a range", _PYTHON, '«  python: "3"', "python-specifier", "compatibility.python", "write e.g. '>=3.7,<4'"),
    bad("a Python version that is a number", _PYTHON, "«  python: 3", "wrong-type", "compatibility.python", "'>=3"),
    bad("a Python version with a point that is a number", _PYTHON, "«  python: 3.10", "wrong-type", "compatibility.python", "'>=3.10"),
    bad("an x in a Python range", _PYTHON, '«  python: ">=3.7.x"', "python-specifier", "compatibility.python", "write e.g. '>=3.7,<4'"),
    bad("a caret in a Python range", _PYTHON, '«  python: "^3.7"', "python-specifier", "compatibility.python", "write e.g. '>=3.7,<4'"),
    bad("words in a Python range", _PYTHON, "«  python: Python 3 only", "python-specifier", "compatibility.python", "write e.g. '>=3.7,<4'"),
    bad("a Python range in round quotes", _PYTHON, "«  python: “>=3.7,<4”", "python-specifier", "compatibility.python", "straight quotes"),
    bad("a Python range within a list", _PYTHON, '«  python: [">=3.7", "<4"]', "wrong-type", "compatibility.python", "write one text"),
    bad("two ranges without a comma", _PYTHON, '«  python: ">=3.7 <4"', "python-specifier", "compatibility.python", "write e.g. '>=3.7,<4'"),
    bad("no list of host versions", "  octoprint:\n  - 1.4.0", "«  octoprint: 1.4.0", "wrong-type", "compatibility.octoprint", "after '- '"),
    bad("a host version that is a number", "  - 1.4.0", "«  - 1.10", "misread", "compatibility.octoprint[0]", "put it in quotes: '1.10'", "warning"),
    bad("an x in a host version", "  - 1.4.0", "«  - 1.4.x", "host-version", "compatibility.octoprint[0]", "write e.g. '1.4.0'"),
    bad("a word for a host version", "  - 1.4.0", "«  - latest", "host-version", "compatibility.octoprint[0]", "write e.g. '1.4.0'"),
    bad("a plus behind a host version", "  - 1.4.0", "«  - 1.4.0+", "host-version", "compatibility.octoprint[0]", "write e.g. '1.4.0'"),
    bad("no list of systems", "  os:\n  - linux\n  - windows", "«  os: linux", "wrong-type", "compatibility.os", "after '- '"),
    bad("a system in capitals", "  - linux", "«  - Linux", "os", "compatibility.os[0]", "write one of windows, linux, macos"),
    bad("a Mac", "  - windows", "«  - mac", "os", "compatibility.os[1]", "write one of windows, linux, macos"),
    bad("a distribution for a system", "  - linux", "«  - raspbian", "os", "compatibility.os[0]", "write one of windows, linux, macos"),
    bad("a system without a name", "  - linux\n", "«  -\n", "wrong-type", "compatibility.os[0]", "remove the line"),
    bad("compatibility as one text", "compatibility:\n  octoprint:\n  - 1.4.0\n  os:\n  - linux\n  - windows\n" + _PYTHON, "«compatibility: OctoPrint 1.4 and later", "wrong-type", "compatibility", "octoprint, os, python"),
    bad("compatibility without a value", "compatibility:\n  octoprint:\n  - 1.4.0\n  os:\n  - linux\n  - windows\n" + _PYTHON, "«compatibility:", "empty-key", "compatibility", "remove the line", "warning"),
)  # fmt: skip

BODY_FAULTS = (
    bad("no body", f"\n{_BODY} See the [manual]({{{{ page.homepage }}}}#manual).\n", "«", "body-empty", "body", "describe the plugin", "warning"),
    bad("Liquid that does not run", _BODY, "First.\n\n«Version {{ site.data.version }}.", "body-liquid", "body", "write it out"),
    bad("an include of another site", _BODY, "First.\n\n«{% include image.html %}", "body-liquid", "body", "write it out"),
    bad("a script", _BODY, "First.\n\n«<script>alert(1)</script>", "body-script", "body", "remove it"),
    bad("an event handler", _BODY, 'First.\n\n«<img src="/x.png" onerror="alert(1)">', "body-script", "body", "remove it"),
    bad("a link that runs a script", _BODY, "First.\n\n«[click](javascript:alert(1))", "body-script", "body", "write an https address"),
    bad("a frame", _BODY, 'First.\n\n«<iframe src="https://example.com"></iframe>', "body-html", "body", "write Markdown"),
    bad("a form", _BODY, 'First.\n\n«<form action="https://example.com">Pay</form>', "body-html", "body", "write Markdown"),
)  # fmt: skip

BAD = (
    *FILE_FAULTS,
    *YAML_FAULTS,
    *KEY_FAULTS,
    *IDENTITY_FAULTS,
    *TEXT_FAULTS,
    *ADDRESS_FAULTS,
    *COMPATIBILITY_FAULTS,
    *BODY_FAULTS,
)

GOOD_TOO = {
    "as it is": GOOD,
    "with the line ends of Windows": GOOD.replace("\n", "\r\n"),
    "without a line end at the end": GOOD.rstrip("\n"),
    "with blanks at the ends of lines": GOOD.replace("\n", "  \n"),
    **{
        name: GOOD.replace(old, new)
        for name, old, new in (
            ("a quoted day", "date: 2024-10-07", 'date: "2024-10-07"'),
            ("an archive among the releases", _ARCHIVE, "archive: https://github.com/ada/OctoPrint-DeskLamp/releases/latest/download/release.zip"),
            ("an archive of a tag", _ARCHIVE, "archive: https://github.com/ada/OctoPrint-DeskLamp/archive/refs/tags/1.0.zip"),
            ("a repository called archive", _ARCHIVE, "archive: https://github.com/ada/archive/zipball/main"),
            ("an archive elsewhere", _ARCHIVE, "archive: https://example.com/lamp"),
            ("a source that ends in .git", _SOURCE, _SOURCE + ".git"),
            ("a source in a folder", _SOURCE, _SOURCE + "/tree/main/lamp"),
            ("a source elsewhere", _SOURCE, "source: https://gitlab.example/ada/lamp"),
            ("a text of several lines", _DESCRIPTION, "description: >\n  Lights the bed\n  while a job runs."),
            ("a quoted text of several lines", _DESCRIPTION, 'description: "Lights the bed.\n  Note: needs a relay"'),
            ("a colon in quotes", "title: Desk Lamp", 'title: "Desk Lamp: the light"'),
            ("an address of a colon", "title: Desk Lamp", "title: Desk:Lamp"),
            ("round quotes in a title", "title: Desk Lamp", "title: The “Desk” Lamp’s light"),
            ("a no-break space in a title", "title: Desk Lamp", "title: Desk\xa0Lamp"),
            ("emoji in a title", "title: Desk Lamp", "title: Desk Lamp 👩‍🔧"),
            ("a smaller sign in a description", _DESCRIPTION, "description: Lights 3 < 4 beds & more."),
            ("a company", "author: Ada Lovelace", "author: Lamp Works, Inc."),
            ("several authors", "author: Ada Lovelace", "authors:\n- Ada Lovelace\n- Charles Babbage"),
            ("lists in brackets", _TAGS, "tags: [lamp, 'control', \"3D\"]"),
            ("a list that is set in", _TAGS, "tags:\n  - lamp\n  - control"),
            ("some comments", _TAGS, "# what it does\n" + _TAGS + " # and more"),
            ("another Python range", _PYTHON, "  python: ~=3.7"),
            ("a single quoted range", _PYTHON, "  python: '!=3.9.*,>=3.7'"),
            ("a system that is excluded", "  - windows\n", '  - "!windows"\n'),
            ("a former address", _PRIVACY, _PRIVACY + "\nredirect_from: /plugins/lamp_of_old/"),
            ("an abandoned one", _PRIVACY, _PRIVACY + "\nabandoned: https://github.com/ada/lamp/issues/1"),
            ("one that waits for a maintainer", _PRIVACY, _PRIVACY + "\nup_for_adoption: true"),
            ("a disabled one", _PRIVACY, _PRIVACY + "\ndisabled: 'No: it breaks.'"),
            ("Liquid and a script in code", _BODY, "Write `{{ x }}`:\n\n```\n<script>{% y %}</script>\n```"),
            ("dashes in the body", _BODY, "Above\n\n---\n\nkey: value\n\n---\n\nbelow."),
        )
    },
}  # fmt: skip
"""Registrations that are good as well, however odd they look: no false alarm."""
