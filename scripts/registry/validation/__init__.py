"""The gate: what is wrong with a registration or with hand-written data, on which line, and the cure.

A new key of front matter begins in `front_matter_schema`.
"""
