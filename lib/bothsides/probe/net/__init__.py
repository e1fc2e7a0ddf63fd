"""Names, sockets, programs and clocks that every probe uses."""
