"""What a pull request brings, and how it is answered. All of it is hostile until it is judged."""
