"""Room 3: what a measurement means, and its command line."""
