"""What the people in a live room may do, as rules: those who ask, who decide, who host and who answer.

A rule that needs a question mostly takes one it suits, and now and then any other, so that refusals are played too.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests import cast
from tests.chat.room import ANSWERERS, CITIZENS, HOSTS, MODERATORS, NOWHERE, WATER, Room

ANY = st.integers(0, 999)
CITIZEN = st.sampled_from(CITIZENS)
MODERATOR = st.sampled_from(MODERATORS)
HOST = st.sampled_from(HOSTS)
ANSWERER = st.sampled_from(ANSWERERS)

Rule = Callable[..., None]


def has(*statuses: str) -> Callable[[Rule], Rule]:
    """A rule for a room in which some question is in one of these states."""
    return precondition(lambda self: bool(self.room.ones(*statuses)))


def during(*statuses: str) -> Callable[[Rule], Rule]:
    """A rule for an interview in one of these states."""
    return precondition(lambda self: self.room.status in statuses)


class Acts(RuleBasedStateMachine):
    """The acts; ``tests.chat.machine`` adds the room, the clock and the listeners."""

    room: Room
    played = 0

    def pick(self, drawn: int, *statuses: str) -> int:
        """A question in one of these states; one draw in seven any question, or one that is not there."""
        suits = self.room.ones(*statuses)
        if drawn % 7 == 6 or not suits:
            suits = [*map(int, self.room.staff["questions"]), NOWHERE]
        return suits[drawn // 7 % len(suits)]

    def word(self, kind: str, question: int) -> str:
        """A text about a question."""
        asker = self.room.askers.get(question)
        return self.room.word(kind, question=question, asker=asker)

    def _step(self) -> None:
        Acts.played += 1
        self.room.tick()

    # The citizens.

    @precondition(lambda self: self.room.status in ("announced", "live") or self.room.steps % 5 == 0)
    @rule(who=CITIZEN, times=st.integers(1, 3))
    def ask(self, who: str, times: int) -> None:
        self._step()
        room = self.room
        for _ in range(times):
            text = room.word("question", asker=room.person(who).person_id)
            sent = {
                "interview": room.interview,
                "text": text,
                "kind": "inquiry",
                "client_id": f"client-{len(room.sent):04d}",
                "nickname": who,
                "contact": "hidden@example.cn",
            }
            done = room.says(who, "question.submit", **sent)
            assert (done is None) == (room.status not in ("announced", "live"))
            if done is not None:
                room.words[text].question = done["question"]
                room.askers[done["question"]] = room.person(who).person_id or 0
                room.sent.append((who, sent, done))
        room.look()

    @precondition(lambda self: self.room.sent and self.room.steps % 3 == 0)
    @rule(drawn=ANY, same=st.booleans())
    def resend(self, drawn: int, same: bool) -> None:
        self._step()
        who, sent, done = self.room.sent[drawn % len(self.room.sent)]
        again = sent if same else sent | {"text": self.room.word("question", hidden=True)}
        assert self.room.says(who, "question.submit", **again) == (done if same else None)

    @has("published", "staged")
    @rule(who=CITIZEN, drawn=ANY)
    def support(self, who: str, drawn: int) -> None:
        self._step()
        question = self.pick(drawn, "published", "staged")
        if self.room.says(who, "question.support", question=question) is not None:
            self.room.supporters.setdefault(question, set()).add(self.room.person(who).person_id or 0)

    @has("pending", "published")
    @rule(drawn=ANY, stranger=st.integers(0, 5))
    def withdraw(self, drawn: int, stranger: int) -> None:
        self._step()
        question = self.pick(drawn, "pending", "published")
        who = self._asker(question) if stranger else CITIZENS[drawn % 3]
        self.room.says(who, "question.withdraw", question=question)

    @has("declined")
    @rule(drawn=ANY, stranger=st.integers(0, 5))
    def appeal(self, drawn: int, stranger: int) -> None:
        self._step()
        question = self.pick(drawn, "declined")
        who = self._asker(question) if stranger else CITIZENS[drawn % 3]
        self.room.says(who, "question.appeal", question=question, text=self.word("appeal", question))

    def _asker(self, question: int) -> str:
        found = self.room.askers.get(question)
        return next((who for who in CITIZENS if self.room.person(who).person_id == found), CITIZENS[0])

    # The moderators.

    @has("pending")
    @rule(who=MODERATOR, drawn=ANY, several=st.integers(1, 3))
    def publish(self, who: str, drawn: int, several: int) -> None:
        self._step()
        for more in range(several):
            question = self.pick(drawn + 7 * more, "pending")
            sent = {"text": self.word("wording", question)} if drawn % 3 == 0 else {}
            self.room.says(who, "question.publish", question=question, **sent)
            self.room.look()

    @has("pending")
    @rule(who=MODERATOR, drawn=ANY)
    def hold(self, who: str, drawn: int) -> None:
        self._step()
        handling = self.room.staff["handling"].items()
        waits = [int(number) for number, hand in handling if hand["publishing"]]
        question = waits[drawn % len(waits)] if waits else self.pick(drawn, "pending")
        self.room.says(who, "question.hold", question=question)

    @rule(who=MODERATOR, seconds=st.sampled_from([0, 10, 10, 60]))
    def delay(self, who: str, seconds: int) -> None:
        self._step()
        self.room.says(who, "publication.delay", interview=self.room.interview, seconds=seconds)

    @has("pending")
    @rule(who=MODERATOR, drawn=ANY, over=st.booleans())
    def claim(self, who: str, drawn: int, over: bool) -> None:
        self._step()
        question = self.pick(drawn, "pending")
        held = self.room.says(who, "question.claim", question=question, over=over)
        assert held is not None or not over or question not in self.room.ones("pending")

    @has("pending")
    @rule(who=MODERATOR, drawn=ANY)
    def release(self, who: str, drawn: int) -> None:
        self._step()
        self.room.says(who, "question.release", question=self.pick(drawn, "pending"))

    @has("pending")
    @rule(who=MODERATOR, drawn=ANY)
    def decline(self, who: str, drawn: int) -> None:
        self._step()
        self.room.says(who, "question.decline", question=self.pick(drawn, "pending"), reason="abuse")

    @has("published", "staged")
    @rule(who=MODERATOR, drawn=ANY, other=ANY)
    def merge(self, who: str, drawn: int, other: int) -> None:
        self._step()
        room = self.room
        question = self.pick(drawn, "pending", "published", "staged")
        into = self.pick(other, "published", "staged")
        if room.says(who, "question.merge", question=question, into=into) is not None:
            asked = {room.askers[question], *room.supporters.get(question, ())}
            there = room.supporters.setdefault(into, set())
            there |= asked - {room.askers[into]}

    @has("pending")
    @rule(who=MODERATOR, drawn=ANY, body=st.sampled_from(["医保局", "水务局", "市委办"]))
    def transfer(self, who: str, drawn: int, body: str) -> None:
        self._step()
        to = self.room.city.bodies[body]
        self.room.says(who, "question.transfer", question=self.pick(drawn, "pending"), body=to)

    @precondition(lambda self: self.room.items())
    @rule(who=MODERATOR, drawn=ANY)
    def remove(self, who: str, drawn: int) -> None:
        self._step()
        room = self.room
        known = [*room.items(), NOWHERE]
        item = known[drawn % len(known)]
        reason = room.word("reason")
        if room.says(who, "question.remove", item=item, reason=reason) is None:
            return
        asked = next((q["question"] for q in room.staff["questions"].values() if q["item"] == item), None)
        for word in room.words.values():
            same = asked is not None and word.question == asked and word.kind in ("question", "wording")
            if same or (word.item is not None and item in (word.item, word.of)):
                word.hidden = True

    # The host.

    @during("announced")
    @rule(who=st.sampled_from([*HOSTS, "周科长"]))
    def open(self, who: str) -> None:
        self._step()
        if self.room.now < cast.START:
            assert self.room.says(who, "interview.open", interview=self.room.interview) is None
        self.room.now = max(self.room.now, cast.START)
        assert self.room.says(who, "interview.open", interview=self.room.interview) is not None
        self.room.look()

    @has("published")
    @rule(who=HOST, drawn=ANY)
    def stage(self, who: str, drawn: int) -> None:
        self._step()
        self.room.says(who, "question.stage", question=self.pick(drawn, "published"))

    @has("staged")
    @rule(who=HOST, drawn=ANY)
    def unstage(self, who: str, drawn: int) -> None:
        self._step()
        self.room.says(who, "question.unstage", question=self.pick(drawn, "staged"))

    @has("published")
    @rule(who=HOST, drawn=st.lists(ANY, max_size=5))
    def order(self, who: str, drawn: list[int]) -> None:
        self._step()
        line = list(dict.fromkeys(self.pick(one, "published", "staged") for one in drawn))
        self.room.says(who, "question.order", interview=self.room.interview, questions=line)

    @rule(who=st.sampled_from([*HOSTS, *ANSWERERS]))
    def say(self, who: str) -> None:
        self._step()
        text = self.room.word("said")
        done = self.room.says(who, "interview.say", interview=self.room.interview, text=text)
        self._keep(text, done)

    @during("live")
    @rule(who=HOST, minutes=st.integers(1, 30))
    def extend(self, who: str, minutes: int) -> None:
        self._step()
        reason = self.room.word("said")
        sent = {"interview": self.room.interview, "minutes": minutes, "reason": reason}
        assert self.room.says(who, "interview.extend", **sent) is not None

    @precondition(lambda self: self.room.status == "live" and self.room.steps % 40 > 30)
    @rule(who=HOST, early=st.booleans())
    def close(self, who: str, early: bool) -> None:
        self._step()
        sent = {"reason": self.room.word("said")} if early else {}
        due = self.room.ones("published", "staged")
        if self.room.says(who, "interview.close", interview=self.room.interview, **sent) is not None:
            self.room.dues = dict.fromkeys(due, "time")

    # The body that answers.

    @has("published", "staged", "deferred", "transferred", "answered")
    @rule(who=ANSWERER, drawn=ANY)
    def draft(self, who: str, drawn: int) -> None:
        self._step()
        question = self.pick(drawn, "published", "staged", "deferred", "transferred", "answered")
        self.room.says(who, "answer.draft", question=question, text=self.word("draft", question))

    @has("staged", "deferred", "transferred", "answered")
    @rule(who=st.sampled_from([*ANSWERERS, WATER]), drawn=ANY, typed=st.booleans())
    def answer(self, who: str, drawn: int, typed: bool) -> None:
        """Answered ones are among those that suit: a further answer (补充答复)."""
        self._step()
        question = self.pick(drawn, "staged", "deferred", "transferred", "answered")
        sent: dict[str, Any] = {"speaker": "王立言"} if typed else {}
        text = self._reply("answer", question)
        done = self.room.says(who, "question.answer", question=question, text=text, **sent)
        self._keep(text, done)

    @has("published", "staged", "deferred", "transferred")
    @rule(who=ANSWERER, drawn=ANY)
    def refuse(self, who: str, drawn: int) -> None:
        self._step()
        question = self.pick(drawn, "published", "staged", "deferred", "transferred")
        text = self._reply("refusal", question)
        sent = {"question": question, "ground": "trade_secret", "reason": text}
        self._keep(text, self.room.says(who, "question.refuse", **sent))

    @has("published", "staged")
    @rule(who=ANSWERER, drawn=ANY)
    def defer(self, who: str, drawn: int) -> None:
        self._step()
        question = self.pick(drawn, "staged", "published")
        text = self._reply("deferral", question)
        self._keep(text, self.room.says(who, "question.defer", question=question, reason=text))

    @precondition(lambda self: self.room.items())
    @rule(who=st.sampled_from([*HOSTS, *MODERATORS, *ANSWERERS]), drawn=ANY)
    def erratum(self, who: str, drawn: int) -> None:
        self._step()
        known = self.room.items()
        item = known[drawn % len(known)]
        letter = any(w.item == item and w.kind == "letter" for w in self.room.words.values())
        text = self.room.word("letter" if letter else "erratum")
        done = self.room.says(who, "erratum.publish", item=item, text=text, reason="口误")
        self._keep(text, done)

    def _reply(self, kind: str, question: int) -> str:
        """What is said to a question without a number is a letter that only its asker reads."""
        known = self.room.staff["questions"].get(str(question))
        letter = known is not None and known["number"] is None
        return self.word("letter" if letter else kind, question)

    def _keep(self, text: str, done: dict[str, Any] | None) -> None:
        word = self.room.words[text]
        if done is None:
            word.hidden = True
        else:
            word.item, word.of = done["item"], done.get("of")
