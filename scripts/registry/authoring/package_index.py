"""A project on a package index: the metadata of its newest release, and where its repository is."""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from packaging.metadata import RawMetadata, parse_email
from packaging.version import InvalidVersion, Version
from pypi_simple import (
    PYPI_SIMPLE_ENDPOINT,
    DigestMismatchError,
    DistributionPackage,
    NoMetadataError,
    NoSuchProjectError,
    PyPISimple,
    UnsupportedContentTypeError,
    UnsupportedRepoVersionError,
)
from requests.adapters import HTTPAdapter

from registry.authoring.packaging_metadata import MAX_VALUES, Field, Told, person
from registry.registration.model import RepoRef, parse_repo
from registry.text.problems import printable, quoted

DEFAULT_INDEX = PYPI_SIMPLE_ENDPOINT
MAX_PAGE_BYTES = 32_000_000
"""The page of a project with thousands of files has a few."""
MAX_TRIED = 3
"""Releases of which metadata is asked for, until one has any."""


class PackageIndexError(Exception):
    """The index tells nothing usable of a project; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What the newest release of a project says of itself."""

    name: str
    version: str
    told: tuple[Told, ...]
    repository: str
    """Address of its repository on GitHub, "" where it names none."""
    readme: str = ""
    readme_name: str = "README.md"
    """A file name that tells the kind of `readme`."""


class _TooLong(requests.ConnectionError):
    """An answer is larger or slower than any of a project has reason to be."""


class _BoundedAdapter(HTTPAdapter):
    """Reads each answer to its end, or to the limits: `requests` itself would read on."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send, as `requests` asks an adapter to. Raises _TooLong."""
        ends = time.monotonic() + 4 * self._timeout_s
        response = super().send(request, *args, **{**options, "stream": True, "timeout": self._timeout_s})
        body = bytearray()
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > MAX_PAGE_BYTES or time.monotonic() > ends:
                response.close()
                raise _TooLong(request=request)
        response._content = bytes(body)  # where `requests` looks for what has been read
        return response


