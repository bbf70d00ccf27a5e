"""What everybody may see: the register, the log in plain words, and the static files."""

from vestibule.web.public import log, receipts, register_pages, static_files

handlers = (*register_pages.handlers, *log.handlers, *receipts.handlers, *static_files.handlers)
