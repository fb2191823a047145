"""Measurement: programs that use the finished product from outside, as citizens and staff do."""
