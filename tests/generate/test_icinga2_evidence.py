"""How Icinga makes a host tell its evidence; a real one does in tests/real."""

from bothsides.generate import icinga2_evidence
from bothsides.probe.evidence.icinga import SERVICE


def test_icinga_runs_it_under_the_name_in_the_landscape() -> None:
    text = icinga2_evidence.check_command()
    assert 'object CheckCommand "bothsides_evidence"' in text
    assert '"evidence", "--now"' in text
    assert '"--name", "$bothsides_name$"' in text


def test_the_service_runs_only_when_it_is_asked_for_and_tells_nobody() -> None:
    text = icinga2_evidence.service()
    assert f'apply Service "{SERVICE}"' in text, "what check_whose_fault asks for"
    assert "enable_active_checks = false" in text
    assert "enable_notifications = false" in text
