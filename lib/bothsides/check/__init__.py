"""Room 3: what a measurement means, and its command line."""

import gc

# Scripts import this room before anything else. A run lives for seconds: collecting cycles among
# modules that are just being imported costs it 2 ms of CPU, one part in twenty, and frees nothing.
gc.set_threshold(100_000)
