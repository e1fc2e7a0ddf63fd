"""check_snmp_clock."""
