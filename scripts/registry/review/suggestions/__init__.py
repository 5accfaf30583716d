"""Suggested changes: cheap guesses, each proven by judging the file once more.

case       one fault of one file, and edits of lines                pure
guesses    what a value probably meant                              pure
cures      code of a fault → edits that may mend it; `cures_of_*`   pure
hunks      where two states of a file differ                        pure
suggesting the search for edits that hold                           pure but for the check it is handed
proving    the folder in which a file is judged with other content
"""
