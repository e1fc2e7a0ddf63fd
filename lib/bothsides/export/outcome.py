"""What became of a delivery."""


class Undelivered(Exception):
    """Nothing, or not all, was taken; the text is one line that says why.

    again: whether the same may be taken later, so that it is worth keeping.
    """

    def __init__(self, text: str, again: bool = True) -> None:
        super().__init__(" ".join(text.split()))
        self.again = again
