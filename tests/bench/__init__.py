"""Side by side with what a user would pick instead.

Every claim about cost is a ratio from one run.
"""
