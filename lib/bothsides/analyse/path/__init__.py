"""What traces prove about a path: where it changed, where it loses, whose hops they are."""
