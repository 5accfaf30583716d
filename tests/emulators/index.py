"""A stand-in of a package index: the simple API (PEP 691, PEP 503) with metadata beside the files (PEP 658).

with Index({"lamp": [Release("1.0", metadata(Name="lamp"))]}, faults={"lamp": "unavailable"}) as index:
    ...  # new.py --index index.endpoint pypi:lamp
"""

import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from packaging.utils import canonicalize_name

from tests.emulators.server import Request, Response, Server

Kind = Literal[
    "unavailable",
    "not-json",
    "deep",
    "wrong-shape",
    "no-index",
    "future",
    "huge",
    "hang",
    "reset",
    "metadata-missing",
    "metadata-unavailable",
    "metadata-broken",
    "metadata-changed",
    "metadata-huge",
]
JSON = "application/vnd.pypi.simple.v1+json"
HUGE_BYTES = 40_000_000


@dataclass(frozen=True, slots=True)
class Release:
    """One release: a wheel, or a source distribution."""

    version: str
    metadata: bytes | None = None
    """Content of METADATA; None: the index offers none."""
    yanked: bool | str = False
    wheel: bool = True


def metadata(description: str = "", /, **fields: str | Sequence[str]) -> bytes:
    """Write METADATA; `Requires_Python` becomes `Requires-Python`, a list is one line for each entry."""
    lines = ["Metadata-Version: 2.4"]
    for name, value in fields.items():
        for item in [value] if isinstance(value, str) else value:
            lines.append(f"{name.replace('_', '-')}: {item}")
    return ("\n".join(lines) + f"\n\n{description}").encode()


class Index(Server):
    """A package index on 127.0.0.1; a project with a fault misbehaves."""

    def __init__(
        self,
        projects: Mapping[str, Sequence[Release]],
        *,
        faults: Mapping[str, Kind] | None = None,
        form: Literal["json", "html"] = "json",
    ) -> None:
        super().__init__()
        self.projects: dict[str, tuple[str, list[Release]]] = {
            canonicalize_name(name): (name, list(found)) for name, found in projects.items()
        }
        self.faults: dict[str, Kind] = {
            canonicalize_name(name): kind for name, kind in (faults or {}).items()
        }
        self.form = form
        if unknown := set(self.faults.values()) - set(get_args(Kind)):
            raise ValueError(f"unknown faults {', '.join(sorted(unknown))}")

    @property
    def endpoint(self) -> str:
        return f"{self.url}/simple/"

    async def answer(self, request: Request) -> Response:
        parts = [part for part in request.path.split("/") if part]
        if request.method == "GET" and len(parts) == 2 and parts[0] == "simple" and parts[1] in self.projects:
            return self._page(parts[1])
        if request.method == "GET" and len(parts) == 3 and parts[0] == "files" and parts[1] in self.projects:
            return self._metadata(parts[1], parts[2])
        return Response(status=404, headers={"Content-Type": "text/plain"}, body=b"404 Not Found")

    def _page(self, project: str) -> Response:
        name, releases = self.projects[project]
        files = [self._file(project, release) for release in releases]
        page: Any = {"meta": {"api-version": "1.1"}, "name": name, "files": files, "versions": []}
        match self.faults.get(project):
            case "unavailable":
                return Response(status=500, headers={"Content-Type": "text/html"}, body=b"<h1>Sorry</h1>")
            case "not-json":
                return Response(headers={"Content-Type": JSON}, body=json.dumps(page).encode()[:-20])
            case "deep":
                return Response(headers={"Content-Type": JSON}, body=b"[" * 100_000)
            case "wrong-shape":
                page = {"meta": {"api-version": "1.1"}, "files": "none"}
            case "no-index":
                return Response(headers={"Content-Type": "image/png"}, body=b"\x89PNG")
            case "future":
                page["meta"]["api-version"] = "2.0"
            case "huge":
                return Response(headers={"Content-Type": JSON}, body=b" " * HUGE_BYTES, zip=False)
            case "hang":
                return Response(hang=True)
            case "reset":
                return Response(ending="reset")
            case _:
                pass
        if self.form == "html":
            return Response(headers={"Content-Type": "text/html"}, body=self._html(files).encode())
        return Response(headers={"Content-Type": JSON}, body=json.dumps(page).encode())

    def _file(self, project: str, release: Release) -> dict[str, Any]:
        stem = f"{project.replace('-', '_')}-{release.version}"
        filename = f"{stem}-py3-none-any.whl" if release.wheel else f"{stem}.tar.gz"
        file: dict[str, Any] = {
            "filename": filename,
            "url": f"../../files/{project}/{filename}",
            "hashes": {},
        }
        if release.metadata is not None:
            file["core-metadata"] = {"sha256": hashlib.sha256(release.metadata).hexdigest()}
        if release.yanked:
            file["yanked"] = release.yanked
        return file

    def _html(self, files: Sequence[Mapping[str, Any]]) -> str:
        links = []
        for file in files:
            attributes = f' href="{html.escape(file["url"])}"'
            if "core-metadata" in file:
                attributes += f' data-core-metadata="sha256={file["core-metadata"]["sha256"]}"'
            if "yanked" in file:
                attributes += ' data-yanked=""'
            links.append(f"<a{attributes}>{html.escape(file['filename'])}</a><br/>")
        return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"

    def _metadata(self, project: str, filename: str) -> Response:
        for release in self.projects[project][1]:
            file = self._file(project, release)
            if f"{file['filename']}.metadata" == filename and release.metadata is not None:
                return self._answer_metadata(project, release.metadata)
        return Response(status=404, headers={"Content-Type": "text/plain"}, body=b"404 Not Found")

    def _answer_metadata(self, project: str, raw: bytes) -> Response:
        match self.faults.get(project):
            case "metadata-missing":
                return Response(status=404)
            case "metadata-unavailable":
                return Response(status=503)
            case "metadata-changed":
                raw += b"\nchanged"
            case "metadata-huge":
                return Response(body=b"x" * HUGE_BYTES, zip=False)
            case _:
                pass
        return Response(headers={"Content-Type": "application/octet-stream"}, body=raw)
