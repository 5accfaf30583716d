"""The answer at a pull request: one comment, suggested changes on the lines, labels.

pull_request  which pull request a check belongs to, and its merge commit
artefact      what the check uploaded: a claim
checklist     what reviewers look at                                             pure
findings      everything that the comment tells, before it is words              pure
wording       the comment; its parts in `fault_words`, `source_words`, `page_words`  pure
posting       what is written at GitHub, where it differs
answer        the parts in their order
"""
