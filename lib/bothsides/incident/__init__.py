"""Several runs, windows or vantages made into one verdict or one report."""
