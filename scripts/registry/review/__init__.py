"""What a pull request brings, and how it is answered. All of it is hostile until it is judged.

One way through: `gitobjects` → `change` → `staging` → `judgement` → what `review.py`, `preview.py` and
`comment.py` make of it.

gitobjects    a repository's objects, bounded, never checked out
change        the files that a commit changes                      pure but for git
staging       what stands with the change laid over, in a folder of its own
faults/       what is wrong beside the validator's say: names, images, what is broken elsewhere
judgement     all faults, and the registrations that the change brings
telling       the verdict as JSON, annotations, a summary          pure
preview/      the changed plugins' pages built and photographed
inspection/   what a plugin's source says, and where the registration says otherwise
suggestions/  faults mended: guesses, each proven before it is offered
comment/      the answer: which pull request, what was uploaded, words, posting
"""
