"""What the office can press for each duty: the act itself, the page where it is done, or the urging of whoever owes it.

Every row has exactly one button, in every state: what cannot be done yet leads to where one sees why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from base.clock import office_date
from base.db import UnitOfWork
from interviews import law, urging
from interviews.lifecycle import InterviewStatus
from interviews.models import Duty, Interview
from interviews.standing import StandingDuty
from interviews.urging import Urged
from web.filters import stamp

S = InterviewStatus
URGE = "/office/duties/urge"
LETTERS, BODIES = "/office/outbox?kind=urged", "/office/bodies"
"""Where one looks after an urging: at the letters, or where there was no address for one, for a telephone."""
COMMANDS = {
    "announce": ("发布预告", "interview.announce", S.PLANNED),
    "forward": ("转交", "questions.forward", S.ANNOUNCED),
}
PAGES = {
    "announce": ("去看", (S.PLANNED,)),
    "forward": ("去办", (S.ANNOUNCED,)),
    "venue": ("告知地点", (S.PLANNED, S.ANNOUNCED)),
    "summary": ("看过、核签、报送", (S.ENDED,)),
}
LOOK = "去看"
"""For what cannot be done yet, or is done on the interview's page without a name of its own."""

Act = dict[str, Any]


def link(label: str, href: str) -> Act:
    """A button that leads to a page."""
    return {"label": label, "href": href, "command": None, "fields": {}}


@dataclass(frozen=True)
class Acts:
    """What the office can press on a day.

    Attributes:
        day: the day.
        urged: what was urged before, by ``urging``'s subjects.
    """

    day: date
    urged: Mapping[str, Urged]

    def of(self, duty: Duty, interview: Interview) -> Act:
        """For a duty of an interview."""
        urge = self.urging(duty, interview)
        if urge is not None:
            return urge
        rule = law.load(interview.regulation).duty(duty.rule, office_date(interview.starts_at))
        done_by = rule.done_by if rule is not None else ""
        page = f"/office/interviews/{interview.id}"
        if done_by in COMMANDS and interview.status == COMMANDS[done_by][2] and duty.due >= self.day:
            label, command, _ = COMMANDS[done_by]
            return {"label": label, "href": None, "command": command, "fields": {"interview": interview.id}}
        if done_by in PAGES and interview.status in PAGES[done_by][1]:
            return link(PAGES[done_by][0], f"{page}/report" if done_by == "summary" else page)
        return link(LOOK, page)

    def urging(self, duty: Duty, _interview: Interview) -> Act | None:
        """The urging of the body that owes it; nothing for what the office does itself, on that page."""
        if not urging.may_be_urged(duty):
            return None
        return self._urge(urging.subject_of(duty), {"duty": duty.id})

    def of_standing(self, group: Sequence[StandingDuty]) -> Act:
        """For a report or the self-assessments that several bodies still owe."""
        one = group[0]
        if one.body_id is None:
            return link("去登记报送" if self.day >= one.not_before else LOOK, one.page)
        if self.day < one.not_before:
            return link(LOOK, f"/office/duties?year={one.due.year}")
        return self._urge(urging.subject_of_standing(one), {"standing": one.group})

    def of_own(self, group: Sequence[StandingDuty]) -> Act | None:
        """For a body's own self-assessment; that the office urged it stands beside it."""
        one, before = group[0], self.urged.get(urging.subject_of_standing(group[0]))
        if self.day < one.not_before:
            return None
        told = {"told": f"信息办催过{before.times}次，上次{stamp(before.at)}"} if before else {}
        return link("去报自查", one.page) | told

    def _urge(self, subject: str, fields: dict[str, Any]) -> Act:
        before = self.urged.get(subject)
        if before is None:
            return {"label": "催办", "href": None, "command": None, "post": URGE, "fields": fields}
        told = f"催过{before.times}次，上次{stamp(before.at)}，{before.by}"
        if office_date(before.at) == self.day:
            after = link("看催办的信", LETTERS) if before.letters else link("找电话", BODIES)
            return after | {"told": told}
        return {
            "label": "再催一次",
            "href": None,
            "command": None,
            "post": URGE,
            "fields": fields,
            "told": told,
        }


async def acts(
    uow: UnitOfWork, owed: Sequence[tuple[Duty, Interview]], beside: Sequence[StandingDuty]
) -> Acts:
    """What can be pressed today for some duties of the ledger and beside it."""
    subjects = {urging.subject_of(duty) for duty, _ in owed if urging.may_be_urged(duty)}
    subjects |= {urging.subject_of_standing(one) for one in beside if one.body_id is not None}
    urged = await urging.urged(uow, subjects) if subjects else {}
    return Acts(office_date(uow.now), urged)
