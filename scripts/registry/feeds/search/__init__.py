"""`/search/…`: the index of the site's search, in shards; docs/search.md says how it is read."""
