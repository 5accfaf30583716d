"""A registration, a file of `_plugins`: read with the line of each key, loaded, one key of it edited.

Whether it is right is the matter of `validation`.
"""
