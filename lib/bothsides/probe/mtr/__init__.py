"""Traces paths."""
