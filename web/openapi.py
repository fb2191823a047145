"""OpenAPI 3.1 of everything under ``/api``, generated from the registry and its schemas."""

from typing import Any

from aiohttp import web

from chat.registry import REGISTRY
from interviews.lifecycle import InterviewStatus
from web.proof import Solved
from web.schemas import AskBot, JudgeBot

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


def describe() -> dict[str, Any]:
    """The whole document."""
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
        "/api/interviews/{id}/questions": {
            "post": _operation(
                "提一个问题",
                {"200": _json(_SUBMITTED, "重复提交，同样的结果"), "201": _json(_SUBMITTED, "收到了")},
                *_ALWAYS,
                parameters=[_ID],
                requestBody=_body(submit),
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
