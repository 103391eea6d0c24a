"""What is known of some providers beforehand; the operator's own settings win over it.

- `criipto` (its new name is Idura): a broker of Nordic and other eIDs. docs.idura.app/verify.
- `signicat`: the same kind. developer.signicat.com/docs/eid-hub. What is asked for (`acr_values: ["idp:sbid"]`) is not
  what comes back, so say what may, `required_claims: {idp: [sbid]}`, and what it is worth: `levels: {sbid: …}`.
- `company`: anything that speaks OpenID Connect Core with `auth_time`: Keycloak, Entra ID of one tenant, Okta, Auth0.
- `google`, `microsoft`: accounts that anybody can have. They tell no `auth_time` by themselves and keep people signed
  in, so they are for signing in and prove no decision. Their e-mail addresses are no names of persons: `sub` is.
  Google tells no groups; the domain of its customer (`hd`), which consumers' accounts do not have, is one group.
- GitHub is no OpenID provider: `identity.oidc_github`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from identity.errors import Misconfigured
from identity.oidc_settings import OidcSettings

EIDAS = {
    "http://eidas.europa.eu/LoA/low": "LOW",
    "http://eidas.europa.eu/LoA/substantial": "SUBSTANTIAL",
    "http://eidas.europa.eu/LoA/high": "HIGH",
}
"""Levels of assurance of Regulation (EU) 910/2014, by the URI that eIDAS nodes report."""
CRIIPTO = {
    "urn:grn:authn:se:bankid": "SUBSTANTIAL",
    "urn:grn:authn:se:bankid:same-device": "SUBSTANTIAL",
    "urn:grn:authn:se:bankid:another-device": "SUBSTANTIAL",
    "urn:grn:authn:se:bankid:another-device:qr": "SUBSTANTIAL",
    "urn:grn:authn:se:bankid:qr": "SUBSTANTIAL",
    "urn:grn:authn:dk:mitid:low": "LOW",
    "urn:grn:authn:dk:mitid:substantial": "SUBSTANTIAL",
    "urn:grn:authn:dk:mitid:high": "HIGH",
    "urn:grn:authn:no:bankid:substantial": "SUBSTANTIAL",
    "urn:grn:authn:no:bankid:high": "HIGH",
}
"""What Criipto's `acr` values mean."""
SIGNICAT: Mapping[str, str] = {"sbid": "SUBSTANTIAL"}
"""What the eIDs in Signicat's `idp` mean: its id_tokens hold no `acr` for them."""
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "criipto": {
        "identified": "eid",
        "acr_values": ["urn:grn:authn:se:bankid"],
        "acr_accepted": [name for name in CRIIPTO if name.startswith("urn:grn:authn:se:bankid")],
        "levels": {**EIDAS, **CRIIPTO},
        "amr": ["pop", "mfa"],
        "message_hint": True,
    },
    "signicat": {
        "identified": "eid",
        "acr_values": ["idp:sbid"],
        "level_claim": "idp",
        "levels": {**EIDAS, **SIGNICAT},
        "amr": ["pop", "mfa"],
        "required_claims": {"idp": ["sbid"]},
    },
    "company": {
        "scope": "openid email profile",
        "levels": EIDAS,
    },
    "google": {
        "issuer": "https://accounts.google.com",
        "client_auth": "client_secret_post",
        "scope": "openid email profile",
        "prompt": "select_account",
        "freshness": "issued_at",
        "decisions": False,
        "group_claim": "hd",
        "vouches_with": "hd",
        "vouches_for": ["gmail.com"],
        "bare_issuer": True,
    },
    "microsoft": {
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        "discovery": "https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration",
        "client_auth": "client_secret_post",
        "assertion_audience": "token_endpoint",
        "scope": "openid email profile",
        "freshness": "issued_at",
        "decisions": False,
    },
}


def settings_of(table: Mapping[str, Any]) -> OidcSettings:
    """The settings of one provider; `preset: name` takes what is known of it. Raises Misconfigured.

    A text of the error names the setting and never its value.
    """
    own = dict(table)
    preset = own.pop("preset", "company")
    if preset not in PRESETS:
        raise Misconfigured(f"preset: one of {', '.join(PRESETS)}")
    known = dict(PRESETS[preset])
    if "acr_values" in own and "acr_accepted" not in own:
        # Whoever asks for something else does not accept what the preset would have asked for.
        known.pop("acr_accepted", None)
        known.pop("required_claims", None)
    try:
        return msgspec.convert({**known, **own}, OidcSettings)
    except msgspec.ValidationError as error:
        raise Misconfigured(str(error)) from None
