"""The modules of /verify against published vectors, and against their twins in Python, run in the browser."""

import base64
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from nacl import bindings
from playwright.sync_api import Browser

from tests.browser.a_liar import serving
from tests.ledger.test_docs import LEAVES
from tests.ledger.test_vrf import NOT_CANONICAL, RFC_9381, SMALL_ORDER, Vector
from tests.tlog.test_cosignature import EXAMPLE
from tests.tlog.test_merkle import ENTRIES, ROOTS
from tests.tlog.test_note import NOTE, VKEY
from tests.verdict.log_builder import ALICE
from tests.verdict.stories import told
from vestibule.ledger import canonical, tags, vrf
from vestibule.ledger.errors import CanonicalError
from vestibule.ledger.leaf import Event, parse
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.keys import COSIGNATURE, SigningKey
from vestibule.tlog.merkle import inclusion_proof, leaf_hash, node_hash
from vestibule.verdict import person_file
from vestibule.verdict.errors import BadPersonFile
from vestibule.verdict.person_file import render

pytestmark = pytest.mark.usefixtures("curve")

PREPARED = """async (input) => {
    const load = (name) => import(`/static/verify/${name}.js`);
    const { hex, unhex, utf8 } = await load("bytes");
    %s
}"""

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def run(browser: Browser) -> Iterator[Run]:
    """Run a piece of JavaScript among the page's modules; what it refuses comes back as `refused: ...`."""
    with serving() as liar, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{liar.origin}/verify")

        def one(body: str, given: object = None) -> Any:
            return page.evaluate(PREPARED % body, given)

        yield one


VERIFY_VRF = """
    const { loadCurve, verifyVrf } = await load("vrf");
    const [key, alpha, proof] = input.map(unhex);
    try { return hex(await verifyVrf(await loadCurve(), key, alpha, proof)); }
    catch (error) { return `refused: ${error.message}`; }
"""


@pytest.mark.parametrize("vector", RFC_9381, ids=["16", "17", "18"])
def test_the_vrf_gives_the_examples_of_rfc_9381(run: Run, vector: Vector) -> None:
    assert run(VERIFY_VRF, [vector.public, vector.alpha, vector.pi]) == vector.beta


def test_the_vrf_refuses_what_its_twin_refuses(run: Run) -> None:
    first = RFC_9381[0]
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(bytes.fromhex(first.pi)[48:], "little")
    wrapped = first.pi[:96] + (s + order).to_bytes(32, "little").hex()
    bent = [f"{first.pi[:at]}{int(first.pi[at], 16) ^ 1:x}{first.pi[at + 1 :]}" for at in (0, 70, 100)]
    mixed = bindings.crypto_core_ed25519_add(
        bytes.fromhex(first.public), bytes.fromhex(SMALL_ORDER[-1])
    ).hex()
    outside = [*SMALL_ORDER, *NOT_CANONICAL, mixed]
    for cases, message in (
        (
            [[point, first.alpha, first.pi] for point in outside],
            "expected a public key in the prime-order group",
        ),
        (
            [[first.public, first.alpha, point + first.pi[64:]] for point in outside],
            "expected a gamma in the",
        ),
        ([[first.public, first.alpha, wrapped]], "expected a scalar below the group order"),
        ([[first.public, first.alpha, first.pi[:-2]]], "expected a proof of 80 bytes"),
        ([[first.public, "00", first.pi]], "expected a proof for this key and input"),
        ([[RFC_9381[1].public, first.alpha, first.pi]], "expected a proof for this key and input"),
        ([[first.public, first.alpha, pi] for pi in bent], "expected a"),
    ):
        for case in cases:
            assert run(VERIFY_VRF, case).startswith(f"refused: {message}"), case


def test_a_lane_is_that_of_the_twin(run: Run) -> None:
    key = vrf.VrfKey.from_seed(bytes(32))
    alpha = tags.alpha("vestibule.example/2026", "jukebox", "own", bytes(range(16)))
    lane_key = tags.lane_key(vrf.proof_to_hash(key.prove(alpha)))
    found = run(
        """const { alpha, tagOf, personId } = await load("tags");
        const key = unhex(input);
        const made = alpha("vestibule.example/2026", "jukebox", "own", "000102030405060708090a0b0c0d0e0f");
        return [hex(made), tagOf(key, 0), tagOf(key, 2 ** 40), personId(key)];""",
        lane_key.hex(),
    )
    first, far = (base64.b64encode(tags.tag(lane_key, i)).decode() for i in (0, 2**40))
    assert found == [alpha.hex(), first, far, tags.partner_person_id(lane_key)]


