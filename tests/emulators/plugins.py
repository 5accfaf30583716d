"""Sources of invented plugins, in the packaging and the spellings that real ones use.

Each spelling is a small function, so that a failing one is known by its name.
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Files = dict[str, Any]
PREFIX = "octoprint_"
GROUP = "octoprint.plugin"
PROPERTY = "__plugin_pythoncompat__"
SPECIFIERS = (">=2.7,<4", ">=3,<4", ">=3.7,<4", ">=2.7,<3", ">=3.6", ">3.5, <4", ">=2.7.9,<4,!=3.0.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One plugin's files and what is to be found in them."""

    files: Files
    flag: str | None
    """The specifier that OctoPrint reads, None where it assumes its default, or refuses the plugin."""
    packaging: str
    """Name of the function that laid the package out."""
    spelling: str
    """Name of the function that wrote the flag."""


# Where the package is told

SETUP = '''\
# coding=utf-8
{lines}
plugin_name = "OctoPrint-{name}"
plugin_version = "1.4.2"
plugin_description = """Does what {name} does"""
plugin_author = "A Maker"
plugin_requires = []
plugin_additional_data = []

from setuptools import setup

try:
    import octoprint_setuptools
except ImportError:
    import sys

    print("Could not import OctoPrint's setuptools, are you sure you are running that under")
    sys.exit(-1)

setup_parameters = octoprint_setuptools.create_plugin_setup_parameters(
    identifier=plugin_identifier,
    package={package},
    name=plugin_name,
    version=plugin_version,
    description=plugin_description,
    author=plugin_author,
    requires=plugin_requires,
)
setup(**setup_parameters)
'''

PYPROJECT = """\
[build-system]
requires = ["setuptools>=68", "wheel"]
build-backend = "setuptools.build_meta"

[project]
name = "OctoPrint-{name}"
version = "1.4.2"
dependencies = []
requires-python = ">=3.7,<4"

[project.entry-points."octoprint.plugin"]
{entry} = "{package}"
"""


def setup_py(plugin_id: str, assignment: str, package: str = "plugin_package") -> str:
    """Return a setup.py as OctoPrint's template has it."""
    lines = f'plugin_identifier = "{plugin_id}"\n{assignment}'.rstrip()
    return SETUP.format(lines=lines, name=plugin_id, package=package)


def template(plugin_id: str, package: str) -> Files:
    return {"setup.py": setup_py(plugin_id, f'plugin_package = "{package}"')}


def single_quotes(plugin_id: str, package: str) -> Files:
    return {"setup.py": setup_py(plugin_id, f"plugin_package='{package}'")}


def percent(plugin_id: str, package: str) -> Files:
    return {"setup.py": setup_py(plugin_id, 'plugin_package = "octoprint_%s" % plugin_identifier')}


def str_format(plugin_id: str, package: str) -> Files:
    return {"setup.py": setup_py(plugin_id, 'plugin_package = "octoprint_{}".format(plugin_identifier)')}


def f_string(plugin_id: str, package: str) -> Files:
    return {"setup.py": setup_py(plugin_id, 'plugin_package = f"octoprint_{plugin_identifier}"')}


def plus(plugin_id: str, package: str) -> Files:
    return {"setup.py": setup_py(plugin_id, 'plugin_package = "octoprint_" + plugin_identifier')}


def identifier_alone(plugin_id: str, package: str) -> Files:
    return {"setup.py": setup_py(plugin_id, "", package="None")}


def setup_entry_points(plugin_id: str, package: str) -> Files:
    text = (
        "from setuptools import find_packages, setup\n\n"
        f'setup(\n    name="OctoPrint-{plugin_id}",\n    version="0.9",\n    packages=find_packages(),\n'
        f'    entry_points={{"{GROUP}": ["{plugin_id} = {package}"]}},\n)\n'
    )
    return {"setup.py": text}


def pyproject(plugin_id: str, package: str) -> Files:
    entry = plugin_id if re.fullmatch(r"[\w-]+", plugin_id) else f'"{plugin_id}"'
    return {"pyproject.toml": PYPROJECT.format(name=plugin_id, entry=entry, package=package)}


def pyproject_beside_shim(plugin_id: str, package: str) -> Files:
    return {**pyproject(plugin_id, package), "setup.py": "import setuptools\n\nsetuptools.setup()\n"}


