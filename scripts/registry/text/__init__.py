"""Strings and values made safe to judge, print and publish.

Nothing here knows of plugins, of GitHub or of the network.
"""
