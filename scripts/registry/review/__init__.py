"""What a pull request brings and how it is answered, all of it hostile until it is judged.

One way through: `change` → `staging` → `judgement` → `verdict_formats`, `preview/`, `comment/`.
"""
