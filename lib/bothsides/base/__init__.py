"""Deadline, errors, files, records and secrets: what every room stands on."""
