"""Servers of a built site: one that gives files as they are, and one that answers as GitHub Pages does."""

import gzip
import mimetypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PACKED = ("text/", "application/json", "application/xml", "application/rss+xml", "image/svg")
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json", ".xml": "text/xml"}
GZIP_LEVEL = 6


@lru_cache(maxsize=4096)
def packed(path: Path, _: int) -> bytes:
    """Return a file's content, compressed; the second argument, its time, keeps the memory honest."""
    return gzip.compress(path.read_bytes(), GZIP_LEVEL, mtime=0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # a page that is left closes its connections


@contextmanager
def _running(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a server until the block ends; give its address without a slash at the end."""
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Files(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A small answer goes out at once: without it, each waits for the acknowledgement of its head.
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serve_files(folder: Path) -> Iterator[str]:
    """Serve the files of `folder` as they are until the block ends; give the address."""
    with _running(partial(_Files, directory=str(folder))) as address:
        yield address


@contextmanager
def serve_site(folder: Path, base: str) -> Iterator[str]:
    """Serve `folder` below the path `base` as GitHub Pages does; give the origin.

    Answers are compressed, a folder is its `index.html`, what is missing is `404.html`.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # A small answer goes out at once: without it, each waits for the acknowledgement of its head.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if not path.startswith(f"{base}/"):
                return self._answer(folder / "404.html", HTTPStatus.NOT_FOUND)
            file = folder / path.removeprefix(f"{base}/")
            if not file.resolve().is_relative_to(folder.resolve()):
                return self._answer(folder / "404.html", HTTPStatus.NOT_FOUND)
            if file.is_dir() and not path.endswith("/"):
                return self._move(f"{urlsplit(self.path).path}/")
            if file.is_dir():
                file = file / "index.html"
            if not file.is_file():
                return self._answer(folder / "404.html", HTTPStatus.NOT_FOUND)
            return self._answer(file, HTTPStatus.OK)

        def do_HEAD(self) -> None:
            self.do_GET()

        def _move(self, place: str) -> None:
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", place)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _answer(self, file: Path, status: HTTPStatus) -> None:
            kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            gzipped = "gzip" in self.headers.get("Accept-Encoding", "") and kind.startswith(PACKED)
            content = packed(file, file.stat().st_mtime_ns) if gzipped else file.read_bytes()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "max-age=600")
            if gzipped:
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Vary", "Accept-Encoding")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with _running(Handler) as origin:
        yield origin
