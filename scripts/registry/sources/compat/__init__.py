"""The Python compatibility flag, read out of a plugin's source as the host reads it, without running it.

The host finds a plugin by its entry point (`id = module`), parses that module's file with `ast` before it
imports it, and takes the flag from it (see `host`). So does this package: it learns the module from the
packaging files, then concludes what the host will. It is pure: `advance` is handed what was read so far, and
asks for more paths or ends.

A rule says how a module was found, `where:how`, and behind a `+` how the conclusion came:

===============================  ========================================================================
`setup.py:plugin_package`        the name `plugin_package` of OctoPrint's template
`setup.py:format`                the same, put together: `%`, `.format`, f-string, `+`
`setup.py:plugin_identifier`     no package named: the prefix and `plugin_identifier`
`setup.py:entry-point`           the `entry_points` that setup() is given
`setup.py:py_modules`            the single module, or `setup.py:packages`: the package, that setup() is given
`pyproject:entry-point`          `[project.entry-points."octoprint.plugin"]`
`pyproject:poetry`               `[tool.poetry.plugins."octoprint.plugin"]`; `pyproject:flit`: Flit's table
`setup.cfg:entry-point`          `[options.entry_points]`; `setup.cfg:py_modules`: the single module
`archive`                        the archive is a `.py` file: the plugin is that file
`guess:prefix`                   no file names it, but the prefix with the id is there
`guess:tree`                     found by looking: the only module with the prefix, or the one like the id
`guess:id`                       found by looking: a module that is called like the plugin
`guess:address`                  the source's address leads into the package itself
`+flag`                          the host reads the flag that stands in `line`
`+default`                       it reads none, and assumes the default
`+syntax`                        it cannot parse the module, and refuses the plugin
===============================  ========================================================================

Source is read in worker processes (`registry.system.workers`): what hostile text does to `ast`, or to a
pattern, ends there.
"""

from registry.sources.compat.outcome import Evidence, Outcome, Question, Rules, Unread
from registry.sources.compat.search import advance, first_paths

__all__ = ["Evidence", "Outcome", "Question", "Rules", "Unread", "advance", "first_paths"]
