"""The machine-readable feeds of a registry: written here, copied into the site, read by every installation.

`plugins` makes the list of plugins and `rules` says why an installation would choke on an entry; `steering`
reads what people wrote by hand (`entries`: notices, blocklist, overlays of update checks); `syndication`
makes the news feed and the sitemap; `api` the documents below `/api/v1/`; `build` puts the whole set together
and `writing` puts it on disk, all of it or nothing.
"""

from registry.feeds.build import BuildFailed, Feeds, build_feeds
from registry.feeds.site import FeedSite
from registry.feeds.writing import publish

__all__ = ["BuildFailed", "FeedSite", "Feeds", "build_feeds", "publish"]
