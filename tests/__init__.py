"""Tests read like minutes: a named cast, one thing happening, what everybody sees of it."""