def poetry(plugin_id: str, package: str) -> Files:
    text = (
        f'[tool.poetry]\nname = "OctoPrint-{plugin_id}"\nversion = "1.4.2"\ndescription = ""\n'
        "authors = []\n\n"
        f'[tool.poetry.plugins."{GROUP}"]\n"{plugin_id}" = "{package}"\n'
    )
    return {"pyproject.toml": text}


def setup_cfg(plugin_id: str, package: str) -> Files:
    text = (
        f"[metadata]\nname = OctoPrint-{plugin_id}\nversion = 1.4.2\n\n[options]\npackages = find:\n\n"
        f"[options.entry_points]\n{GROUP} =\n    {plugin_id} = {package}\n"
    )
    return {"setup.cfg": text, "setup.py": "from setuptools import setup\n\nsetup()\n"}


# Any id goes with these, and the package may have any name.
PACKAGINGS: tuple[Callable[[str, str], Files], ...] = (
    template,
    single_quotes,
    setup_entry_points,
    pyproject,
    pyproject_beside_shim,
    poetry,
    setup_cfg,
)
# These make the package's name from the id, so the id must be part of a Python name.
FORMATTED: tuple[Callable[[str, str], Files], ...] = (
    percent,
    str_format,
    f_string,
    plus,
    identifier_alone,
)


# How the flag is written: each returns the lines at the module's end and the flag that counts

Spelling = Callable[[str], tuple[str, str | None]]


def plain(flag: str) -> tuple[str, str | None]:
    return f'{PROPERTY} = "{flag}"\n', flag


def in_single_quotes(flag: str) -> tuple[str, str | None]:
    return f"{PROPERTY}='{flag}'  # python 2 and 3\n", flag


def annotated(flag: str) -> tuple[str, str | None]:
    return f'{PROPERTY}: str = "{flag}"\n', None


def by_constant(flag: str) -> tuple[str, str | None]:
    return f'PYTHON_RANGE = "{flag}"\n{PROPERTY} = PYTHON_RANGE\n', None


def concatenated(flag: str) -> tuple[str, str | None]:
    middle = len(flag) // 2
    return f'{PROPERTY} = "{flag[:middle]}" + "{flag[middle:]}"\n', None


def in_pieces(flag: str) -> tuple[str, str | None]:
    middle = len(flag) // 2
    return f'{PROPERTY} = (\n    "{flag[:middle]}"\n    "{flag[middle:]}"\n)\n', flag


def inside_try(flag: str) -> tuple[str, str | None]:
    return f'try:\n    {PROPERTY} = "{flag}"\nexcept Exception:\n    pass\n', None


def inside_if(flag: str) -> tuple[str, str | None]:
    lines = f'    {PROPERTY} = "{flag}"\nelse:\n    {PROPERTY} = ">=2.7,<3"\n'
    return f"import sys\n\nif sys.version_info >= (3,):\n{lines}", None


def twice(flag: str) -> tuple[str, str | None]:
    return f'{PROPERTY} = ">=2.7,<3"\n# since 1.3\n{PROPERTY} = "{flag}"\n', flag


def after_a_comment(flag: str) -> tuple[str, str | None]:
    return f'# {PROPERTY} = ">=2.7,<3" # only python 2\n{PROPERTY} = "{flag}" # python 3\n', flag


def commented_out(flag: str) -> tuple[str, str | None]:
    return f'# {PROPERTY} = "{flag}"\n', None


def in_a_text(flag: str) -> tuple[str, str | None]:
    return f'HELP = """\nSet\n{PROPERTY} = "{flag}"\nto say so.\n"""\n', None


def in_a_function(flag: str) -> tuple[str, str | None]:
    return f'def compat():\n    {PROPERTY} = "{flag}"\n    return {PROPERTY}\n', None


def no_specifier(flag: str) -> tuple[str, str | None]:
    return f'{PROPERTY} = "3"\n', None


def missing(flag: str) -> tuple[str, str | None]:
    return "", None


# (spelling, weight): about as often as real plugins use them, the rare ones often enough to be met.
SPELLINGS: Mapping[Spelling, int] = {
    plain: 30,
    in_single_quotes: 10,
    after_a_comment: 10,
    annotated: 4,
    by_constant: 4,
    concatenated: 3,
    in_pieces: 3,
    inside_try: 4,
    inside_if: 4,
    twice: 2,
    commented_out: 5,
    in_a_text: 1,
    in_a_function: 1,
    no_specifier: 1,
    missing: 18,
}

