"""One catalogue that can be asked: its index, its calibration, and the way from a question to a judgement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from faq import calibration, doors, subjects, terms
from faq.evidence import PACK, weigh
from faq.index import Document, Hit, Index, Key, Query
from faq.judgement import CAUTIOUS, Calibration, Judgement, Outcome, Reason, decide


@dataclass(frozen=True)
class Found:
    """What came of one question: the judgement and the ranking it rests on."""

    judgement: Judgement
    hits: tuple[Hit, ...]


@dataclass
class Engine:
    """Asks an index and judges what it finds; knows nothing of databases or settings.

    Attributes:
        documents: the entries as they were written, where they are at hand: an answer is held against its entry.
    """

    index: Index = field(default_factory=Index)
    calibration: Calibration = CAUTIOUS
    documents: Mapping[Key, Document] = field(default_factory=dict)

    @staticmethod
    def build(
        documents: Sequence[Document],
        *,
        kept: Calibration | None = None,
        lexicon: terms.Lexicon = terms.PLAIN,
        progress: Callable[[int], None] | None = None,
    ) -> "Engine":
        """An engine over some entries.

        Args:
            documents: the entries.
            kept: a calibration made earlier from the same entries; without it one is made.
            lexicon: what the city's editor adds to the room's own word lists.
            progress: called with the number of entries indexed so far.
        """
        index = Index(lexicon)
        index.add(documents, progress)
        if kept is None:
            kept = calibration.learn(documents, index)
        elif kept.table_weight:
            index.use(index.train(), kept.table_weight)
        return Engine(index, kept, {document.key: document for document in documents})

    def ask(
        self, text: str, top: int = 10, allowed: Callable[[Key], bool] | None = None, context: str = ""
    ) -> Found:
        """What to do with a question.

        Args:
            text: as it was written.
            top: length of the ranking.
            allowed: entries that may be shown now; by default all.
            context: what was just talked about, for a follow-up that names nothing itself.
        """
        query = self.index.query(f"{context} {text}" if context else text)
        # A short ranking must not make the first entry look as if nothing came after it.
        enough = max(top, PACK + 1)
        hits = self.index.search(query, enough if allowed is None else enough + 20)
        if allowed is not None:
            hits = [hit for hit in hits if allowed(hit.key)][:enough]
        return Found(self._judge(text, query, hits), tuple(hits[:top]))

    def _judge(self, text: str, query: Query, hits: Sequence[Hit]) -> Judgement:
        if not len(query.codes):
            return _hand_off(Reason.NO_WORDS, "提问里没有字词。")
        if doors.emergency(text):
            return _hand_off(doors.EMERGENCY, "像是紧急情况，先给电话号码，不查目录。")
        if doors.insult(text):
            return _hand_off(doors.ABUSE.code, "只是骂人的话，不查目录。")
        found = weigh(self.index, query, hits) if hits else None
        judged = decide(hits, found, self.calibration)
        if found is not None and judged.outcome is Outcome.ANSWER:
            strange = self._strange(query, hits[0].key)
            if strange is None:
                return judged
            judged = decide(hits, replace(found, strange=strange), self.calibration)
        door = doors.door(text)
        if door is not None:
            said = "不是问目录的话，用固定的句子指路。"
            return replace(_hand_off(door.code, said, judged.confidence), facts=judged.facts)
        if not len(self.index):
            return _hand_off(Reason.EMPTY_CATALOGUE, "目录里没有公开的条目。")
        return judged

    def _strange(self, query: Query, key: Key) -> str | None:
        document = self.documents.get(key)
        return None if document is None else subjects.missing(query.text, document, self.index.lexicon)


def _hand_off(reason: str, why: str, confidence: float = 0.0) -> Judgement:
    return Judgement(Outcome.HANDOFF, confidence, reason, (), why)
