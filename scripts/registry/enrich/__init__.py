"""Registrations and facts become enriched copies: `job` is the run, `merge` its pure core."""
