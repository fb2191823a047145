"""Who is there: counted by person, not by connection. Connections without an identity count one each."""

from collections import Counter


class Presence:
    """The people watching each interview's public stream from this process."""

    def __init__(self) -> None:
        self._watching: dict[int, Counter[str]] = {}
        self.changed: set[int] = set()

    def enter(self, interview_id: int, who: str) -> None:
        """Somebody opened the interview; ``who`` is a person's key, or the connection's."""
        watching = self._watching.setdefault(interview_id, Counter())
        watching[who] += 1
        if watching[who] == 1:
            self.changed.add(interview_id)

    def leave(self, interview_id: int, who: str) -> None:
        """One of their connections is gone."""
        watching = self._watching.get(interview_id)
        if watching is None or who not in watching:
            return
        watching[who] -= 1
        if watching[who] <= 0:
            del watching[who]
            self.changed.add(interview_id)

    def count(self, interview_id: int) -> int:
        """How many people watch the interview now."""
        return len(self._watching.get(interview_id, ()))
