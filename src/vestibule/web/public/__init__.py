"""What everybody may see: the register, claims, the log in plain words and its verifier, the static files."""

from vestibule.web.public import (
    button,
    claims,
    log,
    receipts,
    register_pages,
    report_pages,
    static_files,
    verifier,
)

handlers = (
    *register_pages.handlers,
    *report_pages.handlers,
    *claims.handlers,
    *log.handlers,
    *receipts.handlers,
    *verifier.handlers,
    *button.handlers,
    *static_files.handlers,
)
