"""The errors of the ledger: every malformed or forged input raises one of these and nothing else."""


class LedgerError(ValueError):
    """What every error of this room is."""


class CanonicalError(LedgerError):
    """Bytes or a value that are not canonical JSON of the restricted kind."""


class LeafError(LedgerError):
    """Bytes or fields that are no leaf of this log."""


class TagError(LedgerError):
    """Parts from which no tag or pair input can be made."""


class CommitmentError(LedgerError):
    """An opening that does not open the commitment it is shown for."""


class OpeningError(LedgerError):
    """A private half that is malformed, or says something else than its leaf."""


class ConsentError(LedgerError):
    """Bytes or fields that are no canonical grant, or no agreement to one."""


class JwsError(LedgerError):
    """Bytes that are no JWS of the one form that the log's key makes."""


class VrfError(LedgerError):
    """A key, point or proof that RFC 9381 verification refuses."""


class RequestError(LedgerError):
    """A request whose RFC 9421 signature is missing, malformed, or not over what was received."""


class MapError(LedgerError):
    """A proof in the prefix map that is malformed or does not lead to the root."""


class StatementError(LedgerError):
    """A comment of a policy file that states something twice, or about nobody in it."""


class FortnightError(LedgerError):
    """A day or a label that no fortnight begins with."""


class TableError(LedgerError):
    """A table of an engagement report that is malformed; the message names row and column."""


class ReportError(LedgerError):
    """A report's file or its signature that is malformed or says otherwise than the other; names the part."""


class JsonError(LedgerError):
    """Bytes that are no JSON object, or one that names a member twice."""
