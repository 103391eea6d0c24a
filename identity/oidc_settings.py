"""What an operator tells about one OpenID Connect provider: an eID broker, a company's own, or a public one."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from identity.discreet import Discreet
from identity.errors import Misconfigured
from identity.jws import kind_of
from identity.vendor_http import is_safe_url

if TYPE_CHECKING:
    from identity.jws import PrivateKey

TENANT = "{tenantid}"
"""What stands in the issuer of Microsoft's discovery document where its tokens name the tenant."""
Level = Literal["LOW", "SUBSTANTIAL", "HIGH"]
Method = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth"]
Algorithm = Literal["EdDSA", "ES256", "PS256", "RS256"]
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")


class OidcSettings(Discreet, msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One provider's settings. `oidc_presets.settings_of` fills in what is known of some of them."""

    not_printed = ("client_secret",)

    issuer: str
    """Its `issuer`, to the letter: with the slash at the end, or without."""
    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    client_auth: Method = "client_secret_basic"
    """How the hub proves who it is at the token endpoint."""
    client_secret: str | None = None
    key: str | None = None
    """PEM file of the private key, for `private_key_jwt`."""
    key_password_file: str | None = None
    key_id: str | None = None
    """What the provider calls that key."""
    assertion_audience: Literal["issuer", "token_endpoint"] = "issuer"
    """For whom the hub signs `private_key_jwt`. The issuer is the safe one; Microsoft wants the endpoint."""
    discovery: str | None = None
    """Where the discovery document is, if not at `{issuer}/.well-known/openid-configuration`."""
    tenants: tuple[str, ...] = ()
    """Ids of Microsoft's tenants whose people count, where the issuer holds `{tenantid}`."""
    scope: str = "openid"
    prompt: Literal["login", "select_account"] = "login"
    """What the person is made to do. Google knows no `login`."""
    algorithms: tuple[Algorithm, ...] = ("EdDSA", "ES256", "PS256", "RS256")
    """What id_tokens may be signed with."""
    acr_values: tuple[str, ...] = ()
    """What is asked for, the preferred one first. Without `acr_accepted` the answer must be one of them."""
    acr_accepted: tuple[str, ...] = ()
    """What the answer may be, where it is called otherwise than what is asked for (Signicat's `idp:sbid`)."""
    required_claims: dict[str, tuple[str | bool | int, ...]] = {}
    """Claims that must be in the id_token, each with the values that it may have (`idp: [sbid]`)."""
    levels: dict[str, Level] = {}
    """What this provider's acr values mean. What is not listed means nothing."""
    level_claim: str = "acr"
    """The claim that `levels` is about, where the provider names the eID in another one (Signicat's `idp`)."""
    identified: Literal["idp", "eid"] = "idp"
    """How well its people are known: `eid` for brokers of electronic identities."""
    amr: tuple[str, ...] = ()
    """How people prove themselves there, where its id_tokens never say (`pop, mfa` for a broker of BankID)."""
    freshness: Literal["auth_time", "issued_at"] = "auth_time"
    """What tells that the person proved themselves just now. `issued_at` is for providers without sessions of their
    own and without `auth_time`: where there are sessions, a new id_token does not mean a new sign-in."""
    skew: Annotated[int, msgspec.Meta(ge=0, le=300)] = 60
    """Seconds that its clock may be wrong."""
    message_hint: bool = False
    """Send the words to show as `login_hint=message:…` (Criipto/Idura): the eID's app shows them."""
    decisions: bool = True
    """Whether decisions may be proven with it; else it is for signing in and linking."""
    email_is_verified: bool = False
    """Whether the provider's e-mail addresses are its own people's, though it does not send `email_verified`."""
    vouches_with: str | None = None
    """A claim without which its word for an address is not taken (Google's `hd`)."""
    vouches_for: tuple[str, ...] = ()
    """Domains of addresses that it gives out itself: its word for these is taken without that claim."""
    groups_claim: str = "groups"
    group_claim: str | None = None
    """A claim with one text that is a group too, where there is no list of groups (Google's `hd`)."""
    bare_issuer: bool = False
    """Whether its id_tokens may name the issuer without `https://` (OpenID Connect Core 1.0, section 15.6.2)."""
    private_networks: tuple[str, ...] = ()
    """Inner networks, like `10.1.2.0/24`, in which `token_endpoint` and `jwks_uri` may lie where the provider's
    description puts them on another host or port than `issuer` and `discovery`. Public addresses need none."""

    def __repr__(self) -> str:
        """Without the secret."""
        return f"OidcSettings(issuer={self.issuer!r}, client_id={self.client_id!r})"

    @property
    def discovery_url(self) -> str:
        """Where the discovery document is (OpenID Connect Discovery 1.0, section 4)."""
        return self.discovery or self.issuer.rstrip("/") + "/.well-known/openid-configuration"

    def __post_init__(self) -> None:
        """Refuse what cannot work, or not safely. Raises ValueError, which msgspec tells with the setting's name."""
        for url in (self.issuer.replace(TENANT, "0"), self.discovery_url.replace(TENANT, "0")):
            if not is_safe_url(url) or "?" in url:
                raise ValueError("issuer and discovery are https addresses without a query")
        if TENANT in self.issuer and not self.tenants:
            raise ValueError("tenants: name those whose people count; any of Microsoft's customers would")
        if TENANT in self.discovery_url:
            raise ValueError("discovery: say where it is, as the issuer stands for many")
        if not SCOPE.fullmatch(self.scope) or "openid" not in self.scope.split(" "):
            raise ValueError("scope: words with single spaces between, `openid` among them")
        if not self.algorithms:
            raise ValueError("algorithms: at least one")
        if any(" " in value for value in self.acr_values):
            raise ValueError("acr_values: one value each, without spaces")
        for network in self.private_networks:
            try:
                ip_network(network)
            except ValueError:
                raise ValueError("private_networks: networks like 10.1.2.0/24") from None
        self._require_secret()

    def _require_secret(self) -> None:
        needs = {"private_key_jwt": "key", "tls_client_auth": ""}.get(self.client_auth, "client_secret")
        if needs and not getattr(self, needs):
            raise ValueError(f"{needs}: {self.client_auth} needs it")
        for other in ("client_secret", "key"):
            if other != needs and getattr(self, other) is not None:
                raise ValueError(f"{other}: {self.client_auth} has no use for it")


def private_key(settings: OidcSettings) -> tuple[PrivateKey, str]:
    """The key for `private_key_jwt` and its algorithm: Ed25519, P-256, or RSA (PS256). Raises Misconfigured."""
    from pathlib import Path

    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        password = settings.key_password_file and Path(settings.key_password_file).read_text().rstrip("\n").encode()
        key = load_pem_private_key(Path(settings.key or "").read_bytes(), password or None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Misconfigured(f"the key for private_key_jwt cannot be loaded: {type(error).__name__}") from None
    if isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        alg = {"ed25519": "EdDSA", "p256": "ES256", "rsa": "PS256"}.get(kind_of(key.public_key()))
        if alg is not None:
            return key, alg
    raise Misconfigured("the key for private_key_jwt is neither Ed25519, P-256 nor RSA of 2048 to 8192 bits")
