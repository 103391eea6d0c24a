/**
 * The page's words. What is signed holds none of them: a catalogue can change without changing any hash.
 */

import { words as en } from './words.en.js'
import { words as sv } from './words.sv.js'

/** The catalogue's version, told in receipts and bug reports. */
export const CATALOGUE = '2026-11-27'

/** @typedef {keyof typeof en & string} Key */
/** @typedef {string | {one: string, other: string}} Text */

/** @type {Record<string, Record<Key, Text>>} */
const catalogues = { en, sv }

/** The language of the page: the first one the person's browser asks for that there are words in. */
export const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in catalogues) ?? 'en'

const locale = navigator.languages.find((tag) => tag.startsWith(language)) ?? language
const plural = new Intl.PluralRules(language)
const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' })
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
const number = new Intl.NumberFormat(locale)

/**
 * The text for a key, with `{name}` replaced by the parameter of that name; `count` picks the plural form.
 * @param {Key} key
 * @param {Record<string, string | number>} [parameters]
 */
export function t(key, parameters = {}) {
  const found = catalogues[language]?.[key] ?? en[key]
  const form = plural.select(Number(parameters['count'] ?? 0)) === 'one' ? 'one' : 'other'
  const text = typeof found === 'string' ? found : found[form]
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => {
    const value = parameters[name] ?? ''
    return typeof value === 'number' ? number.format(value) : value
  })
}

/**
 * The text for a key that is made of a prefix and a value from the hub, or the value itself when there are no words.
 * @param {string} prefix
 * @param {string} value
 */
export function tOr(prefix, value) {
  const key = `${prefix}.${value}`
  return key in en ? t(/** @type {Key} */ (key)) : value
}

/**
 * "a, b or c".
 * @param {string[]} names
 */
export function anyOf(names) {
  return new Intl.ListFormat(locale, { type: 'disjunction' }).format(names)
}

/**
 * A date and time with its zone.
 * @param {string} text RFC 3339
 */
export function when(text) {
  return moment.format(new Date(text))
}

/**
 * A date.
 * @param {string} text RFC 3339
 */
export function onDay(text) {
  return day.format(new Date(text))
}

/**
 * A part of a whole: 0.93 is "93 %".
 * @param {number} part from 0 to 1
 */
export function percent(part) {
  return new Intl.NumberFormat(locale, { style: 'percent' }).format(part)
}

/**
 * A length of time in the largest fitting unit: "10 minutes".
 * @param {number} seconds
 */
export function lasting(seconds) {
  /** @type {[string, number][]} */
  const units = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]]
  const [unit, size] = units.find(([, length]) => seconds >= length && seconds % length === 0) ?? ['second', 1]
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / size)
}

/**
 * What an action does, from its type alone: never from words of the agent.
 * @param {string} actionType like `database.drop_tables`
 */
export function headline(actionType) {
  // No agent asks about `hub.*`: these words are the hub's own.
  const own = actionType.startsWith('hub.policy.') ? actionType.slice('hub.policy.'.length) : ''
  if (own && `policy_verb.${own}` in en) return { verb: tOr('policy_verb', own), place: '' }
  const parts = actionType.split('.').map((part) => part.replaceAll('_', ' '))
  const verb = parts.pop() ?? actionType
  return { verb: verb.charAt(0).toUpperCase() + verb.slice(1), place: parts.join(' › ') }
}

document.documentElement.lang = language
