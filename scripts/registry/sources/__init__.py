"""One module for each outside source, behind the small protocol of `base`."""
