/**
 * What an approval takes beside a signature: time to read, the number that the asker's own screen shows, and why.
 */

import { h } from './dom.js'
import { t } from './words.js'
import { b64u } from '../shared/canonical.js'
import { reasonCommitment } from '../shared/statement.js'

/** @typedef {import('./question.js').Answer} Question */
/**
 * @typedef {object} Written what somebody wrote, in the form in which it is signed
 * @property {string | null} matchCode
 * @property {string | null} reason
 * @property {string | null} salt base64url
 * @property {string | null} commitment
 */
/**
 * @typedef {object} Demands
 * @property {Node | null} node
 * @property {() => 'time' | 'number' | 'reason' | null} lacks what it still takes
 * @property {() => Promise<Written>} written
 * @property {() => void} clear empties the number: a wrong one is not sent twice
 */

/** As many as the hub asks for at least, spaces at the ends aside. */
const LEAST = 10
const LONGEST = 500

/** Nothing is written. @type {Written} */
export const NOTHING = Object.freeze({ matchCode: null, reason: null, salt: null, commitment: null })

/**
 * The fields of a question's approval; none where it asks for none, or this person approves nothing here.
 * @param {Question} question
 * @param {() => void} onChange
 * @param {AbortSignal} signal
 * @returns {Demands}
 */
export function demands(question, onChange, signal) {
  const approves = question.may_approve && question.mine === null
  const digits = approves ? question.requirement.number_match ?? null : null
  const wanted = approves && question.requirement.reason === 'required'
  // The hub counts from when it heard that the card was painted, which was before this.
  let early = approves && (question.requirement.dwell ?? 0) > 0
  const timer = early ? setTimeout(() => {
    early = false
    onChange()
  }, (question.requirement.dwell ?? 0) * 1000) : undefined
  signal.addEventListener('abort', () => clearTimeout(timer))
  const number = digits === null ? null : h('input', {
    id: 'match-code', class: 'number', type: 'text', inputmode: 'numeric', autocomplete: 'off', maxlength: digits, 'aria-describedby': 'match-hint',
  })
  const reason = wanted ? h('textarea', { id: 'approve-words', rows: 2, maxlength: LONGEST }) : null
  const typed = () => (number?.value ?? '').replace(/\s/g, '')
  const words = () => (reason?.value ?? '').trim()
  for (const field of [number, reason]) field?.addEventListener('input', onChange)
  return {
    node: number || reason ? h('div', { class: 'demands' },
      ...(number ? [h('label', { for: 'match-code' }, t('demands.number', { count: digits ?? 0 })), number,
        h('p', { class: 'quiet-text', id: 'match-hint' }, t('demands.where'))] : []),
      ...(reason ? [h('label', { for: 'approve-words' }, t('demands.reason')), reason] : [])) : null,
    lacks: () => early ? 'time' : digits !== null && !new RegExp(`^[0-9]{${digits}}$`).test(typed()) ? 'number' : wanted && [...words()].length < LEAST ? 'reason' : null,
    written: async () => ({ ...await explained(words()), matchCode: number ? typed() : null }),
    clear: () => {
      if (number) number.value = ''
      onChange()
    },
  }
}

/**
 * A reason in the form in which it is signed.
 * @param {string} [reason]
 * @returns {Promise<Written>}
 */
export async function explained(reason) {
  if (!reason) return NOTHING
  const salt = crypto.getRandomValues(new Uint8Array(16))
  return { matchCode: null, reason, salt: b64u(salt), commitment: await reasonCommitment(reason, salt) }
}
