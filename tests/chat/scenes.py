"""The scenes of the equation: each sets the stage and says which command is sent then, by whom and when."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.cast import ANNOUNCED, DURING, FORWARDED, LIMIT_PASSED, NEXT_DAY, PLANNED, START, City, at

CHANGED = at("2026-02-02 11:00")
"""The last day on which a change of the interview can be told in time."""

Scene = Callable[[City], Awaitable[tuple[Any, ...]]]


async def _collecting(city: City) -> None:
    await city.plan()
    await city.announce()


async def schedule(city: City) -> tuple[Any, ...]:
    sent = {
        "theme": "供热",
        "starts_at": "2026-05-18T09:00:00+08:00",
        "ends_at": "2026-05-18T10:30:00+08:00",
        "respondents": [city.bodies["水务局"]],
    }
    city.interview = 1
    return "周科长", "interview.schedule", PLANNED, sent


async def issue(city: City) -> tuple[Any, ...]:
    await city.plan()
    return "何主任", "plan.issue", PLANNED, {"year": 2026}


async def move(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    await city.published("网友甲", "断缴一年还能报吗？", ANNOUNCED)
    sent = {
        "interview": city.interview,
        "starts_at": "2026-04-10T09:00:00+08:00",
        "theme": "医保缴费",
        "ground": "public_demand",
        "reason": "网友要求错开春耕",
    }
    return "何主任", "interview.change", CHANGED, sent


async def cancel(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    public = await city.published("网友甲", "断缴一年还能报吗？", ANNOUNCED)
    await city.does("网友丙", "question.support", ANNOUNCED, question=public)
    await city.asks("网友乙", "没审的", ANNOUNCED)
    sent = {"interview": city.interview, "reason": "并入四月的一场"}
    return "何主任", "interview.cancel", CHANGED, sent


async def cancel_a_planned_one(city: City) -> tuple[Any, ...]:
    await city.plan()
    return "何主任", "interview.cancel", CHANGED, {"interview": city.interview, "reason": "并入四月的一场"}


async def _cancelled(city: City) -> tuple[int, int]:
    await _collecting(city)
    public = await city.published("网友甲", "断缴一年还能报吗？", ANNOUNCED)
    unread = await city.asks("网友乙", "没审的", ANNOUNCED)
    await city.does("何主任", "interview.cancel", CHANGED, interview=city.interview, reason="并入四月的一场")
    return public, unread


async def answer_on_a_cancelled_one(city: City) -> tuple[Any, ...]:
    question, _ = await _cancelled(city)
    return "许主任", "question.answer", FORWARDED, {"question": question, "text": "可以补缴。"}


async def answer_what_nobody_had_read(city: City) -> tuple[Any, ...]:
    _, question = await _cancelled(city)
    await city.does("许主任", "answer.draft", CHANGED, question=question, text="写到一半")
    return "许主任", "question.answer", FORWARDED, {"question": question, "text": "答复在这里。"}


async def waiver(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    sent = {"interview": city.interview, "duty": "guests", "reason": "人员名单当天才定"}
    return "何主任", "waiver.grant", FORWARDED, sent


async def supplement(city: City) -> tuple[Any, ...]:
    await city.open()
    await city.does("李主持", "interview.close", interview=city.interview, reason="technical")
    return (
        "李主持",
        "interview.say",
        NEXT_DAY,
        {"interview": city.interview, "text": "断线时王处长说：能报。"},
    )


async def content(city: City) -> tuple[Any, ...]:
    await city.plan()
    return (
        "许主任",
        "content.tell",
        ANNOUNCED,
        {"interview": city.interview, "theme": "医保", "text": "谈缴费。"},
    )


async def announce(city: City) -> tuple[Any, ...]:
    await city.plan()
    return "周科长", "interview.announce", ANNOUNCED, {"interview": city.interview}


async def venue(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    return "周科长", "venue.tell", FORWARDED, {"interview": city.interview, "venue": "二楼"}


async def guests(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    people = [{"name": "王立言", "post": "处长"}, {"name": "苏敏", "post": "科长"}]
    return "许主任", "guests.tell", FORWARDED, {"interview": city.interview, "guests": people}


async def opening(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    await city.prepare()
    return "李主持", "interview.open", START, {"interview": city.interview}


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


async def say(city: City) -> tuple[Any, ...]:
    await city.open()
    return "李主持", "interview.say", DURING, {"interview": city.interview, "text": "各位网友下午好。"}


async def stage(city: City) -> tuple[Any, ...]:
    await city.open()
    await city.staged("网友甲", "第一个")
    question = await city.published("网友乙", "第二个")
    return "李主持", "question.stage", DURING, {"question": question}


async def unstage(city: City) -> tuple[Any, ...]:
    await city.open()
    return "李主持", "question.unstage", DURING, {"question": await city.staged("网友甲", "第一个")}


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


async def remove_question(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.staged("网友甲", "我叫张三，电话13812345678之外还有住址")
    await city.does("网友乙", "question.support", question=question)
    await city.does("王处长", "answer.draft", question=question, text="正在写")
    item = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]["item"]
    return "审核员小张", "question.remove", DURING, {"item": item, "reason": "里面有别人的住址"}


async def remove_answer(city: City) -> tuple[Any, ...]:
    await city.open()
    question = await city.staged("网友甲", "厂里交了多少？")
    await city.does("王处长", "question.defer", question=question, reason="先查张三的明细")
    items = (await city.state(f"interview:{city.interview}:public"))["items"]
    return "周科长", "question.remove", DURING, {"item": items[-1]["item"], "reason": "说到了个人"}


async def extend(city: City) -> tuple[Any, ...]:
    await city.open()
    return (
        "李主持",
        "interview.extend",
        DURING,
        {"interview": city.interview, "minutes": 10, "reason": "设备断线十分钟"},
    )


async def close(city: City) -> tuple[Any, ...]:
    await city.open()
    await city.staged("网友甲", "正在答的")
    await city.published("网友乙", "在等的")
    await city.asks("网友丙", "没审的")
    return "李主持", "interview.close", DURING, {"interview": city.interview, "reason": "断电，技术原因"}


async def forward(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    return "周科长", "questions.forward", FORWARDED, {"interview": city.interview}


async def summary(city: City) -> tuple[Any, ...]:
    await city.open()
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    return "周科长", "summary.send", NEXT_DAY, {"interview": city.interview}


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


async def delay(city: City) -> tuple[Any, ...]:
    await city.open()
    return "审核员小张", "publication.delay", DURING, {"interview": city.interview, "seconds": 10}


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


async def rehearse(city: City) -> tuple[Any, ...]:
    await _collecting(city)
    return "李主持", "interview.rehearse", FORWARDED, {"interview": city.interview}


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


async def _answered(city: City) -> int:
    await city.open()
    question = await city.staged("网友甲", "断缴几年不能报？")
    done = await city.does("王处长", "question.answer", question=question, text="两年。")
    return int(done.get("item", 1))


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


SCENES = [
    schedule, content, announce, venue, guests, forward, opening, submit, support, withdraw_pending, withdraw_public,
    publish, publish_after_the_close, decline, merge_public, merge_pending, say, stage, unstage, draft, answer,
    answer_by_clerk, answer_afterwards, refuse, defer,
    make_promise, keep_promise, cancel_promise, remove_an_answer_with_a_promise, approve_what_keeps_a_promise,
    lay_up, lay_up_a_refusal, approve, give_back, recall, remove_a_question_with_a_laid_up_answer,
    remove_question, remove_answer, extend, close, summary, issue, move, cancel,
    cancel_a_planned_one, answer_on_a_cancelled_one, answer_what_nobody_had_read, waiver, supplement,
    transfer, answer_what_was_transferred, appeal, claim, claim_over, release, decline_what_one_claimed, delay,
    publish_with_delay, hold, withdraw_on_its_way, order, stage_out_of_the_line, withdraw_out_of_the_line,
    answer_out_of_the_line, rehearse, erratum, second_erratum, remove_an_erratum, remove_what_was_corrected,
    add_words, drop_word, restore_word, add_word_case, drop_word_case,
    draft_report, edit_report, sign_report, resend_report, acknowledge_report,
]  # fmt: skip
