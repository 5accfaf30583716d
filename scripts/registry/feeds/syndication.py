"""What readers and search engines fetch: `/feed.xml` and `/sitemap.xml`. Pure functions."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.feeds.plugins import Listed
from registry.feeds.site import FeedSite
from registry.registration.frontmatter import Document
from registry.text.feed_text import escape_html, moment, newest, plain, rss_moment

NEWS_ITEMS = 30
MOST_TAGS = 20
"""Of one plugin in the news."""
SITEMAP_URLS = 50_000
"""The most that one file may name (sitemaps.org)."""
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NO_MARKUP = str.maketrans({"<": "‹", ">": "›"})


def news_feed(listed: Sequence[Listed], site: FeedSite) -> bytes:
    """Return RSS 2.0 with the newest plugins.

    A title has no angle brackets: OctoPrint puts titles of announcements into its page unescaped, other
    readers show them as they are, so neither escaping once nor twice would do. A description is HTML by
    custom, hence escaped as such before it is escaped for XML.
    """
    latest = sorted(listed, key=lambda item: (item.entry["published"], item.entry["id"]), reverse=True)
    items = [_item(listed_plugin) for listed_plugin in latest[:NEWS_ITEMS]]
    dates = [moment(item.entry["published"]) for item in latest[:1]]
    built = "".join(f"<lastBuildDate>{rss_moment(when)}</lastBuildDate>\n" for when in dates if when)
    return (
        f'{_XML}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{_xml(_title(site.title))}</title>\n"
        f"<link>{_xml(site.address('/'))}</link>\n"
        f"<description>{_xml(escape_html(plain(site.description) or site.title))}</description>\n"
        f'<atom:link href="{_xml(site.address("/feed.xml"))}" rel="self" type="application/rss+xml"/>\n'
        f"{built}{''.join(items)}</channel>\n</rss>\n"
    ).encode()


def sitemaps(
    documents: Mapping[str, Document], site: FeedSite, limit: int = SITEMAP_URLS
) -> dict[str, bytes]:
    """Return file name -> content: `sitemap.xml`, and where it would name too many pages, its parts.

    `documents` maps file names without `.md` to what the pages are made of.
    """
    changed = {slug: last_change(documents[slug].data) for slug in sorted(documents)}
    latest = newest(list(changed.values()))
    pages = [_url(site.address(path), latest) for path in site.pages]
    pages += [_url(site.page(slug), when) for slug, when in changed.items()]
    if len(pages) <= limit:
        return {"sitemap.xml": _set("urlset", pages)}
    parts = [pages[start : start + limit] for start in range(0, len(pages), limit)]
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    index = [f"<sitemap><loc>{_xml(site.address(f'/{name}'))}</loc></sitemap>\n" for name in names]
    files = {name: _set("urlset", part) for name, part in zip(names, parts, strict=True)}
    return {"sitemap.xml": _set("sitemapindex", index), **files}


def last_change(data: Mapping[str, Any]) -> datetime | None:
    """Return when a plugin last changed, as far as its front matter tells; figures alone are no change."""
    github = data.get("github")
    facts = github if isinstance(github, dict) else {}
    return newest(
        [moment(data.get("date")), moment(facts.get("last_push")), moment(facts.get("latest_release_date"))]
    )


def _item(listed: Listed) -> str:
    entry = listed.entry
    when = moment(entry["published"])
    stamp = f"<pubDate>{rss_moment(when)}</pubDate>\n" if when else ""
    return (
        f"<item>\n<title>{_xml(_title(entry['title']))}</title>\n"
        f"<link>{_xml(entry['page'])}</link>\n"
        f'<guid isPermaLink="true">{_xml(entry["page"])}</guid>\n'
        f"{stamp}<description>{_xml(escape_html(entry['description']))}</description>\n"
        f"{_categories(listed)}</item>\n"
    )


def _categories(listed: Listed) -> str:
    """Return the plugin's tags, which are no markup in any reader."""
    given = listed.document.data.get("tags")
    tags = map(_title, given if isinstance(given, list) else [])
    named = [tag for tag in dict.fromkeys(tags) if tag][:MOST_TAGS]
    return "".join(f"<category>{_xml(tag)}</category>\n" for tag in named)


def _title(text: str) -> str:
    return plain(text).translate(_NO_MARKUP)


def _url(address: str, changed: datetime | None) -> str:
    stamp = f"<lastmod>{changed.date().isoformat()}</lastmod>" if changed else ""
    return f"<url><loc>{_xml(address)}</loc>{stamp}</url>\n"


def _set(name: str, parts: Sequence[str]) -> bytes:
    return f'{_XML}<{name} xmlns="{_SITEMAPS}">\n{"".join(parts)}</{name}>\n'.encode()


def _xml(text: str) -> str:
    return html.escape(text, quote=True)
