"""What is asked of this machine: programs that end in time, files written whole, progress on stderr."""
