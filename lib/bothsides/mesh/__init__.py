"""The loop of udp_mesh: probes every peer all the time and keeps slices of what it saw."""
