"""The partner API described: `/openapi.json` (OpenAPI 3.1), and a page of it that needs no script."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get

from vestibule.ledger.report_schema import SCHEMA
from vestibule.web import partner_acting, partner_register, partner_webhooks
from vestibule.web.hot_docs import HOT_PATHS
from vestibule.web.pages import page

METHODS = ("get", "post", "put", "delete")
SIGNING = (
    "Every request under /v1 carries Content-Digest (RFC 9530, sha-256, of an empty body too), "
    "Signature-Input and Signature (RFC 9421, Ed25519) over @method, @target-uri, content-digest and, if it "
    "is sent, authorization, with the parameters created (seconds, within a minute of now), keyid (as "
    "jukebox:1), nonce (new each time) and alg. The exact profile with an example is section 6 of "
    "docs/log.md in the source's repository; vestibule.sdk.client writes these headers."
)
TOKENS = (
    "A person's data need Authorization: DPoP vst_... too, and a DPoP proof (RFC 9449) for each request: the "
    "token of a pushed authorization request (/.well-known/oauth-authorization-server; docs/authorization.md "
    "in the source's repository). It lives ten minutes, works only with the key it is bound to, in requests "
    "signed by the partner it was given to, and ends with the connection; a refresh token gets the next."
)
SIGNED_HEADERS = (
    ("Content-Digest", "sha-256=:...: of the body"),
    ("Signature-Input", "what is signed, with created, keyid, nonce and alg"),
    ("Signature", "the Ed25519 signature under the same label"),
)
PROOF = ("DPoP", "the proof (RFC 9449) for this request by the key that the token is bound to, ath included")
RETRY_AFTER = {"retry-after": {"description": "seconds to wait", "schema": {"type": "integer"}}}
WITHOUT_PERSON = "/v1/reconciliations"
COUNTERS: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "required": ["size", "counts", "key_id", "signature"],
                "properties": {
                    "size": {"type": "integer", "minimum": 1, "description": "how many leaves are counted"},
                    "counts": {
                        "type": "object",
                        "description": "kind/op, as access/messages.read, to [events, items]",
                        "additionalProperties": {
                            "type": "array",
                            "items": {"type": "integer"},
                            "minItems": 2,
                            "maxItems": 2,
                        },
                    },
                    "key_id": {"type": "string"},
                    "signature": {
                        "type": "string",
                        "description": "base64, over the canonical reconcile leaf without d and sig",
                    },
                },
            }
        }
    },
}
"""The body of a reconciliation, which its handler reads itself because it is signed as it stands."""
SUSPENDING = "/v1/suspensions"
SUSPENSION: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "required": ["person", "suspended"],
                "properties": {
                    "person": {"type": "string", "description": "the id that you know the person by"},
                    "suspended": {"type": "boolean"},
                },
            }
        }
    },
}
"""The body of a suspension, read by its handler as it was signed; it needs no token, as none lives then."""
CARDS = "/v1/cards"
PAGE: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "required": ["page"],
                "properties": {
                    "page": {"type": "string", "description": "an address within your home origin"},
                    "campaign": {"type": "string", "pattern": "^[a-z0-9._-]{0,64}$"},
                },
            }
        }
    },
}
"""The body that names a page, read by its handler as it was signed; it is about no person."""
WRITING = "/v1/conversations/{conversation}/messages"
DELETING = f"{WRITING}/{{message}}"
NEW_MESSAGE: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "required": ["body"],
                "properties": {
                    "body": {"type": "string", "minLength": 1, "maxLength": 8000},
                    "reply_to": {
                        "type": ["string", "null"],
                        "description": "the id of a message that this connection can see",
                    },
                },
            }
        }
    },
}
"""The body of a message to be written, read by its handler as it was signed."""
KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "a new one for each message, in quotes: the same again is one message and one leaf",
    "schema": {"type": "string", "pattern": partner_acting.KEY.pattern},
}
KEY_OF_DELETION = KEY | {
    "required": False,
    "description": "may be left out, for the address names one message; with it, the event's opening names "
    "the key's digest, and the same key for another message is refused",
}


REPORT = "/v1/reports/{period}"
TABLE: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": SCHEMA},
        "text/csv": {
            "schema": {
                "type": "string",
                "description": "day,interface,surface,variant,sends,clicks and a line a row (RFC 4180)",
            }
        },
    },
}
"""The file of a report, read by its handler as it was signed."""
DETACHED: dict[str, Any] = {
    "name": "JWS-Signature",
    "in": "header",
    "required": True,
    "description": "the detached JWS over the body (RFC 7515, appendix F): header..signature",
    "schema": {"type": "string"},
}


BODIES: Mapping[tuple[str, str], type[msgspec.Struct]] = {
    ("post", "/v1/own-suspension"): partner_register.OwnSuspension,
    ("post", "/v1/keys"): partner_register.NewKey,
    ("post", "/v1/key-ends"): partner_register.KeyEnd,
    ("put", "/v1/redirect-uris"): partner_register.RedirectUris,
    ("put", "/v1/webhooks"): partner_webhooks.NewEndpoint,
}
"""Bodies that their handlers read themselves, as they were signed."""
RATE: dict[str, Any] = {
    "RateLimit-Policy": {
        "description": "after a signed request: how many at once (q), there again in how many seconds (w)",
        "schema": {"type": "string", "examples": ['"partner";q=400;w=2']},
    },
    "RateLimit": {
        "description": "how many requests are left (r), and in how many seconds all are there again (t)",
        "schema": {"type": "string", "examples": ['"partner";r=399;t=1']},
    },
}
TAG = {"ETag": {"description": "for If-None-Match of the next request", "schema": {"type": "string"}}}
NEXT = {"Link": {"description": 'where the next page is (rel="next")', "schema": {"type": "string"}}}
PROVEN = {"Link": {"description": 'where the receipts are (rel="describedby")', "schema": {"type": "string"}}}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "the ETag of what you have; if it is still so, the answer is 304",
    "schema": {"type": "string"},
}


def described(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI document of the partner API and the hot routes."""
    document: dict[str, Any] = app.openapi_schema.to_schema()
    for item in document["paths"].values():
        for operation in item.values():
            # What is decided about a person can be refused; everything else asks for no token.
            _signed(operation, with_token="403" in operation["responses"])
            _answered(operation)
    document["paths"][WITHOUT_PERSON]["post"]["requestBody"] = COUNTERS
    document["paths"][CARDS]["post"]["requestBody"] = PAGE
    document["paths"][WRITING]["post"]["requestBody"] = NEW_MESSAGE
    document["paths"][WRITING]["post"]["parameters"].append(KEY)
    document["paths"][DELETING]["delete"]["parameters"].append(KEY_OF_DELETION)
    document["paths"][SUSPENDING]["post"]["requestBody"] = SUSPENSION
    document["paths"][REPORT]["put"]["requestBody"] = TABLE
    document["paths"][REPORT]["put"]["parameters"].append(DETACHED)
    for (method, path), body in BODIES.items():
        document["paths"][path][method]["requestBody"] = _body(body)
    document["paths"] = {**document["paths"], **HOT_PATHS}
    document["info"]["description"] = "\n\n".join((document["info"]["description"], SIGNING, TOKENS))
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "DPoP"}}
    return document


