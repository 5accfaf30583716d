"""Making a registration from what a repository and the package index say of a plugin.

One way through: `address` tells what was asked for → a `repository.Repository` (GitHub's API or a bare clone)
and `package_index` are read → `gathering` reads the plugin's files → `proposal` chooses a value for each key,
each judged by the validator itself → `asking` fills the gaps on a terminal → `writing`.

All that is read is data: bounded, never run, never checked out, and never a path.
"""
