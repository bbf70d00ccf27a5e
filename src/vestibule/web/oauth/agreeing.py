"""The second step of consent: the exact sentences of the very grant, and proof that it is she who agrees."""

from typing import Any

from litestar import Request, Response

from vestibule.connections import proposing, wording
from vestibule.connections.difference import difference
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import Grant
from vestibule.connections.language import Language
from vestibule.connections.proposing import Proposal
from vestibule.connections.wording import Group
from vestibule.ledger.agreement import Agreement, Passkey, Password
from vestibule.oauth import rfc6749_authorize
from vestibule.people import passkeys, stepping_up
from vestibule.people.errors import PasskeyRefused, TooManyAttempts, WrongLogin
from vestibule.web.oauth.deciding import connected
from vestibule.web.oauth.kept import Kept, session_of
from vestibule.web.oauth.question import Question
from vestibule.web.oauth.stopped import stopped
from vestibule.web.pages import page
from vestibule.web.person.forms import Fields
from vestibule.web.platform import Platform


async def proposed(
    request: Request[Any, Any, Any], platform: Platform, question: Question, grant: Grant
) -> Response[str]:
    """Keep the grant in every word with the request, and show it.

    Raises:
        ConnectionRefused: if it is not acceptable, or somebody's suspension is in its way.
    """
    last_day = question.offer.last_day(grant.scopes, question.today)
    proposal = await proposing.propose(
        platform.store,
        platform.recorder,
        secret=platform.gate.secret,
        origin=platform.settings.origin,
        person=question.person,
        grant=grant,
        privilege_until=last_day,
        now=platform.clock(),
    )
    kept = Kept(session_of(request, platform), proposal)
    await rfc6749_authorize.propose(platform.store, question.asked, kept.to_json())
    return await _shown(platform, question, kept)


async def _shown(
    platform: Platform, question: Question, kept: Kept, *, status: int = 200, wrong: str = ""
) -> Response[str]:
    grant, names, language = kept.proposal.grant, question.names, question.language
    said = wording.sentences(grant, names, language)
    return page(
        "oauth/agreeing.html",
        status=status,
        wrong=wrong,
        shown=kept.digest,
        views=[sentence for sentence in said if sentence.group is Group.VIEW],
        does=[sentence for sentence in said if sentence.group is Group.DO],
        end=wording.end_sentence(grant, language),
        never=wording.never_sentences(grant, names, language),
        changes=()
        if question.standing is None
        else difference(question.standing.grant, grant, names, language),
        others=wording.others_sentences(grant.scopes, names, language),
        passkey=await _passkey_options(platform, question, kept.proposal),
        **question.page(),
    )


async def _passkey_options(platform: Platform, question: Question, proposal: Proposal) -> str:
    """Write what her passkey is asked to sign, the canonical grant; "" if she has none that works here."""
    if not platform.party.usable or not await passkeys.credentials_of(
        platform.store, question.person.user_id
    ):
        return ""
    challenge = proposal.consent.challenge()
    return await passkeys.request_options(platform.store, platform.party, question.person, challenge)


async def agreed(
    request: Request[Any, Any, Any], platform: Platform, question: Question, form: Fields
) -> Response[Any]:
    """Connect, if she agrees to the very grant that she was shown, where she was shown it, and it is she."""
    kept = question.kept
    if kept is None or form.text("shown") != kept.digest or kept.session != session_of(request, platform):
        return _outdated(question)
    if not _still_offered(question, kept.proposal.grant):
        return _outdated(question)
    try:
        agreement = await _agreement(platform, question, kept.proposal, form)
        return await connected(platform, question.person, question.asked, kept, agreement)
    except (WrongLogin, PasskeyRefused, TooManyAttempts) as error:
        status = 429 if isinstance(error, TooManyAttempts) else 422
        return await _shown(platform, question, kept, status=status, wrong=_words(error, question.language))
    except ConnectionRefused:
        return _outdated(question)


def _words(error: WrongLogin | PasskeyRefused | TooManyAttempts, language: Language) -> str:
    match error:
        case WrongLogin():
            return language.gettext("That is not your password. Nothing was granted.")
        case PasskeyRefused():
            return language.gettext(
                "That passkey did not fit. Nothing was granted. Try again, or use your password."
            )
        case TooManyAttempts():
            return language.gettext(
                "Too many wrong passwords lately. Nothing was granted. Try again in some minutes."
            )


def _still_offered(question: Question, grant: Grant) -> bool:
    """Whether every privilege is the one that she read of, and every conversation still hers."""
    return (
        set(grant.permissions) <= set(question.offer.permissions)
        and question.hers.issuperset(grant.selection.conversations)
        and question.today <= grant.until_day <= question.offer.last_day(grant.scopes, question.today)
    )


async def _agreement(platform: Platform, question: Question, proposal: Proposal, form: Fields) -> Agreement:
    """Have her prove that it is she; raises WrongLogin, TooManyAttempts or PasskeyRefused."""
    now = platform.clock()
    if not form.text("assertion"):
        await stepping_up.prove_password(platform.store, question.person, form.text("password"), now)
        return Password()
    signed = await passkeys.check_assertion(
        platform.store,
        platform.party,
        question.person,
        challenge=proposal.consent.challenge(),
        credential_json=form.text("assertion"),
        now=now,
    )
    return Passkey(signed.authenticator_data, signed.client_data_json, signed.signature, signed.public_key)


def _outdated(question: Question) -> Response[str]:
    return stopped(
        question.language,
        409,
        question.language.gettext("This is not what you were shown"),
        question.language.gettext(
            "What the app may ask for, your connection or your choice has changed since, or you were shown "
            "it in another session. Nothing was changed. Look again, and decide on what stands there now."
        ),
        question.asked,
    )
