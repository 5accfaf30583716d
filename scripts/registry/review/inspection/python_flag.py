"""Python versions: what the host concludes from the source, against what the registration says. Pure."""

from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from registry.enrich.merge import same_pythons
from registry.review.inspection.comparison import Advice, Both, capital
from registry.review.suggestions.guesses import yaml_text
from registry.sources.compat import Evidence, Unread
from registry.text.github_markdown import code, plain

PYTHONS_3 = tuple(f"3.{minor}" for minor in range(7, 21))
"""Releases of which a plugin for today's host must admit one."""
EXAMPLE = ">=3.7,<4"


def python_advice(both: Both) -> Iterator[Advice]:
    """Yield what is to be done so that the host on Python 3 takes the plugin."""
    outcome, registered = both.source.outcome, both.registration.python
    if isinstance(outcome, Unread):
        yield from _unread(both, outcome)
    elif outcome is None:
        return
    elif outcome.kind != "flag":
        if outcome.problem or not same_pythons(registered or "", outcome.python):
            yield _not_read(both, outcome)
    elif registered and not same_pythons(registered, outcome.python):
        yield _contradiction(both, outcome, registered)
    elif outcome.problem:
        yield _not_read(both, outcome)
    elif not _admits_python_3(outcome.python):
        yield Advice(
            title="The flag rules out Python 3",
            text=f"{capital(both.place(outcome.path, outcome.line or 0))} says {code(outcome.python)}, so "
            f"{both.host} on Python 3 refuses the plugin. Once it runs there, change that line to "
            f"{both.set_flag(EXAMPLE)} and release a new version.",
        )


def _contradiction(both: Both, found: Evidence, registered: str) -> Advice:
    where, there = both.line("compatibility", "python"), both.place(found.path, found.line or 0)
    shown = found.python if both.settings.compatibility.prefer == "source" else registered
    refused = ""
    if _admits_python_3(registered) and not _admits_python_3(found.python):
        refused = f" {both.host} on Python 3 refuses the plugin as it is."
    return Advice(
        title="Python versions",
        text=f"{capital(where)} says {code(registered)}, but {there} says "
        f"{code(found.python)}. {both.host} reads the flag in the source and never the registration, so "
        f"{code(found.python)} is what counts; the page will show {code(shown)}.{refused} If the source is "
        f"right, change {where} to {code('python: ' + yaml_text(found.python))}. If the registration is "
        f"right, change {there} to {both.set_flag(registered)} and release a new version.",
    )


def _not_read(both: Both, found: Evidence) -> Advice:
    """Say why the host does not read what was meant, and what it assumes instead."""
    registered = both.registration.python
    claim = (
        f"although {both.line('compatibility', 'python')} says {code(registered)}"
        if registered
        else "and the registration says nothing either"
    )
    wanted = registered if registered and _admits_python_3(registered) else EXAMPLE
    words = "".join(code(part) if at % 2 else plain(part) for at, part in enumerate(found.reason.split("`")))
    there = both.place(found.path, found.line or 0)
    title, effect = {
        "flag": ("The entry point", "Then release a new version."),
        "syntax": (
            "The module does not parse",
            f"So the plugin runs on no Python 3, {claim}. Correct {there} and release a new version.",
        ),
        "default": (
            "The flag is not read",
            f"So {both.host} assumes {code(found.python)} and refuses the plugin on Python 3, {claim}. Write "
            f"{both.set_flag(wanted)} at the top level of {there} and release a new version.",
        ),
    }[found.kind]
    return Advice(title=title, text=f"{words}. {effect}")


def _unread(both: Both, outcome: Unread) -> Iterator[Advice]:
    if "names the module" in outcome.reason:
        yield Advice(
            title="The plugin's module is not there",
            text=f"In {code(both.name)} {code(outcome.reason)}, so {both.host} would find no plugin after "
            "installing it. Correct the name in that file, or add the module, and release a new version.",
        )
    elif outcome.problem:
        yield Advice(
            title="The source cannot be read",
            text=f"In {code(both.name)}: {code(outcome.reason)}. So it is not known on which Pythons "
            f"{both.host} takes the plugin; make the module one that can be read, and release a new version.",
        )
    elif not outcome.path and not outcome.passing:
        yield Advice(
            title="No plugin found in the source",
            text=f"In {code(both.name)}, neither `setup.py` nor `pyproject.toml` nor `setup.cfg` names a "
            f"module for {both.host}, and none is found by looking. Declare the entry point "
            f"{code(f'{both.registration.id} = your_module')} in the group "
            f"{code(both.settings.entry_point_group)}, and release a new version.",
        )


def _admits_python_3(specifier: str) -> bool:
    try:
        return any(SpecifierSet(specifier).contains(version) for version in PYTHONS_3)
    except InvalidSpecifier:
        return False
