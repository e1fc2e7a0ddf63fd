"""Sends numbered UDP packets and receives the replies."""