def test_sha_256_gives_published_digests_and_those_of_webcrypto(run: Run) -> None:
    # FIPS 180-4 examples; HMAC: RFC 4231, test cases 2 and 6.
    digests = run(
        """const { sha256, hmacSha256 } = await load("sha256");
        const long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        const large = "Test Using Larger Than Block-Size Key - Hash Key First";
        const million = new Uint8Array(1e6).fill(97);
        return [sha256(utf8("")), sha256(utf8("abc")), sha256(utf8(long)), sha256(million),
          hmacSha256(utf8("Jefe"), utf8("what do ya want for nothing?")),
          hmacSha256(new Uint8Array(131).fill(0xaa), utf8(large))].map(hex);"""
    )
    assert digests == [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ]
    different = run(
        """const { sha256 } = await load("sha256");
        const wrong = [];
        for (let length = 0; length < 300; length++) {
          const data = crypto.getRandomValues(new Uint8Array(length));
          const other = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
          if (hex(sha256(data)) !== hex(other)) wrong.push(length);
        }
        return wrong;"""
    )
    assert different == []


def test_roots_are_those_that_implementations_of_rfc_6962_share(run: Run) -> None:
    roots = run(
        """const { Frontier, leafHash } = await load("merkle");
        const tree = new Frontier();
        const roots = [hex(tree.root())];
        for (const entry of input) { tree.append(leafHash(unhex(entry))); roots.push(hex(tree.root())); }
        return roots;""",
        [entry.hex() for entry in ENTRIES],
    )
    assert roots == list(ROOTS)


def test_the_examples_of_signed_note_and_cosignature_verify(run: Run) -> None:
    body = """const { parseKey, parseNote, timesSignedBy } = await load("note");
        try { return await timesSignedBy(parseNote(utf8(input[0])), parseKey(input[1])); }
        catch (error) { return `refused: ${error.message}`; }"""
    assert run(body, [NOTE, VKEY]) == [0]
    assert run(body, [NOTE.replace("message", "massage"), VKEY]).startswith("refused: ")
    assert run(body, [NOTE, VKEY.replace("530d903a", "530d903b")]).startswith("refused: ")


def test_a_cosignature_of_the_twin_verifies_and_gives_its_time(run: Run) -> None:
    key = SigningKey.from_seed("witness.example.com/w1", bytes(32), COSIGNATURE)
    text = EXAMPLE.partition("\n\n")[0] + "\n"
    body = """const { parseKey, parseNote, timesSignedBy } = await load("note");
        const note = parseNote(utf8(input[0]));
        return [note.signatures.map(({ name }) => name), await timesSignedBy(note, parseKey(input[1]))];"""
    names = ["example.com/behind-the-sofa", "witness.example.com/w1"]
    # The example's key is not published; its cosignature names another key id than ours, and does not count.
    assert run(body, [EXAMPLE, str(key.verifier)]) == [names, []]
    cosigned = EXAMPLE + cosign(text, key, 1_679_315_147)
    assert run(body, [cosigned, str(key.verifier)]) == [[*names, names[1]], [1_679_315_147]]


def test_prefix_maps_have_the_roots_of_the_twin(run: Run) -> None:
    random, twin = Random(9381), PrefixMap()  # noqa: S311 - the same tags in every run
    rows: list[list[Any]] = []
    roots = [twin.root().hex()]
    for index in range(400):
        tag = random.randbytes(32) if index % 3 else bytes([index % 7]) * 31 + random.randbytes(1)
        if twin.insert(tag, index) is None:
            rows.append([tag.hex(), index])
            roots.append(twin.root().hex())
    found = run(
        """const { PrefixMap } = await load("prefix_map");
        const map = new PrefixMap();
        const roots = [hex(map.root())];
        for (const [tag, index] of input) { map.insert(unhex(tag), index); roots.push(hex(map.root())); }
        return roots;""",
        rows,
    )
    assert found == roots


