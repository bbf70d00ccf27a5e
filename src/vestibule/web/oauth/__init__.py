"""The authorization server's HTTP rim: what clients call, what they read, and what a person decides on."""

from vestibule.web.oauth import authorize, clients, metadata

handlers = (*authorize.handlers, *metadata.handlers, clients.router)
