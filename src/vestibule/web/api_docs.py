"""The partner API described: `/openapi.json` (OpenAPI 3.1), and a page of it that needs no script."""

from typing import Any

from litestar import Litestar, Request, Response, get

from vestibule.web.pages import page

METHODS = ("get", "post", "put", "delete")
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
                            },
                        }
                    }
                },
            },
            "responses": {
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
                }
            },
        }
    },
    "/api/events": {
        "get": {
            "tags": ["Person's own programs"],
            "summary": "Follow one's conversations",
            "description": "Server-sent events: `message` for each new one, `sync` where to read again.",
            "operationId": "FollowEvents",
            "responses": {"200": {"description": "An endless stream.", "content": {"text/event-stream": {}}}},
        }
    },
}
"""The routes of `web.hot`, which the framework does not see."""


def described(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI document of the partner API and the hot routes."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    document["paths"] = {**document.get("paths", {}), **HOT_PATHS}
    return document


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Serve the OpenAPI document."""
    return Response(described(request.app), media_type="application/json")


@get("/docs/api", include_in_schema=False, sync_to_thread=False)
def docs(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the document as a page."""
    document = described(request.app)
    operations = [
        {"method": method.upper(), "path": path, **item[method]}
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    return page("public/api.html", here="register", info=document["info"], operations=operations)


handlers = (openapi, docs)
