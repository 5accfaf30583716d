"""The network: time-outs, retries and limits, and the rule that a token goes to its own origin alone.

What only GitHub does is in `github`.
"""
