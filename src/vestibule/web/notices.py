"""The one-line notices shown after a redirect, by the key that stands in the address.

Only these sentences can appear: a link that somebody else made cannot put words on our pages.
"""

from collections.abc import Mapping

from vestibule.connections.language import marked

NOTICES: Mapping[str, str] = {
    "asked": "Your friend request is on its way.",
    "accepted": "You are friends now.",
    "declined": "The request is declined. Nobody is told.",
    "unfriended": "You are no longer friends.",
    "blocked": "Blocked. They can no longer write to you.",
    "unblocked": "No longer blocked.",
    "invitation-withdrawn": "Withdrawn. The link opens nothing any more.",
    "signed-out": "You are signed out.",
    "signed-out-meanwhile": "You were signed out meanwhile, so nothing was done. Sign in, and do it again.",
    "changed": marked("What the app can do is changed, as you agreed. Your new consent receipt is here too."),
    "waiting": marked("Nothing is decided. The request waits here for half an hour."),
    "recovered": "You are signed in, and that code is used up. Choose a new password now, or add a passkey.",
    "password-changed": "Your password is changed.",
    "everything-ended": "Your password is changed, all other browsers are signed out, no app is connected. "
    "Recovery codes and the passkeys that you did not keep open nothing any more.",
    "passkey-added": "The passkey is added. You can sign in with it from now on.",
    "passkey-removed": "The passkey is removed. It opens nothing here any more.",
    "session-ended": "That browser is signed out.",
    "sessions-ended": "All other browsers are signed out.",
    "muted": "Muted. Recommendations via this app are folded up from now on; nobody is told.",
    "unmuted": "No longer muted.",
    "reported": "Reported. The operator will look at it. Neither the app nor the sender is told who did.",
    "deleted": "Your account is deleted.",
    "ended": marked("The connection is ended. The app can no longer read anything through you."),
    "suspended": marked("Suspended. The app can do nothing through you until you resume it."),
    "resumed": marked("Resumed. The app can go on as you had agreed."),
    "still-suspended": marked(
        "Your own suspension is undone. Someone else's remains, and only they can undo it."
    ),
    "agreed": marked(
        "Where others let it read, the app may now see your words too, unless you said no there."
    ),
    "words-changed": marked("Saved. It counts from the next answer on."),
    "withheld": marked("Your words are kept back from that app where others let it read."),
    "privilege-granted": "Granted. It is on the register.",
    "privilege-declined": "Declined. The partner reads why.",
    "privilege-withdrawn": "Withdrawn. Its next request is refused.",
    "suspended-by-staff": "Suspended. The next request of the partner is refused.",
    "lifted-by-staff": "The operator's suspension is undone, and that is in the public log.",
    "tie-disclosed": "It is on the register.",
    "report-settled": "Settled.",
    "request-open": "Signed. It is with the operator now.",
    "request-taken-back": "Taken back. The operator does not see it any more.",
    "key-added": "The key is registered, and counts beside the others from now on.",
    "key-ended": "The end of the key is on the register.",
    "addresses-changed": "Changed. The new addresses count from now on.",
    "partner-suspended": "Suspended. Nothing of yours passes until you undo it.",
    "partner-lifted": "Your own suspension is undone, and that is in the public log.",
    "webhooks-set": "Saved. The endpoint is enabled.",
    "webhooks-removed": "The endpoint is removed, and what waited with it.",
    "person-removed": "The person for trying is removed.",
    "webhook-replayed": "It is sent again, under its own id.",
}
