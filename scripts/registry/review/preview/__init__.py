"""A real build of the changed plugins' pages, and photographs of them.

source       a small site of the checkout's own parts and the changed plugins
rendering    Jekyll, run with few words of environment and an end in time
screenshots  a program of its own that drives the browser
job          the parts in their order; what preview.json holds
"""
