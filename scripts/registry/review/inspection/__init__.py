"""What the source of a plugin says, read and never run.

source         what was found of one source                                      pure
asked          GitHub's GraphQL API, patiently
branches       default branches, and whether there is what archives name
inspecting     all sources of a change, by the build's own modules
both           a registration beside its source, and words for places in them    pure
disagreements  where they differ, and which to change where; `python_flag`, `licence`  pure
"""
