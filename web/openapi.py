"""OpenAPI 3.1 of everything under ``/api``, generated from the registry and its schemas."""

import functools
from typing import Any

from aiohttp import web

from chat.registry import REGISTRY
from faq.holdings import Kind, Order
from interviews.lifecycle import PUBLIC, InterviewStatus
from interviews.rating_models import Level, Standing
from web.proof import Solved
from web.schemas import AskBot, HalfWritten, JudgeBot

OPENAPI = web.AppKey("openapi", dict[str, Any])

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "article": {"type": "string"},
                "retry_after": {"type": "integer"},
                "challenge": {"type": "string", "description": "交得太快时，从这里领一道验证题，做完接着交"},
            },
        }
    },
}
_ENVELOPE = {
    "type": "object",
    "required": ["ok"],
    "properties": {"ok": {"type": "boolean"}, "result": {"type": "object"}, "error": {"type": "object"}},
}
_STREAM = {
    "type": "object",
    "required": ["head"],
    "properties": {
        "events": {"type": "array", "items": {"type": "object"}},
        "head": {"type": "integer"},
        "reset": {"type": "boolean"},
        "snapshot": {"type": "object"},
    },
}
_INTERVIEW = {
    "type": "object",
    "required": ["id", "title", "status", "starts_at", "ends_at", "respondents", "url"],
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "status": {"enum": [status.value for status in InterviewStatus]},
        "starts_at": {"type": "string", "format": "date-time"},
        "ends_at": {"type": "string", "format": "date-time"},
        "respondents": {"type": "array", "items": {"type": "object"}},
        "url": {"type": "string"},
        "materials": {"type": "array", "items": {"type": "object"}},
    },
}
_COUNT = {
    "type": "object",
    "required": ["solved", "unsolved"],
    "properties": {"solved": {"type": "integer"}, "unsolved": {"type": "integer"}},
}
_SUM = {
    "type": "object",
    "required": ["levels", "total", "answers"],
    "properties": {
        "levels": {
            "type": "object",
            "description": "五档各多少人，从非常满意到非常不满意",
            "properties": {level.value: {"type": "integer"} for level in Level},
        },
        "total": {"type": "integer"},
        "answers": _COUNT,
    },
}
_RATINGS = {
    "type": "object",
    "required": ["ratings", "answers"],
    "properties": {
        "ratings": _SUM,
        "answers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["item", "no", "question", "solved", "unsolved", "by", "before"],
                "properties": {
                    "item": {"type": "integer"},
                    "no": {"type": "integer", "description": "实录里的第几条"},
                    "question": {"type": "integer", "description": "几号提问"},
                    "solved": {"type": "integer"},
                    "unsolved": {"type": "integer"},
                    "by": {
                        "type": "object",
                        "description": "提问人、支持的人、别的人分开数",
                        "properties": {one.value: _COUNT for one in Standing},
                    },
                    "before": {**_COUNT, "description": "更正或者补充以前的评价"},
                },
            },
        },
    },
}
_SUBMITTED = {
    "type": "object",
    "required": ["question", "receipt", "number", "status"],
    "properties": {
        "question": {"type": "integer"},
        "receipt": {"type": "string"},
        "number": {"type": ["integer", "null"]},
        "status": {"type": "string"},
    },
}
_SIMILAR = {
    "type": "object",
    "required": ["questions", "entries", "elsewhere"],
    "properties": {
        "elsewhere": {
            "type": ["string", "null"],
            "description": "像是申请公开、信访、投诉的，该去哪里、多久有结果",
        },
        "questions": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "required": ["id", "number", "text", "supports", "status", "url", "can_support"],
                "properties": {
                    "id": {"type": "integer"},
                    "number": {"type": "integer"},
                    "text": {"type": "string"},
                    "supports": {"type": "integer"},
                    "status": {"enum": sorted(PUBLIC)},
                    "url": {"type": "string"},
                    "can_support": {"type": "boolean", "description": "现在能不能按“我也想问”"},
                },
            },
        },
        "entries": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "required": ["entry", "question", "url", "in_force"],
                "properties": {
                    "entry": {"type": "integer"},
                    "question": {"type": "string"},
                    "url": {"type": "string"},
                    "in_force": {"type": "boolean"},
                },
            },
        },
    },
}
_CHALLENGE = {
    "type": "object",
    "required": ["parameters", "signature"],
    "properties": {
        "parameters": {
            "type": "object",
            "required": ["algorithm", "nonce", "salt", "cost", "keyLength", "keyPrefix", "expiresAt"],
        },
        "signature": {"type": "string"},
    },
}
_PROVED = {
    "type": "object",
    "required": ["submissions"],
    "properties": {"submissions": {"type": "integer", "description": "现在又可以交几个"}},
}
_ANSWER = {
    "type": "object",
    "required": ["ask", "outcome", "text", "sources", "choices", "confidence", "reason", "exits"],
    "properties": {
        "ask": {"type": "integer"},
        "outcome": {"enum": ["answer", "choices", "handoff"]},
        "text": {"type": "string"},
        "sources": {"type": "array", "items": {"type": "object"}},
        "choices": {"type": "array", "items": {"type": "object"}},
        "confidence": {"type": "number"},
        "reason": {"type": ["string", "null"]},
        "exits": {"type": "array", "items": {"type": "string"}},
        "links": {
            "type": "array",
            "description": "可以接着看的页面；没有就没有这一项。只引了长条目的一段时，“全文”在这里",
            "items": {
                "type": "object",
                "required": ["label", "url"],
                "properties": {"label": {"type": "string"}, "url": {"type": "string"}},
            },
        },
    },
}


