"""What the commands in `scripts/` share: pure functions at the core, input and output at the edges."""
