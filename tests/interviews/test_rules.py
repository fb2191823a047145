"""What the rule asks of whom, and what it forbids: the gates of the example city, tried one by one."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from base.clock import SHANGHAI
from base.errors import Refusal
from interviews import law, rules
from interviews.calendar import Calendar, Day, YearNotice
from interviews.rules import LegalFacts, duties_for, duties_of_year, earliest_start
from tests.timing import within

SHILI = law.load()
KNOWN = Calendar.known()
YIBAO, GONGRE = 3, 8
"""示例市医疗保障局 and 示例市供热集团."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def interview(start: str = "2026-03-06 14:30", **changes: Any) -> LegalFacts:
    """An interview for which everything was done in time, but for the changes."""
    facts: dict[str, Any] = {
        "starts_at": at(start),
        "ends_at": at(start) + timedelta(hours=2),
        "respondents": (YIBAO,),
        "announced_on": date(2026, 2, 9),
        "has_content": True,
        "has_host": True,
        "guests_told": 2,
    }
    return LegalFacts(**(facts | changes))


def owed(facts: LegalFacts, **options: bool) -> list[tuple[str, int | None]]:
    return [(duty.id, duty.body_id) for duty in duties_for(facts, SHILI, KNOWN, **options)]


class TestDuties:
    def test_six_are_owed_by_a_plain_interview(self) -> None:
        ids = [duty for duty, _ in owed(interview())]
        assert ids == ["content", "announce", "forward-questions", "venue", "guests", "summary"]

    def test_a_change_and_a_deferral_add_one_each(self) -> None:
        assert "change-notice" in [duty for duty, _ in owed(interview(changed=True))]
        assert "follow-up" in [duty for duty, _ in owed(interview(deferred=True))]
        assert len(owed(interview(), for_calculator=True)) == 8

    def test_each_of_several_bodies_owes_its_own(self) -> None:
        both = owed(interview(respondents=(YIBAO, GONGRE), deferred=True))
        assert [one for one in both if one[1] is not None] == [
            ("content", YIBAO),
            ("content", GONGRE),
            ("guests", YIBAO),
            ("guests", GONGRE),
            ("follow-up", YIBAO),
            ("follow-up", GONGRE),
        ]
        assert ("announce", None) in both

    def duty(self, name: str, facts: LegalFacts) -> rules.DutyDue:
        return next(one for one in duties_for(facts, SHILI, KNOWN, for_calculator=True) if one.id == name)

    def test_a_change_is_told_before_the_earlier_of_old_and_new_start(self) -> None:
        later = interview("2026-04-10 09:00", old_starts_at=at("2026-03-06 14:30"))
        earlier = interview("2026-03-06 14:30", old_starts_at=at("2026-04-10 09:00"))
        assert self.duty("change-notice", later).due == date(2026, 2, 2)
        assert self.duty("change-notice", earlier).due == date(2026, 2, 2)

    def test_what_counts_from_the_end_counts_from_the_real_one(self) -> None:
        planned = interview("2026-06-30 21:30")
        overran = interview("2026-06-30 21:30", ended_at=at("2026-07-01 00:20"))
        assert self.duty("summary", planned).due == date(2026, 7, 3)
        assert self.duty("summary", overran).due == date(2026, 7, 6)

    def test_missing_content_warns_from_the_eighteenth_working_day(self) -> None:
        content = self.duty("content", interview())
        assert (content.warn_from, content.due) == (date(2026, 2, 4), date(2026, 2, 9))

    def test_a_duty_can_be_written_down(self) -> None:
        written = self.duty("venue", interview()).to_dict()
        assert written == {
            "id": "venue",
            "article": "第十四条",
            "title": "告知访谈地点",
            "owed_by": "office",
            "due": "2026-03-05",
            "act_by": "2026-03-05",
            "not_before": "2026-03-01",
            "counted": ["2026-03-05"],
            "skipped": [],
            "provisional": False,
        }
        assert duties_for(interview(), SHILI, KNOWN)[0].to_dict()["body"] == YIBAO

    def test_the_programme_owes_next_years_plan(self) -> None:
        (plan,) = duties_of_year(2027, SHILI, KNOWN)
        assert (plan.id, plan.owed_by, plan.due, plan.article) == (
            "year-plan",
            "supervisor",
            date(2026, 12, 31),
            "第十条",
        )

    def test_the_programme_of_another_city(self) -> None:
        found = duties_of_year(2026, law.load("songyue"), KNOWN)
        assert [duty.id for duty in found].count("month-plan") == 12
        vote = next(duty for duty in found if duty.id == "respondent-vote")
        assert (vote.not_before, vote.due) == (date(2025, 12, 1), date(2025, 12, 31))
        plans = [duty.due.isoformat() for duty in found if duty.id == "month-plan"]
        assert plans[:3] == ["2025-12-31", "2026-01-31", "2026-02-28"]

    def test_an_imported_notice_moves_an_open_duty(self) -> None:
        facts = interview("2027-10-08 09:00")
        notice = YearNotice(2027, (Day(date(2027, 9, 26), True, "国庆节"),))
        before = next(one for one in duties_for(facts, SHILI, KNOWN) if one.id == "announce")
        after = next(
            one for one in duties_for(facts, SHILI, KNOWN.with_notice(notice)) if one.id == "announce"
        )
        assert before.provisional
        assert not after.provisional
        assert before.due != after.due

    def test_2600_interviews_take_less_than_a_second(self) -> None:
        calendar = Calendar()
        with within(1):
            for number in range(2600):
                start = at("2026-01-05 09:00") + timedelta(days=number % 720, hours=number % 8)
                facts = LegalFacts(start, start + timedelta(hours=2), (YIBAO,))
                assert len(duties_for(facts, SHILI, calendar, for_calculator=True)) == 8


