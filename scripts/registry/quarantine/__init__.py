"""What is left out of a build while all else is published, and when the whole must be refused."""
