"""What the objects of the bot's interface must look like; those of commands are in ``chat.schemas``."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class AskBot(BaseModel):
    """``POST /api/faq/ask``; what a text may be is decided, in words, by the desk."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(max_length=100_000)]
    conversation: Annotated[str, Field(max_length=200)] | None = None


class JudgeBot(BaseModel):
    """``POST /api/faq/feedback``."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ask: Annotated[int, Field(ge=1)]
    useful: bool
    reason: Annotated[str, Field(max_length=10_000)] | None = None


class HalfWritten(BaseModel):
    """``POST /api/interviews/{id}/similar``: what a citizen has written so far; only its beginning is read."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(max_length=10_000)]
