"""The one reader of the environment: every setting is named ``FANGTAN_…`` and checked before anything starts."""

import re
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from os import environ
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from base.db import sqlite_url
from base.errors import Refusal
from web import mailer, webhook

Network = IPv4Network | IPv6Network
_ORIGIN = re.compile(r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)
"""An origin as ``frame-ancestors`` takes it: a whole site, or every host below one, and no path."""
AtLeastOne = Annotated[int, Field(ge=1, le=1_000_000)]


class Settings(BaseSettings):
    """How this installation runs. Command-line options of ``serve`` and ``demo`` override host, port and data.

    Attributes:
        secret_key: signs cookies and seals contact addresses; 32 characters or more.
        base_url: the address citizens type; decides the allowed Origin and whether cookies are Secure.
        database_url: a SQLite file or ``postgresql+asyncpg://…``; empty means ``fangtan.db`` under ``data``.
        redis_url: empty for one process.
        smtp_url: the mail server, as ``web.mailer.parse`` reads it; empty: mails wait in the outbox.
        webhook_url: where notices go as signed calls, see ``web.webhook``; empty: they wait in the outbox.
        webhook_secret: signs them; must be there where the address is.
        trusted_proxies: networks whose forwarded addresses are believed, see ``web.addresses``.
        pace: ``off`` only for load tests; switches off every limit below and those of one visitor.
        report_signature: ``required`` where a report may go only when a second person has signed it.
        report_link_days: for how many days a link in a report's mail opens it without a login; 0: no links.
        address_submissions: questions from one address in a minute.
        address_visitors: new visitors' identities from one address in a minute.
        address_supports: supports from one address in a minute.
        address_asks: questions to the bot from one address in a minute.
        address_sockets: live connections that one address may have open.
        embed_ancestors: origins whose pages may show the read-only widget in a frame; empty: none.
        reopen_at: how many of a question's askers must say 没解决 before it is handled again; 0: never.
        reopen_days: working days that the body has then.
        data_licence: the sentence under which the open data may be used; empty: the exports' own.
        offline: ``off`` takes the offline copies and the programme that keeps them from every device.
        instruction_workdays: working days that the form of an instruction (督办) proposes.
        two_step: ``required``: whoever works as administrator, office or supervisor sets up two-step login first.
        demo: set by ``fangtan demo`` alone; example accounts work only then.
    """

    model_config = SettingsConfigDict(env_prefix="FANGTAN_", extra="ignore")

    secret_key: Annotated[str, Field(min_length=32)]
    base_url: str
    database_url: str = ""
    redis_url: str = ""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    smtp_url: str = ""
    webhook_url: str = ""
    webhook_secret: Annotated[str, Field(validate_default=True, repr=False)] = ""
    regulation: str = ""
    pace: Annotated[str, Field(pattern="^(on|off)$")] = "on"
    report_signature: Annotated[str, Field(pattern="^(asked|required)$")] = "asked"
    report_link_days: Annotated[int, Field(ge=0, le=366)] = 0
    address_submissions: AtLeastOne = 600
    address_visitors: AtLeastOne = 600
    address_supports: AtLeastOne = 3_000
    address_asks: AtLeastOne = 1_200
    address_sockets: AtLeastOne = 2_000
    embed_ancestors: Annotated[tuple[str, ...], NoDecode] = ()
    reopen_at: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    reopen_days: Annotated[int, Field(ge=1, le=60)] = 10
    data_licence: Annotated[str, Field(max_length=300)] = ""
    offline: Annotated[str, Field(pattern="^(on|off)$")] = "on"
    two_step: Annotated[str, Field(pattern="^(offered|required)$")] = "offered"
    instruction_workdays: Annotated[int, Field(ge=1, le=120)] = 10
    data: Path = Path("var")
    demo: bool = False
    extra_origins: Annotated[tuple[str, ...], NoDecode] = ()
    _given: frozenset[str] = PrivateAttr(default=frozenset())

    @property
    def given(self) -> frozenset[str]:
        """The settings that whoever started the process named, on the command line or from what it had stored."""
        return self._given

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("not an address")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://", "sqlite:///")):
            raise ValueError("not a database")
        return (
            value.replace("sqlite:///", "sqlite+aiosqlite:///", 1) if value.startswith("sqlite:") else value
        )

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        if value:
            mailer.parse(value)
        return value

    @field_validator("webhook_url")
    @classmethod
    def _gateway(cls, value: str) -> str:
        return webhook.checked_address(value) if value else value

    @field_validator("webhook_secret")
    @classmethod
    def _signing(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("webhook_url") and not webhook.keys(value):
            raise ValueError("an address without a secret")
        webhook.keys(value)
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("embed_ancestors", mode="before")
    @classmethod
    def _framing(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        named = tuple(part for part in value.split() if part != "'none'")
        if any(_ORIGIN.fullmatch(one) is None for one in named):
            raise ValueError("not an origin")
        return named

    @field_validator("data_licence")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("more than one line")
        return value.strip()

    @property
    def secure(self) -> bool:
        """Whether citizens come over https."""
        return self.base_url.startswith("https:")

    @property
    def origins(self) -> tuple[str, ...]:
        """Every Origin that may send unsafe requests and open sockets."""
        return (self.base_url, *self.extra_origins)

    @property
    def database(self) -> str:
        """The database's URL with its default filled in."""
        return self.database_url or sqlite_url(self.data.resolve() / "fangtan.db")


class Source(StrEnum):
    """Where the value of a setting comes from."""

    DEFAULT = "default"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command_line"
    STORED = "stored"


def source_of(chosen: Settings, name: str) -> Source:
    """Where a setting of a process comes from; the demonstration keeps its secret beside its database."""
    if name in chosen.given:
        return Source.STORED if name == "secret_key" else Source.COMMAND_LINE
    return Source.ENVIRONMENT if name in chosen.model_fields_set - {*NOT_FROM_ENVIRONMENT} else Source.DEFAULT


class Place(BaseSettings):
    """The settings that commands without a server look at."""

    model_config = SettingsConfigDict(env_prefix="FANGTAN_", extra="ignore")

    database_url: str = ""
    regulation: str = ""
    secret_key: str = ""
    smtp_url: str = ""


def database_of(data: Path) -> str:
    """The database that a command works on: ``FANGTAN_DATABASE_URL``, else ``fangtan.db`` under ``data``."""
    given = Place().database_url
    if not given:
        return sqlite_url(data.resolve() / "fangtan.db")
    return given.replace("sqlite:///", "sqlite+aiosqlite:///", 1) if given.startswith("sqlite:///") else given


def environment_with(**more: str) -> dict[str, str]:
    """The environment of a program that is started from here, with more in it, such as ``PGPASSWORD``."""
    return {**environ, **more}


NOT_FROM_ENVIRONMENT = ("data", "demo", "extra_origins")
"""Fields that only the command line fills."""

_A_NUMBER = "写成1到1000000的整数"
_ADVICE = {
    "secret_key": "至少32个字符，可以用 openssl rand -hex 32 生成",
    "base_url": "写成 https://fangtan.example.gov.cn 这样的网址",
    "database_url": "写成 sqlite+aiosqlite:///文件 或者 postgresql+asyncpg://用户@主机/库",
    "smtp_url": "写成 smtp+starttls://用户:密码@主机:587 这样，也可以用 smtp:// 或者 smtps://；密码里的 @ 写成 %40",
    "webhook_url": "写成 https://gateway.example.gov.cn/notices 这样的网址；http:// 只能是本机，如 http://127.0.0.1:9000/",
    "webhook_secret": "写成 whsec_ 加24到64个字节的base64，可以用 echo whsec_$(openssl rand -base64 32) 生成；"
    "设了 FANGTAN_WEBHOOK_URL 就一定要有",
    "trusted_proxies": "写成 10.0.0.0/8,127.0.0.1 这样的网段",
    "pace": "只能是 on 或者 off",
    "report_signature": "只能是 asked（可以不核签就送，记明未核签）或者 required（不核签不能送）",
    "report_link_days": "写成0到366的整数，0是不在信里放链接",
    "embed_ancestors": "写成 https://www.example.gov.cn https://*.example.gov.cn 这样，用空格分开，不带路径",
    "reopen_at": "写成0到1000000的整数，0是不再次办理",
    "reopen_days": "写成1到60的整数，按工作日数",
    "data_licence": "写成一句话，不换行，最多300个字",
    "offline": "只能是 on 或者 off",
    "two_step": "只能是 offered（各人自己开）或者 required（管理员、信息办、主管部门必须开）",
    "instruction_workdays": "写成1到120的整数，是督办默认给几个工作日",
    "address_submissions": _A_NUMBER,
    "address_visitors": _A_NUMBER,
    "address_supports": _A_NUMBER,
    "address_asks": _A_NUMBER,
    "address_sockets": _A_NUMBER,
}


def load(**given: object) -> Settings:
    """The settings of this process.

    Args:
        given: values that override the environment, such as ``data`` from the command line.

    Raises:
        Refusal: ``setting.bad``; names the variable and what it should look like.
    """
    # Whoever can set a variable must not be able to let example accounts in.
    ours = {name: given.get(name, Settings.model_fields[name].default) for name in NOT_FROM_ENVIRONMENT}
    try:
        loaded = Settings(**(given | ours))  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        fault = "没有设置" if first["type"] == "missing" else "不对"
        advice = _ADVICE.get(name, "请对照文档改好")
        message = f"环境变量 FANGTAN_{name.upper()} {fault}：{advice}。"
        raise Refusal("setting.bad", message, status=400) from None
    loaded._given = frozenset(given)
    return loaded
