"""A registration beside its source, and the words for places in them. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from registry.registration.frontmatter import Document
from registry.registration.model import Registration
from registry.review.inspection.source import Source
from registry.settings import Settings
from registry.text.github_markdown import code, link


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One disagreement."""

    title: str
    """A few plain words, to show in bold."""
    text: str
    """Markdown of ours, values of others escaped in it; the last sentence says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """A registration and its source, and the words for places in them."""

    registration: Registration
    document: Document
    source: Source
    settings: Settings
    server_url: str
    new: bool

    def line(self, *keys: str) -> str:
        """Return `line N of _plugins/x.md`, or the file alone where the key is not written."""
        found = self.registration.data
        for key in keys:
            if not isinstance(found, dict) or key not in found:
                return code(self.registration.path)
            found = found[key]
        return f"line {self.document.line_of(*keys)} of {code(self.registration.path)}"

    def place(self, path: str, line: int) -> str:
        """Return a place in the source, linked to the commit that was read."""
        words = f"line {line} of {code(path)}" if line else code(path)
        return link(words, self.url(path, line)) if self.source.commit else words

    def url(self, path: str, line: int = 0) -> str:
        """Return the address of a file at the commit that was read."""
        anchor = f"#L{line}" if line else ""
        home = f"{self.server_url.rstrip('/')}/{quote(self.name)}"
        return f"{home}/blob/{self.source.commit}/{quote(path)}{anchor}"

    @property
    def flag(self) -> str:
        """The name of the flag."""
        return self.settings.compatibility.control_property

    @property
    def host(self) -> str:
        """The host's name, which is the registry's own."""
        return self.settings.host.name

    def set_flag(self, python: str) -> str:
        """Return the line of source that sets the flag."""
        return code(f'{self.flag} = "{python}"')

    @property
    def default_python(self) -> str:
        """What the host assumes where the source sets no flag."""
        return self.settings.compatibility.default_python

    @property
    def name(self) -> str:
        """The repository's current name."""
        return self.source.name

    @property
    def root(self) -> str:
        """The address of the repository, on the host that the registration names."""
        host = re.match(r"https?://[^/]+", self.registration.source)
        return f"{host[0] if host else self.server_url}/{self.name}"


def capital(text: str) -> str:
    """Return the text, which may be a link, with its first letter capital."""
    start = 1 if text.startswith("[") else 0
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]
