"""The command and the service by which Icinga's API makes a host tell its evidence.

check_whose_fault starts the service on hosts whose transport is `icinga`; nothing else runs it, and
its output is a document.
"""

from bothsides.generate.icinga2_text import definition, duration, value
from bothsides.generate.nrpe import evidence

COMMAND = "bothsides_evidence"
_SERVICE = "bothsides evidence"
_TIMEOUT = 20.0  # s after which Icinga kills it: more than its own 6.5 s


def check_command() -> str:
    """The CheckCommand; a host whose name in Icinga is another one has vars.bothsides_name."""
    lines = [
        f"command = {value(evidence('$bothsides_name$').split())}",
        f"timeout = {duration(_TIMEOUT)}",
        'vars.bothsides_name = "$host.name$"',
    ]
    return definition(f'object CheckCommand "{COMMAND}"', lines)


def service() -> str:
    """The service, on hosts with vars.bothsides_evidence."""
    lines = [
        f'check_command = "{COMMAND}"',
        "enable_active_checks = false",
        "enable_notifications = false",
        "check_interval = 1d",
        "if (host.vars.bothsides_agent) { command_endpoint = host.vars.bothsides_agent }",
        'notes = "started by check_whose_fault; its output is a document, not a state"',
        "assign where host.vars.bothsides_evidence",
    ]
    return definition(f'apply Service "{_SERVICE}"', lines)
