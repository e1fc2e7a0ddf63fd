"""The loop of udp_reflector: sessions and sockets."""
