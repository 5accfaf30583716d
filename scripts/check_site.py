#!/usr/bin/env python3
"""Check a built site before it is published: pages, feeds, links, and that nothing was smuggled in."""

import argparse
import sys
from pathlib import Path

from registry.settings import SettingsError, load_settings
from registry.site_check.check import as_json, check_site
from registry.site_check.page import Site

REFUSED, USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 when the site may be published, 1 when it may not, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="check_site.py", description=__doc__)
    parser.add_argument("site", type=Path, metavar="SITE", help="folder that Jekyll wrote")
    parser.add_argument("--config", default="_config.yml", metavar="FILES",
                        help="settings, later files over earlier ones (default: %(default)s)")  # fmt: skip
    parser.add_argument("--build", type=Path, default=Path("build"), metavar="DIR",
                        help="folder with the _plugins that were built (default: %(default)s)")  # fmt: skip
    parser.add_argument(
        "--baseurl", metavar="/PATH", help="where the site will live; default: of the settings"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    options = parser.parse_args(arguments)
    plugins = options.build / "_plugins"
    for folder in (options.site, plugins):
        if not folder.is_dir():
            return _usage(f"there is no folder {folder}")
    try:
        settings = load_settings(options.config)
    except SettingsError as error:
        return _usage(str(error))
    baseurl = settings.baseurl if options.baseurl is None else options.baseurl
    site = Site(url=settings.url.rstrip("/"), baseurl=baseurl.rstrip("/"))
    faults = check_site(options.site, plugins, site)
    if options.format == "json":
        print(as_json(faults))
    for fault in faults:
        warning = "warning: " if fault.level == "warning" else ""
        print(f"{fault.file}: {warning}{fault.message}", file=sys.stderr)
    errors = sum(fault.level == "error" for fault in faults)
    if errors:
        print(f"check_site: {errors} faults; the site must not be published", file=sys.stderr)
    return REFUSED if errors else 0


def _usage(message: str) -> int:
    print(f"check_site: {message}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
