"""The bill of materials: what a hub is made of, by version and hash, as CycloneDX JSON. `python -m tests.house.bill`.

Read from `uv.lock` alone, so the same tree always gives the same bytes. Nothing is in it that only tests need; what
builds the wheel is, with the scope `excluded`, as the specification calls what is not there at run time.
"""

from __future__ import annotations

import argparse
import json
import os
import tomllib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.house.tree import ROOT

NAME = "approvals-hub"
REQUIRED, OPTIONAL, BUILD = "required", "optional", "excluded"
EARLIEST = 1_580_601_600
"""2020-02-02, which the build back end takes too where no `SOURCE_DATE_EPOCH` is set."""


def bill(lock: dict[str, Any], at: int) -> dict[str, Any]:
    """CycloneDX 1.6 (ECMA-424) of a parsed `uv.lock`; `at` is in seconds since 1970 and the only time in it."""
    packages = {package["name"]: package for package in lock["package"]}
    hub = packages[NAME]
    scopes = scopes_of(packages)
    components = [component(packages[name], scopes[name]) for name in sorted(scopes)]
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": reference(hub),
                "name": NAME,
                "version": hub["version"],
                "purl": reference(hub),
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": components,
        "dependencies": [
            {"ref": reference(package), "dependsOn": sorted(reference(packages[name]) for name in depends_on(package))}
            for package in [hub, *(packages[name] for name in sorted(scopes))]
        ],
    }
    named = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True))
    return {**document, "serialNumber": f"urn:uuid:{named}"}


def scopes_of(packages: dict[str, Any]) -> dict[str, str]:
    """Each package of a hub: needed, brought by an extra, or needed to build the wheel alone."""
    hub, found = packages[NAME], {}
    extras = names(each for group in hub["optional-dependencies"].values() for each in group)
    # The strongest last: what two of them need is needed.
    for scope, first in (
        (BUILD, names(hub["dev-dependencies"]["build"])),
        (OPTIONAL, extras),
        (REQUIRED, names(hub["dependencies"])),
    ):
        found.update(dict.fromkeys(closure(packages, first), scope))
    return found


def closure(packages: dict[str, Any], first: Iterable[str]) -> set[str]:
    """These and everything that they bring along, on whatever system."""
    found: set[str] = set()
    left = set(first)
    while left:
        found |= left
        left = {name for each in left for name in depends_on(packages[each])} - found
    return found


def depends_on(package: dict[str, Any]) -> set[str]:
    """What it asks for, its extras included, as far as the lock has chosen them."""
    extras = package.get("optional-dependencies", {})
    return names([*package.get("dependencies", ()), *(each for group in extras.values() for each in group)])


def component(package: dict[str, Any], scope: str) -> dict[str, Any]:
    """One package, with every archive of that version that may be installed and its hash."""
    archives = [*([package["sdist"]] if "sdist" in package else []), *package.get("wheels", ())]
    return {
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "scope": scope,
        "purl": reference(package),
        "externalReferences": [
            {
                "type": "distribution",
                "url": archive["url"],
                "hashes": [{"alg": "SHA-256", "content": archive["hash"].removeprefix("sha256:")}],
            }
            for archive in archives
        ],
    }


def reference(package: dict[str, Any]) -> str:
    """The package URL (ECMA-427)."""
    return f"pkg:pypi/{package['name']}@{package['version']}"


def names(entries: Iterable[dict[str, Any]]) -> set[str]:
    """The names in a list of dependencies."""
    return {entry["name"] for entry in entries}


def text() -> str:
    """The bill of this tree."""
    at = int(os.environ.get("SOURCE_DATE_EPOCH", EARLIEST))
    return json.dumps(bill(tomllib.loads((ROOT / "uv.lock").read_text()), at), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="where to write it")
    parser.parse_args().file.write_text(text())
