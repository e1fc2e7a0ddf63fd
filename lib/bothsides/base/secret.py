"""Text that is shown nowhere and recorded nowhere."""


class Secret(str):
    """A community, password or key; shown nowhere, recorded nowhere."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(...)"