_FOUND = {
    "type": "object",
    "required": ["total", "results", "counts", "next"],
    "properties": {
        "total": {"type": "integer"},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind", "title", "excerpt", "date", "url", "in_force"],
                "properties": {
                    "kind": {"enum": [kind.value for kind in Kind]},
                    "title": {"type": "string"},
                    "excerpt": {
                        "type": "array",
                        "items": {"type": "object", "required": ["text", "mark"]},
                        "description": "最密的一段，mark 为 true 的是要找的词",
                    },
                    "date": {"type": ["string", "null"]},
                    "url": {"type": "string"},
                    "issuer": {"type": ["string", "null"]},
                    "class": {"type": ["string", "null"]},
                    "index_no": {"type": ["string", "null"]},
                    "in_force": {"type": "boolean"},
                },
            },
        },
        "counts": {"type": "object", "description": "按种类、类别、单位、年份、公开属性、效力各有几条"},
        "next": {"type": ["integer", "null"], "description": "放进 after 得到后面的"},
    },
}


def _json(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): _json(_ERROR, "没有办成，message 说明原因和下一步") for status in statuses}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


_ID = _path("id", {"type": "integer", "minimum": 1, "maximum": 999_999_999})
_ALWAYS = (400, 401, 403, 404, 409, 413, 429, 503)


def _operation(summary: str, good: dict[str, Any], *refused: int, **more: Any) -> dict[str, Any]:
    return {"summary": summary, "responses": good | _refusals(*refused)} | more


def _commands() -> dict[str, Any]:
    paths = {}
    for command in REGISTRY.values():
        schema = command.schema.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        responses = {str(status): _json(_ENVELOPE, "没有办成") for status in _ALWAYS}
        paths[f"/api/commands/{command.name}"] = {
            "post": {
                "summary": command.about,
                "operationId": command.name,
                "requestBody": _body(schema),
                "responses": {"200": _json(_ENVELOPE, "办成了")} | responses,
            }
        }
    return paths


def _components() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for command in REGISTRY.values():
        schema = command.schema.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.get("$defs", {})
    return found


