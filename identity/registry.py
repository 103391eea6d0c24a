"""Which step-up providers there are, and how each is made from its settings.

Those of this package are written out below. Others come from installed packages by their entry point of the group
`approvals_hub.step_up`: `name = "package.module:make"`, where `make(name, settings, given)` returns a Provider. Nothing
of a package is loaded unless the settings name it, and no package can take the name of a provider written out here.

A table may say `kind`: then it is a provider of that kind under the table's own name, as a hub may ask two OpenID
providers. The names written out here are always of their own kind.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from identity.code_mail import Mail
from identity.errors import Misconfigured
from identity.one_time_code import Send
from identity.provider import Provider
from identity.webauthn import RelyingParty

if TYPE_CHECKING:
    from aiohttp import ClientSession

GROUP = "approvals_hub.step_up"
METHODS = ("begin", "collect", "complete", "cancel")

T = TypeVar("T", bound=msgspec.Struct)
Settings = Mapping[str, Any]
"""The table of one provider, as the operator wrote it."""


class BadSettings(ValueError):
    """A provider cannot be made as the settings say. The text says what to change, and quotes no secret."""


@dataclass(frozen=True, slots=True)
class Given:
    """What providers get of the world around them. Whoever made it closes it; providers open nothing themselves."""

    relying_party: RelyingParty
    clock: Callable[[], int]
    """Milliseconds since 1970 UTC."""
    code_key: bytes
    """32 secret bytes: one-time codes are hashed under it."""
    send_mail: Send[Mail] | None = None
    send_text: Send[str] | None = None
    vendors: Callable[[], ClientSession] | None = None
    """Opens the session for vendors' hosts that the settings name."""
    guarded: Callable[[Sequence[str]], ClientSession] | None = None
    """Opens one for addresses that a vendor names: it reaches public ones, and these networks, alone."""
    folder: Path = Path()
    """Where relative paths in settings start."""


Make = Callable[[str, Settings, Given], Provider]
"""By its name in settings, policies and tokens; the settings; and what it is given. Raises BadSettings."""


def _totp(name: str, settings: Settings, given: Given) -> Provider:
    from identity.totp import Totp, TotpSettings

    return Totp(read(settings, TotpSettings))


def _recovery_codes(name: str, settings: Settings, given: Given) -> Provider:
    from identity.recovery_codes import RecoveryCodes

    read(settings, NoSettings)
    return RecoveryCodes()


def _email_otp(name: str, settings: Settings, given: Given) -> Provider:
    from identity.email_otp import EmailOtp, EmailSettings

    if given.send_mail is None:
        raise BadSettings("it sends mail, and no way to send mail is set up")
    return EmailOtp(given.send_mail, key=given.code_key, clock=given.clock, settings=read(settings, EmailSettings))


def _sms_otp(name: str, settings: Settings, given: Given) -> Provider:
    from identity.sms_otp import SmsOtp, SmsSettings

    if given.send_text is None:
        raise BadSettings("it sends SMS, and no way to send SMS is set up")
    found = read(settings, SmsSettings)
    host = given.relying_party.rp_id
    return SmsOtp(given.send_text, host=host, key=given.code_key, clock=given.clock, settings=found)


def _webauthn(name: str, settings: Settings, given: Given) -> Provider:
    from identity.passkey_step_up import PasskeySettings, PasskeyStepUp

    read(settings, PasskeySettings)
    return PasskeyStepUp(given.relying_party)


def _bankid(name: str, settings: Settings, given: Given) -> Provider:
    from identity.bankid import BankID
    from identity.bankid_settings import BankIDSettings, tls

    found = in_folder(read(settings, BankIDSettings), given.folder, "certificate", "key", "server_ca", "people_ca")
    return BankID(found, vendors_of(given), tls(found), domain=given.relying_party.rp_id, clock=given.clock)


def _freja(name: str, settings: Settings, given: Given) -> Provider:
    from identity.freja import Freja
    from identity.freja_settings import FrejaSettings, tls

    found = in_folder(
        read(settings, FrejaSettings), given.folder, "certificate", "key", "server_ca", "jws_certificates"
    )
    return Freja(found, vendors_of(given), tls(found), clock=given.clock)


def _oidc(name: str, settings: Settings, given: Given) -> Provider:
    from identity.oidc import Oidc
    from identity.oidc_presets import settings_of

    found = in_folder(settings_of(settings), given.folder, "key")
    elsewhere = None if given.guarded is None else given.guarded(found.private_networks)
    return Oidc(found, vendors_of(given), elsewhere=elsewhere, name=name, clock=given.clock)


