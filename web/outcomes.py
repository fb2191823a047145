"""What the bot's outcomes and their reasons are called on the desk's pages."""

from faq import talks
from faq.judgement import Outcome, Reason
from faq.misses import NONE_OF_THESE

OUTCOMES: dict[str, str] = {
    Outcome.ANSWER: "答了",
    Outcome.CHOICES: "给了选项",
    Outcome.HANDOFF: "没有答",
}

REASONS: dict[str, str] = {
    Reason.CLOSE: "几条相近",
    Reason.UNSURE: "把握不够",
    Reason.NOTHING: "没有这样的条目",
    Reason.UNNAMED: "没说是哪一件",
    Reason.EMPTY_CATALOGUE: "目录是空的",
    Reason.NO_WORDS: "没有字词",
    NONE_OF_THESE: "几条都不是",
    talks.FOLLOW_UP: "接着上一句问",
    talks.CHOSEN: "提问人自己选的",
    "emergency": "像是紧急情况",
    "thanks": "道谢",
    "small_talk": "闲谈",
    "disclosure_request": "想依申请公开",
    "petition": "信访",
    "complaint": "投诉举报",
    "abuse": "骂人的话",
    "human": "要找人问",
    "correction": "为网站找错",
    "elder": "长辈版",
    "not_in_entry": "那一条里没有写",
    "withdrawn": "条目撤下了",
}


def reason_words(code: str | None) -> str | None:
    """A reason in words; one about the interviews' record by its kind, an unknown one by its code."""
    if code is None:
        return None
    if code.startswith("record."):
        return "问的是访谈本身"
    return REASONS.get(code, code)