class TestAnnouncing:
    def test_on_the_last_day_it_is_in_time(self) -> None:
        rules.check_announce(interview(), SHILI, KNOWN, date(2026, 2, 9))

    def test_a_day_later_it_is_refused_with_the_earliest_lawful_start(self) -> None:
        with pytest.raises(Refusal) as refused:
            rules.check_announce(interview(), SHILI, KNOWN, date(2026, 2, 10))
        assert (refused.value.code, refused.value.article) == ("announce.too_late", "第十二条")
        assert refused.value.message == (
            "预告最晚要在2026年2月9日（周一）发出，现在已经过了。"
            "今天发预告，最早可以定在2026年3月9日（周一）开始。请先改期，再发预告。"
        )
        rules.check_announce(interview("2026-03-09 09:00"), SHILI, KNOWN, date(2026, 2, 10))

    def test_an_interview_without_theme_or_body_is_not_announced(self) -> None:
        for lacking in ({"has_theme": False}, {"respondents": ()}):
            with pytest.raises(Refusal) as refused:
                rules.check_announce(interview(**lacking), SHILI, KNOWN, date(2026, 2, 2))
            assert refused.value.code == "announce.incomplete"

    def test_nor_is_one_that_is_over(self) -> None:
        with pytest.raises(Refusal) as refused:
            rules.check_announce(interview(), SHILI, KNOWN, date(2026, 3, 7))
        assert refused.value.code == "announce.past"

    @pytest.mark.parametrize("today", ["2026-01-01", "2026-02-10", "2026-02-14", "2026-09-26", "2026-12-20"])
    def test_the_earliest_start_is_lawful_and_the_working_day_before_it_is_not(self, today: str) -> None:
        day = date.fromisoformat(today)
        found = earliest_start("announce", SHILI, KNOWN, day)
        assert KNOWN.is_workday(found)
        rules.check_announce(interview(f"{found} 09:00"), SHILI, KNOWN, day)
        before = KNOWN.workdays_before(found, 1)[0]
        with pytest.raises(Refusal):
            rules.check_announce(interview(f"{before} 09:00"), SHILI, KNOWN, day)


