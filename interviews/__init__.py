"""The record: what an interview is, what may be done in it, and what the rule asks of whom, by when.

Glossary, one word for one thing:

- Interview 访谈: officials answer citizens' questions online, live, for at most the rule's length.
- Question 提问: an inquiry (咨询), opinion (意见) or suggestion (建议) that a citizen submitted.
- Answer 答复: what was said to a question; given live (现场答复) or afterwards (会后答复).
- Item 实录条目: one numbered thing in the transcript: a question made public, a remark, an answer,
  a refusal (不予答复) with its ground, a deferral (会后答复的说明) with its reason.
- Body 机构: a government, department or public enterprise; its part in one interview is Respondent (答复义务人).
- Guest 嘉宾: one of the respondent's people in one interview, with a post.
- Duty 办理事项: something the rule asks of somebody by a date.
- Notice 提醒: what somebody is told about a duty, once per stage.
- Change 变更: what happened; StreamEvent (in ``chat``) is what went out about it.
- Receipt 回执编号: the number by which a citizen finds out what became of a question.
"""
