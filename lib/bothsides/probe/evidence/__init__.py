"""Evidence measured by this host, and fetched from others."""