def test_canonical_json_is_read_as_the_twin_reads_it(run: Run) -> None:
    texts = [
        '{"a":1}',
        '{"a": 1}',
        '{"a":1,"a":1}',
        '{"b":1,"a":2}',
        '{"a":1.0}',
        '{"a":1e2}',
        '{"a":-0}',
        '{"a":-1}',
        f'{{"a":{2**53 - 1}}}',
        f'{{"a":{2**53}}}',
        f'{{"a":{2**53 + 1}}}',
        '{"a":true}',
        '{"a":null}',
        '{"a":[]}',
        '{"a":{"10":1,"9":2}}',
        '{"a":{"9":1,"10":2}}',
        '{"__proto__":1}',
        '{"é":1}',
        '{"a":"é"}',
        '{"a":"\\u00e9"}',
        '{"a":"\\ud800"}',
        '{"a":"\\u001f"}',
        '{"a":"\\u001F"}',
        '{"a":"\\/"}',
        '{"a":"\x7f\u2028\u2029"}',
        '{"a":"😀"}',
        '\ufeff{"a":1}',
        "[1]",
        '"a"',
        "{}",
        "",
        '{"a":1}\n',
    ]
    found = run(
        """const { decode } = await load("canonical");
        return input.map((text) => { try { decode(utf8(text)); return true; } catch { return false; } });""",
        texts,
    )
    assert dict(zip(texts, found, strict=True)) == {text: is_canonical(text) for text in texts}


def is_canonical(text: str) -> bool:
    try:
        canonical.decode(text.encode())
    except CanonicalError:
        return False
    return True


def test_the_leaves_of_the_specification_make_an_honest_log(run: Run) -> None:
    register = [line for line in LEAVES if not isinstance(parse(line), Event)]
    events = [line for line in LEAVES if isinstance(parse(line), Event)]
    found = run(
        """const { Replay } = await load("replay");
        const replay = new Replay();
        for (const entry of input) await replay.add(utf8(entry));
        const { size, breaches, reconciled } = replay;
        const epochs = replay.epochs.map(({ index }) => index);
        return { size, breaches, epochs, matches: reconciled[0].matches };""",
        [line.decode() for line in register[:4] + events + register[4:]],
    )
    assert found == {"size": len(LEAVES), "breaches": [], "epochs": [8], "matches": True}


def test_inclusion_proofs_lead_to_the_root_or_are_refused(run: Run) -> None:
    hashes = [leaf_hash(entry) for entry in ENTRIES]

    def read(level: int, index: int) -> bytes:
        if level == 0:
            return hashes[index]
        return node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

    cases: list[tuple[list[Any], bool]] = []
    for size in range(1, 9):
        for index in range(size):
            proof = [one.hex() for one in inclusion_proof(index, size, read)]
            place: list[Any] = [hashes[index].hex(), index, size]
            cases.append(([*place, proof, ROOTS[size]], True))
            cases.append(([*place, [*proof, ROOTS[1]], ROOTS[size]], False))
            cases.append(([*place, proof, ROOTS[0]], False))
            cases.append(([*place, proof[:-1], ROOTS[size]], size == 1))
    found = run(
        """const { needIncluded } = await load("merkle");
        return input.map(([leaf, index, size, proof, root]) => {
          const claim = { leaf: unhex(leaf), index, size, proof: proof.map(unhex), root: unhex(root) };
          try { needIncluded(claim); return true; } catch { return false; }
        });""",
        [case for case, _ in cases],
    )
    assert found == [good for _, good in cases]


def test_person_files_are_read_as_the_twin_reads_them(run: Run) -> None:
    log = told()
    good = render(log.person(ALICE, "jukebox", "marquee")).decode()
    files = {
        good: True,
        good.replace('"origin"', '"origin": "x", "origin"', 1): False,
        good.replace('"index"', '"index": 1, "index"', 1): False,
        good.replace("person/v1", "person/v2"): False,
        good.replace('"own"', '"other"', 1): False,
        good.replace('"partner": "marquee"', '"partner": "jukebox"'): False,
        good.replace('"r": "A', '"r": "*', 1): False,
        "[]": False,
        "": False,
    }
    found = run(
        """const { parsePersonFile } = await load("person");
        return input.map((text) => {
          try { return Boolean(parsePersonFile(utf8(text))); } catch { return false; }
        });""",
        list(files),
    )
    assert found == list(files.values()) == [is_person_file(text) for text in files]


def is_person_file(text: str) -> bool:
    try:
        person_file.parse(text.encode())
    except BadPersonFile:
        return False
    return True
