"""What the world said of plugins, when and from where: facts, the state that holds them, their history.

Who asks the world is in `sources`.
"""
