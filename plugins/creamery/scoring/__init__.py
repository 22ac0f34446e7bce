"""Models: pure functions from frames to frames."""
