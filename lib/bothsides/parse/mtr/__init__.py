"""Every report format of the mtr program."""
