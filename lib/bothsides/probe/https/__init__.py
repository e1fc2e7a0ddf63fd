"""Asks HTTPS servers."""
