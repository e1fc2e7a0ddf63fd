"""check_mtr_path."""
