"""What a rule file says must fit together: articles that exist, counts that end, names that mean one thing."""

from collections.abc import Iterator
from datetime import date

from interviews.law.models import DutyRule, Regulation
from interviews.law.reading import Place

Fault = tuple[Place, str]


def faults(regulation: Regulation) -> Iterator[Fault]:
    """Everything that does not fit, each with its place in the file and a Chinese sentence, worst first."""
    yield from _articles(regulation)
    yield from _duty_names(regulation)
    yield from _anchors(regulation)
    yield from _gates(regulation)


def _articles(regulation: Regulation) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, article in enumerate(regulation.articles):
        if article.no in seen:
            yield ("articles", position, "no"), f"{article.no}写了两次"
        seen.add(article.no)
    cited = regulation.cited()
    for no, places in cited.items():
        if no not in seen:
            yield places[0], f"引用的{no}不在articles里"
    for position, article in enumerate(regulation.articles):
        if article.no not in cited and article.not_modelled is None:
            yield (
                ("articles", position, "no"),
                f"没有哪一项引用{article.no}。请写出它的规则，或者用not_modelled说明为什么不写",
            )


def _overlap(one: DutyRule, other: DutyRule) -> bool:
    since = max(one.since or date.min, other.since or date.min)
    until = min(one.until or date.max, other.until or date.max)
    return since <= until


def _duty_names(regulation: Regulation) -> Iterator[Fault]:
    for position, rule in enumerate(regulation.duties):
        for earlier in regulation.duties[:position]:
            if earlier.id == rule.id and _overlap(earlier, rule):
                yield ("duties", position, "id"), f"“{rule.id}”写了两次，施行日期又有重叠"
                break


def _anchors(regulation: Regulation) -> Iterator[Fault]:
    by_id: dict[str, list[DutyRule]] = {}
    for rule in regulation.duties:
        by_id.setdefault(rule.id, []).append(rule)
    for position, rule in enumerate(regulation.duties):
        place: Place = ("duties", position, "anchor")
        after = rule.after_duty
        if after is None:
            continue
        if after not in by_id:
            yield place, f"“{rule.id}”要从“{after}”数起，可是没有这一项"
        elif not all(other.per_interview for other in by_id[after]):
            yield place, f"“{after}”是全年或每月的事，不能从它数起"
        elif _returns(rule.id, by_id):
            yield place, f"“{rule.id}”绕了一圈又从自己数起，永远算不出来"


def _returns(start: str, by_id: dict[str, list[DutyRule]]) -> bool:
    """Whether following the anchors from a duty leads back to one already passed."""
    passed: set[str] = set()
    ahead = [start]
    while ahead:
        following = {
            rule.after_duty
            for duty_id in ahead
            for rule in by_id.get(duty_id, [])
            if rule.after_duty is not None
        }
        if start in following:
            return True
        passed |= set(ahead)
        ahead = [duty_id for duty_id in following if duty_id not in passed]
    return False


def _gates(regulation: Regulation) -> Iterator[Fault]:
    of_interviews = {rule.id for rule in regulation.duties if rule.per_interview}
    for position, gate in enumerate(regulation.gates):
        if gate.duty is not None and gate.duty not in of_interviews:
            yield ("gates", position, "duty"), f"没有“{gate.duty}”这一项"
