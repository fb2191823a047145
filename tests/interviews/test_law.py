"""Rules as data: every rule finds its article, every article is a rule or says why not, every slip names its line."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from base.errors import Refusal
from interviews import law
from interviews.calculator import deadlines_document
from interviews.calendar import Calendar
from interviews.law import Regulation
from interviews.law.models import Minimum

KNOWN = Calendar.known()
ALL = law.available()
CASES = Path(__file__).parent / "cases"
# A rule of a city nobody here has heard of, as its office might write it: no Python knows it.
LINHU = (CASES / "linhu.yaml").read_text(encoding="utf-8")
SLIPS: list[dict[str, str]] = yaml.safe_load((CASES / "slips.yaml").read_text(encoding="utf-8"))


def linhu(before: str = "", after: str = "") -> Regulation:
    assert before in LINHU
    return law.parse(LINHU.replace(before, after, 1).encode() if before else LINHU.encode(), "linhu.yaml")


@pytest.mark.parametrize("name", ALL)
def test_every_rule_finds_its_article(name: str) -> None:
    regulation = law.load(name)
    articles = {article.no for article in regulation.articles}
    assert set(regulation.cited()) <= articles


@pytest.mark.parametrize("name", ALL)
def test_every_article_is_a_rule_or_says_why_not(name: str) -> None:
    regulation = law.load(name)
    for article in regulation.articles:
        assert article.no in regulation.cited() or article.not_modelled, article.no


@pytest.mark.parametrize("name", ALL)
def test_every_duty_can_be_counted_on_any_day_of_two_years(name: str) -> None:
    regulation = law.load(name)
    for month in range(1, 13):
        for year in (2026, 2027):
            document: Any = deadlines_document(f"{year}-{month:02}-28 09:00", None, regulation, KNOWN)
            assert len(document["duties"]) == sum(duty.per_interview for duty in regulation.duties)


class TestTheExampleCity:
    shili = law.load()

    def test_it_has_every_article_of_the_source(self) -> None:
        numbers = [
            "二",
            "三",
            "四",
            "五",
            "六",
            "七",
            "八",
            "九",
            "十",
            "十一",
            "十二",
            "十三",
            "十四",
            "十五",
        ]
        assert [article.no for article in self.shili.articles] == [f"第{number}条" for number in numbers]

    def test_its_numbers_are_the_sources(self) -> None:
        counts = {
            duty.id: (duty.direction, duty.amount, str(duty.unit), duty.article) for duty in self.shili.duties
        }
        assert counts == {
            "content": ("before", 15, "working_days", "第十一条"),
            "announce": ("before", 15, "working_days", "第十二条"),
            "change-notice": ("before", 20, "working_days", "第十三条"),
            "forward-questions": ("before", 5, "calendar_days", "第十二条"),
            "venue": ("before", 1, "calendar_days", "第十四条"),
            "guests": ("before", 3, "calendar_days", "第十四条"),
            "follow-up": ("after", 5, "working_days", "第八条"),
            "summary": ("after", 3, "working_days", "第十五条"),
            "year-plan": (None, None, "yearly_date", "第十条"),
        }
        assert self.shili.length.max_minutes == 120
        assert self.shili.minimum is not None
        assert self.shili.minimum.required_per_year == 26
        assert self.shili.refusing is not None
        assert [ground.name for ground in self.shili.refusing.grounds] == ["国家秘密", "商业秘密", "个人隐私"]
        assert self.shili.recipients is not None
        assert len(self.shili.recipients.names) == 5
        assert len(self.shili.recipients.bodies) == 4

    def test_only_the_announcement_has_no_way_past(self) -> None:
        assert {gate.duty for gate in self.shili.gates if not gate.waivable} == {"announce"}

    def test_its_counts_can_be_read_aloud(self) -> None:
        words = {duty.id: duty.in_words() for duty in self.shili.duties}
        assert words["announce"] == "开始前15个工作日"
        assert words["venue"] == "开始前5至1日"
        assert words["summary"] == "结束后3个工作日以内"
        assert words["change-notice"] == "原定和新定中较早的开始前20个工作日"
        assert words["year-plan"] == "上一年12月31日以前"

    def test_an_interview_keeps_the_rule_of_its_day(self) -> None:
        assert law.in_force("示例市", date(2026, 3, 6)) is self.shili
        for city, day in (("示例市", date(2008, 4, 30)), ("无名市", date(2026, 3, 6))):
            with pytest.raises(Refusal) as refused:
                law.in_force(city, day)
            assert refused.value.code == "regulation.not_in_force"


class TestACityThatIsOnlyAFile:
    def duties(self, start: str, regulation: Regulation | None = None) -> dict[str, Any]:
        document: Any = deadlines_document(start, None, regulation or linhu(), KNOWN)
        return {duty["id"]: duty for duty in document["duties"]}

    def test_it_is_counted_from_its_path(self, tmp_path: Path) -> None:
        path = tmp_path / "linhu.yaml"
        path.write_text(LINHU, encoding="utf-8")
        assert law.load(path) == law.load(str(path)) == linhu()

    def test_months_windows_chains_and_minutes(self) -> None:
        duties = self.duties("2026-04-30 00:10")
        assert duties["topic"]["due"] == "2026-02-28"
        # 29、28、27日(3) [26、25] 24、23日(5)；22至20日(8) [19、18] 17、16日(10)
        assert (duties["announce"]["due"], duties["announce"]["not_before"]) == ("2026-04-23", "2026-04-16")
        # 23日后2日是25日周六，顺延到27日周一
        assert duties["forward"]["due"] == "2026-04-27"
        assert (duties["arrive"]["due"], duties["arrive"]["due_at"]) == (
            "2026-04-29",
            "2026-04-29T23:40:00+08:00",
        )

    def test_its_own_days_off_are_skipped_and_named(self) -> None:
        announce = self.duties("2026-03-12 09:00")["announce"]
        # 11日(1) [10、9日清淤、8、7] 6、5、4日(4) [3日开湖节] 2日(5)
        assert announce["due"] == "2026-03-02"
        assert {"date": "2026-03-03", "why": "开湖节本市放假"} in announce["skipped"]
        assert {"date": "2026-03-09", "why": "湖区清淤本市放假"} in announce["skipped"]

    def test_a_monthly_minimum_leaves_months_out(self) -> None:
        minimum = linhu().minimum
        assert minimum is not None
        assert minimum.required_per_year == 10
        assert [minimum.required_in(month) for month in (1, 2, 8, 9)] == [1, 0, 0, 1]
        assert (
            Minimum(article="第一条", per_year=12, per_month=1, months_left_out=(2,)).required_per_year == 12
        )

    def test_a_rule_ends_and_another_begins(self) -> None:
        two = linhu(
            "amount: 2, unit: months}",
            "amount: 2, unit: months, until: 2026-06-30}\n"
            "  - {id: topic, article: 第二条, title: 报题目, owed_by: respondent, anchor: start, "
            "direction: before, amount: 1, unit: months, since: 2026-07-01}",
        )
        assert self.duties("2026-06-30 09:00", two)["topic"]["due"] == "2026-04-30"
        assert self.duties("2026-07-01 09:00", two)["topic"]["due"] == "2026-06-01"

    def test_a_chain_whose_link_has_ended_is_refused_not_guessed(self) -> None:
        broken = linhu("opens: 10, unit: working_days}", "opens: 10, unit: working_days, until: 2025-12-31}")
        with pytest.raises(Refusal, match="当时没有施行") as refused:
            self.duties("2026-04-30 09:00", broken)
        assert refused.value.article == "第四条"


def line_of(text: str) -> int:
    return LINHU[: LINHU.index(text)].count("\n") + 1


@pytest.mark.parametrize("slip", SLIPS, ids=[slip["words"] for slip in SLIPS])
def test_every_slip_is_named_with_its_line(slip: dict[str, str]) -> None:
    before, after, words = slip["before"], slip["after"], slip["words"]
    with pytest.raises(Refusal) as refused:
        linhu(before, after)
    assert words in refused.value.message
    assert refused.value.code == "regulation.file"
    assert refused.value.status == 400
    place = line_of(before)
    lines = range(place, place + 1 + after.count("\n") + before.count("\n"))
    if words == "until早于since":
        lines = range(1, 4)
    assert any(f"linhu.yaml第{line}行：" in refused.value.message for line in lines), refused.value.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空文件"),
        (b"- 1\n- 2\n", "最外层"),
        (b"\xff\xfe\x00", "不是UTF-8"),
        (b"x: 1\n" * 200_000, "太大"),
        (b"a: 1\n---\nb: 2\n", "一部规定"),
        (b"[" * 20_000, "层次"),
        (b"a: \x07\n", "字符"),
        (b"id: x\n", "少了“name”"),
    ],
)
def test_what_is_no_rule_file_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        law.parse(content, "rule.yaml")


def test_an_unknown_rule_names_those_there_are() -> None:
    for wanted in ("nowhere", "/no/such/file.yaml", ".", "a\0b"):
        with pytest.raises(Refusal, match="lanqiao、shili、songyue") as refused:
            law.load(wanted)
        assert refused.value.code == "regulation.unknown"


def test_a_rule_cannot_be_changed_once_it_is_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        law.load().duties[0].amount = 1  # type: ignore[misc]  # the point of the test


def test_the_shortest_file_of_the_manual_can_be_used() -> None:
    manual = Path(law.__file__).parents[2] / "docs" / "regulation-format.md"
    first = manual.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    document: Any = deadlines_document("2026-03-06 14:30", None, law.parse(first.encode(), "x.yaml"), KNOWN)
    assert document["duties"][0]["due"] == "2026-02-27"


def test_the_manual_explains_every_word_of_the_format() -> None:
    manual = (Path(law.__file__).parents[2] / "docs" / "regulation-format.md").read_text(encoding="utf-8")
    models: list[type[BaseModel]] = [
        law.Regulation,
        law.DutyRule,
        law.Gate,
        law.DaysOff,
        law.Article,
        Minimum,
    ]
    words = {name for model in models for name in model.model_fields}
    assert sorted(word for word in words if f"`{word}" not in manual) == []
