/**
 * Where a text stops being JSON. Browsers say it in words of their own, some without a place, and let a name stand twice.
 */

/** @typedef {{line: number, column: number, twice: string | null}} JsonFault places from 1 on; `twice`: the name that stood before */

// One character a turn: a repeated repetition would go back and forth in a long text that ends inside a string.
const TOKEN = /([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const SPACE = /[ \t\n\r]*/y

/**
 * The first fault of a JSON text (RFC 8259), a name that an object has twice included.
 * @param {string} text
 * @returns {JsonFault | null} null where there is none
 */
export function jsonFault(text) {
  /** The open objects, with their names, and arrays (null). @type {(Set<string> | null)[]} */
  const open = []
  /** @type {'value' | 'item' | 'name' | 'member' | 'colon' | 'next'} */
  let wanted = 'value'
  let at = 0
  for (;;) {
    SPACE.lastIndex = at
    SPACE.test(text)
    at = SPACE.lastIndex
    if (wanted === 'next' && open.length === 0) return at === text.length ? null : placed(text, at)
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    if (!found) return placed(text, at)
    const [token, sign, string] = found
    const names = open.at(-1)
    if (wanted === 'value' || wanted === 'item') {
      if (sign === '{' || sign === '[') {
        open.push(sign === '{' ? new Set() : null)
        wanted = sign === '{' ? 'member' : 'item'
      } else if (!sign) wanted = 'next'
      else if (sign === ']' && wanted === 'item') close()
      else return placed(text, at)
    } else if (wanted === 'name' || wanted === 'member') {
      if (string && names) {
        const name = /** @type {string} */ (JSON.parse(string))
        if (names.has(name)) return placed(text, at, name)
        names.add(name)
        wanted = 'colon'
      } else if (sign === '}' && wanted === 'member') close()
      else return placed(text, at)
    } else if (wanted === 'colon') {
      if (sign !== ':') return placed(text, at)
      wanted = 'value'
    } else if (sign === ',') wanted = names ? 'name' : 'value'
    else if (sign === (names ? '}' : ']')) close()
    else return placed(text, at)
    at += token.length
  }

  function close() {
    open.pop()
    wanted = 'next'
  }
}

/** @param {string} text @param {number} at @param {string | null} [twice] @returns {JsonFault} */
function placed(text, at, twice = null) {
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1, twice }
}
