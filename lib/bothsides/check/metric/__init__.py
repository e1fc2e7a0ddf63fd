"""check_metric: reads the last value of a series back from a store, and judges its age first."""
