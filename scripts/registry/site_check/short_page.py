"""The page that stands at the address of a plugin that has no page of its own. Pure functions.

Jekyll makes one with marks in it (_layouts/left_out.html, _jekyll/build/left_out.rb); here they become words.
"""

import html
import re
from collections.abc import Mapping

_FIRST = '<article class="narrow left-out">'
"""Nothing else writes it: a body's text holds no article, and no class of its own."""
_MARKS = re.compile(r"almanac-(slug|title|links)")
MAX_TITLE = 200


def is_short(page: str) -> bool:
    """Tell whether a page says of itself that its plugin is left out."""
    return _FIRST in page


def short_page(template: str, slug: str, title: str, links: Mapping[str, str]) -> str:
    """Return the page of one plugin. `links`: address to its words; whatever is given is escaped."""
    items = "".join(
        f'<li><a href="{html.escape(address)}" rel="nofollow noopener ugc">{html.escape(words)}</a></li>'
        for address, words in links.items()
    )
    shown = title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…"
    words = {"slug": html.escape(slug), "title": html.escape(shown), "links": items}
    return _MARKS.sub(lambda mark: words[mark[1]], template)
