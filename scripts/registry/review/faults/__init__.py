"""Faults of a change beside those that the validator finds.

naming    by a file's name, mode or size alone                     pure
images    the header of an image                                   pure
pictures  the images of a change
crossing  what a change breaks in files that it does not touch
"""
