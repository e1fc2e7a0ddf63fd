"""Asks SNMP agents."""
