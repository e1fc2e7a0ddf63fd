"""Text and octets in, records out; pure: no clock, no file, no network, no environment."""


class Unreadable(ValueError):
    """The input is broken; the text names the line, octet or word, and what was expected."""
