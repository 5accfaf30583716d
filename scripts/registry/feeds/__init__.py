"""What a registry publishes for programs: the plugin list, the API, badges, statistics, news, sitemap.

Also what the site's own list and search fetch. Pages are Jekyll's.
"""
