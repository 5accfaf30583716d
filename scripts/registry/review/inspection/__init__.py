"""What a plugin's source says on GitHub, read and never run, and where the registration differs."""
