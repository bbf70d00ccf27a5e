"""The routes of `web.hot` as OpenAPI describes them; the framework does not see them."""

from typing import Any

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
"""Problem details (RFC 9457)."""


def _problems(told: dict[int, str]) -> dict[str, Any]:
    """Describe answers that are not the one asked for, by status."""
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {
        str(status): {"description": description, "content": content} for status, description in told.items()
    }


HOT_PATHS: dict[str, Any] = {
    "/api/conversations/{conversation}/messages": {
        "post": {
            "tags": ["Person's own programs"],
            "summary": "Send a message",
            "description": "Answered once it is durable. Sent again under the same key it is one message.",
            "operationId": "SendMessage",
            "parameters": [
                {"name": "conversation", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["body", "key"],
                            "properties": {
                                "body": {"type": "string", "minLength": 1, "maxLength": 8000},
                                "key": {"type": "string", "pattern": "^[!-~]{1,120}$"},
                                "reply_to": {"type": ["integer", "null"], "minimum": 1},
                            },
                        }
                    }
                },
            },
            "responses": {
                **_problems(
                    {
                        400: "The body is no such JSON; the detail says what was expected and what came.",
                        401: "Nobody is signed in.",
                        403: "One of the two has blocked the other, or another site caused the request.",
                        404: "There is no such conversation of this person's.",
                        409: "The key stands for another message.",
                        413: "The body is larger than 64 KiB.",
                        422: "The message cannot be sent as it is; the detail says why.",
                        503: "It could not be stored; send it again under the same key.",
                    }
                ),
                "201": {
                    "description": "The message stands.",
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["seq", "sent_at"],
                                "properties": {"seq": {"type": "integer"}, "sent_at": {"type": "integer"}},
                            }
                        }
                    },
                },
            },
        }
    },
    "/api/events": {
        "get": {
            "tags": ["Person's own programs"],
            "summary": "Follow one's conversations",
            "description": "Server-sent events: `message` for each new one, `sync` where to read again.",
            "operationId": "FollowEvents",
            "responses": {
                **_problems({401: "Nobody is signed in."}),
                "200": {"description": "An endless stream.", "content": {"text/event-stream": {}}},
            },
        }
    },
}
