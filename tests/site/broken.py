"""A site in which every way for a page to fail stands beside plugins that are whole."""

import json
from pathlib import Path

import yaml

from tests.site.builder import Built, build, make_source, write_feeds

WHOLE = ("plain", "neighbour", "spoils")
BODIES = {
    # 40 kB that became 48 MB of page, and what no process can hold.
    "titles": "[a]: https://example.org/ '" + "t" * 20_000 + "'\n\n" + "[a] " * 4_800,
    "endless": "[a]: https://example.org/ '" + "t" * 95_000 + "'\n\n" + "[a] " * 12_000,
    "abbreviations": "*[a]: " + "t" * 20_000 + "\n\n" + "a " * 500,
    "entities": '"' * 190_000,
    "plain-text": "<" * 300_000,
}
"""Bodies that become too much, each of them at once: one that takes its time is shown as text."""
FAULTS = {
    "raises": 'raise "a fault \\e[2J##[error]forged"',
    "raises-in-reading": "",
    "dies-in-reading": "",
    "dies": "Process.kill(:KILL, Process.pid)",
    "starves": '"x" * 3_000_000_000',
    "recurses": "complete(data)",
    "grows": 'super.merge("note" => "n" * 2_500_000)',
    "smuggles": 'super.merge("authors_links" => ["<script>alert(1)</script>"])',
    "twice": 'super.merge("authors_links" => ["<h1>x</h1><p id=main></p>"])',
    "impostor": 'super.merge("title" => "Plain and simple")',
}
"""Slug -> what goes wrong while its page is made, in Ruby."""
GENERATED = ("no-place", "together-a", "together-b")
"""Slugs of plugins that make a generator raise: one alone, two only together."""
LINKS = "[a](/plugins/nobody/) [b](https://plugins.example.org/plugins/raises/#none) [c](/plugins//plain/)"

_RUBY = """
require_relative "lists/list_feed"
require_relative "pages/plugin_page"
require_relative "read/guard"

module Faults
  def complete(data)
    case data["slug"]
{cases}
    else super
    end
  end
end

module Unread
  def clean(raw, slug)
    Process.kill(:KILL, Process.pid) if slug == "dies-in-reading"
    slug == "raises-in-reading" ? raise(ArgumentError, "not today") : super
  end
end

module NoPlace
  def by_popularity(docs)
    raise KeyError, "no place" if docs.any? { |doc| doc.slug == "no-place" }
    raise KeyError, "too close" if docs.count { |doc| doc.slug.start_with?("together") } > 1

    super
  end
end

module Pages
  def run
    case @document.url
    when "/by_tag/spoiled/" then raise IndexError, "no such tag"
    when "/plugins/spoiled-redirect/" then Process.kill(:KILL, Process.pid)
    else super
    end
  end
end

Almanac::ListFeed.prepend(NoPlace)
Jekyll::Renderer.prepend(Pages)
Almanac::PluginPage.prepend(Faults)
Almanac::Guard.singleton_class.prepend(Unread)
"""


def write_copy(folder: Path, slug: str, body: str, **keys: object) -> None:
    """Write an enriched copy."""
    data = {
        "layout": "plugin",
        "id": slug.title(),
        "title": f"The {slug} plugin",
        "description": "Says what it does.",
        "author": "Ada Example",
        "license": "MIT",
        "date": "2024-05-06",
        "homepage": f"https://example.org/{slug}",
        "source": f"https://github.com/example/{slug}",
        "archive": f"https://github.com/example/{slug}/archive/main.zip",
        **keys,
    }
    lines = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in data.items())
    (folder / f"{slug}.md").write_text(f"---\n{lines}---\n{body}\n", encoding="utf-8")


def broken(folder: Path) -> Built:
    """Build plugins whose pages fail, each in its way, beside two that are whole."""
    plugins = make_source(folder)
    write_copy(plugins, "plain", LINKS, redirect_from="/plugins/former/", tags=["Θ", "a", "b", "c"])
    write_copy(plugins, "neighbour", "Hello.", tags=["ϴ rest"])
    write_copy(plugins, "spoils", "Hello.", redirect_from="/plugins/spoiled-redirect/", tags=["spoiled", "Θ"])
    for slug, body in {**BODIES, **dict.fromkeys([*FAULTS, *GENERATED], "Hello.")}.items():
        write_copy(plugins, slug, body)
    cases = "\n".join(f'    when "{slug}" then {code}' for slug, code in FAULTS.items() if code)
    (folder / "_jekyll" / "faults.rb").write_text(_RUBY.replace("{cases}", cases), encoding="utf-8")
    settings = folder / "build" / "_jekyll.yml"
    overlay = {**yaml.safe_load(settings.read_text(encoding="utf-8")), "registry_left_out": "build/left_out"}
    settings.write_text(yaml.safe_dump(overlay), encoding="utf-8")
    stale = folder / "_site" / "plugins" / "raises" / "index.html"
    stale.parent.mkdir(parents=True)
    stale.write_text("the page of an earlier build", encoding="utf-8")
    write_feeds(folder)
    return build(folder)
