"""Network checks for Nagios and Icinga that say on whose side a connection is broken."""

__version__ = "0.1.0"
