"""The family of a licence, from the many ways in which people write its name. Pure."""

import re
from functools import lru_cache

FAMILIES = ("AGPL", "GPL", "LGPL", "MIT", "BSD", "Apache", "MPL", "CC", "Other", "Unknown")
"""Every family, in the order of lists; Other: named, but none of these. Unknown: nothing is named."""

_LONGEST = 500
"""Characters looked at; what is longer is a licence's text, whose name stands at its head."""

# The first that fits counts, so the narrower names stand before those that they contain: an SPDX expression
# of several licences is filed under the one that asks the most.
_SIGNS = (
    ("AGPL", re.compile(r"agpl|affero|\bgnu[ -]agp")),
    ("LGPL", re.compile(r"lgpl|\b(?:lesser|library) (?:gnu )?general|\bgnu (?:lesser|library)\b")),
    ("GPL", re.compile(r"gpl|general public licen[cs]e|\bgnu\b")),
    ("MPL", re.compile(r"\bmpl|mozilla")),
    ("Apache", re.compile(r"apache|\basl ?2|\bal-?2\b")),
    ("BSD", re.compile(r"bsd|redistribution and use in source")),
    ("MIT", re.compile(r"\bmit\b|\bexpat\b|\bx11\b|massachusetts|permission is hereby granted, free")),
    ("CC", re.compile(r"\bcc[ -]?(?:0|by|nc|sa|nd|zero)|creative ?commons")),
)
_NOTHING = re.compile(r"(?:un(?:known|defined|specified)|none|null|n/?a|tb[ad]|noassertion|other|\?+|-+)?")


@lru_cache(maxsize=4096)
def family(text: str) -> str:
    """Return the one of FAMILIES that a free text names: `AGPL` for `GNU AGPL v3`, `MIT` for `mit license`.

    The EUPL, the Unlicense, ISC and proprietary terms are `Other`.
    """
    words = " ".join(text[:_LONGEST].lower().replace("_", " ").split())
    if _NOTHING.fullmatch(words):
        return "Other" if words == "other" else "Unknown"
    return next((name for name, sign in _SIGNS if sign.search(words)), "Other")
