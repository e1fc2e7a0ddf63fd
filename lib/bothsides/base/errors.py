"""The errors that end a run before it has measured: ours, and those of the command line."""


class Unable(Exception):
    """We could not ask: nothing is known about the far end, and the text says what to mend."""


class Misuse(Exception):
    """The command line is wrong; the text says what is wrong and what to write instead."""
