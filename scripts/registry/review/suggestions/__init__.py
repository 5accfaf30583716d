"""Suggested changes: cheap guesses at a cure, each proven by judging the file once more."""
