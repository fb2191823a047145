"""Every setting as the administrator reads it: what it is now, where that comes from, what it does. Read only.

A secret is never told, only whether it is set. An address may carry a password: of it the machine is told alone.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from web.settings import Settings, Source, source_of

WHAT = {
    "secret_key": "给网页表单签名，给市民留的邮箱加密",
    "base_url": "市民输入的网址，别的网站发来的提交都拒绝",
    "database_url": "数据库在哪里",
    "redis_url": "留给多个进程用，现在不用",
    "smtp_url": "从哪台邮件服务器寄信，不设就不寄，信在发件箱里等着",
    "webhook_url": "短信、消息从哪个网址转出去，不设就不转",
    "webhook_secret": "给转出去的消息签名",
    "trusted_proxies": "相信哪些反向代理写的地址",
    "regulation": "按哪一部规定排日子",
    "pace": "快慢的总开关，只在压力测试时关",
    "report_signature": "汇总报告不核签能不能送",
    "report_link_days": "报告邮件里的链接几天有效，0是不放链接",
    "address_submissions": "一个地址一分钟最多交几个问题",
    "address_visitors": "一个地址一分钟最多领几个市民身份",
    "address_supports": "一个地址一分钟最多按几次“我也想问”",
    "address_asks": "一个地址一分钟最多问机器人几次",
    "address_sockets": "一个地址最多同时开几个现场连接",
    "embed_ancestors": "哪些网站可以嵌访谈的小块",
    "data_licence": "开放数据的使用条件",
    "offline": "市民的设备上存不存副本",
    "two_step": "两步登录是各人自己开，还是必须开",
    "instruction_workdays": "督办默认给几个工作日",
    "reopen_at": "几个人评了没解决，就请答复单位再办；0是不再办",
    "reopen_days": "再办的给几个工作日",
    "data": "数据目录",
    "demo": "是不是示例市，只有示例市里示例账号能登录",
    "extra_origins": "另外允许哪些来源，只有示例市用",
}
"""What each setting does, in a sentence; a test asks one for every setting."""

SOURCES = {
    Source.DEFAULT: "没有设，用默认的",
    Source.ENVIRONMENT: "环境变量",
    Source.COMMAND_LINE: "命令行",
    Source.STORED: "存在数据目录里",
}
_SECRET = ("secret", "password", "token", "_key")
_ADDRESS = "_url"


@dataclass(frozen=True)
class Shown:
    """One setting, as it may be shown."""

    name: str
    value: str
    source: str
    what: str


def listed(chosen: Settings) -> list[Shown]:
    """All settings of this process, in their order."""
    return [
        Shown(
            f"FANGTAN_{name.upper()}",
            value_of(name, getattr(chosen, name)),
            SOURCES[source_of(chosen, name)],
            WHAT.get(name, ""),
        )
        for name in Settings.model_fields
    ]


def value_of(name: str, value: object) -> str:
    """What may be shown of a value.

    Args:
        name: of the setting; one that sounds like a secret is one.
        value: as it is in force.
    """
    if any(part in name for part in _SECRET):
        return "设了，不显示" if value else "没有设"
    if isinstance(value, bool):
        return "是" if value else "不是"
    if isinstance(value, tuple):
        return "、".join(str(one) for one in value) or "没有"
    if value in ("", None):
        return "没有设"
    return _machine(str(value)) if name.endswith(_ADDRESS) else str(value)


def _machine(address: str) -> str:
    """An address without whoever signs in there, and without what is asked of it, where keys stand as well."""
    parts = urlsplit(address)
    if parts.scheme.startswith("sqlite"):
        return address
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    hidden = "（用户名和密码不显示）" if "@" in parts.netloc else ""
    # The path of a gateway's address is often its key.
    path = parts.path if parts.scheme.startswith("postgresql") else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{path}{hidden}"
