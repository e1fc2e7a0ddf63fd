"""A secret can be used as a text and is shown nowhere."""

from bothsides.base.secret import Secret


def test_a_secret_is_used_as_a_text_and_shown_as_none() -> None:
    secret = Secret("pa55")
    assert secret.encode() == b"pa55"
    assert "pa55" not in repr(secret)
    assert "pa55" not in repr((secret,))
    assert "pa55" not in f"{secret!r}"