HEAD = """\
# coding=utf-8
from __future__ import absolute_import

import time

import octoprint.plugin


class {name}Plugin(
    octoprint.plugin.StartupPlugin,
    octoprint.plugin.SettingsPlugin,
    octoprint.plugin.AssetPlugin,
    octoprint.plugin.TemplatePlugin,
):
    def get_settings_defaults(self):
        return {{"interval": 10, "tools": {{}}}}
"""
PYTHON_2 = """
    def legacy(self, value):
        try:
            print "value is", value
            exec "value += 1" in {}
        except ValueError, error:
            print >>self._log, `error`
            raise ValueError, "wrong value"
        return 0777 if value <> 3 else 10L
"""
TAIL = """

__plugin_name__ = "{name}"
{flag}

def __plugin_load__():
    global __plugin_implementation__
    __plugin_implementation__ = {name}Plugin()

    global __plugin_hooks__
    __plugin_hooks__ = {{
        "octoprint.comm.protocol.gcode.queuing": __plugin_implementation__.hook_gcode_2,
    }}
"""


def write_plugin(plugin_id: str, rng: random.Random, *, subpath: str = "") -> Source:
    """Invent the source of a plugin; the same `rng` invents the same."""
    formatted = re.fullmatch(r"\w+", plugin_id) is not None and rng.random() < 0.4
    packaging = rng.choice(FORMATTED if formatted else PACKAGINGS)
    package = PREFIX + re.sub(r"\W", "_", plugin_id)
    if not formatted and rng.random() < 0.1:
        package = f"{PREFIX}{re.sub(r'[^a-z]', '', plugin_id.lower()) or 'odd'}_plugin"
    spelling = rng.choices(list(SPELLINGS), list(SPELLINGS.values()))[0]
    lines, flag = spelling(rng.choice(SPECIFIERS))

    files = packaging(plugin_id, package)
    module = place(package, packaging, files, rng)
    file = files[module] = module_file(package.removeprefix(PREFIX), lines, spelling, rng)
    if module.endswith("/__init__.py"):
        folder = module.removesuffix("/__init__.py")
        files[f"{folder}/templates/{plugin_id}_settings.jinja2"] = "<form></form>\n"
        files[f"{folder}/static/js/{plugin_id}.js"] = "$(function () {});\n"
    files |= {"README.md": f"# {plugin_id}\n", "LICENSE": "See the registration.\n", "MANIFEST.in": "\n"}
    start = f"{subpath}/" if subpath else ""
    return Source(
        files={start + path: file for path, file in files.items()},
        flag=None if PYTHON_2 in file["text"].replace("\r\n", "\n") else flag,
        packaging=packaging.__name__,
        spelling=spelling.__name__,
    )


def place(package: str, packaging: Callable[[str, str], Files], files: Files, rng: random.Random) -> str:
    """Return the path of the plugin's module: a package, seldom one under `src`, or a single module."""
    fate = rng.random()
    if fate < 0.06 and packaging in {pyproject, poetry, setup_cfg}:
        if packaging is pyproject:
            files["pyproject.toml"] += '\n[tool.setuptools.packages.find]\nwhere = ["src"]\n'
        return f"src/{package}/__init__.py"
    if fate > 0.94 and packaging in {setup_entry_points, pyproject, setup_cfg}:
        return f"{package}.py"
    return f"{package}/__init__.py"


def module_file(name: str, lines: str, spelling: Spelling, rng: random.Random) -> Mapping[str, Any]:
    """Return the file with the flag: mostly 2 to 40 kB, one in fifty hundreds of kB."""
    text = HEAD.format(name=name)
    tail = TAIL.format(name=name, flag=lines)
    # An annotation cannot stand in a file that only Python 2 reads.
    if spelling is not annotated and rng.random() < 0.06:
        text += PYTHON_2
    size = rng.randint(100_000, 400_000) if rng.random() < 0.02 else int(rng.lognormvariate(9.2, 0.7))
    fate = rng.random()
    if fate < 0.04:
        text = "\ufeff" + text
    elif fate < 0.08:
        # Windows' line ends: here without filler, whose line ends are its own.
        return {"text": (text + tail).replace("\n", "\r\n")}
    elif fate < 0.10:
        text = text.replace("# coding=utf-8", "# -*- coding: latin-1 -*-")
    return {"text": text, "filler": min(max(size, 1_500), 400_000), "tail": tail}
