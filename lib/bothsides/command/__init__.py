"""Programs that are no check."""
