"""Logs: one JSON line an event on standard error, tracebacks without the values of variables.

A traceback with local variables would carry unpublished questions and secrets into the journal.
"""

import logging
import sys

import structlog


def configure() -> None:
    """Set the process's logging; called once by each command that serves."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
