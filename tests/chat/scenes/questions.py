"""Scenes of a question on its way: submitted, moderated, in somebody's hands, in the line, on stage."""

from typing import Any

from tests.cast import DURING, LIMIT_PASSED, City


async def submit(city: City) -> tuple[Any, ...]:
    await city.open()
    sent = {
        "interview": city.interview,
        "text": "断缴一年，电话13812345678",
        "kind": "inquiry",
        "client_id": "abcd1234",
    }
    return "网友甲", "question.submit", DURING, sent


async def support(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.published("网友甲", "能不能一次开三个月的药？")
    return "网友乙", "question.support", DURING, {"question": question}


async def withdraw_pending(city: City) -> tuple[Any, ...]:
    await city.open()
    return "网友甲", "question.withdraw", DURING, {"question": await city.asks("网友甲", "算了")}


async def withdraw_public(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.published("网友甲", "药费能报多少？")
    await city.does("王处长", "answer.draft", question=question, text="正在写")
    return "网友甲", "question.withdraw", DURING, {"question": question}


async def publish(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "药费能报多少？", nickname="送娃的老周")
    return "审核员小张", "question.publish", DURING, {"question": question}


async def publish_after_the_close(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "药费能报多少？")
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    return "审核员小张", "question.publish", LIMIT_PASSED, {"question": question}


async def decline(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "低息贷款，无抵押")
    return "审核员小张", "question.decline", DURING, {"question": question, "reason": "advertising"}


async def merge_public(city: City) -> tuple[Any, ...]:
    await city.open()
    first = await city.published("网友甲", "异地备案要不要办？")
    second = await city.published("网友乙", "在外地看病先备案吗？")
    await city.does("网友丙", "question.support", question=second)
    await city.does("李主持", "question.stage", question=second)
    return "审核员小张", "question.merge", DURING, {"question": second, "into": first}


async def merge_pending(city: City) -> tuple[Any, ...]:
    await city.open()
    first = await city.published("网友甲", "异地备案要不要办？")
    second = await city.asks("网友乙", "在外地看病先备案吗？")
    return "审核员小张", "question.merge", DURING, {"question": second, "into": first}


async def stage(city: City) -> tuple[Any, ...]:
    await city.open()
    await city.staged("网友甲", "第一个")
    question = await city.published("网友乙", "第二个")
    return "李主持", "question.stage", DURING, {"question": question}


async def unstage(city: City) -> tuple[Any, ...]:
    await city.open()
    return "李主持", "question.unstage", DURING, {"question": await city.staged("网友甲", "第一个")}


async def transfer(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "自来水什么时候来？")
    return "审核员小张", "question.transfer", DURING, {"question": question, "body": city.bodies["水务局"]}


async def answer_what_was_transferred(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "自来水什么时候来？")
    water = city.bodies["水务局"]
    await city.does("审核员小张", "question.transfer", question=question, body=water)
    return "外单位老吴", "question.answer", DURING, {"question": question, "text": "本月通水。"}


async def appeal(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "异地能报吗？")
    await city.does("审核员小张", "question.decline", question=question, reason="not_a_question")
    return "网友甲", "question.appeal", DURING, {"question": question, "text": "我问的是异地就医。"}


async def claim(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "异地能报吗？")
    return "审核员小张", "question.claim", DURING, {"question": question}


async def claim_over(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "异地能报吗？")
    await city.does("审核员小张", "question.claim", question=question)
    return "周科长", "question.claim", DURING, {"question": question, "over": True}


async def release(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "异地能报吗？")
    await city.does("审核员小张", "question.claim", question=question)
    return "审核员小张", "question.release", DURING, {"question": question}


async def decline_what_one_claimed(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "异地能报吗？")
    await city.does("审核员小张", "question.claim", question=question)
    return "审核员小张", "question.decline", DURING, {"question": question, "reason": "abuse"}


async def publish_with_delay(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "异地能报吗？")
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    await city.does("审核员小张", "question.claim", question=question)
    return "审核员小张", "question.publish", DURING, {"question": question, "text": "改过的"}


async def hold(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "异地能报吗？")
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    await city.does("审核员小张", "question.publish", question=question)
    return "周科长", "question.hold", DURING, {"question": question}


async def withdraw_on_its_way(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.asks("网友甲", "异地能报吗？")
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    await city.does("审核员小张", "question.publish", question=question)
    return "网友甲", "question.withdraw", DURING, {"question": question}


async def order(city: City) -> tuple[Any, ...]:
    await city.open()
    line = [await city.published("网友甲", text) for text in ("第一问", "第二问", "第三问")]
    await city.does("李主持", "question.order", interview=city.interview, questions=line)
    sent = {"interview": city.interview, "questions": [*line[1:]][::-1]}
    return "李主持", "question.order", DURING, sent


async def _lined_up(city: City) -> int:
    await city.open()
    first = await city.published("网友甲", "第一问")
    second = await city.published("网友乙", "第二问")
    await city.does("李主持", "question.order", interview=city.interview, questions=[second, first])
    return first


async def stage_out_of_the_line(city: City) -> tuple[Any, ...]:
    return "李主持", "question.stage", DURING, {"question": await _lined_up(city)}


async def withdraw_out_of_the_line(city: City) -> tuple[Any, ...]:
    return "网友甲", "question.withdraw", DURING, {"question": await _lined_up(city)}


async def answer_out_of_the_line(city: City) -> tuple[Any, ...]:
    return "王处长", "question.answer", DURING, {"question": await _lined_up(city), "text": "能。"}


async def remove_question(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.staged("网友甲", "我叫张三，电话13812345678之外还有住址")
    await city.does("网友乙", "question.support", question=question)
    await city.does("王处长", "answer.draft", question=question, text="正在写")
    item = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]["item"]
    return "审核员小张", "question.remove", DURING, {"item": item, "reason": "里面有别人的住址"}


async def add_words(city: City) -> tuple[Any, ...]:
    return "周科长", "words.add", DURING, {"kind": "watch", "words": ["夜市"], "note": None}


async def drop_word(city: City) -> tuple[Any, ...]:
    return "周科长", "words.drop", DURING, {"word": "优惠券"}


async def restore_word(city: City) -> tuple[Any, ...]:
    await city.does("周科长", "words.drop", DURING, word="优惠券")
    return "周科长", "words.restore", DURING, {"word": "优惠券"}


async def add_word_case(city: City) -> tuple[Any, ...]:
    return "周科长", "word.case.add", DURING, {"text": "夜市几点收摊", "kind": None}


async def drop_word_case(city: City) -> tuple[Any, ...]:
    await city.does("周科长", "word.case.add", DURING, text="夜市几点收摊")
    return "周科长", "word.case.drop", DURING, {"case": 1}
