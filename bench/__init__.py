"""Measuring enrichment and site building with invented registrations."""
