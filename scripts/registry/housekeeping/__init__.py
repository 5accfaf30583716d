"""The repository keeps itself in order: labels, the issue about failing builds, marks on registrations.

Marked are those that are abandoned, disabled or up for adoption.
"""
