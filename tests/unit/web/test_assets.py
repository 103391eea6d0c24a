"""The page's files are read once and named by their content."""

from __future__ import annotations

import gzip
from pathlib import Path

from web.assets import read_assets


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        place = path / name.replace("__", "/").replace("_", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return path


def test_files_of_known_kinds_are_read_with_their_media_type(tmp_path: Path) -> None:
    assets = read_assets(folder(tmp_path, app__main_js="1", app__base_css="2"))
    assert {name: asset.media_type for name, asset in assets.files.items()} == {
        "app/base.css": "text/css; charset=utf-8",
        "app/main.js": "text/javascript; charset=utf-8",
    }


def test_a_file_of_another_kind_is_never_served(tmp_path: Path) -> None:
    assert read_assets(folder(tmp_path, notes_md="secret", _env="secret")).files == {}


def test_the_version_changes_with_any_byte(tmp_path: Path) -> None:
    before = read_assets(folder(tmp_path, main_js="1")).version
    assert read_assets(folder(tmp_path, main_js="2")).version != before


def test_the_version_changes_with_a_name(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert read_assets(folder(one, a_js="1")).version != read_assets(folder(other, b_js="1")).version


def test_the_same_files_give_the_same_version(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert read_assets(folder(one, a_js="1")).version == read_assets(folder(other, a_js="1")).version


def test_text_is_packed_without_a_change(tmp_path: Path) -> None:
    asset = read_assets(folder(tmp_path, a_js="let a = 1\n" * 50)).files["a.js"]
    assert asset.packed is not None
    assert gzip.decompress(asset.packed) == asset.data


def test_the_address_holds_the_version(tmp_path: Path) -> None:
    assets = read_assets(folder(tmp_path, app__main_js="1"))
    assert assets.url("app/main.js") == f"/app/static/{assets.version}/app/main.js"


def test_what_was_made_of_the_same_files_is_made_once_and_of_changed_ones_anew(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    made = read_assets(folder(one, a_js="const once = 1"))
    assert read_assets(folder(other, a_js="const once = 1")) is made
    assert read_assets(folder(one, a_js="const once = 2")).files["a.js"].data == b"const once = 2"
