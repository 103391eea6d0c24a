/**
 * Paints the fields of a presentation, all of them, and can say afterwards what is on the screen.
 */

import { h } from './dom.js'
import { icon } from './icons.js'
import { emphasised, fold, isLong, textBlock } from './text_block.js'
import { t, tOr } from './words.js'
import { visible } from '../shared/visible.js'
import { hostsIn } from '../shared/warning.js'

/** @typedef {import('./question.js').Field} Field */
/** @typedef {import('./question.js').Warning} Warning */
/** @typedef {import('./text_block.js').Reading} Reading */

const ROWS = 24
const BESIDE = 20
// Members whose text is read letter by letter.
const COMMAND = /\/(command|cmd|sql|statement|query|script|code|diff|patch|shell)(\/\d+)?$/
// What an agent says of its own standing or of its counterparty's; the organisation's word stands elsewhere.
const CLAIMED = /^\/(relying_party\/trust_profile|payload\/assurance_level|principal\/chain(\/\d+)?)$/
const LOOKS_LIKE_ANOTHER_TYPE = /^(-?\d[\d.]*([eE][+-]?\d+)?|true|false|null|\{\}|\[\])$/

/** The painted values of one question. */
export class Painting {
  /** @param {Field[]} fields */
  constructor(fields) {
    this.fields = fields
    /** @type {Map<Field, Element>} */
    this.places = new Map()
  }

  /**
   * The fields, if each of them is on the page exactly as it was painted; else null.
   * @returns {Field[] | null}
   */
  intact() {
    const holds = this.fields.every((field) => {
      const place = this.places.get(field)
      return place?.isConnected && place.textContent === shownText(field)
    })
    return holds ? this.fields : null
  }
}

/**
 * A list of fields with their values.
 * @param {Painting} painting
 * @param {Field[]} fields
 * @param {Warning[]} warnings
 * @param {Reading} reading
 * @param {string} top how many leading parts of the paths go without saying: '/payload'
 * @param {(name: string) => string} named what a member is called: as it is written, unless the hub itself asks
 */
export function fieldList(painting, fields, warnings, reading, top, named = (name) => name) {
  const arrays = new Set(fields.filter(({ type }) => type === 'array').map(({ path }) => path))
  const rows = fields.map((field) => {
    const codes = warnings.filter(({ path }) => path === field.path).map(({ code }) => code)
    return row(painting, field, codes, reading, labelOf(field, top, arrays, named))
  })
  const list = h('dl', { class: 'fields' }, ...rows)
  if (rows.length <= ROWS + 4) return list
  list.tabIndex = -1
  return fold(list, rows.slice(ROWS), t('fold.fields', { count: rows.length - ROWS }), reading)
}

/**
 * @param {Painting} painting
 * @param {Field} field
 * @param {string[]} codes
 * @param {Reading} reading
 * @param {Node[]} label
 */
function row(painting, field, codes, reading, label) {
  const text = shownText(field)
  const isText = field.type === 'string'
  const block = isText && (isLong(text) || COMMAND.test(field.path)) ? textBlock(text, reading) : null
  const long = block !== null || codes.length > 0 || (isText && text.length > BESIDE)
  // Nobody says which language an agent writes: a voice must not read it as the page's own (WCAG 2.2, 3.1.2).
  const value = block?.code ?? h('span', { class: `value ${field.type}`, ...(isText ? { lang: '' } : {}) }, ...emphasised(text))
  painting.places.set(field, value)
  return h('div', { class: long ? 'field long' : 'field' },
    h('dt', {}, ...label),
    h('dd', { dir: 'ltr' }, block?.node ?? value, gloss(field), claimed(field), ...codes.map((code) => warning(code, field))))
}

/**
 * @param {Field} field
 */
function shownText(field) {
  return visible(field.value, { lines: true }).text
}

/**
 * What a value is, where it would not be seen: a text that looks like a number, an empty list, yes and no.
 * @param {Field} field
 */
function gloss({ type, value }) {
  let words = null
  if (type === 'string' && value === '') words = t('type.empty_string')
  else if (type === 'string' && LOOKS_LIKE_ANOTHER_TYPE.test(value)) words = t('type.string')
  else if (type === 'boolean') words = t(value === 'true' ? 'type.true' : 'type.false')
  else if (type === 'array') words = t('type.array', { count: Number(value) })
  else if (type !== 'string') words = tOr('type', type) === type ? null : tOr('type', type)
  return words ? h('span', { class: 'gloss' }, words) : null
}

/**
 * Marks what only the agent says, in the words of the page: the value itself stays as it is hashed.
 * @param {Field} field
 */
function claimed({ path }) {
  return CLAIMED.test(path) ? h('span', { class: 'unverified claimed' }, t('card.claimed')) : null
}

/**
 * Says what may deceive in this value. A host is shown in its ASCII form, which has one look only.
 * @param {string} code
 * @param {Field} field
 */
export function warning(code, field) {
  const hosts = code === 'international_host' ? asciiHosts(field) : []
  return h('p', { class: 'warning' }, icon('high'), h('span', {}, tOr('warning', code)),
    ...hosts.map((host) => h('code', { class: 'ascii-host' }, host)))
}

/** @param {Field} field */
function asciiHosts({ path, value }) {
  const hosts = path === '/relying_party/domain' ? [value] : hostsIn(value)
  return hosts.flatMap((host) => {
    try {
      return [new URL(`https://${host}`).host]
    } catch {
      return []
    }
  })
}

/**
 * The parts of the path, the last one strongest; items of lists counted from one.
 * @param {Field} field
 * @param {string} top
 * @param {Set<string>} arrays
 * @param {(name: string) => string} named
 * @returns {Node[]}
 */
function labelOf(field, top, arrays, named) {
  const parts = field.path.split('/').slice(1)
  const skipped = top.split('/').length - 1
  return parts.flatMap((part, index) => {
    if (index < skipped) return []
    const inList = arrays.has('/' + parts.slice(0, index).join('/'))
    const name = visible(part.replaceAll('~1', '/').replaceAll('~0', '~')).text
    const text = inList ? `#${Number(part) + 1}` : named(name) || t('type.empty_name')
    const last = index === parts.length - 1
    const label = h('span', { class: last ? 'name' : 'outer' }, text)
    return last ? [label] : [label, h('span', { class: 'outer', 'aria-hidden': 'true' }, ' › ')]
  })
}
