"""One catalogue that can be asked: its index, its calibration, and the way from a question to a judgement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from faq import calibration, doors
from faq.index import Document, Hit, Index, Key, Query
from faq.judgement import CAUTIOUS, Calibration, Judgement, Outcome, Reason, decide


@dataclass(frozen=True)
class Found:
    """What came of one question: the judgement and the ranking it rests on."""

    judgement: Judgement
    hits: tuple[Hit, ...]


@dataclass
class Engine:
    """Asks an index and judges what it finds; knows nothing of databases or settings."""

    index: Index = field(default_factory=Index)
    calibration: Calibration = CAUTIOUS

    @staticmethod
    def build(
        documents: Sequence[Document],
        *,
        kept: Calibration | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> "Engine":
        """An engine over some entries.

        Args:
            documents: the entries.
            kept: a calibration made earlier from the same entries; without it one is made.
            progress: called with the number of entries indexed so far.
        """
        index = Index()
        index.add(documents, progress)
        if kept is None:
            kept = calibration.learn(documents, index)
        elif kept.table_weight:
            index.use(index.train(), kept.table_weight)
        return Engine(index, kept)

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
        hits = self.index.search(query, top if allowed is None else top + 20)
        if allowed is not None:
            hits = [hit for hit in hits if allowed(hit.key)][:top]
        return Found(self._judge(text, query, hits), tuple(hits))

    def _judge(self, text: str, query: Query, hits: Sequence[Hit]) -> Judgement:
        if not len(query.codes):
            return _hand_off(Reason.NO_WORDS, "提问里没有字词。")
        if doors.emergency(text):
            return _hand_off(doors.EMERGENCY.code, "像是紧急情况，先给电话号码，不查目录。")
        judged = decide(hits, self.calibration, query.is_thin)
        if judged.outcome is Outcome.ANSWER:
            return judged
        door = doors.door(text)
        if door is not None:
            return _hand_off(door.code, "不是问目录的话，用固定的句子指路。", judged.confidence)
        if not len(self.index):
            return _hand_off(Reason.EMPTY_CATALOGUE, "目录里没有公开的条目。")
        return judged


def _hand_off(reason: str, why: str, confidence: float = 0.0) -> Judgement:
    return Judgement(Outcome.HANDOFF, confidence, reason, (), why)
