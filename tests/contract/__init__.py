"""The contract with Nagios, NRPE and people, held against every check in plugins/.

No check is named here: whatever is called check_* in that folder is tried. lib/README.md says what
a new check brings; a test that needs what is still missing is skipped, and the one that asks for it
fails and says what to write where.
"""
