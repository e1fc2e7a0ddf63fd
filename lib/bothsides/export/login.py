"""Reads how we log in to a destination: from a private file or from the environment.

user = sender          # with password: HTTP basic, as Icinga and InfluxDB 1.x want it
password = ...
token = ...            # InfluxDB 2.x, NRDP
authorization = ...    # the whole header, where none of these fits
access_key = ...       # S3, with secret_key and perhaps session_token
"""

from bothsides.base.files import private
from bothsides.base.secret import Secret
from bothsides.base.types import Mapping, NamedTuple
from bothsides.export.http import Login
from bothsides.parse import Unreadable

KEYS = (
    "user",
    "password",
    "token",
    "authorization",
    "access_key",
    "secret_key",
    "session_token",
)
_PREFIX = "BOTHSIDES_EXPORT_"
_AMAZON = {
    "access_key": "AWS_ACCESS_KEY_ID",
    "secret_key": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
}


class Secrets(NamedTuple):
    """All that a login may consist of; "" where it was not given."""

    user: str = ""
    password: Secret = Secret("")
    token: Secret = Secret("")
    authorization: Secret = Secret("")
    access_key: Secret = Secret("")
    secret_key: Secret = Secret("")
    session_token: Secret = Secret("")


def from_file(path: str) -> Secrets:
    """What a file says; Unable where it cannot be read, is open to everybody or is wrong."""
    return private(path, from_text)


def from_environment(environment: Mapping[str, str]) -> Secrets:
    """BOTHSIDES_EXPORT_USER and so on, and for S3 also the names that Amazon's tools read."""
    given = {key: environment.get(_PREFIX + key.upper(), "") for key in KEYS}
    for key, name in _AMAZON.items():
        given[key] = given[key] or environment.get(name, "")
    return _secrets(given)


def from_text(text: str) -> Secrets:
    """Lines `key = value`; Unreadable names all lines that are wrong, but never their values."""
    given: dict[str, str] = {}
    wrong: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        key, equals, value = (part.strip() for part in bare.partition("="))
        if not equals or not value:
            wrong.append(f"line {number}: expected key = value")
        elif key not in KEYS:
            wrong.append(f"line {number}: unknown key; known: {', '.join(KEYS)}")
        elif key in given:
            wrong.append(f"line {number}: {key} stands there twice")
        else:
            given[key] = value
    if wrong:
        raise Unreadable("; ".join(wrong))
    return _secrets(given)


def to_login(secrets: Secrets) -> Login:
    """The login for HTTP. A token is sent as InfluxDB 2.x and VictoriaMetrics want it."""
    if secrets.authorization:
        return Login(authorization=secrets.authorization)
    if secrets.token and not secrets.user:
        return Login(authorization=Secret(f"Token {secrets.token}"))
    return Login(secrets.user, secrets.password)


def _secrets(given: Mapping[str, str]) -> Secrets:
    for key, value in given.items():
        if any(c < " " or c == "\x7f" for c in value):
            raise Unreadable(f"{key} has a control character in it")
    return Secrets(
        given.get("user", ""), **{key: Secret(given.get(key, "")) for key in KEYS if key != "user"}
    )
