"""The contract with Nagios, NRPE and a terminal: options, limits, findings, output, exit code."""
