"""Words that reach a learner."""


def to_learner(text: str) -> str:
    """The text itself, marked: the catalog of the player has it, and the player says it in the learner's language."""
    return text
