"""What is said where vendors and lock screens read it, in Swedish and English: who asks, for whom, how risky, a link.

Nothing of what is asked, of why, or of any context stands in it (docs/decisions/0022), but where an organisation lets
a summary be said (docs/decisions/0033).
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import Final

from approvals_hub.notifications.summary import Summary

LONGEST_NAME: Final = 60
"""Characters of a name, beyond which it is cut."""


@dataclass(frozen=True, slots=True)
class Said:
    """A title and a line of text."""

    title: str
    text: str


_RISK = {
    "sv": {"low": "låg risk", "medium": "måttlig risk", "high": "hög risk", "critical": "kritisk risk"},
    "en": {"low": "low risk", "medium": "medium risk", "high": "high risk", "critical": "critical risk"},
}
_ASKS = {
    "sv": Said("$agent ber om ett godkännande", "$org · $risk. Öppna för att se vad det gäller."),
    "en": Said("$agent asks for an approval", "$org · $risk. Open it to see what it is about."),
}
_ASKS_FOR = {
    "sv": Said("$agent ber om ett godkännande", "$org · $risk"),
    "en": Said("$agent asks for an approval", "$org · $risk"),
}
_MORE = {
    "sv": "Det är inte allt: öppna för att se resten och svara.",
    "en": "That is not all of it: open it to see the rest and answer.",
}
_ALL = {"sv": "Öppna för att svara.", "en": "Open it to answer."}
_BUTTONS = {"sv": ("Granska", "Neka"), "en": ("Review", "Deny")}
_OVER = {
    "sv": Said("Inget att göra längre", "$org · Frågan från $agent är avslutad."),
    "en": Said("Nothing to do any more", "$org · The question of $agent is over."),
}
_DECIDED = {
    "sv": Said("Redan avgjort av $person", "$org · Frågan från $agent är avslutad."),
    "en": Said("Already decided by $person", "$org · The question of $agent is over."),
}
_NOT_YOU = {
    "sv": "$org · Var det inte du? Öppna och se över dina nycklar.",
    "en": "$org · Was it not you? Open it and look through your keys.",
}
_TEST = {
    "sv": Said("Provmeddelande", "$org · Kanalen når fram hit. Inget att svara på."),
    "en": Said("Test message", "$org · The channel arrives here. Nothing to answer."),
}
_NOT_EXPECTED = {
    "sv": "$org · Det gäller en kollegas nyckel. Väntade ingen på det? Säg till en ägare.",
    "en": "$org · It is about a colleague's key. Did nobody expect it? Tell an owner.",
}
COLLEAGUE: Final = ".colleague"
"""Ends the kind of news that are about somebody else's account."""
_AGENT = {
    "sv": "$org · Öppna och se över organisationens agenter.",
    "en": "$org · Open it and look into the organisation's agents.",
}
NEWS: Final = {
    "device.enrolled": ("En ny nyckel lades till", "A new key was added"),
    "device.confirmed": ("En ny nyckel bekräftades", "A new key was confirmed"),
    "device.revoked": ("En nyckel togs bort", "A key was taken away"),
    "device.flagged": ("En nyckel kan ha kopierats", "A key may have been copied"),
    "session.new": ("Någon loggade in på ett nytt sätt", "Somebody signed in in a new way"),
    "session.stolen": ("En inloggning kan vara stulen och avslutades", "A session may be stolen and was ended"),
    "step_up.guessed": ("Någon gissar dina koder", "Somebody guesses your codes"),
    "person.joined": ("Du släpptes in i en organisation till", "You were let into another organisation"),
    "factor.added": ("Ett sätt att legitimera dig lades till", "A way to prove who you are was added"),
    "factor.removed": ("Ett sätt att legitimera dig togs bort", "A way to prove who you are was taken away"),
    "factor.expected": ("En administratör har angett vems eID ditt är", "An admin said whose eID yours must be"),
    "factor.declined": ("Ett förväntat eID avböjdes", "An expected eID was declined"),
    "absence.recorded": ("En administratör har angett att du är borta", "An admin said that you are away"),
    "absence.ended": ("En administratör har avslutat din frånvaro", "An admin ended your absence"),
    "recovery.guessed": ("Någon gissar dina återställningskoder", "Somebody guesses your recovery codes"),
    "recovery.opened": ("Någon vill ersätta dina nycklar", "Somebody wants to replace your keys"),
    "recovery.opened_on_host": ("En återställning påbörjades på servern", "A recovery was begun on the server"),
    "recovery.waiting": ("En ny nyckel väntar på att börja gälla", "A new key waits to count"),
    "recovery.completed": ("En återställd nyckel gäller nu", "A recovered key counts now"),
    "push.gone": (
        "Aviseringar når inte längre en av dina enheter",
        "Notifications no longer reach one of your devices",
    ),
    "push.stale": ("En av dina enheter har varit tyst länge", "One of your devices has been silent for long"),
    "agent.paused": (
        "En agent stoppades: någon startade inte det den bad om",
        "An agent was stopped: not started by its person",
    ),
    "agent.guessed": ("Någon gissar numret på en fråga", "Somebody guesses the number of a question"),
    "recovery.ended": ("En återställning är avslutad", "A recovery has ended"),
    "break_glass.asked": ("Någon vill att en ny nyckel inte ska vänta", "Somebody wants a new key not to wait"),
    "break_glass.opened": ("Två har brutit glaset för en ny nyckel", "Two people broke the glass for a new key"),
    "break_glass.used": ("En ny nyckel gäller utan väntetid", "A new key counts without its wait"),
    "break_glass.ended": ("Ett brutet glas är avslutat", "A broken glass is over"),
}
"""Title in Swedish and English, by the kind of news without what `COLLEAGUE` adds."""
ADMIN: Final = "admin."
"""Begins the kind of news that are notices for owners and admins."""
CHANNEL_REFUSED: Final = "channel_refused"
"""The kind of notice that says that a channel is refused by its service."""
NOTICES: Final = {
    "agent_paused": ("En agent pausades", "An agent was paused"),
    "break_glass_asked": NEWS["break_glass.asked"],
    "break_glass_ended": NEWS["break_glass.ended"],
    "break_glass_opened": NEWS["break_glass.opened"],
    "break_glass_used": NEWS["break_glass.used"],
    CHANNEL_REFUSED: ("En kanal avvisas av sin tjänst", "A channel is refused by its service"),
    "codes_guessed": ("Någon gissar en medlems koder", "Somebody guesses a member's codes"),
    "device_flagged": ("En medlems nyckel kan ha kopierats", "A member's key may have been copied"),
    "factor_declined": ("En medlem avböjde ett förväntat eID", "A member declined an expected eID"),
    "factor_expected": ("Ett eID förväntas av en medlem", "An eID is expected of a member"),
    "identity_differs": ("Ett annat eID än det förväntade kopplades", "Another eID than the expected one was linked"),
    "identity_refused": ("Någon annans eID användes för en medlem", "Somebody else's eID was used for a member"),
    "key_compromised": ("En signeringsnyckel gäller inte längre", "A signing key counts no more"),
    "mode_changed": ("Organisationen arbetar i ett annat läge", "The organisation works in another mode"),
    "number_guessed": ("Fel nummer skrevs för en fråga", "Wrong numbers were typed for a question"),
    "person_joined": ("En ny medlem släpptes in av en leverantör", "A provider let a new member in"),
    "recovery_completed": ("En medlems återställda nyckel gäller nu", "A member's recovered key counts now"),
    "recovery_ended": ("En medlems återställning är avslutad", "A member's recovery has ended"),
    "recovery_opened": ("Någon vill ersätta en medlems nycklar", "Somebody wants to replace a member's keys"),
    "recovery_opened_on_host": NEWS["recovery.opened_on_host"],
    "recovery_waiting": ("En medlems nya nyckel väntar", "A member's new key waits"),
    "signal_cleared": ("En signal släcktes", "A signal was cleared"),
    "signal_set": ("En signal sattes", "A signal was set"),
}
"""Title in Swedish and English, by the kind of notice."""
_FOR_ADMINS = {
    "sv": "$org · Öppna och läs meddelandena till administratörer.",
    "en": "$org · Open it and read the notices for admins.",
}
_NOT_SO = {
    "sv": "$org · Stämmer det inte? Öppna och avsluta frånvaron: då gäller inget som någon svarat i ditt ställe.",
    "en": "$org · Is it not so? Open it and end the absence: then nothing counts that was answered in your place.",
}
_PUSH_GONE = {
    "sv": "$org · Slå på dem igen: öppna sidan på enheten, under Enheter. Tills dess når frågor dig på andra vägar.",
    "en": "$org · Turn them on again: open the page on that device, under Devices. Until then questions reach you by "
    "other ways.",
}
_PUSH_STALE = {
    "sv": "$org · Aviseringar kanske inte når den längre. Öppna sidan på den, eller se över dina enheter.",
    "en": "$org · Notifications may not reach it any more. Open the page on it, or look through your devices.",
}
_OTHER = ("Något har ändrats i ditt konto", "Something has changed in your account")