def _github(name: str, settings: Settings, given: Given) -> Provider:
    from identity.oidc_github import GitHub, GitHubSettings

    return GitHub(read(settings, GitHubSettings), vendors_of(given), name=name, clock=given.clock)


PROVIDERS: Mapping[str, Make] = {
    "totp": _totp,
    "recovery_codes": _recovery_codes,
    "email_otp": _email_otp,
    "sms_otp": _sms_otp,
    "webauthn": _webauthn,
    "bankid": _bankid,
    "freja": _freja,
    "oidc": _oidc,
    "github": _github,
}
"""Every kind of provider of this package."""


def vendors_of(given: Given) -> ClientSession:
    """The session for vendors. Raises BadSettings where there is none."""
    if given.vendors is None:
        raise BadSettings("it calls a vendor, and nothing that calls anybody is set up")
    return given.vendors()


def in_folder(found: T, folder: Path, *names: str) -> T:
    """The settings with these members, and those called `…_file`, as paths that start at `folder`."""
    paths = [name for name in found.__struct_fields__ if name in names or name.endswith("_file")]
    places: dict[str, str | tuple[str, ...]] = {}
    for name in paths:
        value = getattr(found, name)
        if isinstance(value, str):
            places[name] = str(folder / value)
        elif isinstance(value, tuple):
            places[name] = tuple(str(folder / one) for one in value)
    return msgspec.structs.replace(found, **places)


class NoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For a provider without settings: any is one too many."""


def load(settings: Mapping[str, Settings], given: Given) -> dict[str, Provider]:
    """The providers that the settings name, each with its table. Raises BadSettings.

    A package that fails while it is loaded is BadSettings too: the hub does not start with less than was asked for.
    """
    return {name: _made(name, table, given) for name, table in settings.items()}


def read(settings: Settings, kind: type[T]) -> T:
    """The settings of one provider, checked. Raises BadSettings, with the setting's name and what it must be."""
    try:
        return msgspec.convert(settings, kind)
    except msgspec.ValidationError as error:
        raise BadSettings(str(error)) from None


def _made(name: str, table: Settings, given: Given) -> Provider:
    kind = table.get("kind", name)
    if name in PROVIDERS and kind != name:
        # A policy that asks for `webauthn` means passkeys, whatever stands in the settings.
        raise BadSettings(f"step-up provider {name}: this name is of its own kind; give the table another name")
    if not isinstance(kind, str):
        raise BadSettings(f"step-up provider {name}: its kind is no text")
    make = PROVIDERS.get(kind) or _from_package(kind)
    try:
        provider = make(name, {key: value for key, value in table.items() if key != "kind"}, given)
    except (BadSettings, Misconfigured) as error:
        raise BadSettings(f"step-up provider {name}: {error}") from error
    _require_provider(name, provider)
    return provider


def _from_package(name: str) -> Make:
    """The one entry point of this name, loaded. Two packages that offer it are an error: neither may win by chance."""
    found = entry_points(group=GROUP, name=name)
    # The same package may be found twice, in two folders of the path: the first is what Python imports.
    packages: dict[str, EntryPoint] = {}
    for entry in found:
        packages.setdefault(entry.dist.name if entry.dist is not None else entry.value, entry)
    if not packages:
        known = ", ".join(PROVIDERS)
        raise BadSettings(
            f"no step-up provider is called {name}: there are {known}, and those of installed packages with an entry "
            f"point in the group {GROUP}"
        )
    if len(packages) > 1:
        raise BadSettings(f"{' and '.join(sorted(packages))} both offer the step-up provider {name}: uninstall one")
    entry = next(iter(packages.values()))
    try:
        make: Make = entry.load()
    except Exception as error:
        # Whatever a stranger's module does while it is imported.
        raise BadSettings(f"step-up provider {name}: {entry.value} cannot be loaded: {type(error).__name__}") from error
    if not callable(make):
        raise BadSettings(f"step-up provider {name}: {entry.value} is no function that makes a provider")
    return make


def _require_provider(name: str, provider: Any) -> None:
    """Raises BadSettings for what a package returned and is no Provider, or one under another's name."""
    if getattr(provider, "name", None) != name:
        # The name goes into tokens: a package that calls its proofs `webauthn` would pass for passkeys in a policy.
        raise BadSettings(
            f"step-up provider {name}: what was made does not call itself so; a `kind` with one fixed name has no other"
        )
    missing = [method for method in METHODS if not inspect.iscoroutinefunction(getattr(provider, method, None))]
    if missing:
        raise BadSettings(f"step-up provider {name}: it has no coroutine {', '.join(missing)}")
