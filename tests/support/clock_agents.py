"""Real snmpds under faketime, with every kind of source that shows a time."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support import daemons, need
from tests.support.process import HOUSE

FRESH = {
    "hrSystemDate": "hrSystemDate",
    "extend -1": "extend:epoch",
    "extend -1, ns": "extend:epochns",
    "pass": ".1.3.6.1.4.1.8072.9999.9999.7.0",
    "pass_persist, us": ".1.3.6.1.4.1.8072.9999.9999.1.1",
    "pass_persist, ns": ".1.3.6.1.4.1.8072.9999.9999.2.1",
}
CACHED = {
    "extend 0": "extend:epoch0",
    "extend 1": "extend:epoch1",
    "extend 5": "extend:epoch5",
    "extend 5, ns": "extend:epoch5ns",
    "exec": ".1.3.6.1.4.1.2021.8.1.101.1",
}

KEPT = {
    "script, 10 s": ".1.3.6.1.4.1.8072.9999.9999.10.0",
    "script, 3 s": ".1.3.6.1.4.1.8072.9999.9999.11.0",
    "script, 3 s, ns": ".1.3.6.1.4.1.8072.9999.9999.12.0",
}
"""Scripts of `pass` that keep their value themselves, which nobody can know."""
_KEEPING = {10: ("10", "%s"), 11: ("3", "%s"), 12: ("3", "%s.%N")}


def _keeping(folder: Path) -> str:
    """The lines of snmpd.conf of KEPT; each agent keeps values of its own."""
    lines = []
    for number, (seconds, form) in _KEEPING.items():
        script = folder / f"keep{number}.sh"
        kept = f"{folder}/kept{number}.$PPID"
        script.write_text(
            f'#!/bin/sh\n[ "$2" = .1.3.6.1.4.1.8072.9999.9999.{number}.0 ] || exit 0\n'
            f"now=$(cut -d. -f1 /proc/uptime)\n"
            f"read since value 2> /dev/null < {kept} || since=-99\n"
            f"if [ $((now - since)) -ge {seconds} ]; then\n"
            f'  value=$(date +{form}); echo "$now $value" > {kept}\nfi\n'
            'printf "%s\\nstring\\n%s\\n" "$2" "$value"\n'
        )
        script.chmod(0o755)
        lines.append(f"pass .1.3.6.1.4.1.8072.9999.9999.{number} {script}\n")
    return "".join(lines)


def configuration(folder: Path) -> str:
    folder.chmod(0o777)  # snmpd may run its scripts as somebody else
    script = folder / "pass.sh"
    script.write_text(
        "#!/bin/sh\n"
        '[ "$2" = .1.3.6.1.4.1.8072.9999.9999.7.0 ] || exit 0\n'
        'printf "%s\\nstring\\n%s\\n" "$2" "$(date +%s)"\n'
    )
    script.chmod(0o755)
    nanoseconds = folder / "persist.py"
    text = (HOUSE / "nrpe/snmp/clock_persist.py").read_text()
    nanoseconds.write_text(text.replace("9999.9999.1", "9999.9999.2"))
    nanoseconds.chmod(0o755)
    seconds = folder / "persist.sh"
    text = (HOUSE / "nrpe/snmp/clock_persist.sh").read_text()
    seconds.write_text(
        text.replace("9999.9999.1", "9999.9999.3").replace("$EPOCHREALTIME", "${EPOCHREALTIME%.*}")
    )
    seconds.chmod(0o755)
    return f"""
rocommunity public 127.0.0.1
createUser mon SHA-256 authpass12 AES privpass12
rouser mon priv
extend -cacheTime -1 epoch /bin/date +%s
extend -cacheTime -1 epochns /bin/date +%s.%N
extend -cacheTime 0 epoch0 /bin/date +%s
extend -cacheTime 1 epoch1 /bin/date +%s
extend epoch5 /bin/date +%s
extend epoch5ns /bin/date +%s.%N
exec epochexec /bin/date +%s
pass .1.3.6.1.4.1.8072.9999.9999.7 {script}
pass_persist .1.3.6.1.4.1.8072.9999.9999.1 {HOUSE}/nrpe/snmp/clock_persist.sh
pass_persist .1.3.6.1.4.1.8072.9999.9999.2 {nanoseconds}
pass_persist .1.3.6.1.4.1.8072.9999.9999.3 {seconds}
{_keeping(folder)}"""


@contextmanager
def agents(offsets: Sequence[float]) -> Iterator[dict[float, int]]:
    """The ports of agents whose clocks are so much off."""
    faketime = need.program("faketime", "faketime")
    with ExitStack() as stack:
        folder = stack.enter_context(daemons.folder())
        config = configuration(folder)
        yield {
            offset: stack.enter_context(
                daemons.snmpd(config, folder, (faketime, "-f", f"{offset:+g}"))
            ).port
            for offset in offsets
        }
