"""A registration made from what a repository and the package index say of a plugin (`new.py`).

All that is read is data: bounded, never run, and never a path.
"""
