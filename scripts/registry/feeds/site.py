"""What the feeds know of the site that they are part of."""

from dataclasses import dataclass
from urllib.parse import quote

from registry.settings import Settings, SettingsError

LIST_PAGES = (
    "/",
    "/plugins/",
    "/by_name/",
    "/by_date/",
    "/by_tag/",
    "/by_author/",
    "/abandoned/",
    "/notices/",
    "/statistics/",
    "/help/",
    "/help/adopting/",
    "/help/badges/",
    "/help/figures/",
    "/help/github_integration/",
    "/help/installation/",
    "/help/privacy/",
    "/help/registering/",
)
"""Pages in the sitemap beside those of the plugins, unless `sitemap_pages` in `_config.yml` names others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSite:
    """The site's address and words, and what its host assumes of a plugin that says nothing."""

    root: str
    """Address of the home page without the closing slash: `https://plugins.example.org/base`."""
    title: str
    description: str
    default_python: str
    """PEP 440 specifier."""
    pages: tuple[str, ...] = LIST_PAGES
    """Paths of the list pages, each beginning and ending with a slash."""

    def address(self, path: str) -> str:
        """Return the absolute address of `path`, which begins with a slash."""
        return self.root + path

    def page(self, slug: str) -> str:
        """Return the absolute address of a plugin's page."""
        return self.address(f"/plugins/{quote(slug, safe='+')}/")


def from_settings(settings: Settings) -> FeedSite:
    """Return the site that `settings` describe. Raises SettingsError when they give it no address."""
    root = settings.address("").rstrip("/")
    if not root.startswith(("http://", "https://")):
        raise SettingsError("url: is missing in _config.yml; feeds need the site's address: `url: https://…`")
    pages = settings.site.get("sitemap_pages") or LIST_PAGES
    if isinstance(pages, str) or not all(isinstance(page, str) and page.startswith("/") for page in pages):
        raise SettingsError("sitemap_pages: must be a list of paths such as `- /plugins/` in _config.yml")
    return FeedSite(
        root=root,
        title=settings.title or settings.host.name,
        description=settings.description,
        default_python=settings.compatibility.default_python,
        pages=tuple(pages),
    )
