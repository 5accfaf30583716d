"""Text, addresses and moments made safe for feeds. Pure functions."""

import html
import json
import re
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlsplit

from registry.text.scalars import scalar_text

# What XML 1.0 cannot hold at all; JSON could, but no reader has a use for it.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")
# Sub-delims and reserved characters stay as written; the single quote goes, since OctoPrint's page of
# notices puts a link between single quotes unescaped.
_URL_SAFE = "!#$%&()*+,/:;=?@[]~-._"
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:[T ]+(?P<time>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?)?"
)


def plain(value: object) -> str:
    """Return `value` as one line of text: what YAML misread is text again, unprintable characters are gone.

    None and values that are no scalar give the empty text.
    """
    if value is None or isinstance(value, list | dict | tuple):
        return ""
    return _SPACE.sub(" ", _UNPRINTABLE.sub(" ", scalar_text(value))).strip()


def safe_url(value: object) -> str | None:
    """Return the http or https address that `value` holds, or None.

    Characters that could end an HTML attribute, and those beyond ASCII, come out percent-encoded.
    """
    text = plain(value)
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    host = parts.netloc.removesuffix(f":{parts.port}") if port_is_valid else ""
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not _HOST.fullmatch(host) or "\\" in text:
        return None
    port = f":{parts.port}" if parts.port else ""
    rest = text.split("//", 1)[1][len(parts.netloc) :]
    return f"{parts.scheme.lower()}://{host}{port}{quote(rest, safe=_URL_SAFE)}"


def escape_html(text: str) -> str:
    """Return plain `text` so that a page which takes it for HTML shows it as it was written."""
    return html.escape(text, quote=False)


def moment(value: object) -> datetime | None:
    """Return the moment in UTC that a date, a datetime or their text means; without a zone it is UTC."""
    if isinstance(value, datetime):
        return _in_utc(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    match = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        return None
    zone = match["zone"] or "Z"
    zone = "+00:00" if zone in {"Z", "UTC"} else zone
    day = f"{match['year']}-{match['month']:0>2}-{match['day']:0>2}"
    try:
        return _in_utc(datetime.fromisoformat(f"{day}T{match['time'] or '00:00'}{zone}"))
    except ValueError:
        return None


def _in_utc(when: datetime) -> datetime | None:
    """Return a moment with a zone in UTC; None before the year 1 and after 9999, which no clock shows."""
    try:
        return when.astimezone(UTC)
    except OverflowError:
        return None


def numeric_moment(when: datetime) -> str:
    """Return `YYYY-MM-DD HH:MM:SS +0000`, the one form that OctoPrint reads in a notice."""
    return f"{_clock(when)} +0000"


def published_moment(when: datetime) -> str:
    """Return `YYYY-MM-DD HH:MM:SS UTC`: sorts as text, and the first ten characters are the day."""
    return f"{_clock(when)} UTC"


def rss_moment(when: datetime) -> str:
    """Return the moment as RSS wants it (RFC 5322)."""
    return format_datetime(when.astimezone(UTC))


def iso_moment(when: datetime) -> str:
    """Return `YYYY-MM-DDTHH:MM:SSZ`."""
    return f"{_clock(when, 'T')}Z"


def _clock(when: datetime, separator: str = " ") -> str:
    # Not strftime: its %Y writes the year 999 with three digits on some systems.
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(separator, "seconds")


def newest(moments: list[datetime | None]) -> datetime | None:
    """Return the newest of the moments that are known."""
    return max((when for when in moments if when), default=None)


def json_bytes(content: Any, *, indent: int | None = None) -> bytes:
    """Return `content` as JSON in UTF-8 without a BOM. Raises ValueError for NaN and infinities."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    return text.encode("utf-8", errors="replace") + b"\n"


def plain_data(value: Any) -> Any:
    """Return front matter as JSON can hold it: dates and fractions become their text."""
    match value:
        case bool() | int() | None:
            return value
        case dict():
            return {scalar_text(key): plain_data(item) for key, item in value.items()}
        case list() | tuple():
            return [plain_data(item) for item in value]
        case _:
            return scalar_text(value)
