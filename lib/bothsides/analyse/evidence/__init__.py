"""What one run of a check proves, as evidence for a joined verdict."""
