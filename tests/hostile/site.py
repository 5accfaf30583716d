"""One site of all attacks: registrations, notices, pictures, feeds with a state; built by the real parts."""

import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from registry.registration.frontmatter import dump
from tests.hostile.attack import EVIL, WINNING
from tests.hostile.catalogue import BASE, catalogue, front_matter
from tests.site.builder import Built, build, make_source, write_feeds

NOTICES: tuple[Mapping[str, Any], ...] = (
    {"text": f"reached notice-script <script>{WINNING}</script>"},
    {"text": f"reached notice-image <img src=https://{EVIL}/beacon.png onerror={WINNING}>"},
    {"text": "reached notice-entities &lt;b&gt; &amp;lt; &#60;script&#62;"},
    {"text": "reached notice-quotes \" onclick=\"alert(1) ' x='"},
    {"text": "reached notice-liquid {{ site.config }} {% include header.html %}"},
    {"text": "reached notice-override \u202egnp.exe \u2067 x"},
    {"text": "reached notice-long " + "n" * 5_000},
    {"text": "reached notice-link-quote", "link": 'https://example.org/"onclick="alert(1)'},
    {"text": "reached notice-link-tag", "link": "https://example.org/<script>alert(1)</script>'x"},
    {"text": "reached notice-versions", "pluginversions": ["<1.0", ">=0.1,!=0.3"], "octoversions": ["<2"]},
    {"text": "reached notice-cdata ]]><script>alert(1)</script>", "important": True},
)
"""Notices that somebody was talked into: all but their texts and links is refused before."""

STRAY = {
    "page.html": f"---\npermalink: /taken/\n---\n<script>{WINNING}</script>{{{{ site.time }}}}",
    "layout.md": "---\nlayout: plugin\npermalink: /index.html\n---\ntaken",
    "feed.json": '---\npermalink: /plugins.json\n---\n["taken"]',
    "style.scss": "---\n---\nbody { display: none }",
    "plain.html": f"<script>{WINNING}</script>",
    "code.js": WINNING,
    "code.mjs": WINNING,
    "page.xhtml": f"<script xmlns='http://www.w3.org/1999/xhtml'>{WINNING}</script>",
    "sheet.xml": "<?xml-stylesheet href='javascript:alert(1)'?><x/>",
    "broken.html": "---\ntitle: [\n---\n",
    "picture.png.html": f"---\n---\n<script>{WINNING}</script>",
    "front.png": f"---\npermalink: /taken/\n---\n<script>{WINNING}</script>",
    "broken.jpg": "---\ntitle: [\n---\n",
    "vector.svg": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{WINNING}"/>',
}
"""Files that came with a registration's pictures and are none."""


def write_registrations(plugins: Path) -> None:
    """Write the registration of each attack, and an innocent one, into the folder `plugins`."""
    innocent = {"id": "innocent", "title": "Innocent", **BASE}
    (plugins / "innocent.md").write_text(dump(innocent, "Just text.\n"), encoding="utf-8")
    for attack in catalogue().values():
        path = plugins / f"{attack.page}.md"
        path.write_text(dump(front_matter(attack), attack.body or "Text.\n"), encoding="utf-8", newline="")


def write_pictures(folder: Path) -> None:
    """Write pictures and what only pretends to be one into the folder `folder`."""
    folder.mkdir(parents=True)
    (folder / "small.png").write_bytes(png(4, 3))
    (folder / "wide.png").write_bytes(png(9_000, 20))
    for name, content in STRAY.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "passwd.png").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.png")


def png(width: int, height: int) -> bytes:
    """Return a black picture of so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * ((width + 7) // 8)) * height)
    parts = [(b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def write_notices(data: Path) -> None:
    """Write the notices into the folder `data`."""
    entries = [
        {"plugin": "innocent", "date": f"2026-01-{day:02} 10:00:00Z", **notice}
        for day, notice in enumerate(NOTICES, 1)
    ]
    (data / "notices.yml").write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")


def hostile(folder: Path) -> Built:
    """Build the site of all attacks in `folder`."""
    write_registrations(make_source(folder))
    write_pictures(folder / "assets" / "img" / "plugins" / "hostile")
    write_notices(folder / "_data")
    write_feeds(folder)
    return build(folder)
