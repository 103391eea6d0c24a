"""Modules that are joined do what they do apart, and whatever could differ is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from web.assets import START, read_assets
from web.joined import NotJoined, joined

STATIC = Path(__file__).parents[3] / "web" / "static"

PROGRAM = {
    "main.js": """\
import { second, Third as Other } from './parts/second.js'
import {
  said,
  say,
} from './said.js'
import { name } from './parts/third.js'

/** @typedef {import('./said.js').Nothing} Nothing */
say(`main ${name} ${second(1)} ${new Other().value}`)
await_later()

async function await_later() {
  await null
  console.log(JSON.stringify(said))
}
""",
    "said.js": """\
/** @type {string[]} */
export const said = []

/** @param {string} text import('./nothing.js') */
export function say(text) {
  said.push(text)
}
say('said')
""",
    "parts/second.js": """\
import { say } from '../said.js'
import { name } from './third.js'
const own = 'second'
say(`${own} ${name}`)
export const second = (/** @type {number} */ n) => n + 1
export class Third {
  value = own
}
export async function never() {}
""",
    "parts/third.js": """\
import { say } from '../said.js'
const own = 'third'
export const name = own
say(own)
""",
    "alone.js": "export const alone = 1\n",
}


def said(*words: str, folder: Path) -> str:
    done = subprocess.run(["node", *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.needs("node")
def test_joined_modules_run_in_the_order_and_with_the_names_of_those_apart(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for name, text in PROGRAM.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    text, names = joined(PROGRAM, "main.js")
    (tmp_path / "joined.js").write_text(text)
    apart = said("main.js", folder=tmp_path)
    assert apart == '["said","third","second third","main third 2 second"]\n'
    assert said("joined.js", folder=tmp_path) == apart
    assert names == PROGRAM.keys() - {"alone.js"}


@pytest.mark.needs("node")
def test_the_page_itself_is_one_module_that_can_be_read(tmp_path: Path) -> None:
    files = read_assets(STATIC).files
    (tmp_path / "page.mjs").write_bytes(files[START].data)
    said("--check", "page.mjs", folder=tmp_path)
    modules = {name for name in files if name.endswith(".js")}
    assert modules == {START, "app/sw.js", "app/sealed.sw.js", "app/showing.sw.js", "off/sw.js", "app/context.js"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import all from './a.js'", "import all"),
        ("import * as all from './a.js'", "import \\*"),
        ("import './a.js'", "import './a.js'"),
        ("import { a } from './a.js'; a()", "import { a }"),
        ("import { a-b } from './a.js'", "`a-b` is no name"),
        ("import { a } from 'elsewhere'", "elsewhere is no relative path"),
        ("import { a } from 'https://cdn.example/a.js'", "no relative path"),
        ("import { a } from './b.js'", "there is no b.js"),
        ("import { a } from '../../a.js'", "there is no ../../a.js"),
        ("export default 1", "export default"),
        ("export { a }", "export { a }"),
        ("export * from './a.js'", "export \\*"),
        ("export let a = 1", "export let"),
        ("export function* a() {}", "export function\\*"),
        ("await 1", "await 1"),
        ("const a = import('./a.js')", "import\\("),
        ("if (1) void import('./a.js')", "import\\("),
    ],
)
def test_a_module_of_another_form_is_refused_with_its_name(text: str, why: str) -> None:
    with pytest.raises(NotJoined, match=rf"^main.js: .*{why}"):
        joined({"main.js": f"{text}\n", "a.js": "export const a = 1\n"}, "main.js")


def test_modules_that_import_each_other_are_refused_with_the_circle() -> None:
    circle = {f"{name}.js": f"import {{ x }} from './{to}.js'\n" for name, to in ("ab", "bc", "cb")}
    with pytest.raises(NotJoined, match=r"^b\.js → c\.js → b\.js: "):
        joined(circle, "a.js")


def test_names_that_would_be_one_are_refused() -> None:
    alike = {"a.js": "import { x } from './b.c.js'\nimport { y } from './b_c.js'\n"}
    alike |= {"b.c.js": "export const x = 1\n", "b_c.js": "export const y = 1\n"}
    with pytest.raises(NotJoined, match="punctuation alone"):
        joined(alike, "a.js")
