"""The vectors of what a proof says of its people: levels, methods, words, references, and claims that say nothing."""

from __future__ import annotations

from typing import Any

from tests.vectors.proof_tokens import Case, says, text

REF = "5efb1c2a-order"
EVERYTHING = {"min_acr": "SUBSTANTIAL", "methods": ["freja", "bankid"], "amr": ["mfa", "pop"], "auth_ref": REF}


def person(**changes: Any) -> Case:
    """Somebody who approved with BankID; what is `...` is left out."""
    claims = {"person_id": "per_1", "acr": "SUBSTANTIAL", "amr": ["mfa", "pop"], "methods": ["device_key", "bankid"]}
    return {name: value for name, value in {**claims, **changes}.items() if value is not ...}


def approved(*people: Any, **changes: Any) -> str:
    """A proof of an approval by these people."""
    named = {"acr": "SUBSTANTIAL", "amr": ["mfa", "pop"], "auth_ref": [REF], "approvers": list(people or [person()])}
    return says(**{**named, **changes})


def enough() -> list[tuple[str, str, Case]]:
    """What shows all that is asked: name, token, what is asked."""
    high = person(acr="HIGH", amr=["mfa", "pop", "user"], methods=["passkey", "freja"])
    return [
        ("everything that is asked was proven", approved(), EVERYTHING),
        ("the very level", approved(), {"min_acr": "SUBSTANTIAL"}),
        ("a lower level is asked for", approved(person(acr="HIGH"), acr="HIGH"), {"min_acr": "LOW"}),
        ("two people, each in another way", approved(person(), high), EVERYTHING),
        ("no level is asked of an action that no person saw", text(), {}),
        ("a reference among several", approved(auth_ref=["other", REF]), {"auth_ref": REF}),
    ]


def lacking() -> list[tuple[str, str, str, Case]]:
    """The word for what is missing, name, token, what is asked."""
    nobody = {
        "no person": text(),
        "nobody among the approvers": approved(approvers=[]),
        "approvers that are null": approved(approvers=None),
        "approvers that are one person": approved(approvers=person()),
        "an approver that is no object": approved(person(), "per_2"),
    }
    level = {"min_acr": "SUBSTANTIAL"}
    levels: dict[str, str] = {
        "a lower level": approved(person(acr="LOW"), acr="LOW"),
        "one of two people at a lower level": approved(person(), person(acr="LOW")),
        "a lower level in sum": approved(acr="LOW"),
        "no level": approved(acr=...),
        "a level that is null": approved(acr=None),
        "a level that nobody knows": approved(acr="HIGHEST"),
        "a level in lower case": approved(acr="high"),
        "a level that is a number": approved(acr=3),
        "a level that is a list": approved(acr=["HIGH"]),
        "a person without a level": approved(person(acr=...)),
        "a person at a level that nobody knows": approved(person(acr="toString")),
    }
    methods: dict[str, str] = {
        "another method": approved(person(methods=["device_key", "totp"])),
        "one of two people by another method": approved(person(), person(methods=["totp"])),
        "no methods": approved(person(methods=...)),
        "methods that are a text": approved(person(methods="bankid freja")),
        "methods that are an object": approved(person(methods={"bankid": True})),
        "a method in upper case": approved(person(methods=["BankID"])),
        "methods of the token and of no person": approved(person(methods=...), methods=["bankid"]),
    }
    words: dict[str, str] = {
        "one of two words": approved(person(amr=["pop"])),
        "one of two people without a word": approved(person(), person(amr=["pop"])),
        "no words": approved(person(amr=...)),
        "words that are a text": approved(person(amr="mfa pop")),
        "words of the token and of no person": approved(person(amr=[])),
    }
    references: dict[str, str] = {
        "another reference": approved(auth_ref=["other"]),
        "no reference": approved(auth_ref=...),
        "a reference that is a text": approved(auth_ref=REF),
        "a part of a reference": approved(auth_ref=[REF + "x"]),
    }
    asked: dict[str, tuple[Case, dict[str, str]]] = {
        "acr": (level, {**nobody, **levels}),
        "methods": ({"methods": ["bankid", "freja"]}, {**nobody, **methods}),
        "amr": ({"amr": ["mfa", "pop"]}, {**nobody, **words}),
        "auth_ref": ({"auth_ref": REF}, {"no person": text(), **references}),
    }
    each = [
        (reason, f"{name}, where {reason} is asked", token, case)
        for reason, (case, tokens) in asked.items()
        for name, token in tokens.items()
    ]
    return [*each, ("acr", "all else was proven", approved(), {**EVERYTHING, "min_acr": "HIGH"})]


ASKED_WRONGLY: list[Case] = [
    {"min_acr": "substantial"},
    {"min_acr": "HIGHEST"},
    {"methods": []},
    {"methods": [""]},
    {"methods": ["bankid", ""]},
    {"amr": []},
    {"amr": [""]},
]
"""What seems to ask and would ask for nothing, or for what nobody can prove."""
