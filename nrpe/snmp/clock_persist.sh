#!/bin/bash
# Serves this host's time to snmpd, fresh for every query and in microseconds. In snmpd.conf:
#   pass_persist .1.3.6.1.4.1.8072.9999.9999.1 /usr/lib/bothsides/clock_persist.sh
# Then: check_snmp_clock -o .1.3.6.1.4.1.8072.9999.9999.1.1
# Protocol: snmpd.conf(5), "MIB-Specific Extension Commands". Needs bash 5 for EPOCHREALTIME.
BASE=.1.3.6.1.4.1.8072.9999.9999.1
LC_ALL=C
while read -r command; do
    case $command in
    PING) echo PONG ;;
    get | getnext)
        read -r oid
        # getnext lists one variable: it follows the base and everything that sorts before it.
        if [[ $command == get && $oid == "$BASE.1" || $command == getnext && ($oid == "$BASE" || $oid == "$BASE.0") ]]; then
            printf '%s\nstring\n%s\n' "$BASE.1" "$EPOCHREALTIME"
        else
            echo NONE
        fi
        ;;
    set)
        read -r oid
        read -r value
        echo not-writable
        ;;
    esac # an empty line is what snmpd 5.9.3 and later send after a set
done
