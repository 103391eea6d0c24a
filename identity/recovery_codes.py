"""Recovery codes: ten codes on paper, each good once, for who has lost everything else.

`LINK` makes a new set and shows it once; it counts when one code of it was typed back, which uses none up. Kept is
SHA-256 over a salt of the set and the code. A slow hash would add nothing: a code is 80 random bits, and 2^80 guesses
are out of reach however fast each one is (a password is not, which is what slow hashes are for).
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any

from identity.attempt import begun, code_in, require_open, same, wrong_try
from identity.errors import Malformed, Refused
from identity.proof import Binding, Challenge, Factor, Pending, Proof, Purpose, State, StepUp

HOW_MANY = 10
LENGTH = 16
"""Letters of a code: 16 of 32 are 80 bits."""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U. What is read as one of them by mistake is taken for what it looks like."""
SALT_BYTES = 16
_LOOKS_LIKE = str.maketrans("ILO", "110")


class RecoveryCodes:
    """The provider `recovery_codes`. `Factor.data` is `{"salt": hex, "hashes": [hex or null, …]}`.

    A used code's hash is null in the proof's new data. The data alone does not make a code single-use, as two requests
    may start from the same data; the name in `once` does, which the caller keeps and refuses a second time.
    """

    name = "recovery_codes"

    async def begin(self, factor: Factor, step_up: StepUp) -> Challenge:
        """Start; for `LINK` with a new set. Raises Refused where the person has no codes left."""
        if step_up.purpose is Purpose.LINK:
            codes = [new_code() for _ in range(HOW_MANY)]
            state = begun(step_up, step_up.expires_at, new=kept(codes))
            # Shown here and nowhere again: the state holds only hashes.
            return Challenge(state, {"codes": codes}, step_up.expires_at)
        if not left(factor.data):
            raise Refused("this person has no recovery codes left")
        return Challenge(begun(step_up, step_up.expires_at), {}, step_up.expires_at)

    async def collect(self, factor: Factor, step_up: StepUp, state: State, *, now: int) -> Pending:
        """Always Pending: only the person's code completes it."""
        return Pending(state, {})

    async def complete(self, factor: Factor, step_up: StepUp, state: State, answer: Any, *, now: int) -> Proof:
        """Take `{"code": "7XK2-…"}`. Raises WrongTry, Malformed and what `require_open` raises."""
        require_open(state, step_up, answer, now=now)
        code = read_code(answer)
        is_link = step_up.purpose is Purpose.LINK
        data = state["new"] if is_link else factor.data
        index = index_of(code, data)
        if index is None:
            raise wrong_try(state)
        new = dict(data) if is_link else without(data, index)
        return Proof(
            method=self.name,
            amr=("otp",),
            binding=Binding.SERVER,
            at=now,
            once=(f"set:{data['salt']}",) if is_link else (once_of(data, index),),
            data=new,
            facts={"codes_left": left(new)},
        )

    async def cancel(self, state: State) -> None:
        """Nothing runs anywhere."""


def new_code() -> str:
    """A new code of 80 random bits, in groups of four."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))


def kept(codes: list[str]) -> dict[str, Any]:
    """What is to be kept of a set of codes: a new salt and their hashes."""
    salt = secrets.token_hex(SALT_BYTES)
    return {"salt": salt, "hashes": [_hash(salt, code.replace("-", "")) for code in codes]}


def read_code(answer: Any) -> str:
    """The code of `{"code": "7xk2-…"}` in its one form. Raises Malformed for what can be none."""
    code = code_in(answer).upper().translate(_LOOKS_LIKE)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise Malformed(f"a recovery code has {LENGTH} letters and digits")
    return code


def without(data: State, index: int) -> dict[str, Any]:
    """What is kept once the code of this index is used."""
    return {"salt": data["salt"], "hashes": [None if at == index else known for at, known in enumerate(data["hashes"])]}


def once_of(data: State, index: int) -> str:
    """The name of one code: the salt names its set, so that the third code of the next set is another one."""
    return f"code:{data['salt']}:{index}"


def index_of(code: str, data: State) -> int | None:
    """Which unused code it is, from 0. All are compared, so that the time does not tell which one was near."""
    hashed = _hash(str(data.get("salt", "")), code)
    matching = [at for at, known in enumerate(data.get("hashes", ())) if same(known or "", hashed)]
    return matching[0] if matching else None


def _hash(salt: str, code: str) -> str:
    return sha256(f"{salt}:{code}".encode()).hexdigest()


def left(data: State) -> int:
    """How many codes are unused."""
    return sum(known is not None for known in data.get("hashes", ()))
