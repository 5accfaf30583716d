"""Repositories read by git's plumbing: nothing is checked out, and no hook or filter runs."""
