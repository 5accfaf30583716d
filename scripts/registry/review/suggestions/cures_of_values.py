"""Cures of single values: dates, addresses, images, versions, systems, attributes, texts."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from urllib.parse import unquote

from registry.registration.values import IMAGE_FOLDER
from registry.review.suggestions.edits import (
    Case,
    Cure,
    Edit,
    one,
    with_value,
    without_block,
    without_flow_item,
)
from registry.review.suggestions.guesses import (
    days,
    double_quoted,
    host_versions,
    os_names,
    python_specifiers,
    urls,
    yaml_text,
)
from registry.validation.rules import ATTRIBUTES


def _by(guess: Callable[[str], Iterator[str]], write: Callable[[str], str]) -> Cure:
    """Return the cure that writes what the value may mean."""

    def cure(case: Case) -> Iterator[Edit]:
        for text in dict.fromkeys(guess(case.text)):
            yield from with_value(case, write(text))

    return cure


def _date(case: Case) -> Iterator[Edit]:
    for day in days(case.text):
        yield from with_value(case, day)


def _date_now(case: Case) -> Iterator[Edit]:
    yield from with_value(case, case.known.today.isoformat())


def _date_before(case: Case) -> Iterator[Edit]:
    if match := re.search(r"\b(\d{4}-\d{2}-\d{2})\b", case.problem.message):
        yield from with_value(case, match[1])


def _date_form(case: Case) -> Iterator[Edit]:
    yield from _date_before(case)  # this message names the day, too
    yield from _date(case)


def _source(case: Case) -> Iterator[Edit]:
    homepage = case.data.get("homepage")
    for address in (case.known.repository, homepage if isinstance(homepage, str) else ""):
        if address:
            yield from with_value(case, yaml_text(address))


def _own_image(case: Case, *, alike: bool) -> Iterator[Edit]:
    """An image that the change or the site has under this name, or under one that is almost it."""
    own = {
        image.rpartition("/")[2]: image
        for image in case.known.images
        if image.startswith(f"{IMAGE_FOLDER}{case.known.slug}/")
    }
    wanted = unquote(case.text.strip().rpartition("/")[2])
    names = [name for name in own if name.lower() == wanted.lower()]
    names += get_close_matches(wanted, own, n=1, cutoff=0.8) if alike else []
    for name in dict.fromkeys(names):
        yield from with_value(case, yaml_text(own[name].replace(" ", "%20")))


def _image(case: Case) -> Iterator[Edit]:
    """An image of the site that was meant, or the path written as a page needs it."""
    text = case.text.strip()
    yield from _own_image(case, alike=True)
    if text.startswith(("assets/", "./assets/")):
        yield from with_value(case, yaml_text("/" + text.removeprefix("./")))
    if " " in text:
        yield from with_value(case, yaml_text(text.replace(" ", "%20")))
    for url in urls(text):
        yield from with_value(case, yaml_text(url), allows=frozenset({"image-remote"}))


def _secure_image(case: Case) -> Iterator[Edit]:
    yield from _own_image(case, alike=False)
    secure = re.sub(r"^http:", "https:", case.text.strip())
    yield from with_value(case, yaml_text(secure), allows=frozenset({"image-remote"}))


def _alt(case: Case) -> Iterator[Edit]:
    """The caption is a beginning; without one, only the author knows what the image shows."""
    caption = case.value.get("caption") if isinstance(case.value, dict) else None
    match = re.match(r"(\s*)-(\s+)\S", case.line)
    if isinstance(caption, str) and caption.strip() and match:
        indent = " " * (len(match[1]) + 1 + len(match[2]))
        last = case.problem.line
        for number in range(last, len(case.lines) + 1):
            line = case.lines[number - 1]
            if number > last and not line.startswith(indent):
                break
            if re.match(r"\s*(?:-\s+)?alt\s*:\s*(?:\"\"|'')?\s*$", line):
                yield Edit(number, number, (f"{line.split(':')[0]}: {yaml_text(caption)}",))
                return
        yield Edit(last, last, (case.line, f"{indent}alt: {yaml_text(caption)}"))


def _plain_text(case: Case) -> Iterator[Edit]:
    bare = re.sub(r"</?[A-Za-z][^<>]*>", "", case.text)
    text = " ".join(html.unescape(bare).split())
    if text:
        yield from with_value(case, yaml_text(text))


def _attribute(case: Case) -> Iterator[Edit]:
    for close in get_close_matches(case.text.strip().lower().replace(" ", "-"), ATTRIBUTES, n=1, cutoff=0.6):
        yield from with_value(case, close)


def _redirect(case: Case) -> Iterator[Edit]:
    if "is the page of a listed plugin" in case.problem.message:
        yield from without_flow_item(case)
        yield from without_block(case)
        return
    text = re.sub(r"^https?://[^/]+", "", case.text.strip())
    slug = text.removeprefix("/").removeprefix("plugins/").strip("/")
    if slug:
        yield from with_value(case, yaml_text(f"/plugins/{slug}/"))


def _pypi(case: Case) -> Iterator[Edit]:
    text = case.text.strip()
    if match := re.search(r"/(?:project|simple)/([A-Za-z0-9._-]+)", text):
        yield from with_value(case, yaml_text(match[1]))
    for part in (
        re.split(r"[\s=<>!~\[;]", text.removeprefix("pip install").strip())[0],
        text.replace(" ", "-"),
    ):
        if part and "/" not in part:
            yield from with_value(case, yaml_text(part))


def _empty(case: Case) -> Iterator[Edit]:
    """An optional text that is empty goes."""
    if case.path[-1:] in (("note",), ("privacypolicy",), ("caption",)):
        yield one(case, "")
        yield from without_block(case)


VALUES: Mapping[str, Cure] = {
    "date": _date,
    "date-form": _date_form,
    "date-future": _date_now,
    "date-changed": _date_before,
    "url": _by(urls, yaml_text),
    "source-repository": _source,
    "image": _image,
    "image-folder": _image,
    "image-missing": _image,
    "image-insecure": _secure_image,
    "image-alt": _alt,
    "html-in-text": _plain_text,
    "attribute": _attribute,
    "redirect": _redirect,
    "pypi": _pypi,
    "empty-text": _empty,
    "python-specifier": _by(python_specifiers, double_quoted),
    "host-version": _by(host_versions, double_quoted),
    "os": _by(os_names, double_quoted),
}
