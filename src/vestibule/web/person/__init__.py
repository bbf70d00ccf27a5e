"""The person's pages: one module per page group. Handlers only parse, call the rooms below, and render."""

from vestibule.web.person import (
    account,
    account_passkeys,
    apps,
    apps_acting,
    attached,
    changing,
    compose,
    conversation,
    friends,
    importing,
    invited,
    leaving,
    proving,
    signing_in,
    via,
    words,
)

handlers = (
    *signing_in.handlers,
    *conversation.handlers,
    *attached.handlers,
    *compose.handlers,
    *friends.handlers,
    *invited.handlers,
    *importing.handlers,
    *apps.handlers,
    *changing.handlers,
    *apps_acting.handlers,
    *account.handlers,
    *account_passkeys.handlers,
    *proving.handlers,
    *via.handlers,
    *words.handlers,
    *leaving.handlers,
)