def asks(language: str, *, agent: str, org: str, risk: str) -> Said:
    """That somebody is asked."""
    return _filled(_ASKS[language], agent=agent, org=org, risk=_RISK[language].get(risk, risk))


def asks_for(language: str, *, agent: str, org: str, risk: str, summary: Summary) -> Said:
    """That somebody is asked, and for what: the title is the hub's own words, and each row a line below them."""
    begun = _filled(_ASKS_FOR[language], agent=agent, org=org, risk=_RISK[language].get(risk, risk))
    rows = [f"“{summary.kind}”", *(line.text() for line in summary.lines)]
    last = (_MORE if summary.more else _ALL)[language]
    return Said(begun.title, "\n".join([begun.text, *rows, last]))


def button_titles(language: str) -> tuple[str, str]:
    """What is on the buttons of a question: to read it, and to deny it."""
    return _BUTTONS[language]


def over(language: str, *, agent: str, org: str, decided_by: str | None) -> Said:
    """That nobody is asked any more; by whom it was decided, where a person did."""
    if decided_by is None:
        return _filled(_OVER[language], agent=agent, org=org)
    return _filled(_DECIDED[language], agent=agent, org=org, person=decided_by)


def news(language: str, kind: str, *, org: str) -> Said:
    """What changed in somebody's account, in a colleague's where the kind ends so, or what is an admin's business."""
    if kind.startswith(ADMIN):
        swedish, english = NOTICES.get(kind.removeprefix(ADMIN), _OTHER)
        return _filled(Said(swedish if language == "sv" else english, _FOR_ADMINS[language]), org=org)
    swedish, english = NEWS.get(kind.removesuffix(COLLEAGUE), _OTHER)
    text = _AGENT if kind.startswith("agent.") else _NOT_EXPECTED if kind.endswith(COLLEAGUE) else _NOT_YOU
    text = {"absence.recorded": _NOT_SO, "push.gone": _PUSH_GONE, "push.stale": _PUSH_STALE}.get(kind, text)
    return _filled(Said(swedish if language == "sv" else english, text[language]), org=org)


def tried(language: str, *, org: str) -> Said:
    """That somebody tries a channel."""
    return _filled(_TEST[language], org=org)


def _filled(said: Said, **names: str) -> Said:
    plain = {name: one_line(value) for name, value in names.items()}
    return Said(Template(said.title).substitute(plain), Template(said.text).substitute(plain))


def one_line(name: str) -> str:
    """A name that begins no second line, and hides or turns round no text."""
    line = "".join(letter if letter.isprintable() else " " for letter in name).strip()
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "…"
