"""The interface for programs: a question over HTTP, its stream, and every way to be told no."""

import json
from typing import Any

import pytest

from tests.cast import DURING
from tests.web.conftest import Town


async def test_a_question_is_kept_once_and_told_to_the_moderator(town: Town) -> None:
    visitor = await town.visitor()
    first, kept = await town.ask(visitor, "断缴一年，住院能不能报？", "phone-0001")
    again, same = await town.ask(visitor, "断缴一年，住院能不能报？", "phone-0001")
    other, refusal = await town.ask(visitor, "另一个问题", "phone-0001")
    assert (first, again, other) == (201, 200, 409)
    assert kept == same
    assert kept["number"] is None
    assert kept["status"] == "pending"
    assert refusal["error"]["code"] == "question.client_id_reused"
    staff = await town.city.events(f"interview:{town.city.interview}:staff")
    told = [event["body"]["text"] for event in staff if event["kind"] == "question.submitted"]
    assert told == ["断缴一年，住院能不能报？"]


async def test_the_public_hears_of_a_question_when_it_is_published_and_not_before(town: Town) -> None:
    visitor = await town.visitor()
    _, kept = await town.ask(visitor, "能不能一次开三个月的药？", "phone-0002")
    path = f"/api/streams/interview:{town.city.interview}:public"
    async with town.client.get(path, params={"after": 0}) as answer:
        before = await answer.json()
        assert "三个月" not in json.dumps(before, ensure_ascii=False)
        tag = answer.headers["ETag"]
    async with town.client.get(path, params={"after": 0}, headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    status, done = await town.commands("审核员小张", "question.publish", question=kept["question"])
    assert (status, done["result"]["number"]) == (200, 1)
    async with town.client.get(path, params={"after": before["head"]}) as answer:
        events = (await answer.json())["events"]
    assert [event["kind"] for event in events] == ["question.published"]
    assert events[0]["seq"] == before["head"] + 1
    assert events[0]["at"].endswith("+08:00")


async def test_a_reader_without_a_number_gets_a_snapshot(town: Town) -> None:
    async with town.client.get(f"/api/streams/interview:{town.city.interview}:public") as answer:
        found = await answer.json()
    assert found["reset"] is True
    assert found["snapshot"]["interview"]["status"] == "live"


async def test_a_cache_may_keep_a_page_that_is_full_and_nothing_of_staff(town: Town) -> None:
    path = f"/api/streams/interview:{town.city.interview}:public"
    async with town.client.get(path, params={"after": 0, "limit": 2}) as answer:
        assert len((await answer.json())["events"]) == 2
        assert answer.headers["Cache-Control"] == "public, max-age=30"
    async with town.client.get(path, params={"after": 1}) as answer:
        assert answer.headers["Cache-Control"] == "public, no-cache"
    staff = await town.bearer("审核员小张")
    async with town.client.get(path, params={"after": 0, "limit": 2}, headers=staff) as answer:
        assert answer.headers["Cache-Control"] == "private, no-cache"


BAD_TEXTS = {
    "": "text.empty",
    " \n　\t": "text.empty",
    "​​": "text.empty",
    "问" * 2001: "text.too_long",
    "有\u0000字": "input.invalid",
    "\ud800": "input.invalid",
    "‮倒过来": "text.unreadable",
}


@pytest.mark.parametrize(("text", "code"), BAD_TEXTS.items(), ids=BAD_TEXTS.values())
async def test_an_unusable_text_is_refused_in_words_and_nothing_is_kept(
    town: Town, text: str, code: str
) -> None:
    status, refusal = await town.ask(await town.visitor(), text, "phone-0003")
    assert (status, refusal["error"]["code"]) == (400, code)
    assert "请" in refusal["error"]["message"]
    assert not (await town.city.state(f"interview:{town.city.interview}:staff"))["questions"]


@pytest.mark.parametrize("text", ["👨‍👩‍👧‍👦能一起参保吗", "𠮷𡈽镇的老人", "问" * 2000, "=1+1", "<b>粗</b>"])
async def test_any_other_text_is_stored_as_shown(town: Town, text: str) -> None:
    status, _ = await town.ask(await town.visitor(), text, "phone-0004")
    assert status == 201
    staff = await town.city.state(f"interview:{town.city.interview}:staff")
    assert [question["text"] for question in staff["questions"].values()] == [text]


BAD_OBJECTS: dict[str, Any] = {
    "no text": {"kind": "inquiry", "client_id": "phone-0005"},
    "text is a number": {"text": 5, "kind": "inquiry", "client_id": "phone-0005"},
    "text is null": {"text": None, "kind": "inquiry", "client_id": "phone-0005"},
    "unknown kind": {"text": "问", "kind": "order", "client_id": "phone-0005"},
    "short client_id": {"text": "问", "kind": "inquiry", "client_id": "1"},
    "extra field": {"text": "问", "kind": "inquiry", "client_id": "phone-0005", "role": "admin"},
    "a list": [],
    "nested": {"text": {"a": [{}] * 50}, "kind": "inquiry", "client_id": "phone-0005"},
}


@pytest.mark.parametrize("sent", BAD_OBJECTS.values(), ids=BAD_OBJECTS.keys())
async def test_a_malformed_object_is_refused_by_field(town: Town, sent: object) -> None:
    path = f"/api/interviews/{town.city.interview}/questions"
    async with town.client.post(path, json=sent, headers={"X-Visitor": await town.visitor()}) as answer:
        refusal = await answer.json()
    assert answer.status == 400
    assert refusal["error"]["code"] in ("input.invalid", "input.json")


async def test_what_is_not_json_is_refused(town: Town) -> None:
    path = f"/api/interviews/{town.city.interview}/questions"
    for raw in (b"\xff\xfe", b"{", b"[" * 100_000):
        async with town.client.post(path, data=raw, headers={"X-Visitor": await town.visitor()}) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (400, "input.json")


async def test_strangers_and_unknown_places_are_told_what_to_do(town: Town) -> None:
    sent = {"text": "问", "kind": "inquiry", "client_id": "phone-0006"}
    path = f"/api/interviews/{town.city.interview}/questions"
    async with town.client.post(path, json=sent) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (401, "visitor.missing")
    async with town.client.post(path, json=sent, headers={"X-Visitor": "made-up"}) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (401, "visitor.unknown")
    headers = {"X-Visitor": await town.visitor()}
    for place in ("99999", "999999999999999"):
        async with town.client.post(
            f"/api/interviews/{place}/questions", json=sent, headers=headers
        ) as answer:
            assert answer.status in (400, 404)
            assert "请" in (await answer.json())["error"]["message"]


async def test_asking_after_the_close_is_refused(town: Town) -> None:
    await town.city.does(
        "李主持", "interview.close", DURING, interview=town.city.interview, reason="断电，技术原因"
    )
    status, refusal = await town.ask(await town.visitor(), "还能问吗？", "phone-0007")
    assert (status, refusal["error"]["code"]) == (409, "interview.closed")


async def test_asking_before_the_collection_is_refused(town: Town) -> None:
    await town.city.plan()
    status, refusal = await town.ask(await town.visitor(), "早了吗？", "phone-0008")
    assert (status, refusal["error"]["code"]) == (409, "interview.not_collecting")
    assert refusal["error"]["article"] == "第十二条"


async def test_a_foreign_origin_is_refused_and_an_absent_one_is_not(town: Town) -> None:
    async with town.client.post("/api/visitor", headers={"Origin": "https://evil.example"}) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (403, "origin.foreign")
    async with town.client.post("/api/visitor", headers={"Origin": "http://127.0.0.1:8080"}) as answer:
        assert answer.status == 200


async def test_a_cookie_alone_cannot_ask_without_the_form_token(town: Town) -> None:
    async with town.client.post("/api/visitor") as answer:
        assert answer.status == 200
    sent = {"text": "问", "kind": "inquiry", "client_id": "phone-0009"}
    async with town.client.post(f"/api/interviews/{town.city.interview}/questions", json=sent) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (403, "form.stale")


async def test_the_eleventh_question_in_a_minute_waits_and_a_resend_never_counts(
    tmp_path: Any, town: Town
) -> None:
    visitor = await town.visitor()
    for number in range(10):
        assert (await town.ask(visitor, f"第{number}个", f"phone-1{number:03d}"))[0] == 201
    assert (await town.ask(visitor, "第0个", "phone-1000"))[0] == 200
    status, refusal = await town.ask(visitor, "第十一个", "phone-1010")
    assert (status, refusal["error"]["code"]) == (429, "pace")
    assert refusal["error"]["retry_after"] > 0


async def test_the_list_holds_planned_ones_and_one_interview_tells_its_duties(town: Town) -> None:
    async with town.client.get("/api/interviews") as answer:
        listed = await answer.json()
    assert [row["id"] for row in listed["interviews"]] == [town.city.interview]
    async with town.client.get(f"/api/interviews/{town.city.interview}") as answer:
        whole = await answer.json()
    due = {duty["id"]: duty["due"] for duty in whole["duties"]}
    assert due["announce"] == "2026-02-09"
    assert whole["guests"] == [{"name": "王立言", "post": "待遇处处长", "body": "示例市医疗保障局"}]
    for query in ("status=none", "year=x", "limit=0", "after=-1"):
        async with town.client.get(f"/api/interviews?{query}") as answer:
            assert answer.status == 400


async def test_the_staff_stream_looks_missing_to_everybody_else(town: Town) -> None:
    path = f"/api/streams/interview:{town.city.interview}:staff"
    for headers in (
        {},
        {"X-Visitor": await town.visitor()},
        await town.bearer("外单位老吴"),
        await town.bearer("别场主持"),
    ):
        async with town.client.get(path, headers=headers) as answer:
            assert answer.status == 404
    async with town.client.get(path, headers=await town.bearer("审核员小张")) as answer:
        assert answer.status == 200


async def test_a_lost_visitor_has_no_stream_of_their_own(town: Town) -> None:
    async with town.client.get("/api/streams/me") as answer:
        assert answer.status == 401
    visitor = await town.visitor()
    _, kept = await town.ask(visitor, "我的", "phone-0010")
    async with town.client.get(
        "/api/streams/me", params={"after": 0}, headers={"X-Visitor": visitor}
    ) as answer:
        events = (await answer.json())["events"]
    assert [(event["stream"], event["body"]["receipt"]) for event in events] == [("me", kept["receipt"])]


async def test_the_description_names_every_path_and_command(town: Town) -> None:
    async with town.client.get("/api/openapi.json") as answer:
        document = await answer.json()
    assert document["openapi"] == "3.1.0"
    assert "/api/commands/question.submit" in document["paths"]
    assert "/api/streams/{name}" in document["paths"]