class PackageIndex:
    """A package index, by its simple API; for use as `with`."""

    def __init__(self, endpoint: str, *, user_agent: str, timeout_s: float) -> None:
        session = requests.Session()
        session.headers["User-Agent"] = user_agent
        for scheme in ("https://", "http://"):
            session.mount(scheme, _BoundedAdapter(timeout_s))
        self._client = PyPISimple(endpoint, session=session)

    def __enter__(self) -> "PackageIndex":
        """Open the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._client.s.close()

    def project(self, name: str, server_url: str) -> Project:
        """Return what the newest release of `name` says that is not yanked. Raises PackageIndexError."""
        packages = self._packages(name)
        version, metadata = self._metadata(name, packages)
        raw, _ = parse_email(metadata)
        told = _told(raw)
        kind = (raw.get("description_content_type") or "text/x-rst").partition(";")[0].strip().lower()
        return Project(
            name=_text(raw.get("name")) or name,
            version=version,
            told=told,
            repository=_repository(told, server_url),
            readme=_text(raw.get("description"), 100_000),
            readme_name={"text/markdown": "README.md", "text/plain": "README.txt"}.get(kind, "README.rst"),
        )

    def _packages(self, name: str) -> list[DistributionPackage]:
        try:
            return self._client.get_project_page(name).packages
        except NoSuchProjectError:
            message = f"the index knows no project {quoted(name)}; check its name, or give the repository"
        except (
            UnsupportedContentTypeError,
            UnsupportedRepoVersionError,
            ValueError,
            RecursionError,  # JSON or HTML that is nested too deeply
        ) as error:
            if isinstance(error, requests.RequestException):
                message = f"the index did not answer: {_words(error)}; try again later"
            else:
                message = f"the index gave no answer that can be read ({type(error).__name__}); check --index"
        except requests.RequestException as error:
            message = f"the index did not answer: {_words(error)}; try again later"
        raise PackageIndexError(printable(message))

    def _metadata(self, name: str, packages: list[DistributionPackage]) -> tuple[str, bytes]:
        releases = _releases(packages)
        if not releases:
            why = "all its releases are yanked" if packages else "it has no release"
            raise PackageIndexError(
                printable(f"the project {quoted(name)} cannot be used: {why}; give the repository's address")
            )
        trouble = "its newest releases have no metadata of their own"
        for version, package in releases[:MAX_TRIED]:
            if not package.has_metadata:
                continue
            try:
                digests = bool(package.metadata_digests)
                return str(version), self._client.get_package_metadata_bytes(package, verify=digests)
            except NoMetadataError:
                continue
            except DigestMismatchError:
                trouble = f"the metadata of {version} is not what the index promised"
            except requests.RequestException as error:
                trouble = f"the metadata of {version} could not be read: {_words(error)}"
        raise PackageIndexError(
            printable(f"the project {quoted(name)}: {trouble}; give the repository's address instead")
        )


def project_of(address: str, index: str) -> str:
    """Return the project that the address of its page on the index names, "" where it names none.

    A page of the index's host is `/project/<name>/…`, or the simple API's own `/simple/<name>/`.
    """
    try:
        parts, home = urlsplit(address), urlsplit(index)
        same = bool(parts.hostname) and (parts.hostname or "").removeprefix("www.") == home.hostname
        same = same and (parts.port == home.port or parts.port is None)
    except ValueError:
        return ""
    segments = [segment for segment in parts.path.split("/") if segment]
    fits = same and parts.scheme in ("http", "https") and len(segments) >= 2
    return segments[1] if fits and segments[0] in ("project", "simple") else ""


def _releases(packages: list[DistributionPackage]) -> list[tuple[Version, DistributionPackage]]:
    """Return one file of each release that is not yanked, the newest first, full releases before others."""
    found: list[tuple[bool, Version, bool, bool, DistributionPackage]] = []
    for package in packages:
        try:
            version = Version(package.version or "")
        except InvalidVersion:
            continue
        if not package.is_yanked:
            wheel = package.package_type == "wheel"
            found.append((not version.is_prerelease, version, bool(package.has_metadata), wheel, package))
    found.sort(key=lambda entry: entry[:4], reverse=True)
    first: dict[Version, DistributionPackage] = {}
    for _, version, _, _, package in found:
        first.setdefault(version, package)
    return list(first.items())


_FIELDS: tuple[tuple[Field, str, str], ...] = (
    ("name", "name", "Name"),
    ("summary", "summary", "Summary"),
    ("license", "license_expression", "License-Expression"),
    ("license", "license", "License"),
    ("url", "home_page", "Home-page"),
    ("python", "requires_python", "Requires-Python"),
)
_LISTS: tuple[tuple[Field, str, str], ...] = (
    ("classifier", "classifiers", "Classifier"),
    ("keyword", "keywords", "Keywords"),
    ("requires", "requires_dist", "Requires-Dist"),
)


def _told(raw: RawMetadata) -> tuple[Told, ...]:
    data: dict[str, Any] = dict(raw)
    pairs: list[tuple[Field, Any, str]] = [(field, data.get(key), label) for field, key, label in _FIELDS]
    for key, label in (("author", "Author"), ("author_email", "Author-email")):
        # PEP 621 writes the names of several people into Author-email.
        given = _text(data.get(key))
        names = [given] if key == "author" else [person(part) for part in given.split(",")]
        pairs += [("author", name, label) for name in names]
    for field, key, label in _LISTS:
        pairs += [(field, item, label) for item in list(data.get(key) or ())[:MAX_VALUES]]
    urls = list((data.get("project_urls") or {}).items())[:MAX_VALUES]
    urls.sort(key=lambda pair: str(pair[0]).lower() not in ("homepage", "home page"))
    pairs += [("url", url, f"Project-URL {str(name)[:40]}") for name, url in urls]
    told = [
        Told(field=field, value=_text(value), where=f"the package index, {label}")
        for field, value, label in pairs
        if _text(value)
    ]
    return tuple(dict.fromkeys(told))


_CODE = ("source", "repository", "code", "github", "sourcecode", "sourcerepository", "repo")


def _repository(told: tuple[Told, ...], server_url: str) -> str:
    """Return the address that leads to a repository on GitHub, one that is labelled so before others."""
    found: list[tuple[bool, str]] = []
    for entry in told:
        if entry.field == "url" and (repo := parse_repo(entry.value, server_url)):
            label = "".join(filter(str.isalpha, entry.where.rpartition(" ")[2].lower()))
            found.append((label not in _CODE, _root(entry.value, repo)))
    return min(found, key=lambda pair: pair[0])[1] if found else ""


def _root(url: str, repo: RepoRef) -> str:
    parts = urlsplit(url.strip())
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{repo.full_name}"


def _text(value: Any, longest: int = 2_000) -> str:
    return value.strip()[:longest] if isinstance(value, str) else ""


def _words(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"it answered {error.response.status_code}"
    if isinstance(error, _TooLong):
        return "its answer is too long"
    if isinstance(error, requests.JSONDecodeError):
        return "its answer is no JSON"
    return "not in time" if isinstance(error, requests.Timeout) else "there is no connection"
