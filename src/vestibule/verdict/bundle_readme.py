"""The README of a dispute bundle: how to check it with Vestibule, and without anything of ours."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vestibule.verdict.log_view import LogView

PRIVATE = """
PRIVATE: person.json, receipts/ and consents/ hold what one person knows about her own data, and
summary.html says it in words. This bundle is for those to whom she decides to show it.
"""

TEXT = """A dispute bundle of the log {origin}
{private}
What is in it
-------------

summary.html     the answers in plain words; open it in any browser, or print it
verdicts.json    the same answers for programs
bundle.json      the questions
log/             the public log, as it is published: checkpoint with all signatures, entries, hashes
policy.txt       which keys are trusted; the log's key is in it
person.json      a person's own file, if one is shown: openings and VRF proofs, for this company alone
receipts/        receipts that were handed out, and those of what the person agreed to
consents/        consent receipts, if she shows any: what she agreed to, word for word, and how
SHA256SUMS       SHA-256 of every file

summary.html, verdicts.json and this page say what the other files prove. Do not believe them: check.


With Vestibule
--------------

Get the program from somebody other than who gave you this bundle. No network is needed:

    vestibule verify bundle.zip

The policy came with the bundle, so that trusts the keys that whoever made it has chosen. Get the log's key
from elsewhere, write a policy of your own, and add --policy FILE. One question alone:

    vestibule verify could --log bundle.zip --partner {partner}


With other tools
----------------

Unpack the zip, and go into its folder.

1. The files are those that SHA256SUMS names:

sha256sum -c SHA256SUMS

2. The log has signed its checkpoint. The format is C2SP signed-note: a text (name, number of entries,
   root hash), a blank line, and a line for each signature, in base64 (4 bytes of key id, then 64 of
   Ed25519). The key is the one in policy.txt (1 byte of algorithm, then 32):

head -n 3 log/checkpoint > text
grep -F -e {signed_by} log/checkpoint | head -n 1 | cut -d ' ' -f 3 | base64 -d | tail -c 64 > signature
(printf %s MCowBQYDK2VwAyEA | base64 -d; printf %s {log_key} | base64 -d | tail -c 32) > key.der
openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature

   A witness signs the line "cosignature/v1", the line "time" with seconds since 1970, and then the
   checkpoint's three lines; its signature has 8 bytes of that time between key id and Ed25519 (C2SP
   tlog-cosignature).

3. The entries are those that the checkpoint has the hash of. An entry is hashed after a byte 0, two
   hashes after a byte 1 (RFC 6962). The files under log/tile/entries/ hold 256 entries each (the last
   one fewer), each after its length in two bytes (C2SP tlog-tiles). With Python and nothing else:

python3 - <<'END'
import base64, hashlib
sha = lambda data: hashlib.sha256(data).digest()
name, size, root = open("log/checkpoint", encoding="utf-8").read().split("\\n")[:3]
def path(number, width):
    text = f"{{number % 1000:03d}}"
    while number := number // 1000:
        text = f"x{{number % 1000:03d}}/{{text}}"
    return f"log/tile/entries/{{text}}" + ("" if width == 256 else f".p/{{width}}")
hashes = []
for first in range(0, int(size), 256):
    data = open(path(first // 256, min(256, int(size) - first)), "rb").read()
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        hashes.append(sha(b"\\0" + data[2:end]))
        data = data[end:]
def tree(part):
    if len(part) == 1:
        return part[0]
    half = 1 << (len(part) - 1).bit_length() - 1
    return sha(b"\\1" + tree(part[:half]) + tree(part[half:]))
print("same root" if tree(hashes) == base64.b64decode(root) else "ANOTHER ROOT", "of", len(hashes), "entries")
END

4. What the entries say can be read as it is: every entry is a line of JSON. "k" is its kind, "p" the
   partner, "op" the operation, "n" the number of items, "d" the day (days since 1970-01-01, UTC). What
   else they have to be, and what an honest log may not hold, is in the log's specification, docs/log.md
   of Vestibule.

5. What only the person knows: each opening in person.json has "r" (base64) and "private" (text). The
   field "c" of the entry it names is HMAC-SHA256 of r and private together, under the key
   "ledger/commit/v1". "private" has the partner's signed request, if it made one (RFC 9421, Ed25519);
   an entry of kind "key" registers the key.

6. A receipt is a C2SP tlog-proof: an index, hashes up to the root (RFC 9162, section 2.1.3.2), and the
   checkpoint. Its line "extra" (base64) holds the entry, and for its person the opening.

7. A consent receipt is a JWS (RFC 7515, EdDSA) by the log's key. Its payload is JSON: the field "consent"
   is the text that she agreed to, "agreement" how; a passkey signed its SHA-256 as a WebAuthn challenge. Its
   fields "partner", "privileges" and "grants" are receipts as in 6; the opening of each grant names the text.


What no log can prove: what a partner did afterwards with what it got, and a read of the platform's
database beside the gate.
"""


def render(view: LogView, partner: str, *, private: bool, tokens: str = "") -> bytes:
    """Write the page for one log and partner; the commands in it can be run as they stand.

    Args:
        view: the log.
        partner: whom the bundle is about.
        private: whether anything in it is not public.
        tokens: the warning about access tokens in it; empty if there are none.
    """
    key = view.trust.policy.log.key
    return TEXT.format(
        origin=view.origin,
        partner=shlex.quote(partner),
        private=(PRIVATE if private else "") + (f"\n{tokens}\n" if tokens else ""),
        signed_by=shlex.quote(f"\N{EM DASH} {key.name} "),
        log_key=shlex.quote(str(key).split("+", 2)[2]),
    ).encode()