def _body(body: type[msgspec.Struct]) -> dict[str, Any]:
    schema = msgspec.json.schema(body)["$defs"][body.__name__]
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _signed(operation: dict[str, Any], *, with_token: bool) -> None:
    """Add to a partner's operation the headers that its handler reads from the raw request."""
    headers = (*SIGNED_HEADERS, PROOF) if with_token else SIGNED_HEADERS
    operation["parameters"] = [
        *operation.get("parameters", []),
        *(
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": about,
                "schema": {"type": "string"},
            }
            for name, about in headers
        ),
    ]
    if with_token:
        operation["security"] = [{"token": []}]
    for status in ("429", "503"):
        operation["responses"][status]["headers"] = RETRY_AFTER


def _answered(operation: dict[str, Any]) -> None:
    """Add the headers that answers carry besides, and what a request may name of them."""
    given, responses = operation["parameters"], operation["responses"]
    if "304" in responses:
        given.append(IF_NONE_MATCH)
        responses["200"].setdefault("headers", {}).update(TAG)
        responses["304"]["headers"] = {**TAG, **PROVEN}
    if any(one["name"] == "after" for one in given):
        responses["200"].setdefault("headers", {}).update(NEXT)
    for response in responses.values():
        response["headers"] = {**response.get("headers", {}), **RATE}


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
