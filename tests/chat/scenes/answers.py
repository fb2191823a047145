"""Scenes of what officials say: answers, refusals, promises, a second person's approval, corrections, reports."""

from typing import Any

from tests.cast import DURING, LIMIT_PASSED, NEXT_DAY, City, at


async def say(city: City) -> tuple[Any, ...]:
    await city.open()
    return "李主持", "interview.say", DURING, {"interview": city.interview, "text": "各位网友下午好。"}


async def draft(city: City) -> tuple[Any, ...]:
    await city.open()
    return (
        "王处长",
        "answer.draft",
        DURING,
        {"question": await city.staged("网友甲", "第一个"), "text": "写到一半"},
    )


async def answer(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.staged("网友甲", "第一个")
    await city.does("王处长", "answer.draft", question=question, text="写到一半")
    return "王处长", "question.answer", at("2026-03-06 14:41"), {"question": question, "text": "能。"}


async def answer_by_clerk(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.staged("网友甲", "第一个")
    sent = {"question": question, "text": "能。", "speaker": "王立言"}
    return "许主任", "question.answer", DURING, sent


async def answer_afterwards(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.published("网友甲", "没排上的")
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    return "许主任", "question.answer", NEXT_DAY, {"question": question, "text": "会后答复如下。"}


async def refuse(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.staged("网友甲", "厂里交了多少？")
    sent = {
        "question": question,
        "ground": "trade_secret",
        "reason": "单个企业的明细。",
        "partial": "可以查本人的。",
    }
    return "王处长", "question.refuse", DURING, sent


async def _answered(city: City) -> int:
    await city.open()
    question = await city.staged("网友甲", "断缴几年不能报？")
    done = await city.does("王处长", "question.answer", question=question, text="两年。")
    return int(done.get("item", 1))


async def _promised(city: City) -> int:
    """王处长 has promised something; the item."""
    item = await _answered(city)
    await city.does("王处长", "promise.make", item=item, what="把登记表放到网上", due="2026-03-31")
    return item


async def make_promise(city: City) -> tuple[Any, ...]:
    sent = {"item": await _answered(city), "what": "把登记表放到网上", "due": "2026-03-31"}
    return "李主持", "promise.make", DURING, sent


async def keep_promise(city: City) -> tuple[Any, ...]:
    sent = {"item": await _promised(city), "text": "登记表已经在网上了。"}
    return "许主任", "promise.keep", NEXT_DAY, sent


async def cancel_promise(city: City) -> tuple[Any, ...]:
    sent = {"item": await _promised(city), "reason": "说的是去年办好的事"}
    return "周科长", "promise.cancel", NEXT_DAY, sent


async def remove_an_answer_with_a_promise(city: City) -> tuple[Any, ...]:
    return "审核员小张", "question.remove", DURING, {"item": await _promised(city), "reason": "有私人姓名"}


async def approve_what_keeps_a_promise(city: City) -> tuple[Any, ...]:
    item = await _promised(city)
    await city.asks_a_second_person()
    await city.does("许主任", "promise.keep", NEXT_DAY, item=item, text="登记表已经在网上了。")
    question = await city.question_of(item)
    sent = {"question": question, "edition": await city.edition(question)}
    return "王处长", "answer.approve", NEXT_DAY, sent


async def _laid_up(city: City) -> int:
    """许主任 has written what 王处长 must approve; the question's id."""
    await city.asks_a_second_person()
    await city.open()
    question = await city.staged("网友甲", "断缴一年能报吗？")
    await city.does("许主任", "question.answer", question=question, text="能，等三个月。")
    return question


async def lay_up(city: City) -> tuple[Any, ...]:
    question = await _laid_up(city)
    return "许主任", "question.answer", DURING, {"question": question, "text": "能，等六个月。"}


async def lay_up_a_refusal(city: City) -> tuple[Any, ...]:
    await city.asks_a_second_person()
    await city.open()
    question = await city.staged("网友甲", "厂里交了多少？")
    sent = {"question": question, "ground": "trade_secret", "reason": "单个企业的明细。"}
    return "许主任", "question.refuse", DURING, sent


async def approve(city: City) -> tuple[Any, ...]:
    question = await _laid_up(city)
    sent = {"question": question, "edition": await city.edition(question)}
    return "王处长", "answer.approve", DURING, sent


async def give_back(city: City) -> tuple[Any, ...]:
    sent = {"question": await _laid_up(city), "reason": "三个月从哪天算，写清楚。"}
    return "王处长", "answer.return", DURING, sent


async def recall(city: City) -> tuple[Any, ...]:
    return "许主任", "answer.recall", DURING, {"question": await _laid_up(city)}


async def remove_a_question_with_a_laid_up_answer(city: City) -> tuple[Any, ...]:
    question = await _laid_up(city)
    item = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]["item"]
    return "审核员小张", "question.remove", DURING, {"item": item, "reason": "里面有别人的住址"}


async def defer(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.staged("网友甲", "起付线的依据？")
    return "王处长", "question.defer", DURING, {"question": question, "reason": "要核对三年的数。"}


async def remove_answer(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.staged("网友甲", "厂里交了多少？")
    await city.does("王处长", "question.defer", question=question, reason="先查张三的明细")
    items = (await city.state(f"interview:{city.interview}:public"))["items"]
    return "周科长", "question.remove", DURING, {"item": items[-1]["item"], "reason": "说到了个人"}


async def erratum(city: City) -> tuple[Any, ...]:
    item = await _answered(city)
    return "王处长", "erratum.publish", DURING, {"item": item, "text": "是三年。", "reason": "口误"}


async def second_erratum(city: City) -> tuple[Any, ...]:
    item = await _answered(city)
    await city.does("王处长", "erratum.publish", item=item, text="是三年。", reason="口误")
    return (
        "审核员小张",
        "erratum.publish",
        NEXT_DAY,
        {"item": item, "text": "是四年。", "reason": "又核了一遍"},
    )


async def remove_an_erratum(city: City) -> tuple[Any, ...]:
    item = await _answered(city)
    done = await city.does("王处长", "erratum.publish", item=item, text="是三年，找张三。", reason="口误")
    sent = {"item": done.get("item", 1), "reason": "有私人姓名"}
    return "审核员小张", "question.remove", DURING, sent


async def remove_what_was_corrected(city: City) -> tuple[Any, ...]:
    item = await _answered(city)
    await city.does("王处长", "erratum.publish", item=item, text="是三年，找张三。", reason="口误")
    return "审核员小张", "question.remove", DURING, {"item": item, "reason": "有私人姓名"}


async def _closed(city: City) -> None:
    await city.open()
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)


async def draft_report(city: City) -> tuple[Any, ...]:
    await _closed(city)
    return "周科长", "report.draft", NEXT_DAY, {"interview": city.interview}


async def edit_report(city: City) -> tuple[Any, ...]:
    await draft_report(city)
    await city.does("周科长", "report.draft", NEXT_DAY, interview=city.interview)
    sent = {"interview": city.interview, "version": 1, "problems": "备案的人不会用手机。"}
    return "周科长", "report.edit", NEXT_DAY, sent


async def sign_report(city: City) -> tuple[Any, ...]:
    await draft_report(city)
    await city.does("周科长", "report.draft", NEXT_DAY, interview=city.interview)
    return "何主任", "report.sign", NEXT_DAY, {"interview": city.interview, "version": 1}


async def _delivered(city: City) -> int:
    await _closed(city)
    await city.gives_address("市委办", "shiwei@example.org")
    await city.does("周科长", "summary.send", NEXT_DAY, interview=city.interview)
    await city.mail_arrives()
    return 1


async def resend_report(city: City) -> tuple[Any, ...]:
    return "周科长", "report.resend", NEXT_DAY, {"delivery": await _delivered(city)}


async def acknowledge_report(city: City) -> tuple[Any, ...]:
    sent = {"delivery": await _delivered(city), "comment": "收到，请继续跟进。"}
    return "陈秘书", "report.acknowledge", NEXT_DAY, sent
