"""A platform on a loopback port, a person on it, and npm's OAuth clients."""

import base64
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from tests import npm
from tests.oauth.foreign.a_person import Deciding
from tests.web.conftest import PASSWORD, App, House, Person, allow_reading, befriend, register_app, serving

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Fetch the pinned npm packages, unless an earlier run did; without npm skip, but in CI fail."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    home = npm.CACHE / "foreign" / lock
    if not home.is_dir():
        try:
            with npm.folder_that_becomes(home) as unfinished:
                npm.install(HERE, unfinished / "npm")
        except npm.CommandFailedError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(f"no OAuth clients from npm: {error}")
            pytest.skip(f"no OAuth clients from npm: {error}")
    return home / "npm" / "node_modules"


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Serve one platform for all clients."""
    with serving(tmp_path_factory.mktemp("house"), "127.0.0.1") as running:
        yield running


@pytest.fixture(scope="session")
def jukebox(house: House) -> App:
    """Register a partner that may ask people to let it read."""
    made = register_app(house, "jukebox", "Jukebox")
    allow_reading(house, made)
    return made


@pytest.fixture(scope="session")
def ana(house: House) -> Iterator[Deciding]:
    """Sign up Ana, who writes with Bob."""
    people = [Person(name.lower(), name, house.browser()) for name in ("Ana", "Bob")]
    for person in people:
        person.does("/signup", handle=person.handle, name=person.name, password=PASSWORD)
    her, bob = people
    befriend(her, bob)
    conversation = her.writes_to(bob, body="do you know this song?")
    yield Deciding(her, conversation)
    for person in people:
        person.browser.close()


@pytest.fixture(scope="session")
def settings(house: House, jukebox: App) -> dict[str, str]:
    """What a client has to know of the platform and of itself."""
    return {
        "origin": house.origin,
        "api": f"{house.origin}/v1",
        "partner": jukebox.partner,
        "back": jukebox.back,
        "keyId": jukebox.key_id,
        "seed": base64.b64encode(jukebox.seed).decode(),
        "public": base64.b64encode(bytes(SigningKey(jukebox.seed).verify_key)).decode(),
    }
