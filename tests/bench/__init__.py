"""Side by side with what a user would pick instead; every claim about cost is a ratio from one run."""
