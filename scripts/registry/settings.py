"""A registry's settings: the block `registry:` of `_config.yml`, files laid over one another.

As Jekyll lays them, but that a null takes away what lies below: `_jekyll/read/settings.rb` reads it alike.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from registry.text.pep440 import is_specifier, is_version


class SettingsError(ValueError):
    """Settings that cannot be used; the message names file and key, one fault a line."""


def _specifier(text: str) -> str:
    if not is_specifier(text):
        raise ValueError(f"{text!r} is not a PEP 440 specifier; write e.g. '>=3.7,<4'")
    return text


def _version(text: str) -> str:
    if not is_version(text):
        raise ValueError(f"{text!r} is not a version; write e.g. '1.11.8', in quotes")
    return text


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+[^\s]*$")]
Specifier = Annotated[str, AfterValidator(_specifier)]
VersionText = Annotated[str, AfterValidator(_version)]


class Section(BaseModel):
    """A block of settings: unknown keys are refused, and nothing changes after the start."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Host(Section):
    """The application that the plugins are for."""

    name: Text
    version: VersionText
    """Its current release: what a page calls "the current version"."""
    url: HttpUrl | None = None


class Packages(Section):
    """How plugin packages are named by custom."""

    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Compatibility(Section):
    """Where the Python compatibility of a plugin comes from."""

    control_property: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    """The module-level name that the host itself reads."""
    default_python: Specifier
    """What the host assumes of a plugin that says nothing."""
    prefer: Literal["source", "registration"] = "source"
    """Which one counts when source code and registration disagree."""


class Exports(Section):
    """Addresses (http, https) or file paths of the usage exports; null: there is none."""

    week: Text | None = None
    month: Text | None = None


class Usage(Section):
    """Where usage figures come from."""

    exports: Exports = Exports()
    max_factor: float = Field(2.0, gt=1, le=1000)
    """Times as many installations as were believed last, or as few, that an export may count."""
    doubt_days: float = Field(7.0, ge=0, le=30)
    """Days after which an export that differs by more is believed all the same."""


class Sources(Section):
    """Which sources are asked."""

    usage: bool = True
    github: bool = True
    compatibility: bool = True


class Discovery(Section):
    """How new plugins are found on the package index."""

    classifier: Text | None = None


class Limits(Section):
    """Bounds of one run."""

    batch_size: int = Field(50, ge=1, le=100)
    """Repositories in one GraphQL query."""
    concurrency: int = Field(8, ge=1, le=32)
    """Requests under way at once."""
    timeout_s: float = Field(15.0, gt=0, le=120)
    """Seconds that one request may take; GitHub's own clock stops a query after about ten."""
    patience_s: float = Field(60.0, ge=0, le=3600)
    """Seconds without any answer, or of waiting for a limit to lift, after which a source is given up."""
    stale_after_h: float = Field(48.0, gt=0)
    """Hours after which a figure is called stale."""
    max_loss_percent: float = Field(5.0, ge=0, le=100)
    """Share of the plugins that one run may leave out or lose; past it, and past the number, it refuses."""
    max_loss_count: int = Field(20, ge=0)
    """Plugins that one run may leave out or lose whatever their share."""
    keep_unlisted_days: int = Field(90, ge=0)
    """Days that the facts of a plugin outlive its registration."""


class Repository(Section):
    """The repository of the registrations, as people see it."""

    url: HttpUrl
    """Its page on GitHub, without a slash at the end."""
    branch: Text = "main"


class Registry(Section):
    """All of a registry's settings."""

    host: Host
    plugins_dir: Text = "_plugins"
    repository: Repository | None = None
    """Where pages lead to edit a registration or to report a fault; None: no such links."""
    baseline: Text | None = None
    """State file committed beside the registrations: the figures of a first build without any source."""
    notice: Text | None = None
    """A banner on each page."""
    packages: Packages
    entry_point_group: Text
    compatibility: Compatibility
    usage: Usage = Usage()
    sources: Sources = Sources()
    discovery: Discovery = Discovery()
    limits: Limits = Limits()


class Settings(Registry):
    """The registry's settings and what Jekyll's part of the files says of the site."""

    title: str = ""
    description: str = ""
    url: str = ""
    baseurl: str = ""
    site: dict[str, Any] = Field(default_factory=dict)
    """The merged files as Jekyll sees them."""
    root: Path = Path()
    """Folder of the first settings file: relative paths in the settings start here."""

    def address(self, path: str) -> str:
        """Return the absolute address of `path` ("/plugins/x/") on the published site."""
        return self.url.rstrip("/") + self.baseurl.rstrip("/") + path


def load_settings(files: str | Sequence[str | Path] = "_config.yml") -> Settings:
    """Return the settings of the YAML `files`, later ones laid over earlier ones.

    `files` is a sequence of paths, or one string of paths parted by commas as `jekyll --config` takes it.
    Raises SettingsError naming file and key of every fault.
    """
    paths = [Path(name.strip()) for name in (files.split(",") if isinstance(files, str) else map(str, files))]
    site: dict[str, Any] = {}
    names = []
    for path in paths:
        site = _layer(site, _read(path))
        names.append(str(path))
    return _check(site, ", ".join(names), paths[0].parent)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not UTF-8; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: must hold keys and values, such as `title: …`")
    return content


def _layer(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `above` laid over `below`: mappings merge key by key, all else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        merged[key] = _layer(lower, value) if isinstance(lower, dict) and isinstance(value, dict) else value
    return merged


def _check(site: dict[str, Any], names: str, root: Path) -> Settings:
    block = site.get("registry")
    if not isinstance(block, dict):
        raise SettingsError(f"{names}: registry: is missing; see docs/operating.md for its keys")
    own = {key: site.get(key) or "" for key in ("title", "description", "url", "baseurl")}
    try:
        Registry.model_validate(block)  # first alone, so that `registry.title` is refused as unknown
        return Settings.model_validate({**block, **own, "site": site, "root": root})
    except ValidationError as error:
        faults = [
            f"{names}: registry.{'.'.join(map(str, fault['loc']))}: {_sentence(fault)}"
            for fault in error.errors()
        ]
        raise SettingsError("\n".join(faults)) from None


def _sentence(fault: Any) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return "is no setting; see docs/operating.md for those that are"
        case "missing":
            return "is missing"
        case "value_error":
            return str(fault["ctx"]["error"])
        case _:
            return f"{fault['msg'][0].lower()}{fault['msg'][1:]}, not {fault['input']!r}"
