"""What partners can be told of, and the body that tells it: ids alone, by which the partner may then ask."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Topic(StrEnum):
    """What happened. The word is the body's `type`, and the operation of its `notify` event."""

    MESSAGE_CREATED = "message.created"
    RECOMMENDATION_RECEIVED = "recommendation.received"
    CONNECTION_CHANGED = "connection.changed"
    REPORT_DUE = "report.due"


ABOUT_NOBODY = frozenset({Topic.REPORT_DUE})
"""What is about the partner itself: nobody's data, so that telling it is no event."""


def payload(topic: Topic, at: int, data: Mapping[str, str]) -> dict[str, Any]:
    """Make a payload (Standard Webhooks, payload structure).

    Args:
        topic: what happened.
        at: when, microseconds since 1970.
        data: ids of what it happened to.
    """
    when = datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"type": topic.value, "timestamp": when, "data": dict(data)}


def body_of(said: Mapping[str, Any]) -> str:
    """Write a payload as it is signed and sent."""
    return json.dumps(said, separators=(",", ":"))
