"""Open data: what is public and nothing else, safe in a spreadsheet, and another tag as soon as something is taken down."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from base.errors import Refusal
from tests import cast
from tests.web.conftest import Town, chosen
from tests.web.test_embed import answered
from web import open_record


async def taken(town: Town, path: str, **headers: str) -> tuple[int, str, str]:
    """Status, text and tag of one file."""
    async with town.client.get(path, headers=headers) as file:
        return file.status, (await file.read()).decode(), file.headers.get("ETag", "")


def table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


async def test_an_interview_is_told_whole_in_both_forms(town: Town) -> None:
    number = town.city.interview
    await answered(town, "残疾人补贴网上能办吗？", "能办，三个工作日到账。")
    _, waiting = await town.ask(await town.visitor(), "这一个还没有审核", "open-0002")
    _, text, _ = await taken(town, f"/interviews/{number}/data.json")
    told: dict[str, Any] = json.loads(text)
    _, as_csv, _ = await taken(town, f"/interviews/{number}/data.csv")
    rows = table(as_csv)
    assert told["licence"] == open_record.LICENCE
    assert told["interview"]["id"] == number
    asked = next(row for row in told["record"] if row["kind"] == "question")
    reply = next(row for row in told["record"] if row["kind"] == "answer")
    assert (asked["text"], asked["status"]) == ("残疾人补贴网上能办吗？", "answered")
    assert (reply["text"], reply["number"]) == ("能办，三个工作日到账。", asked["number"])
    assert [row["no"] for row in told["record"]] == sorted(row["no"] for row in told["record"])
    assert [row["text"] for row in rows] == [row.get("text", "") for row in told["record"]]
    assert "这一个还没有审核" not in text + as_csv
    assert waiting["receipt"] not in text + as_csv
    assert set(rows[0]) == {field.name for field in open_record.RECORD}


async def test_what_is_taken_down_keeps_its_number_and_loses_the_rest(town: Town) -> None:
    number = town.city.interview
    made = await answered(town, "我问住在桥南三街的张老三能不能领？", "张老三的补贴是八百元")
    before = {kind: await taken(town, f"/interviews/{number}/data.{kind}") for kind in ("json", "csv")}
    for kind, (_, _, tag) in before.items():
        again = await taken(town, f"/interviews/{number}/data.{kind}", **{"If-None-Match": tag})
        assert again[0] == 304
    state = await town.city.state(f"interview:{number}:public")
    question = next(item for item in state["items"] if item["question"] == made["question"])
    for item in (question["item"], made["answer"]):
        status, _ = await town.commands("审核员小张", "question.remove", item=item, reason="说到了个人")
        assert status == 200
    for kind, (_, earlier, tag) in before.items():
        status, text, newer = await taken(town, f"/interviews/{number}/data.{kind}", **{"If-None-Match": tag})
        assert (status, newer != tag) == (200, True)
        assert "张老三" in earlier
        assert text.count("张老三") == 0
    _, text, _ = await taken(town, f"/interviews/{number}/data.json")
    gone = [row for row in json.loads(text)["record"] if row.get("removed")]
    assert gone == [
        {"no": question["no"], "removed": True, "reason": "说到了个人"},
        {"no": question["no"] + 1, "removed": True, "reason": "说到了个人"},
    ]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1+1"])
def test_no_cell_is_a_formula(formula: str) -> None:
    row = {"text": formula, "no": 1}
    (cells,) = list(csv.DictReader(io.StringIO(open_record.csv_text(open_record.RECORD, [row])[1:])))
    assert cells["text"] == f"'{formula}"
    assert cells["no"] == "1"


async def test_a_year_lists_every_interview_and_where_its_data_is(town: Town) -> None:
    _, text, tag = await taken(town, "/open-data/2026.json")
    told = json.loads(text)
    (row,) = [one for one in told["interviews"] if one["id"] == town.city.interview]
    assert row["status"] == "live"
    status, data, _ = await taken(town, row["data"].removeprefix("http://127.0.0.1:8080"))
    assert (status, json.loads(data)["interview"]["id"]) == (200, town.city.interview)
    rows = table((await taken(town, "/open-data/2026.csv"))[1])
    assert [int(one["id"]) for one in rows] == [one["id"] for one in told["interviews"]]
    assert (await taken(town, "/open-data/2026.json", **{"If-None-Match": tag}))[0] == 304
    assert json.loads((await taken(town, "/open-data/1999.json"))[1])["interviews"] == []


async def test_the_page_explains_every_column_and_the_record_links_to_its_data(town: Town) -> None:
    _, page, _ = await taken(town, "/open-data")
    assert open_record.LICENCE in page
    for field in (*open_record.RECORD, *open_record.PROGRAMME):
        assert f"<code>{field.name}</code>" in page
    assert 'href="/open-data"' in (await taken(town, "/"))[1]
    await town.city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=town.city.interview)
    _, over, _ = await taken(town, f"/interviews/{town.city.interview}")
    assert f"/interviews/{town.city.interview}/data.csv" in over


def test_the_licence_is_a_setting_of_one_line(tmp_path: Path) -> None:
    assert chosen(tmp_path, data_licence="署名即可使用。").data_licence == "署名即可使用。"
    with pytest.raises(Refusal, match="FANGTAN_DATA_LICENCE"):
        chosen(tmp_path, data_licence="一行\n两行")
