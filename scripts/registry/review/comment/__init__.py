"""The answer at a pull request: one comment, suggested changes on the lines, labels."""
