"""The person's pages: one module per page group. Handlers only parse, call the rooms below, and render."""

from vestibule.web.person import apps, apps_acting, compose, conversation, friends, importing, signing_in

handlers = (
    *signing_in.handlers,
    *conversation.handlers,
    *compose.handlers,
    *friends.handlers,
    *importing.handlers,
    *apps.handlers,
    *apps_acting.handlers,
)
