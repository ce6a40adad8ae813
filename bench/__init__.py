"""Measurements of speed and accuracy, always beside a peer in the same run, for the machine's own speed varies."""
