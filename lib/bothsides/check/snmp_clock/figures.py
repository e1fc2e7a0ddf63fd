"""The performance data of check_snmp_clock."""

from bothsides.plugin.finding import Figure

FIGURES = (
    Figure("offset", "s", "far clock minus ours, the middle of what is possible", None),
    Figure("uncertainty", "s", "half the width of what is possible"),
    Figure("rtt", "s", "round trip of the fastest query"),
    Figure("queries", "", "questions sent"),
    Figure("cache_age", "s", "greatest age that the agent's value may have had"),
    Figure("uptime", "s", "the agent's sysUpTime"),
    Figure("drift", "", "change of the offset since earlier runs, parts per million", None),
    Figure("stratum", "", "stratum that the host's own NTP says it has"),
    Figure("root_dispersion", "s", "error that the host's own NTP allows its source"),
)
