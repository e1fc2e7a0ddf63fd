"""Our signatures are botocore's, for odd keys, queries, session tokens and times."""

import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bothsides.base.secret import Secret
from bothsides.export.percent import quoted
from bothsides.export.request import Request
from bothsides.export.sigv4 import Keys, query_string, signed
from bothsides.parse import Unreadable

AT = 1_792_000_000.75
KEYS = Keys(
    "AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), region="eu-central-1"
)
ODD = (
    "a b",
    "+=",
    "\xe4",
    "(1)*!'",
    "2001:db8::1",
    "~",
    "a/../b",
    "a//b",
    "x%20y",
    "#?&",
    "a@b,c;d",
)


def oracle(request: Request, keys: Keys, at: float) -> str:
    """The Authorization header that botocore makes."""
    auth = pytest.importorskip("botocore.auth")
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    credentials = Credentials(keys.access, str(keys.secret), str(keys.session) or None)
    signer = auth.S3SigV4Auth(credentials, "s3", keys.region)
    moment = datetime.datetime.fromtimestamp(int(at), datetime.UTC)
    parts = urlsplit(request.url)
    theirs = AWSRequest(
        method=request.method,
        url=f"{parts.scheme}://{parts.netloc}{parts.path}",
        params=dict(parse_qsl(parts.query, keep_blank_values=True)),
        data=request.body,
    )
    theirs.context["client_config"] = None
    theirs.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
    theirs.context["payload_signing_enabled"] = True
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(auth, "get_current_datetime", lambda *_, **__: moment)
        signer.add_auth(theirs)
    return str(theirs.headers["Authorization"])


def ours(request: Request, keys: Keys, at: float) -> str:
    return dict(signed(request, keys, at).headers)["Authorization"]


@pytest.mark.parametrize("key", ODD)
@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_odd_keys(method: str, key: str) -> None:
    body = b"text" if method == "PUT" else b""
    request = Request(method, f"https://s3.example/bucket/{quoted(key, '/')}", (), body)
    assert ours(request, KEYS, AT) == oracle(request, KEYS, AT)


@pytest.mark.parametrize("session", ["", "FwoGZXIvYXdzE//+=="])
@pytest.mark.parametrize("base", ["http://127.0.0.1:5000/b/", "https://s3.example:443/b/"])
def test_queries_ports_and_session_tokens(base: str, session: str) -> None:
    keys = KEYS._replace(session=Secret(session))
    query = query_string([("prefix", "r/\xe4 +"), ("list-type", "2"), ("max-keys", "1")])
    request = Request("GET", f"{base}?{query}")
    assert ours(request, keys, AT) == oracle(request, keys, AT)
    assert ("x-amz-security-token" in dict(signed(request, keys, AT).headers)) is bool(session)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.binary(max_size=50),
    st.integers(0, 4_000_000_000),
)
def test_any_key_body_and_time(key: str, body: bytes, at: int) -> None:
    request = Request("PUT", f"https://s3.example/bucket/{quoted('x' + key, '/')}", (), body)
    assert ours(request, KEYS, at) == oracle(request, KEYS, at)


def test_the_secret_is_not_in_the_request() -> None:
    request = signed(Request("PUT", "https://s3.example/b/k", (("Content-Type", "x"),)), KEYS, AT)
    assert str(KEYS.secret) not in repr(request)
    assert request.headers[0] == ("Content-Type", "x")
    assert dict(request.headers)["x-amz-date"] == "20261014T174640Z"


def test_what_is_no_url_is_told() -> None:
    for url in ("https://host", "https:///b", "x"):
        with pytest.raises(Unreadable, match="no URL of S3"):
            signed(Request("GET", url), KEYS, AT)
