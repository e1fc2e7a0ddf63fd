"""Marks of a transfer to phases, as both generations of libcurl report them."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.libcurl import Marks, Phases, Tls, from_marks, from_refusal, from_verbose

marks = st.lists(st.floats(0, 1000), min_size=6, max_size=6).map(lambda found: Marks(*found))


def test_each_phase_lasts_from_the_mark_before_to_its_own() -> None:
    phases = from_marks(Marks(0.001, 0.011, 0.0, 0.031, 0.131, 0.141), 0.5, False, True)
    assert [round(phase, 6) if phase is not None else None for phase in phases] == [
        0.501,
        0.01,
        None,
        0.02,
        0.1,
        0.01,
    ]


def test_a_phase_that_fails_takes_the_time_until_the_failure() -> None:
    # libcurl 8 fills the later marks with the time of the failure; they were never reached
    phases = from_marks(Marks(0.001, 0.011, 0.0, 0.0, 8.0, 8.0), None, False, True)
    assert phases.last == "tls"
    assert (phases.server, phases.transfer) == (None, None)
    assert abs(phases.total - 8.0) < 1e-9


def test_a_proxy_that_is_silent_is_not_a_slow_handshake() -> None:
    assert from_marks(Marks(0.001, 0.002, 0.0, 0.0, 0.0, 3.0), None, True, True).last == "proxy"


def test_a_handshake_alone_ends_with_the_handshake() -> None:
    phases = from_marks(
        Marks(0.001, 0.002, 0.0, 0.01, 0.02, 0.02), None, False, True, request=False
    )
    assert (phases.last, phases.server, round(phases.total, 6)) == ("tls", None, 0.01)


def test_a_look_up_that_never_ended_is_all_there_is() -> None:
    assert from_marks(Marks(total=2.0), None, False, True) == Phases(dns=2.0)


@given(marks, st.none() | st.floats(0, 100), st.booleans(), st.booleans())
def test_whatever_the_marks_no_phase_is_negative(
    found: Marks, dns: float | None, proxy: bool, tls: bool
) -> None:
    phases = from_marks(found, dns, proxy, tls)
    assert all(phase is None or phase >= 0 for phase in phases)


@given(
    st.lists(st.floats(0.001, 10), min_size=6, max_size=6).map(sorted), st.booleans(), st.booleans()
)
def test_phases_add_up_to_the_time_that_passed(rising: list[float], proxy: bool, tls: bool) -> None:
    assert abs(from_marks(Marks(*rising), 0.25, proxy, tls).total - 0.25 - rising[-1]) < 1e-9


def test_both_back_ends_name_version_and_cipher() -> None:
    openssl = "SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / x25519 / id-ecPublicKey\n"
    gnutls = "SSL connection using TLS1.3 / ECDHE_RSA_AES_256_GCM_SHA384\n"
    assert from_verbose(openssl) == Tls("1.3", "TLS_AES_256_GCM_SHA384", "x25519")
    assert from_verbose(gnutls) == Tls("1.3", "ECDHE_RSA_AES_256_GCM_SHA384")
    assert from_verbose("SSL connection timeout") is None


def test_the_reason_why_one_address_failed_is_told_in_both_spellings() -> None:
    new = "connect to ::1 port 38885 from ::1 port 35730 failed: Connection refused\n"
    assert from_refusal(new) == ("::1", "Connection refused")
    assert from_refusal("connect to 127.0.0.1 port 1 failed: No route to host\n") == (
        "127.0.0.1",
        "No route to host",
    )


@given(st.text())
def test_no_line_upsets_the_listeners(line: str) -> None:
    from_verbose(line)
    from_refusal(line)
