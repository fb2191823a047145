"""The front door, and the only room that knows everyone: settings, application, pages, command line."""

import gc

# What a program reads at its start stays: looking for garbage among it at every 700 objects took a third of that time.
gc.set_threshold(10_000, 10, 10)
