"""One whole interview, as people would hold it: 50 visitors over real sockets, from the opening to the report.

The story is ``bench.replay``, the command of the same name; here it must come out even on both databases. The rest
of this page shows that the comparison at its end can fail.
"""

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from base.db import Database, Units
from base.errors import Refusal
from base.people import SYSTEM, Body
from bench import questions, tally
from bench.replay import ANSWERED_LATER, DEFERRED, REFUSED, main, replay
from bench.sockets import Stretch
from web.database import migrate

PUBLIC_FATES = ("answered", "refused", "deferred")


def came_out_even(result: dict[str, Any], asked: int, staged: int) -> None:
    assert [check for check in result["checks"] if not check["ok"]] == []
    assert result["ok"] is True
    assert set(result["counts"]["收到的问题"].values()) == {asked}
    assert len(set(result["counts"]["公开的问题"].values())) == 1
    assert len(result["counts"]["公开的问题"]) == 7
    fates = result["fates"]
    assert sum(fates.values()) == result["questions"] == asked
    assert fates["answered"] == staged + ANSWERED_LATER
    assert fates["refused"] == REFUSED
    assert fates["deferred"] >= DEFERRED - ANSWERED_LATER
    assert min(fates[fate] for fate in ("declined", "merged", "withdrawn")) > 0
    public = sum(fates[fate] for fate in PUBLIC_FATES)
    assert public < result["counts"]["公开的问题"]["公众的流"] < asked
    assert result["resends"] > 0
    # Who supports what hangs on the questions' numbers, and these on who was quicker; 8 were seen of 40 by 8 visitors.
    assert result["supports"] > asked // 8


# Three hundred took half a minute of a quiet machine, and eight minutes of one that was busy five times over.
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("count", [60, pytest.param(300, marks=pytest.mark.long)])
async def test_an_interview_of_fifty_visitors_comes_out_even(tmp_path: Path, count: int) -> None:
    found = questions.corpus(count)
    if len(found.questions) < count:
        warnings.warn(found.source, stacklevel=1)
    result = await replay(count, tmp_path)
    came_out_even(result, len(found.questions), max(8, len(found.questions) * 40 // 300))
    assert result["visitors"] == 50
    assert result["readers"] == 50 * 2 + 6
    assert result["database"] == "sqlite"


@pytest.mark.postgres
async def test_a_smaller_one_comes_out_even_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    result = await replay(40, tmp_path, visitors=8, postgres=postgres_url)
    came_out_even(result, 40, 8)
    assert result["database"] == "postgresql"
    assert not (tmp_path / "fangtan.db").exists()


def test_without_the_exams_the_example_citys_own_questions_are_asked(tmp_path: Path) -> None:
    found = questions.corpus(300, tmp_path)
    assert len(found.questions) == 120
    assert "示例市" in found.source
    assert len({asked.text for asked in found.questions}) == 120


def test_questions_are_taken_from_the_whole_of_the_exams(tmp_path: Path) -> None:
    catalog = tmp_path / questions.CATALOG
    catalog.parent.mkdir()
    rows = [json.dumps({"id": str(n), "q": f" 问题{n} ", "a": ""}) for n in range(100)]
    catalog.write_text("\n".join(rows))
    found = questions.corpus(50, tmp_path)
    assert [asked.text for asked in found.questions][:3] == ["问题0", "问题2", "问题4"]
    assert found.questions[-1].text == "问题98"
    assert found.questions[0].answer == questions.GENERAL_ANSWER


async def test_too_few_questions_and_a_database_in_use_are_refused(tmp_path: Path, sqlite_file: str) -> None:
    with pytest.raises(Refusal, match="至少要40个问题"):
        await replay(10, tmp_path)
    opened = Database(sqlite_file)
    await migrate(opened)
    async with Units(opened).act(SYSTEM) as uow:
        uow.db.add(Body(name="示例市水务局", short_name="水务局", kind="department"))
    await opened.close()
    with pytest.raises(Refusal, match="已经有内容"):
        await replay(60, tmp_path)


def test_the_command_refuses_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--questions", "3", "--json"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "至少要40个问题和两位网友。请改大一些。\n"


def test_the_command_is_run_as_the_readme_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.replay", "--help"],
        cwd=questions.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    readme = (questions.ROOT / "bench" / "README.md").read_text(encoding="utf-8")
    options = [word.rstrip(",") for word in done.stdout.split() if word.startswith("--")]
    assert [option for option in options if option != "--help" and option not in readme] == []


# The comparison can fail


def event(seq: int, question: int = 1) -> dict[str, Any]:
    return {
        "stream": "interview:1:public",
        "seq": seq,
        "kind": "question.supported",
        "body": {"question": question, "supports": seq},
    }


STREAM = [event(seq) for seq in range(1, 7)]


def heard(*numbers: int, head: int = 2, after: int | None = 0) -> Stretch:
    """A reader who got two events from the backlog and then these over the socket."""
    return Stretch(after, head, None, STREAM[:head], [event(number) for number in numbers])


def test_a_reader_who_heard_everything_is_believed() -> None:
    assert tally.heard_faults([heard(3, 4, 5, 6)], STREAM) == []
    assert tally.heard_faults([heard(2, 3, 4, 5, 6)], STREAM) == [], "2 came while the answer was on its way"


@pytest.mark.parametrize(
    ("numbers", "from_number"),
    [((3, 5, 6), 4), ((3, 5, 4, 6), 4), ((3, 3, 4, 5, 6), 4), ((3, 4, 5), 6), ((), 3)],
)
def test_a_lost_a_swapped_and_a_doubled_event_are_seen(numbers: tuple[int, ...], from_number: int) -> None:
    assert f"从第{from_number}条起不同" in tally.heard_faults([heard(*numbers)], STREAM)[0]


def test_another_word_under_the_right_number_is_seen() -> None:
    stretch = heard(3, 4, 5, 6)
    stretch.raw[1] = event(4, question=9)
    assert tally.heard_faults([stretch], STREAM) == ["从第4条起不同：听到6条，应有6条"]


def test_a_connection_that_was_cut_may_end_early_and_the_next_one_may_not() -> None:
    back = Stretch(3, 5, None, STREAM[3:5], [event(6)])
    assert tally.heard_faults([heard(3), back], STREAM) == []
    newcomer = Stretch(None, 4, {"questions": {}}, [], [event(5), event(6)])
    assert tally.heard_faults([newcomer], STREAM) == []
    assert tally.heard_faults([heard(3), Stretch(3, 5, None, STREAM[3:5], [])], STREAM) != []


def test_a_gap_in_the_stream_itself_is_seen() -> None:
    assert tally.density(STREAM) == []
    assert tally.density([*STREAM[:2], *STREAM[3:]])[0] == "第3条的编号是4"


def test_a_resend_that_became_another_question_is_seen() -> None:
    book = tally.Book({})
    book.resent({"question": 1, "receipt": "甲"}, {"question": 1, "receipt": "甲", "status": "published"})
    assert book.other_resends == []
    book.resent({"question": 1, "receipt": "甲"}, {"question": 2, "receipt": "乙"})
    assert book.other_resends == ["1 2"]
    assert tally.check("重交", book.other_resends) == {"name": "重交", "ok": False, "detail": "1 2"}


def test_places_that_count_otherwise_are_named() -> None:
    assert tally.differing({"数据库": 300, "报告": 300}) == []
    assert tally.differing({"数据库": 300, "报告": 299}) == ["数据库300，报告299"]
