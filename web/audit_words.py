"""What the audit chain's acts, roles and subjects are called in Chinese. Pure; an act without a name keeps its own."""

from base.people import Role
from web.pages import ROLE_LABELS

ACTS = {
    "login": "登录",
    "login.locked": "登录失败太多，锁定",
    "password.choose": "换密码",
    "two_step.on": "开了两步登录",
    "two_step.off": "关了两步登录",
    "user.add": "新建账号",
    "user.disable": "停用账号",
    "user.enable": "恢复账号",
    "user.reset": "重设密码",
    "user.revoke": "断开登录",
    "user.token": "发给程序用的凭证",
    "person.assign": "派到一场访谈",
    "body.add": "登记机构",
    "body.edit": "改机构",
    "plan.issue": "印发年度计划",
    "plan.import": "导入计划",
    "interview.schedule": "排访谈",
    "interview.rehearse": "开演练",
    "interview.announce": "发预告",
    "interview.change": "改访谈",
    "interview.cancel": "取消访谈",
    "interview.open": "开始访谈",
    "interview.say": "发言",
    "interview.extend": "延长访谈",
    "interview.close": "结束访谈",
    "interview.archive": "归档",
    "waiver.grant": "放行",
    "content.tell": "报访谈内容",
    "venue.tell": "告知地点",
    "guests.tell": "报参加人员",
    "questions.forward": "转交提问",
    "publication.delay": "改公开前的等候",
    "question.publish": "公开提问",
    "question.hold": "撤回公开，再看",
    "question.claim": "接手审核",
    "question.decline": "不公开提问",
    "question.merge": "合并提问",
    "question.transfer": "转其他单位",
    "question.stage": "请上场",
    "question.unstage": "请下场",
    "question.order": "排次序",
    "question.answer": "答复",
    "question.refuse": "不予答复",
    "question.defer": "改为会后答复",
    "question.remove": "撤下",
    "question.original": "看原文",
    "answer.draft": "存答复草稿",
    "erratum.publish": "登更正",
    "duty.done": "办理事项办结",
    "notices.written": "写提醒",
    "calendar.import": "收录放假通知",
    "summary.send": "报送汇总报告",
    "report.draft": "写汇总报告",
    "report.edit": "改汇总报告",
    "report.sign": "核签汇总报告",
    "report.send": "报送汇总报告",
    "report.resend": "重送报告",
    "report.bounced": "报告退信",
    "report.opened": "看报告",
    "report.acknowledge": "报告回执",
    "entry.publish": "公开条目",
    "entry.change": "改条目",
    "entry.retire": "撤下条目",
    "entry.repeal": "条目失效",
    "entry.still_holds": "确认条目仍然有效",
    "entry.source_changed": "条目的来源有更正",
    "entry.source_gone": "条目的来源撤下",
    "revision.propose": "写条目草稿",
    "revision.edit": "改条目草稿",
    "revision.submit": "条目送签",
    "revision.sign": "签条目",
    "revision.return": "退回条目",
    "revision.withdraw": "撤回条目草稿",
    "review.steps": "改签字步骤",
    "import.start": "开始导入目录",
    "import.done": "导入目录办完",
    "import.cancel": "停下导入目录",
    "import.fail": "导入目录没有办成",
    "class.add": "加分类",
    "class.rename": "分类改名",
    "class.move": "移动分类",
    "class.order": "分类排次序",
    "class.drop": "删分类",
    "phrasing.accept": "收下问法",
    "phrasing.dismiss": "不收问法",
    "topic.refresh": "重新归并没答上来的",
    "topic.join": "合并问题",
    "topic.split": "拆开问题",
    "ask.forget": "到期删除问过的",
    "word.case.add": "加词表例句",
    "word.case.drop": "删词表例句",
}
"""By the names that ``audit.note`` is given."""

ROLES = {role.value: label for role, label in ROLE_LABELS.items()} | {
    Role.CLOCK.value: "系统",
    Role.CITIZEN.value: "网友",
    Role.ANYONE.value: "访客",
}

SUBJECTS = {
    "interview": "访谈",
    "question": "提问",
    "person": "账号",
    "body": "机构",
    "duty": "办理事项",
    "duties": "办理事项",
    "delivery": "送达",
    "report": "报告",
    "entry": "条目",
    "revision": "草稿",
    "plan": "计划",
    "item": "实录",
    "import": "导入",
    "class": "分类",
    "topic": "问题",
    "topics": "没答上来的",
    "lexicon": "词典",
    "words": "词表",
    "catalog": "目录",
    "asks": "问过的",
    "calendar": "日历",
}


def act_label(act: str) -> str:
    """An act's name, or what the chain calls it."""
    return ACTS.get(act, act)


def role_label(role: str) -> str:
    """Who acted, by role."""
    return ROLES.get(role, role)


def subject_label(subject: str) -> str:
    """What it was done to: ``question:12`` is 提问12."""
    kind, _, number = subject.partition(":")
    return f"{SUBJECTS[kind]}{number}" if kind in SUBJECTS else subject
