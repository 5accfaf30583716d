"""What packaging files say of a plugin is read in every style, with the place where it stands."""

from contextlib import suppress

import pytest

from registry.authoring.packaging_metadata import Field, Told, describe, describe_module, person
from registry.sources.base import Blob

GROUP = "octoprint.plugin"


def told(filename: str, text: str) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in describe(filename, GROUP, text):
        found.setdefault(entry.field, []).append((entry.value, entry.where))
    return found


TEMPLATE = '''
plugin_identifier = "bedlamp"
plugin_package = "octoprint_%s" % plugin_identifier
plugin_name = "OctoPrint-" + "BedLamp"
plugin_description = """Lights the bed"""
plugin_author = "Ada Lovelace"
plugin_author_email = "ada@example.com"
plugin_url = "https://github.com/ada/{}".format(plugin_name)
plugin_license = "AGPLv3"
plugin_requires = ["OctoPrint>=1.4.0"]
additional_setup_parameters = {"python_requires": ">=3.7,<4"}

import octoprint_setuptools
from setuptools import setup
setup_parameters = octoprint_setuptools.create_plugin_setup_parameters(
    identifier=plugin_identifier, package=plugin_package, name=plugin_name, version="1.0",
    description=plugin_description, author=plugin_author, mail=plugin_author_email, url=plugin_url,
    license=plugin_license, requires=plugin_requires)
from octoprint.util import dict_merge
setup_parameters = dict_merge(setup_parameters, additional_setup_parameters)
setup(**setup_parameters)
'''


def test_the_template_of_octoprint_is_read_with_its_formatting() -> None:
    assert told("setup.py", TEMPLATE) == {
        "identifier": [("bedlamp", "setup.py, plugin_identifier")],
        "name": [("OctoPrint-BedLamp", "setup.py, plugin_name")],
        "summary": [("Lights the bed", "setup.py, plugin_description")],
        "author": [("Ada Lovelace", "setup.py, plugin_author")],
        "license": [("AGPLv3", "setup.py, plugin_license")],
        "url": [("https://github.com/ada/OctoPrint-BedLamp", "setup.py, plugin_url")],
        "requires": [("OctoPrint>=1.4.0", "setup.py, plugin_requires")],
        "python": [(">=3.7,<4", "setup.py, python_requires")],
    }


def test_a_plain_call_of_setup_is_read() -> None:
    text = """
from setuptools import setup
NAME = "octoprint-lamp"
setup(name=NAME, description="Lamps", author="Ada", license="MIT", url="https://lamp.example/",
      project_urls={"Tracker": "https://t.example/"}, keywords="lamp, light",
      classifiers=["License :: OSI Approved :: MIT License"], install_requires=["OctoPrint"],
      entry_points={"octoprint.plugin": ["lamp = octoprint_lamp"]})
"""
    assert told("setup.py", text) == {
        "name": [("octoprint-lamp", "setup.py, name")],
        "summary": [("Lamps", "setup.py, description")],
        "author": [("Ada", "setup.py, author")],
        "license": [("MIT", "setup.py, license")],
        "url": [
            ("https://lamp.example/", "setup.py, url"),
            ("https://t.example/", "setup.py, project_urls.Tracker"),
        ],
        "requires": [("OctoPrint", "setup.py, install_requires")],
        "classifier": [("License :: OSI Approved :: MIT License", "setup.py, classifiers")],
        "keyword": [("lamp", "setup.py, keywords"), ("light", "setup.py, keywords")],
        "identifier": [("lamp", "setup.py, entry point of octoprint.plugin")],
    }


def test_pyproject_is_read_by_its_standard() -> None:
    text = """
[project]
name = "OctoPrint-Lamp"
description = "Lamps"
authors = [{name = "Ada", email = "ada@example.com"}, {email = "only@example.com"}, {name = "Bob"}]
license = "MIT OR Apache-2.0"
requires-python = ">=3.9"
dependencies = ["OctoPrint>=1.10"]
keywords = ["lamp"]
[project.urls]
Source = "https://github.com/ada/lamp"
Homepage = "https://lamp.example/"
[project.entry-points."octoprint.plugin"]
lamp = "octoprint_lamp"
"""
    assert told("pyproject.toml", text) == {
        "identifier": [("lamp", 'pyproject.toml, project.entry-points."octoprint.plugin"')],
        "name": [("OctoPrint-Lamp", "pyproject.toml, project.name")],
        "summary": [("Lamps", "pyproject.toml, project.description")],
        "author": [("Ada", "pyproject.toml, project.authors"), ("Bob", "pyproject.toml, project.authors")],
        "license": [("MIT OR Apache-2.0", "pyproject.toml, project.license")],
        "keyword": [("lamp", "pyproject.toml, project.keywords")],
        "url": [
            ("https://lamp.example/", "pyproject.toml, project.urls.Homepage"),
            ("https://github.com/ada/lamp", "pyproject.toml, project.urls.Source"),
        ],
        "requires": [("OctoPrint>=1.10", "pyproject.toml, project.dependencies")],
        "python": [(">=3.9", "pyproject.toml, project.requires-python")],
    }


