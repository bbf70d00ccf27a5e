"""A partner's console: one module per page group. Handlers only parse, call the rooms below, and render.

Members are persons with accounts like any other; who is none finds nothing here (404). What changes something
asks for a fresh proof, as /account does.
"""

from litestar import Router
from litestar.di import Provide

from vestibule.web.console import asking, entry, overview, reports, requests, trying, webhooks
from vestibule.web.console.door import provide_changing, provide_inside

router = Router(
    "/console/{partner_id:str}",
    route_handlers=[
        *overview.handlers,
        *asking.handlers,
        *entry.handlers,
        *requests.handlers,
        *reports.handlers,
        *webhooks.handlers,
        *trying.handlers,
    ],
    dependencies={"inside": Provide(provide_inside), "changing": Provide(provide_changing)},
    include_in_schema=False,
)
handlers = (overview.show_partners, router)
