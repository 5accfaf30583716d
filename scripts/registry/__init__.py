"""What the commands in `scripts/` share: pure functions at the core, input and output at the edges."""

__version__ = "0.1.0"
"""Almanac's version. This is the only place where it is written: pyproject.toml reads it from here."""


def user_agent(site: str = "", task: str = "") -> str:
    """Return the name under which requests are sent: `Almanac/<version> <task> (+<site>)`, each where given.

    `site` is the site's address, where whoever is asked finds out who asks. A header carries printable ASCII
    alone: any other character is a question mark.
    """
    site = "".join(character if "!" <= character <= "~" else "?" for character in site)
    return f"Almanac/{__version__}" + (f" {task}" if task else "") + (f" (+{site})" if site else "")
