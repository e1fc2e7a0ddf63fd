"""check_udp_loss."""
