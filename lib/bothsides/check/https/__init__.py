"""check_https."""
