"""What the lock, the links and the chat's marks say. Each claims what is known, and no more."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from callapp.session.view import CallView, ChatState, Lock, Reach
from callapp.ui.texts import QT_TRANSLATE_NOOP

translate = QCoreApplication.translate

WARNINGS = frozenset({Lock.CHANGED, Lock.INTERFERENCE})

# the word beside the lock, what it means, and what comparing the security code proves
LOCKS: dict[Lock, tuple[str, str, str]] = {
    Lock.VERIFIED_BY_LINK: (
        QT_TRANSLATE_NOOP("Lock", "Verified by link"),
        QT_TRANSLATE_NOOP(
            "Lock",
            "Sound, picture and chat are encrypted between the two computers. The other side has proved that it "
            "holds the secret of the CallApp link, which no server and no web page has seen.",
        ),
        QT_TRANSLATE_NOOP(
            "Lock",
            "Did somebody else get the link, too? Read these to each other: if both see the same, nobody is in "
            "between.",
        ),
    ),
    Lock.TRUSTS_HOST: (
        QT_TRANSLATE_NOOP("Lock", "Encrypted; trusts {host}"),
        QT_TRANSLATE_NOOP(
            "Lock",
            "Sound, picture and chat are encrypted between the two of you. But the link for browsers was used, and "
            "the page behind it comes from {host}: whoever runs that server could have changed the page to listen "
            "in. Where both use CallApp, that is not possible.",
        ),
        QT_TRANSLATE_NOOP(
            "Lock",
            "Read these to each other. If both see the same, nobody has come between you on the way, unless the page "
            "itself was changed.",
        ),
    ),
    Lock.CHANGED: (
        QT_TRANSLATE_NOOP("Lock", "Not the same device as before"),
        QT_TRANSLATE_NOOP(
            "Lock",
            "After the connection was lost, the other side came back with another key. It may be another device, or "
            "someone in between.",
        ),
        QT_TRANSLATE_NOOP(
            "Lock", "Read these to each other again. If they differ, hang up: somebody is in between."
        ),
    ),
    Lock.INTERFERENCE: (
        QT_TRANSLATE_NOOP("Lock", "Someone may be interfering"),
        QT_TRANSLATE_NOOP(
            "Lock",
            "A message was changed, repeated or left out on its way through the server. CallApp has dropped what did "
            "not come from the other side. Don't say anything confidential; make a new room on another server.",
        ),
        "",
    ),
}

CHAT_STATES: dict[ChatState, str] = {
    ChatState.SENDING: QT_TRANSLATE_NOOP("Chat", "Sending…"),
    ChatState.DELIVERED: QT_TRANSLATE_NOOP("Chat", "Delivered"),
    ChatState.FAILED: QT_TRANSLATE_NOOP("Chat", "Not delivered"),
}

REACHES: dict[Reach, tuple[str, str]] = {
    Reach.THIS_COMPUTER: (
        QT_TRANSLATE_NOOP("Cards", "This computer"),
        QT_TRANSLATE_NOOP("Cards", "Works on this computer only."),
    ),
    Reach.NETWORK: (
        QT_TRANSLATE_NOOP("Cards", "This network"),
        QT_TRANSLATE_NOOP("Cards", "People on this network can join."),
    ),
    Reach.INTERNET: (
        QT_TRANSLATE_NOOP("Cards", "Internet"),
        QT_TRANSLATE_NOOP("Cards", "Anyone who has the link can join."),
    ),
}


@dataclass(frozen=True)
class LockWords:
    """The lock's word, its meaning, and the sentence above the security code ("" = none)."""

    title: str
    meaning: str
    compare: str
    warns: bool


def lock_words(view: CallView) -> LockWords | None:
    """None: nothing is known, so nothing is claimed."""
    if view.lock is Lock.NONE:
        return None
    host = view.invite.host if view.invite is not None else ""
    host = host or translate("Lock", "the server")
    title, meaning, compare = LOCKS[view.lock]
    explained = translate("Lock", meaning).format(host=host)
    if view.lock is Lock.TRUSTS_HOST and view.invite is not None and view.invite.browser_warns:
        explained += " " + translate(
            "Lock", "As its certificate is unknown to browsers, so could somebody on the way."
        )
    return LockWords(
        translate("Lock", title).format(host=host),
        explained,
        translate("Lock", compare) if compare else "",
        view.lock in WARNINGS,
    )


def chat_state_words(state: ChatState) -> str:
    """The mark of an own message."""
    return translate("Chat", CHAT_STATES[state])


def reach_name(reach: Reach) -> str:
    """The name of a choice."""
    return translate("Cards", REACHES[reach][0])


def reach_words(reach: Reach) -> str:
    """Who can use a link."""
    return translate("Cards", REACHES[reach][1])