@functools.cache
def describe() -> dict[str, Any]:
    """The whole document, the same for every application of a process; nobody may change it."""
    submit = REGISTRY["question.submit"].schema.model_json_schema(ref_template="#/components/schemas/{model}")
    submit.pop("$defs", None)
    submit["properties"].pop("interview")
    submit["required"].remove("interview")
    listed = {
        "type": "object",
        "required": ["interviews", "next"],
        "properties": {
            "interviews": {"type": "array", "items": _INTERVIEW},
            "next": {"type": ["integer", "null"]},
        },
    }
    number = {"type": "integer", "minimum": 0}
    paths: dict[str, Any] = {
        "/api/visitor": {
            "post": _operation(
                "领一个匿名的身份凭证",
                {"200": _json({"type": "object", "required": ["visitor"]}, "凭证")},
                403,
                429,
                503,
            )
        },
        "/api/interviews": {
            "get": _operation(
                "访谈列表",
                {"200": _json(listed, "访谈")},
                400,
                401,
                parameters=[
                    _query("status", {"type": "string"}),
                    _query("year", {"type": "integer"}),
                    _query("after", number),
                    _query("limit", number),
                ],
            )
        },
        "/api/interviews/{id}": {
            "get": _operation("一场访谈", {"200": _json(_INTERVIEW, "访谈")}, 401, 404, parameters=[_ID])
        },
        "/api/interviews/{id}/ratings": {
            "get": _operation(
                "一场访谈的公众评价：只有人数",
                {"200": _json(_RATINGS, "整场的，和每一条公开答复的")},
                401,
                404,
                parameters=[_ID],
            )
        },
        "/api/interviews/{id}/questions": {
            "post": _operation(
                "提一个问题",
                {"200": _json(_SUBMITTED, "重复提交，同样的结果"), "201": _json(_SUBMITTED, "收到了")},
                *_ALWAYS,
                parameters=[_ID],
                requestBody=_body(submit),
            )
        },
        "/api/interviews/{id}/similar": {
            "post": _operation(
                "写到一半的提问，和哪些已经公开的提问、目录里的哪些条目相近；写的字不留存",
                {"200": _json(_SIMILAR, "最相近的在前，各不超过五个")},
                *_ALWAYS,
                parameters=[_ID],
                requestBody=_body(HalfWritten.model_json_schema()),
            )
        },
        "/api/challenge": {
            "get": _operation("领一道验证题（ALTCHA）", {"200": _json(_CHALLENGE, "验证题")}, 401, 403, 503)
        },
        "/api/proof": {
            "post": _operation(
                "交验证题的答案，接着交问题",
                {"200": _json(_PROVED, "通过了，一题只算一次")},
                *_ALWAYS,
                requestBody=_body(Solved.model_json_schema()),
            )
        },
        "/api/streams/{name}": {
            "get": _operation(
                "一个数据流的积压",
                {"200": _json(_STREAM, "事件或者快照"), "304": {"description": "没有变"}},
                400,
                401,
                404,
                parameters=[
                    _path("name", {"type": "string"}),
                    _query("after", number),
                    _query("limit", number),
                ],
            )
        },
        "/api/search": {
            "get": _operation(
                "在公开的目录、提问、答复和访谈里找",
                {"200": _json(_FOUND, "找到的，每条写明在哪里")},
                400,
                401,
                503,
                parameters=[
                    _query("q", {"type": "string", "maxLength": 200}),
                    _query("kind", {"enum": [kind.value for kind in Kind]}),
                    _query("class", {"type": "string", "description": "目录的类别，连同它下面的"}),
                    _query("from", {"type": "string", "format": "date"}),
                    _query("to", {"type": "string", "format": "date"}),
                    _query("issuer", {"type": "string"}),
                    _query("year", {"type": "integer", "minimum": 1900, "maximum": 2200}),
                    _query("open", {"type": "string", "description": "公开属性"}),
                    _query("force", {"enum": ["yes", "no"]}),
                    _query("sort", {"enum": [order.value for order in Order]}),
                    _query("after", number),
                    _query("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
                ],
            )
        },
        "/api/faq/ask": {
            "post": _operation(
                "问机器人",
                {"200": _json(_ANSWER, "答复、选项，或者请人来办")},
                *_ALWAYS,
                requestBody=_body(AskBot.model_json_schema()),
            )
        },
        "/api/faq/feedback": {
            "post": _operation(
                "机器人的回答有没有用",
                {"200": _json({"type": "object"}, "记下了")},
                *_ALWAYS,
                requestBody=_body(JudgeBot.model_json_schema()),
            )
        },
        "/api/openapi.json": {
            "get": _operation("这份说明", {"200": _json({"type": "object"}, "OpenAPI")}, 401)
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "访谈", "version": "1"},
        "paths": paths | _commands(),
        "components": {"schemas": _components()},
    }
