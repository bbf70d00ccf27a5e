"""The errors of the room: whatever arrives malformed or forged ends in one of these, and in nothing else."""


class TlogError(ValueError):
    """Something about a transparency log is malformed, forged or asked for out of range."""


class NoteError(TlogError):
    """A signed note, a key or a signature line is malformed, or a signature does not hold."""


class CheckpointError(TlogError):
    """A checkpoint's text is malformed, or does not belong to the key or origin it claims."""


class EmptyRootError(CheckpointError):
    """A checkpoint of size 0 has another root than that of the empty tree."""


class TileError(TlogError):
    """A tile or an entry bundle is missing, malformed, or does not belong to the checkpoint."""


class EvictedError(TileError):
    """A node is not in memory any more; the published tiles still have it."""


class ProofError(TlogError):
    """A proof is malformed or does not lead to the root."""


class PolicyError(TlogError):
    """A policy is malformed, or a checkpoint does not satisfy it."""


class QuorumError(PolicyError):
    """A checkpoint is the log's own, and lacks cosignatures that the policy asks for."""


class RequestError(TlogError):
    """The body of a request to a witness is malformed."""
