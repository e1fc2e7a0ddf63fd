"""What an analysis means by limits, in words: the judges and their command lines."""

import gc

# A script imports this room first. A run lives for seconds: searching for cycles among modules that
# are being imported costs it 2 ms of CPU, one part in twenty, and frees nothing. Of 13 collections
# 12 happen before plugin.main is imported, so that there it would be too late.
gc.set_threshold(100_000)
