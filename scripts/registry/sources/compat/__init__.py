"""The Python compatibility flag, read out of a plugin's source as the host would read it, without running it.

OctoPrint finds a plugin by its entry point (`id = module`) and reads `__plugin_pythoncompat__` from that
module. So does this package: it learns the module from the packaging files, then follows the module's
statements as a Python 3 host would. It is pure: `locate` asks for paths and is handed their texts.

A rule tells how a flag was found, `where:how` and any of four suffixes, in this order:

=========================  ==============================================================================
`setup.py:plugin_package`  the name `plugin_package` of OctoPrint's template, a plain literal
`setup.py:format`          the same, put together: `%`, `.format`, f-string, `+`
`setup.py:plugin_identifier`  no package named: the prefix and `plugin_identifier`
`setup.py:entry-point`     the `entry_points` that setup() is given
`setup.py:py_modules`      the single module, or `setup.py:packages`: the package, that setup() is given
`pyproject:entry-point`    `[project.entry-points."octoprint.plugin"]`
`pyproject:poetry`         `[tool.poetry.plugins."octoprint.plugin"]`; `pyproject:flit`: Flit's table
`setup.cfg:entry-point`    `[options.entry_points]`; `setup.cfg:py_modules`: the single module
`guess:prefix`             no file names it, but the prefix with the id is there
`guess:tree`               found by looking: the only module with the prefix, or the one like the id
`guess:address`            the source's address leads into the package itself
`file`                     no search: `find_flag` was handed the file
`+conditional`             it depends on a condition that cannot be told; the last value in the source
`+constant`                through another name
`+import`                  from another module of the plugin
`+tolerant`                a statement that it depends on is none that Python 3 can parse
=========================  ==============================================================================

What "as a Python 3 host" means: comparisons of `sys.version_info`, `sys.version`, `sys.hexversion` and six's
`PY2`/`PY3` are decided where 3.7 and every later Python 3 agree; `TYPE_CHECKING` is false; `__name__` is
the module's own name (in setup.py `__main__`); an import that only Python 2 has fails; the last live
assignment wins. What a function binds does not count. `import *` brings a name with an underscore only if
`__all__` lists it.

All work is bounded: characters, statements, nesting, steps, rounds and paths. No subprocess is needed,
because `ast` is only handed statements whose nesting is bounded beforehand.
"""

from registry.sources.compat.flag import find_flag
from registry.sources.compat.outcome import Evidence, NoFlag, Outcome
from registry.sources.compat.search import locate, root_paths

__all__ = ["Evidence", "NoFlag", "Outcome", "find_flag", "locate", "root_paths"]
