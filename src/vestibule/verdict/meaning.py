"""What each answer means and does not mean, in a few plain sentences for whoever reads verdicts seldom."""

from __future__ import annotations

from vestibule.verdict.verdict import Answer

UNCERTAIN = (
    "Neither yes nor no follows for certain. The reason stands in the brackets; what was found on the way is "
    "listed below, and may still matter."
)
COULD = {
    Answer.PROVEN_YES: "The public register let {name} ask people for this, in {name}'s own signature. It "
    "does not say that anybody agreed, or that anything was read: those are other questions.",
    Answer.PROVEN_NO: "The public register never let {name} ask people for this in the time asked about. A "
    "permission given beside the register would stand in no log.",
}
SERVED = {
    Answer.PROVEN_YES: "{name} asked for these data in its own signature, and the platform recorded that it "
    "handed them out. Neither can deny it. How many people they were about can be bounded, not counted.",
    Answer.RECORDED: "The platform wrote down that it served {name}. That is its word alone, until somebody "
    "shows a request that {name} signed, as people's own files hold them.",
    Answer.PROVEN_NO: "The log is whole, and records nothing of this kind served to {name}. A way around the "
    "gate would stand in no log; whose honesty excludes it is said below.",
}
ABOUT_ME = {
    Answer.PROVEN_YES: "Something of {called}'s reached {name}; the platform recorded it in public before it "
    "did, and cannot take it back.",
    Answer.PROVEN_NO: "Every event between {called} and {name} that the log has is known here, and none "
    "of them handed anything over. A way around the gate would stand in no log; whose honesty excludes it is "
    "said below.",
}
AFTERWARDS = (
    "Once data have left the platform no log sees what happens to them. Whoever claims to prove it, for "
    "{name} or against it, cannot do so from a log."
)


def could(answer: Answer, name: str) -> str:
    """Explain an answer to the first question."""
    return COULD.get(answer, UNCERTAIN).format(name=name)


def was_served(answer: Answer, name: str) -> str:
    """Explain an answer to the second question, about everybody."""
    return SERVED.get(answer, UNCERTAIN).format(name=name)


def about_me(answer: Answer, name: str, called: str) -> str:
    """Explain an answer to the second question, about one person."""
    return ABOUT_ME.get(answer, UNCERTAIN).format(name=name, called=called)


def afterwards(name: str) -> str:
    """Explain the answer to the third question."""
    return AFTERWARDS.format(name=name)
