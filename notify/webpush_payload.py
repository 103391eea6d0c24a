"""What a browser is told, in one JSON text for two worlds.

Safari can show it by itself (Declarative Web Push, https://w3c.github.io/push-api/#declarative-push-message); others
hand it to the page's service worker, which shows the same members. Every message shows something: a browser takes the
subscription away from a page that is pushed to in silence.
"""

from __future__ import annotations

from typing import Any

import msgspec

from notify.es256 import base64url
from notify.message import Notice

MARK = 8030
"""What `web_push` holds in a declarative message: the RFC's number."""


def payload(notice: Notice) -> bytes:
    """The plain text of a push message."""
    data: dict[str, Any] = {"id": notice.id, "reference": notice.reference, "category": notice.category}
    if notice.expires_at is not None:
        data["expires_at"] = notice.expires_at
    if notice.sealed is not None:
        data["sealed"] = base64url(notice.sealed)
    message: dict[str, Any] = {
        "web_push": MARK,
        "notification": {
            "title": notice.title,
            "body": notice.text,
            "navigate": notice.link,
            "lang": notice.language,
            "dir": "auto",
            "tag": notice.collapse_key,
            "data": data,
        },
        # The page's service worker is asked first, where there is one: it alone can open what is sealed, and say that
        # the message has arrived. Where it is gone, or fails, the browser shows it by itself.
        "mutable": True,
    }
    if notice.buttons:
        # Each leads to a page, in Safari by `navigate`: https://notifications.spec.whatwg.org/#dictdef-notificationaction
        message["notification"]["actions"] = [
            {"action": button.name, "title": button.title, "navigate": button.link} for button in notice.buttons
        ]
    if notice.badge is not None:
        # The specification reads it here, the first Safari that took such messages in the notification.
        message["app_badge"] = message["notification"]["app_badge"] = notice.badge
    return msgspec.json.encode(message)
