"""check_mesh: the last minutes of the continuous mesh, read from udp_mesh on the same host."""
