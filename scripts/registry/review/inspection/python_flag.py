"""Python versions: the flag that the host reads, against what the registration says. Pure."""

from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from registry.enrich.merge import same_pythons
from registry.review.inspection.comparison import Advice, Both, capital
from registry.review.suggestions.guesses import yaml_text
from registry.sources.compat import Evidence, NoFlag
from registry.text.github_markdown import code

PYTHONS_3 = tuple(f"3.{minor}" for minor in range(7, 21))
"""Releases of which a plugin for today's host must admit one."""
EXAMPLE = ">=3.7,<4"


def python_advice(both: Both) -> Iterator[Advice]:
    """Yield what is to be done so that the host on Python 3 takes the plugin."""
    outcome, registered = both.source.outcome, both.registration.python
    if isinstance(outcome, Evidence):
        if registered and not same_pythons(registered, outcome.python):
            yield _contradiction(both, outcome, registered)
        elif not _admits_python_3(outcome.python):
            yield Advice(
                title="The flag rules out Python 3",
                text=f"{capital(both.place(outcome.path, outcome.line))} says {code(outcome.python)}, so "
                f"{both.host} on Python 3 refuses the plugin. Once it runs there, change that line to "
                f"{both.set_flag(EXAMPLE)} and release a new version.",
            )
    elif isinstance(outcome, NoFlag) and outcome.problem:
        yield _unusable(both, outcome)
    elif isinstance(outcome, NoFlag) and not same_pythons(registered or "", both.default_python):
        yield _no_flag(both, outcome, registered)


def _contradiction(both: Both, found: Evidence, registered: str) -> Advice:
    where = both.line("compatibility", "python")
    shown = found.python if both.settings.compatibility.prefer == "source" else registered
    refused = ""
    if _admits_python_3(registered) and not _admits_python_3(found.python):
        refused = f" {both.host} on Python 3 refuses the plugin as it is."
    return Advice(
        title="Python versions",
        text=f"{capital(where)} says {code(registered)}, but {both.place(found.path, found.line)} says "
        f"{code(found.python)}. {both.host} reads the flag in the source and never the registration, so "
        f"{code(found.python)} is what counts; the page will show {code(shown)}.{refused} If the source is "
        f"right, change {where} to {code('python: ' + yaml_text(found.python))}. If the registration is "
        f"right, change {both.place(found.path, found.line)} to {both.set_flag(registered)} and release a "
        "new version.",
    )


def _unusable(both: Both, outcome: NoFlag) -> Advice:
    where = both.place(outcome.path, outcome.line) if outcome.path else "the source"
    registered = both.registration.python
    wanted = registered if registered and _admits_python_3(registered) else EXAMPLE
    target = code(outcome.path) if outcome.path else "the plugin's module"
    if not outcome.path and "names the module" in outcome.reason:
        return Advice(
            title="The plugin's module is not there",
            text=f"In {code(both.name)} {code(outcome.reason)}, so {both.host} would find no plugin after "
            "installing it. Correct the name in that file, or add the module, and release a new version.",
        )
    return Advice(
        title="The flag cannot be used",
        text=f"In {where}: {code(outcome.reason)}. {both.host} needs a plain text there, and without one it "
        f"assumes {code(both.default_python)}. Write {both.set_flag(wanted)} at the top level of {target} "
        "and release a new version.",
    )


def _no_flag(both: Both, outcome: NoFlag, registered: str | None) -> Advice:
    path = outcome.path
    if not path:
        return Advice(
            title="No plugin found in the source",
            text=f"In {code(both.name)}, neither `setup.py` nor `pyproject.toml` nor `setup.cfg` names a "
            f"module for {both.host}, and none is found by looking. Declare the entry point "
            f"{code(f'{both.registration.id} = your_module')} in the group "
            f"{code(both.settings.entry_point_group)}, and release a new version.",
        )
    claim = (
        f"although {both.line('compatibility', 'python')} says {code(registered)}"
        if registered
        else "and the registration says nothing either"
    )
    wanted = registered if registered and _admits_python_3(registered) else EXAMPLE
    return Advice(
        title="No flag for Python 3",
        text=f"{code(both.flag)} is not set in {both.place(path, 0)}, {claim}. {both.host} reads the source "
        f"and never the registration: without the flag it assumes {code(both.default_python)} and refuses "
        f"the plugin on Python 3. Add the line {both.set_flag(wanted)} to {code(path)}, at the top level, "
        "and release a new version.",
    )


def _admits_python_3(specifier: str) -> bool:
    try:
        return any(SpecifierSet(specifier).contains(version) for version in PYTHONS_3)
    except InvalidSpecifier:
        return False
