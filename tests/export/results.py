"""Passive results that the tests of this folder share."""

from bothsides.export.passive import Result

PLAIN = Result(
    host="office",
    service="udp",
    code=2,
    line="UDP_LOSS CRITICAL - lost 30 of 100 packets",
    perfdata="pl=30%;1;5;0;100 rta=0.012s",
    long="[CRITICAL] lost 30 of 100\nsecond \\ line \\n & <b> \xe4",
    began=1792000000.25,
    ended=1792000001.5,
)
SHORT = PLAIN._replace(service="clock", code=0, line="SNMP_CLOCK OK - fine", perfdata="", long="")
HOST = SHORT._replace(service="", code=2, line="down")