class TestOpening:
    def check(self, facts: LegalFacts, now: str = "2026-03-06 14:30", granted: tuple[str, ...] = ()) -> None:
        rules.check_open(facts, SHILI, KNOWN, at(now), granted)

    def refusal(
        self, facts: LegalFacts, now: str = "2026-03-06 14:30", *granted: str
    ) -> tuple[str, str | None]:
        with pytest.raises(Refusal) as refused:
            self.check(facts, now, granted)
        return refused.value.code, refused.value.article

    def test_one_with_everything_in_time_opens(self) -> None:
        self.check(interview())
        self.check(interview(), "2026-03-06 16:29")

    def test_it_opens_neither_before_its_start_nor_after_its_end(self) -> None:
        assert self.refusal(interview(), "2026-03-06 14:29") == ("open.too_early", None)
        assert self.refusal(interview(), "2026-03-06 16:30") == ("open.too_late", None)

    def test_what_is_missing_is_named_with_its_article(self) -> None:
        assert self.refusal(interview(announced_on=None)) == ("open.not_announced", "第十二条")
        assert self.refusal(interview(announced_on=date(2026, 2, 10))) == ("open.announced_late", "第十二条")
        assert self.refusal(interview(has_content=False)) == ("open.no_content", "第十一条")
        assert self.refusal(interview(has_host=False)) == ("open.no_host", "第七条")
        assert self.refusal(interview(guests_told=0)) == ("open.no_guest", "第十四条")

    def test_the_supervisors_recorded_deviation_lets_all_pass_but_the_announcement(self) -> None:
        self.check(interview(has_content=False), granted=("content",))
        self.check(interview(guests_told=0), granted=("guests",))
        self.check(interview(has_host=False), granted=("host",))
        everything = ("announce", "announcement", "content", "host", "guests")
        late = self.refusal(interview(announced_on=date(2026, 2, 10)), "2026-03-06 14:30", *everything)
        assert late[0] == "open.announced_late"

    def test_a_waiver_of_one_duty_is_not_one_of_another(self) -> None:
        assert (
            self.refusal(interview(has_content=False), "2026-03-06 14:30", "guests")[0] == "open.no_content"
        )

    def test_moving_later_keeps_the_announcement_and_moving_earlier_checks_it_again(self) -> None:
        self.check(interview("2026-03-13 14:30"), "2026-03-13 14:30")
        assert self.refusal(interview("2026-03-05 14:30"), "2026-03-05 14:30")[0] == "open.announced_late"

    def test_the_judgement_of_the_day_stands_whatever_the_calendar_says_later(self) -> None:
        late_by_count = interview(announced_on=date(2026, 2, 10), announced_in_time=True)
        self.check(late_by_count)
        in_time_by_count = interview(announced_in_time=False)
        assert self.refusal(in_time_by_count)[0] == "open.announced_late"


class TestTheIssuedPlan:
    def test_an_addition_needs_twenty_working_days(self) -> None:
        rules.check_schedule_in_issued_plan(interview(), SHILI, KNOWN, date(2026, 2, 2))
        with pytest.raises(Refusal, match="2026年2月2日（周一）") as refused:
            rules.check_schedule_in_issued_plan(interview(), SHILI, KNOWN, date(2026, 2, 3))
        assert (refused.value.code, refused.value.article) == ("schedule.too_late", "第十三条")
        assert "2026年3月9日（周一）" in refused.value.message
        rules.check_schedule_in_issued_plan(interview(), SHILI, KNOWN, date(2026, 2, 3), {"change-notice"})

    def move(self, old: str, new: str, today: str, *granted: str) -> None:
        facts = interview(new, old_starts_at=at(old))
        rules.check_change(facts, SHILI, KNOWN, date.fromisoformat(today), granted)

    def test_a_move_needs_twenty_working_days_before_the_earlier_start(self) -> None:
        self.move("2026-03-06 14:30", "2026-04-10 09:00", "2026-02-02")
        for old, new in (("2026-03-06 14:30", "2026-04-10 09:00"), ("2026-04-10 09:00", "2026-03-06 14:30")):
            with pytest.raises(Refusal) as refused:
                self.move(old, new, "2026-02-03")
            assert (refused.value.code, refused.value.article) == ("change.too_late", "第十三条")
            self.move(old, new, "2026-02-03", "change-notice")

    def test_the_refusal_says_what_can_be_done_instead(self) -> None:
        with pytest.raises(Refusal, match="新的开始最早可以定在2026年3月9日（周一）"):
            self.move("2026-04-10 09:00", "2026-03-06 14:30", "2026-02-03")
        with pytest.raises(Refusal, match="离原定的开始太近"):
            self.move("2026-03-06 14:30", "2026-04-10 09:00", "2026-02-03")

    def test_a_cancellation_is_a_change_too(self) -> None:
        with pytest.raises(Refusal):
            self.move("2026-03-06 14:30", "2026-03-06 14:30", "2026-02-03")


