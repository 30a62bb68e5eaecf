"""How a line of the log looks: JSON for programs in production, plain words for people at `make run`."""

from typing import Any

import structlog

from villages.personal_numbers import without_personal_numbers

FORMATS = ("json", "plain")


def logging_for(form: str, level: str, *, tells_requests: bool) -> dict[str, Any]:
    """The settings of Python's logging. Lines of every library get the ids of their request and task."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": structlog.stdlib.ProcessorFormatter, **_formatter(form)}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "casework.requests": {"level": level if tells_requests else "WARNING"},
            # Who signs in when is nobody's to count; whoever guesses passwords is a warning.
            "axes": {"level": "WARNING"},
        },
    }


def _formatter(form: str) -> dict[str, Any]:
    before = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%S%z", utc=False),
        # The plain traceback: structlog's own of dictionaries would tell what stands in every variable.
        structlog.processors.format_exc_info,
        masked,
    ]
    last = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else in_words
    return {
        "foreign_pre_chain": before,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    }


def masked(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last net: no identity or telephone number in what happened, whoever wrote it."""
    for key in ("event", "exception"):
        if key in event:
            event[key] = without_personal_numbers(str(event[key]))
    return event


def in_words(_logger: Any, _name: str, event: dict[str, Any]) -> str:
    """Time, level, logger and what happened; then the ids, if any; a traceback on lines of its own."""
    moment, level, logger, said = (event.pop(name, "") for name in ("timestamp", "level", "logger", "event"))
    traceback = event.pop("exception", "")
    ids = "".join(f" {name}={value}" for name, value in event.items())
    return f"{moment[:19].replace('T', ' ')} {level.upper()} {logger} {said}{ids}" + (traceback and f"\n{traceback}")
