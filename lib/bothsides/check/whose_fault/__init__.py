"""check_whose_fault: on whose side a connection between two hosts is broken."""
