"""Faults of a change beside those of the validator: names and sizes, images, references that break."""
