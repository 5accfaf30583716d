"""Real builds of small sites for the tests: own source folder, own cache, own destination."""

import os
import shlex
import shutil
import struct
import subprocess
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from registry.feeds.build import build_feeds
from registry.feeds.site import from_settings
from registry.feeds.writing import publish
from registry.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "site"
PARTS = ("_includes", "_jekyll", "_layouts", "assets", "pages")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A site that Jekyll built."""

    source: Path
    """Jekyll's source folder: settings, layouts, `build/` or `_plugins/`."""
    site: Path
    output: str
    """What Jekyll said."""

    def text(self, name: str) -> str:
        return (self.site / name).read_text(encoding="utf-8")

    def plugin(self, slug: str) -> str:
        return self.text(f"plugins/{slug}/index.html")


def jekyll_command() -> list[str]:
    """Return the command that runs Jekyll here."""
    if command := os.environ.get("JEKYLL"):
        return shlex.split(command)
    return ["jekyll"] if shutil.which("jekyll") else ["bundle", "exec", "jekyll"]


def make_source(folder: Path, *, enriched: bool = True) -> Path:
    """Make a source folder with the site's parts and nothing to show; return where registrations belong."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, dirs_exist_ok=True)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "_data").mkdir(exist_ok=True)
    plugins = folder / ("build/_plugins" if enriched else "_plugins")
    plugins.mkdir(parents=True)
    if enriched:
        overlay = {"collections_dir": "build", "registry_feeds": "build/feeds", "time": NOW.isoformat()}
        (folder / "build" / "_jekyll.yml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
    return plugins


def write_feeds(folder: Path) -> None:
    """Write the feeds of the registrations in build/_plugins, as build_api.py does."""
    state = b'{"schema_version": 1, "listed": [], "plugins": {}}'
    site = from_settings(load_settings(str(folder / "_config.yml")))
    feeds = build_feeds(folder / "build" / "_plugins", folder / "_data", site, now=NOW, state=state)
    publish(feeds, folder / "build" / "feeds")


def build(folder: Path, *arguments: str) -> Built:
    """Run Jekyll in a folder of make_source; raises when it fails."""
    configs = [name for name in ("_config.yml", "build/_jekyll.yml", "over.yml") if (folder / name).exists()]
    environment = {**os.environ, "JEKYLL_NO_BUNDLER_REQUIRE": "true", "LANG": "C.UTF-8"}
    process = subprocess.run(
        [*jekyll_command(), "build", "--trace", "--config", ",".join(configs), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    output = process.stdout + process.stderr
    assert process.returncode == 0, output
    return Built(source=folder, site=folder / "_site", output=output)


def small(folder: Path) -> Built:
    """Build the three plugins of the golden pages: everything known, nothing known, everything bad."""
    plugins = make_source(folder)
    for path in (DATA / "plugins").glob("*.md"):
        shutil.copy(path, plugins)
    shutil.copy(DATA / "notices.yml", folder / "_data")
    picture = folder / "assets" / "img" / "plugins" / "full" / "main.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(png(80, 40))
    write_feeds(folder)
    return build(folder)


def png(width: int, height: int) -> bytes:
    """Return a picture of that size, all grey."""
    rows = (b"\0" + b"\x80" * width) * height
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def renew_golden(built: Built) -> None:
    """Keep what was built as what is expected; look at the difference before it is committed."""
    for path in golden_pages():
        shutil.copy(built.site / page_of(path), path)


def golden_pages() -> list[Path]:
    """Return the files whose content is the expected page."""
    return sorted((DATA / "golden").glob("*.html"))


def page_of(golden: Path) -> str:
    """Return the page that a golden file stands for: plugins__full.html -> plugins/full/index.html."""
    name = golden.stem.replace("__", "/")
    return "index.html" if name == "home" else f"{name}/index.html"
