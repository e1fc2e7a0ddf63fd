"""What samples prove: pure, no limit, no state."""
