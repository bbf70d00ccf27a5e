"""What everybody may see: the register, the log in plain words and its verifier, and the static files."""

from vestibule.web.public import log, receipts, register_pages, static_files, verifier

handlers = (
    *register_pages.handlers,
    *log.handlers,
    *receipts.handlers,
    *verifier.handlers,
    *static_files.handlers,
)
