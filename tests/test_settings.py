"""Settings: layered like Jekyll's files, every fault told with its key."""

from pathlib import Path

import pytest
import yaml

from registry.settings import SettingsError, load_settings

GOOD = {
    "title": "Plugins",
    "url": "https://plugins.example",
    "baseurl": "/repo",
    "registry": {
        "host": {"name": "Host", "version": "1.2.3"},
        "packages": {"prefix": "host_"},
        "entry_point_group": "host.plugin",
        "compatibility": {"control_property": "__compat__", "default_python": ">=2.7,<3"},
    },
}


def write(folder: Path, content: object, name: str = "_config.yml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_settings_have_defaults_and_addresses(tmp_path: Path) -> None:
    settings = load_settings([write(tmp_path, GOOD)])
    assert settings.host.name == "Host"
    assert settings.limits.batch_size == 50
    assert settings.compatibility.prefer == "source"
    assert settings.usage.exports.week is None
    assert settings.address("/plugins/x/") == "https://plugins.example/repo/plugins/x/"
    assert settings.root == tmp_path


def test_later_files_are_laid_over_earlier_ones(tmp_path: Path) -> None:
    first = write(tmp_path, GOOD)
    second = write(
        tmp_path,
        {"title": "Other", "registry": {"host": {"name": "Second"}, "sources": {"usage": False}}},
        "b.yml",
    )
    settings = load_settings(f"{first},{second}")
    assert (settings.title, settings.host.name, settings.host.version) == ("Other", "Second", "1.2.3")
    assert not settings.sources.usage
    assert settings.sources.github


def test_every_fault_is_named_by_its_key(tmp_path: Path) -> None:
    bad = {
        "registry": {
            "host": {"version": 1.11},
            "packages": {"prefix": "../x"},
            "entry_point_group": "g",
            "compatibility": {"control_property": "__c__", "default_python": "3"},
            "limits": {"batch_size": 0},
            "colour": "red",
        }
    }
    path = write(tmp_path, bad)
    with pytest.raises(SettingsError) as caught:
        load_settings([path])
    assert str(caught.value).splitlines() == [
        f"{path}: registry.host.name: is missing",
        f"{path}: registry.host.version: input should be a valid string, not 1.11",
        f"{path}: registry.packages.prefix: string should match pattern '^[A-Za-z_][A-Za-z0-9_]*$', "
        "not '../x'",
        f"{path}: registry.compatibility.default_python: '3' is not a PEP 440 specifier; "
        "write e.g. '>=3.7,<4'",
        f"{path}: registry.limits.batch_size: input should be greater than or equal to 1, not 0",
        f"{path}: registry.colour: is no setting; see docs/operating.md for those that are",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"title: [", "is not YAML"),
        (b"- a\n", "must hold keys and values"),
        (b"title: \xff\n", "is not UTF-8"),
        (b"title: x\n", "registry: is missing"),
    ],
)
def test_a_file_that_is_no_settings_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "_config.yml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings([path])
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yml: cannot be read: No such file"):
        load_settings(str(tmp_path / "none.yml"))


def test_the_repositorys_own_settings_and_the_second_registry_are_valid() -> None:
    own = load_settings("_config.yml")
    assert own.host.name == "OctoPrint"
    assert own.compatibility.control_property == "__plugin_pythoncompat__"
    other = load_settings("_config.yml,examples/napari/_config.yml")
    assert other.host.name == "napari"
    assert other.discovery.classifier == "Framework :: napari"
    assert other.packages.prefix != own.packages.prefix
