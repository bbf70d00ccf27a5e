"""The pages of the operator's staff: one module per page group. Handlers only parse, call, and render.

Staff are persons with accounts like any other; who is none finds nothing here (404). What opens a
conversation or changes something asks for a fresh proof, as /account does.
"""

from litestar import Router
from litestar.di import Provide

from vestibule.web.staff import conversations, overview, partners, reported, reports, requests
from vestibule.web.staff.door import provide_acting, provide_inside

router = Router(
    "/staff",
    route_handlers=[
        *overview.handlers,
        *requests.handlers,
        *partners.handlers,
        *reported.handlers,
        *reports.handlers,
        *conversations.handlers,
    ],
    dependencies={"inside": Provide(provide_inside), "acting": Provide(provide_acting)},
    include_in_schema=False,
)
handlers = (router,)