class TestLengthAndReasons:
    limit = at("2026-03-06 16:30")

    def test_two_hours_and_not_a_minute_more(self) -> None:
        rules.check_length(interview(), SHILI)
        with pytest.raises(Refusal) as refused:
            rules.check_length(interview(ends_at=at("2026-03-06 16:31")), SHILI)
        assert (refused.value.code, refused.value.article) == ("schedule.too_long", "第十三条")
        assert "16:30以前" in refused.value.message
        with pytest.raises(Refusal) as backwards:
            rules.check_length(interview(ends_at=at("2026-03-06 14:30")), SHILI)
        assert backwards.value.code == "schedule.end"

    def test_closing_early_needs_a_reason(self) -> None:
        early = self.limit - timedelta(seconds=1)
        rules.check_close(self.limit, self.limit, None, SHILI)
        rules.check_close(early, self.limit, "technical：设备故障", SHILI)
        for empty in (None, "", "  ", "。。。"):
            with pytest.raises(Refusal) as refused:
                rules.check_close(early, self.limit, empty, SHILI)
            assert (refused.value.code, refused.value.article) == ("close.no_reason", "第十三条")

    def test_extending_needs_a_reason_and_a_length(self) -> None:
        rules.check_extend(15, "问题还没答完", SHILI)
        with pytest.raises(Refusal) as refused:
            rules.check_extend(15, " ", SHILI)
        assert (refused.value.code, refused.value.article) == ("extend.no_reason", "第十三条")
        for minutes in (0, -5, 121):
            with pytest.raises(Refusal) as wrong:
                rules.check_extend(minutes, "问题还没答完", SHILI)
            assert wrong.value.code == "extend.minutes"

    def test_refusing_needs_one_of_three_grounds_and_words(self) -> None:
        assert rules.check_refuse_ground("trade_secret", "涉及供热成本明细", SHILI) == "商业秘密"
        for ground in (None, "", "unpleasant"):
            with pytest.raises(Refusal, match="国家秘密、商业秘密、个人隐私") as refused:
                rules.check_refuse_ground(ground, "不便回答", SHILI)
            assert (refused.value.code, refused.value.article) == ("refuse.ground", "第四条")
        with pytest.raises(Refusal) as silent:
            rules.check_refuse_ground("trade_secret", "", SHILI)
        assert silent.value.code == "refuse.no_reason"

    def test_a_city_whose_rule_names_no_grounds_has_those_of_the_law(self) -> None:
        assert rules.check_refuse_ground("state_secret", "已定密", law.load("lanqiao")) == "国家秘密"


class TestAnotherCity:
    lanqiao = law.load("lanqiao")

    def test_three_days_are_enough_there(self) -> None:
        facts = interview("2026-10-13 09:00", ends_at=at("2026-10-13 10:00"))
        rules.check_announce(facts, self.lanqiao, KNOWN, date(2026, 10, 10))
        with pytest.raises(Refusal) as refused:
            rules.check_announce(facts, self.lanqiao, KNOWN, date(2026, 10, 11))
        assert refused.value.article == "第二条"
        assert "2026年10月14日（周三）" in refused.value.message

    def test_a_plan_can_be_changed_any_day_where_no_rule_forbids_it(self) -> None:
        facts = interview("2026-10-13 09:00", old_starts_at=at("2026-10-12 09:00"))
        rules.check_change(facts, self.lanqiao, KNOWN, date(2026, 10, 11))

    def test_content_is_not_asked_for_there(self) -> None:
        facts = interview("2026-10-13 09:00", has_content=False, announced_on=date(2026, 10, 9))
        rules.check_open(facts, self.lanqiao, KNOWN, at("2026-10-13 09:00"))
