"""The image holds the product, from locks with hashes, and runs as nobody special. Building it is left to hands."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import PurePosixPath

import pytest
import yaml

from approvals_hub.cli.main import COMMANDS, cli
from approvals_hub.config import load
from tests.house.reference_cli import walk
from tests.house.test_locks import exported
from tests.house.tree import PACKAGES, ROOT

FILE = "ops/image/Containerfile"
LOCK = "ops/image/requirements.lock"


@cache
def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, beginning with its FROM, and their words; comments and line ends are gone."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / FILE).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, words = line.partition(" ")
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, words.strip()))
    return found


def last(name: str) -> str:
    """The words of the one such instruction of the stage that is left."""
    [words] = [words for each, words in stages()[-1] if each == name]
    return words


def copied() -> list[str]:
    """What comes from the tree."""
    words = [shlex.split(words) for stage in stages() for name, words in stage if name == "COPY"]
    return [source for each in words if not each[0].startswith("--from") for source in each[:-1]]


def let_in(path: str) -> bool:
    """What `.dockerignore` says of a file: the last line that is for it, or for a folder that it lies in, counts."""
    answer = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        parts = PurePosixPath(path)
        places = [parts, *parts.parents][:-1]
        names = [each.name for each in places] if line.startswith("**/") else [str(each) for each in places]
        if any(fnmatch(name, pattern) for name in names):
            answer = line.startswith("!")
    return answer


def needed(extra: str) -> set[str]:
    """The packages of one extra, with all that they bring along, from uv.lock."""
    packages = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    wanted = [each["name"] for each in packages["approvals-hub"]["optional-dependencies"][extra]]
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += [each["name"] for each in packages[name].get("dependencies", ())]
    return found


@pytest.mark.parametrize("extra", ["cel", "fcm", "postgres"])
def test_the_lock_of_the_image_covers_the_extra_with_all_that_it_brings_along(extra: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extra in extras
    assert needed(extra) - {package for package, _, hashes in exported(LOCK) if hashes} == set()


def test_every_extra_is_asked_for() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extras.keys() == {"cel", "fcm", "postgres"}
    assert "firebase-admin" in needed("fcm")


def test_a_package_swapped_on_the_way_is_not_installed_as_every_install_wants_hashes() -> None:
    runs = " ".join(words for stage in stages() for name, words in stage if name == "RUN")
    installs = [part for part in runs.split("&&") if re.search(r"\bpip\b.* install ", part)]
    assert len(installs) == 3
    for install in installs:
        from_lock = re.search(r"--require-hashes .*-r (build|requirements)\.lock", install)
        assert from_lock or "--no-deps --no-index /build/wheel/*.whl" in install, install
    assert not re.search(r"\b(curl|wget|git|apt|apt-get)\b", runs)


def test_no_package_runs_a_build_of_its_own() -> None:
    runs = [words for stage in stages() for name, words in stage if name == "RUN" and "--require-hashes" in words]
    assert [words.count("--require-hashes") for words in runs] == [words.count("--only-binary :all:") for words in runs]


def test_what_is_left_has_no_build_back_end() -> None:
    assert not {"hatchling", "pip", "pytest"} & {package for package, _, _ in exported(LOCK)}
    from_build = [words for name, words in stages()[-1] if name == "COPY"]
    assert {words.split()[1] for words in from_build} == {"/opt/hub", "/build/tree/LICENSE"}


def test_the_base_has_a_tag_that_says_which_python_and_which_debian() -> None:
    [base] = re.findall(r"^ARG BASE=(\S+)$", (ROOT / FILE).read_text(), re.MULTILINE)
    assert re.fullmatch(r"python:3\.1[1-9]-slim-[a-z]+", base)
    assert [stage[0][1].split()[0] for stage in stages()] == ["${BASE}", "${BASE}"]


def test_the_hub_in_the_image_is_not_root_and_owns_nothing_but_its_data() -> None:
    names = [name for name, _ in stages()[-1]]
    user = last("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    # What stands before it, the copies among it, is root's.
    assert names.index("USER") > max(index for index, name in enumerate(names) if name in ("COPY", "RUN"))
    run = last("RUN")
    assert f"--uid {user.split(':')[0]} --gid {user.split(':')[1]}" in run
    assert "--mode 0700 --owner hub --group hub /data" in run
    assert (last("VOLUME"), last("WORKDIR")) == ("/data", "/data")


def test_signals_reach_the_hub_with_no_shell_in_between() -> None:
    assert json.loads(last("ENTRYPOINT")) == ["approvals-hub"]
    assert json.loads(last("CMD")) == ["serve"]
    assert last("STOPSIGNAL") == "SIGTERM"


def test_what_the_image_calls_is_there() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    look = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    assert {look[0], *json.loads(last("ENTRYPOINT"))} <= scripts.keys()
    commands = dict(walk(cli, ()))
    assert json.loads(last("CMD"))[0] in COMMANDS
    options = {name for option in commands[(look[1],)].params for name in option.opts}
    assert set(look[2:]) <= options


def test_the_settings_of_the_image_are_settings() -> None:
    given = dict(word.split("=", 1) for word in shlex.split(last("ENV")))
    settings = load(None, given)
    assert (str(settings.data), settings.listen.host) == ("/data", "0.0.0.0")
    assert last("EXPOSE") == str(settings.listen.port)
    assert given["PATH"].startswith("/opt/hub/bin:")


def test_the_label_of_the_version_is_the_version() -> None:
    labels = dict(word.split("=", 1) for word in shlex.split(last("LABEL")))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    own = {name.removeprefix("org.opencontainers.image."): text for name, text in labels.items()}
    assert (own["version"], own["licenses"], own["title"]) == (project["version"], project["license"], project["name"])


def test_what_the_image_copies_is_there_and_let_in_whole() -> None:
    sources = copied()
    product = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    names = [path.relative_to(ROOT).as_posix() for path in product if "__pycache__" not in path.parts]
    assert [name for name in names if not let_in(name)] == []
    assert set(PACKAGES) < set(sources)
    assert [source for source in sources if not (ROOT / source).exists() or not let_in(source)] == []


@pytest.mark.parametrize(
    "path",
    [
        "data/hub.db",
        "data/keys/kek",
        "data/hub.toml",
        "hub.toml",
        "relay.toml",
        "relay-data/kek",
        "apns.p8",
        "firebase.json",
        ".env",
        ".git/config",
        ".venv/bin/python",
        "node_modules/typescript/package.json",
        "dist/approvals_hub.whl",
        "tests/vectors/keys.json",
        "sdks/python/.env",
        "ops/image/data/keys/kek",
        "approvals_hub/cli/__pycache__/main.cpython-311.pyc",
        "web/left_over.pyc",
        "web/.env",
        "approvals_hub/data/hub.db-wal",
        "approvals_hub/data/keys/kek",
    ],
)
def test_what_lies_beside_the_product_in_a_working_tree_stays_out_of_the_image(path: str) -> None:
    assert not let_in(path)


def test_the_compose_file_is_about_this_image_and_keeps_data_in_a_volume() -> None:
    compose = yaml.safe_load((ROOT / "ops/image/compose.yaml").read_text())
    hub = compose["services"]["hub"]
    folder = ROOT / "ops/image" / hub["build"]["context"]
    assert (folder.resolve(), hub["build"]["dockerfile"]) == (ROOT, FILE)
    assert "data:/data" in hub["volumes"]
    assert "data" in compose["volumes"]
    assert (hub["read_only"], hub["cap_drop"], hub["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    given = {**hub["environment"], "APPROVALS_HUB__PUBLIC_URL": "https://approvals.example.com"}
    settings = load(None, given)
    [network] = compose["networks"]["default"]["ipam"]["config"]
    assert settings.trusted_proxies == [network["subnet"]]
    port = settings.listen.port
    assert hub["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert int(hub["stop_grace_period"].removesuffix("s")) > settings.shutdown_seconds
    assert "user" not in hub
