"""`approvals-hub verify`: proof tokens, receipt bundles and chains of proofs, without a hub and without a network."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from approvals_hub.cli.exits import Exit
from approvals_hub.cli.options import speaks
from approvals_hub.cli.output import Output

if TYPE_CHECKING:
    from approvals_hub_client.assurance import Proven


@click.command()
@click.argument("what", metavar="[TOKEN|@FILE|-|BUNDLE]", required=False)
@click.option("--chain", type=click.Path(path_type=Path), help="A file with a chain of proofs, to be walked.")
@click.option(
    "--trust",
    multiple=True,
    metavar="ISSUER=KEY|LOG KEY|FILE",
    help="Of a bundle or chain: a key known from elsewhere with its hub, or what its /v1/public-keys answered.",
)
@click.option(
    "--keys", type=click.Path(path_type=Path), help="Of a token: a file with what the hub's /v1/public-keys answered."
)
@click.option("--audience", help="Of a token: who relies on it, your own name, as the action's relying party.")
@click.option("--action", type=click.Path(path_type=Path), help="A file with the action (and its salt) it must be for.")
@click.option("--issuer", help="The hub it must be from.")
@click.option("--min-acr", help="Of a token: LOW, SUBSTANTIAL or HIGH, which everybody who approved must have reached.")
@click.option("--methods", metavar="NAME,…", help="Of a token: everybody who approved must have used one of these.")
@click.option("--amr", metavar="WORD,…", help="Of a token: everybody who approved must have shown all of these.")
@click.option("--auth-ref", help="Of a token: the provider's reference that it must name.")
@speaks
def verify(
    output: Output,
    what: str | None,
    chain: Path | None,
    trust: tuple[str, ...],
    keys: Path | None,
    audience: str | None,
    action: Path | None,
    issuer: str | None,
    **proven: str | None,
) -> int:
    """Verify proofs, receipt bundles and chains of proofs offline.

    A proof is evidence that something was approved and redeemed; it is never permission to do it.
    """
    if (what is None) == (chain is None):
        raise click.UsageError("give one thing: a token, a bundle's file, or --chain with a file")
    bundle = what if what is not None and _is_file(what) else None
    if chain is not None or bundle is not None:
        from approvals_hub.cli.verify_file import tell_bundle, tell_chain

        if any(given is not None for given in (keys, audience, action, issuer, *proven.values())):
            raise click.UsageError("--keys, --audience, --action, --issuer and what was proven are of a single token")
        return tell_chain(output, chain, trust) if chain is not None else tell_bundle(output, Path(bundle or ""), trust)
    if trust:
        raise click.UsageError("--trust is of a bundle or chain; the keys of a token come with --keys")
    if keys is None or not audience:
        raise click.UsageError("a token needs --keys and --audience")
    return _token_verified(output, _token(what or ""), keys, audience, action, issuer, proven)


def _token_verified(
    output: Output,
    token: str,
    keys: Path,
    audience: str,
    action: Path | None,
    issuer: str | None,
    asked: dict[str, str | None],
) -> int:
    from approvals_hub_client.proof import BadProof, verify_proof_offline

    if issuer == "":
        raise click.UsageError("--issuer is empty")  # a script that left it so would ask for nothing
    proven = _proven(asked)
    published = _object(keys, "--keys")
    if not isinstance(published.get("keys"), list):
        raise click.UsageError("--keys is not what /v1/public-keys answers")
    try:
        claims = verify_proof_offline(
            token,
            published,
            audience,
            None if action is None else _object(action, "--action"),
            issuer=issuer,
            proven=proven,
        )
    except BadProof as bad:
        refused = {"valid": False, "reason": bad.reason, "message": str(bad), "claims": None}
        message = str(bad)
        output.result(refused, lambda: f"NOT VALID ({refused['reason']}): {message}")
        return Exit.ERROR
    output.result({"valid": True, "reason": None, "claims": claims}, lambda: _told(claims))
    return Exit.OK


def _proven(asked: dict[str, str | None]) -> Proven:
    from approvals_hub_client.assurance import Proven

    lists = {name: None if asked[name] is None else str(asked[name]).split(",") for name in ("methods", "amr")}
    try:
        return Proven(asked["min_acr"], lists["methods"], lists["amr"], asked["auth_ref"])
    except TypeError as error:
        raise click.UsageError(str(error)) from None


def _is_file(given: str) -> bool:
    """Whether this is a bundle's file: neither a token, nor one to be read from somewhere."""
    return given != "-" and not given.startswith(("@", "v4.")) and (len(given) < 4096 and Path(given).is_file())


def _token(given: str) -> str:
    if given == "-":
        return sys.stdin.read().strip()
    return Path(given[1:]).read_text(encoding="utf-8").strip() if given.startswith("@") else given


def _object(file: Path, option: str) -> dict[str, Any]:
    from approvals_hub_client.canonical import CanonicalError, loads

    try:
        value = loads(file.read_bytes())
    except CanonicalError as error:
        raise click.UsageError(f"{option}: {file} is not strict JSON: {error}") from None
    if not isinstance(value, dict):
        raise click.UsageError(f"{option}: {file} holds no JSON object")
    return value


def _told(claims: dict[str, Any]) -> str:
    names = (
        "iss",
        "aud",
        "agent_id",
        "action_type",
        "action_hash",
        "acr",
        "amr",
        "auth_ref",
        "iat",
        "exp",
        "escalation_id",
    )
    lines = [f"  {name}: {json.dumps(claims[name], ensure_ascii=False)}" for name in names if name in claims]
    return "\n".join(["VALID", *lines, *map(_approver, claims.get("approvers", []))])


def _approver(approver: dict[str, Any]) -> str:
    """Who approved, and for whom, where those who were asked were away."""
    places = [
        f"{each['person_id']}, who is away until {each['until']}"
        + (f" (by way of {', '.join(each['through'])})" if each["through"] else "")
        for each in approver.get("stands_in", [])
    ]
    return f"  approved by {approver['person_id']}" + (f", for {'; for '.join(places)}" if places else "")
