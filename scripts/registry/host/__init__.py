"""What an installation of the host reads and obeys: the rules of the plugin list, and hand-written data.

Hand-written are the notices, the blocklist and the overlays under `_data`.
"""
