"""What became of a delivery."""


class Undelivered(Exception):
    """Nothing, or not all, was taken; the text is one line that says why.

    again: the same may be taken later, so it is worth keeping. alone: only this parcel is
    concerned, so others may be taken now.
    """

    def __init__(self, text: str, again: bool = True, alone: bool = False) -> None:
        super().__init__(" ".join(text.split()))
        self.again = again
        self.alone = alone
