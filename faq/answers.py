"""What an answer is: an entry's own words with where they are from. Without a source there is none. Pure."""

from dataclasses import dataclass
from datetime import date

from faq.models import CatalogEntry


@dataclass(frozen=True)
class Source:
    """Where an answer is from: one published entry, with its own words.

    Raises:
        ValueError: the entry has no number, no title or no text of its own.
    """

    entry: int
    index_no: str
    title: str
    issuer: str
    published_on: date | None
    in_force: bool
    body: str

    def __post_init__(self) -> None:
        if not (self.entry > 0 and self.index_no and self.title and self.body.strip()):
            raise ValueError("a source is a numbered entry with a text")

    @staticmethod
    def of(entry: CatalogEntry) -> "Source":
        """The source that a published entry is."""
        return Source(
            entry.id or 0,
            entry.index_no,
            entry.title,
            entry.issuer,
            entry.published_on,
            entry.in_force,
            entry.body,
        )

    def as_dict(self) -> dict[str, object]:
        """As the contract's answer object has it."""
        return {
            "entry": self.entry,
            "index_no": self.index_no,
            "title": self.title,
            "issuer": self.issuer,
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "in_force": self.in_force,
            "url": f"/faq/entries/{self.entry}",
        }


@dataclass(frozen=True)
class Answer:
    """An answer: an entry's own text, whole or one stretch of it, with its source. Without a source there is none.

    Raises:
        ValueError: no source, no text, or a text that does not stand word for word, in one piece, in each source.
    """

    text: str
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("an answer without a source cannot be constructed")
        if not self.text.strip() or any(self.text not in source.body for source in self.sources):
            raise ValueError("an answer says what its source says, and nothing else")

    @property
    def whole(self) -> bool:
        """Whether the source says no more than this."""
        return all(len(self.text) >= len(source.body.strip()) for source in self.sources)
