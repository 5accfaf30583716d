"""The weekly link check: which addresses of the registrations still lead where they should.

addresses     what a registration links to, each with its line            pure
repositories  what the state knows of a repository, without a request     pure
guard         the only way out: public addresses, checked and then used
visit         one address: HEAD, GET, redirects by hand
round         all addresses: bounded, polite, each once
history       since when an address fails                                 pure
verdict       what is told of each link, and its cure                     pure
report        Markdown and JSON                                           pure
issue         the one issue that holds the report
job           the parts in their order
"""