def test_poetry_is_read_and_its_caret_becomes_a_range() -> None:
    text = """
[tool.poetry]
name = "octoprint-lamp"
description = "Lamps"
authors = ["Ada Lovelace <ada@example.com>", "bob@example.com"]
license = "MIT"
repository = "https://github.com/ada/lamp"
[tool.poetry.dependencies]
python = "^3.8"
OctoPrint = {version = ">=1.5"}
six = "*"
[tool.poetry.plugins."octoprint.plugin"]
lamp = "octoprint_lamp"
"""
    found = told("pyproject.toml", text)
    assert found["author"] == [("Ada Lovelace", "pyproject.toml, tool.poetry.authors")]
    assert found["python"] == [(">=3.8,<4", "pyproject.toml, tool.poetry.dependencies.python")]
    assert found["requires"] == [("OctoPrint>=1.5", "pyproject.toml, tool.poetry.dependencies.OctoPrint")]
    assert found["identifier"] == [("lamp", 'pyproject.toml, tool.poetry.plugins."octoprint.plugin"')]


def test_a_table_whose_dots_were_not_quoted_is_read() -> None:
    text = '[project.entry-points.octoprint.plugin]\nlamp = "octoprint_lamp"\n'
    assert [entry[0] for entry in told("pyproject.toml", text)["identifier"]] == ["lamp"]


def test_setup_cfg_is_read_but_what_leads_to_other_files_is_not() -> None:
    text = """
[metadata]
name = octoprint-lamp
description = Lamps
author = Ada
license = MIT
url = https://lamp.example/
version = attr: lamp.version
keywords = file: words.txt
project_urls =
    Source = https://github.com/ada/lamp
[options]
python_requires = >=3.7
install_requires =
    OctoPrint>=1.6
    six
[options.entry_points]
octoprint.plugin =
    lamp = octoprint_lamp
"""
    assert told("setup.cfg", text) == {
        "identifier": [("lamp", "setup.cfg, options.entry_points")],
        "name": [("octoprint-lamp", "setup.cfg, metadata.name")],
        "summary": [("Lamps", "setup.cfg, metadata.description")],
        "author": [("Ada", "setup.cfg, metadata.author")],
        "license": [("MIT", "setup.cfg, metadata.license")],
        "url": [
            ("https://lamp.example/", "setup.cfg, metadata.url"),
            ("https://github.com/ada/lamp", "setup.cfg, metadata.project_urls.Source"),
        ],
        "requires": [
            ("OctoPrint>=1.6", "setup.cfg, options.install_requires"),
            ("six", "setup.cfg, options.install_requires"),
        ],
        "python": [(">=3.7", "setup.cfg, options.python_requires")],
    }


def test_the_module_tells_what_the_host_shows() -> None:
    text = '__plugin_name__ = gettext("Bed Lamp")\n__plugin_author__ = NAME\n__plugin_url__ = a.b()\n'
    names: dict[str, Field] = {
        "__plugin_name__": "name",
        "__plugin_author__": "author",
        "__plugin_url__": "url",
    }
    blob = Blob(text=text, byte_size=len(text))
    assert describe_module("octoprint_x/__init__.py", names, blob) == (
        Told(field="name", value="Bed Lamp", where="octoprint_x/__init__.py, __plugin_name__"),
    )


def test_a_module_that_does_not_parse_tells_nothing() -> None:
    text = '__plugin_name__ = "Bed Lamp"\nprint "x"\n'
    assert describe_module("a.py", {"__plugin_name__": "name"}, Blob(text=text, byte_size=len(text))) == ()


@pytest.mark.parametrize("filename", ["setup.py", "pyproject.toml", "setup.cfg"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "[[[",
        "setup(**",
        "x = " * 3_000,
        "a." * 3_000 + "=1",
        "(" * 5_000,
    ],
)
def test_what_cannot_be_read_tells_nothing(filename: str, text: str) -> None:
    with suppress(RecursionError):  # a worker's, see registry.system.workers
        assert describe(filename, GROUP, text) == ()


def test_a_value_of_thousands_of_lines_is_cut() -> None:
    [name] = describe("setup.cfg", GROUP, "[metadata]\nname =" + "\n x" * 9_000)
    assert len(name.value) < 1_000


def test_a_packaging_file_of_megabytes_is_not_looked_at() -> None:
    assert describe("setup.py", GROUP, 'plugin_name = "Lamp"\n' + "#" * 5_000_000) == ()


def test_values_of_other_kinds_and_lengths_are_passed_over() -> None:
    text = '[project]\nname = 3\ndescription = ["a"]\nauthors = "Ada"\nkeywords = [1, {}, "lamp"]\n'
    text += 'license = {text = "%s"}\n'
    assert told("pyproject.toml", text % ("x" * 2_001)) == {
        "keyword": [("lamp", "pyproject.toml, project.keywords")]
    }


def test_another_file_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^'setup\.rb' is no packaging file$"):
        describe("setup.rb", GROUP, "")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada <a@b.c>", "Ada"),
        ("a@b.c", ""),
        ("Ada", "Ada"),
        ("Ada Lovelace", "Ada Lovelace"),
        ("", ""),
        ("<a@b.c>", ""),
    ],
)
def test_a_person_has_a_name_and_never_an_address(text: str, name: str) -> None:
    assert person(text) == name
