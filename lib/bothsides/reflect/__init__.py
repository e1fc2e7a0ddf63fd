"""The far end of check_udp_loss: answers STAMP (and mehsh) requests, and nothing else."""

from bothsides.reflect.command import main

__all__ = ["main"]
