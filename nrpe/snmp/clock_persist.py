#!/usr/bin/python3 -IS
"""Serves this host's time to snmpd, fresh for every query and in nanoseconds.

In snmpd.conf:  pass_persist .1.3.6.1.4.1.8072.9999.9999.1 /usr/lib/bothsides/clock_persist.py
Then:           check_snmp_clock -o .1.3.6.1.4.1.8072.9999.9999.1.1
Protocol:       snmpd.conf(5), "MIB-Specific Extension Commands"
"""

import sys
import time

BASE = ".1.3.6.1.4.1.8072.9999.9999.1"


def answer(command, oid):
    """The lines that answer get and getnext; getnext lists one variable, BASE.1."""
    if oid == BASE + ".1" if command == "get" else oid in (BASE, BASE + ".0"):
        seconds, rest = divmod(time.time_ns(), 10**9)
        return "%s.1\nstring\n%d.%09d" % (BASE, seconds, rest)
    return "NONE"


for line in sys.stdin:
    word = line.strip()
    if word == "PING":
        print("PONG", flush=True)
    elif word in ("get", "getnext"):
        print(answer(word, sys.stdin.readline().strip()), flush=True)
    elif word == "set":
        sys.stdin.readline()  # the OID
        sys.stdin.readline()  # type and value
        print("not-writable", flush=True)
    # anything else, such as the empty line that snmpd 5.9.3 sends after a set, has no answer
