/**
 * Tying a way to prove who one is to oneself: a fresh factor first, then the way's own proof that it works.
 */

import { isLeft, Problem } from '../api.js'
import { fill, h } from '../dom.js'
import { freshFactor } from '../fresh.js'
import { icon } from '../icons.js'
import { sheet } from '../sheet.js'
import { t, tOr } from '../words.js'
import { beginLink } from './hub.js'
import { forget, LINKING, recall } from './kept.js'
import { onPhone, running } from './running.js'

/** @typedef {import('./hub.js').StepUp} StepUp */

/** What has to be given to begin, by way. @type {Record<string, {key: import('../words.js').Key, type: string, autocomplete: string, example: string}>} */
const ADDRESSES = {
  email_otp: { key: 'link.email', type: 'email', autocomplete: 'email', example: 'name@example.com' },
  sms_otp: { key: 'link.phone', type: 'tel', autocomplete: 'tel', example: '+46701234567' },
}

/**
 * Shows the sheet until the way is linked, or the person stops it.
 * @param {string} method
 * @param {string} personId
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether it is linked now
 */
export async function linkWay(method, personId, signal) {
  let stop = () => undefined
  const end = h('span')
  /** @type {{error: unknown} | null} */
  let broken = null
  const linked = await sheet({ title: t('link.title', { name: tOr('way', method) }), signal, kind: 'prove-sheet', stays: true, end },
    (/** @type {(linked: boolean) => void} */ choose) => {
      const body = h('div', { class: 'prove' })
      /** @type {Record<string, string>} */
      let given = {}
      const place = running({
        body, end, personId, signal, name: LINKING, other: 'link.other', refused: ADDRESSES[method] ? 'link.refused' : null,
        begin: async (_, sameDevice) => ({ view: null, step: await beginLink(method, given, sameDevice, await freshFactor()) }),
        onProven: () => {
          forget(LINKING)
          choose(true)
        },
        onOther: ADDRESSES[method] ? () => {
          place.next()
          introduce()
        } : null,
        onBroken: (error) => {
          broken = { error }
          choose(false)
        },
      })
      stop = () => void place.stop()
      const introduce = () => fill(body, ...introduction(method, (address) => {
        given = address
        void place.start(method, onPhone())
      }))
      const kept = recall(LINKING, personId)
      if (kept?.method === method) void place.resume(kept)
      else introduce()
      return [body]
    })
  if (!linked && !signal.aborted) stop()
  const failure = /** @type {{error: unknown} | null} */ (broken)
  if (failure && !isExpected(failure.error)) throw failure.error
  return linked === true
}

/**
 * The way that is being linked in this browser, where one runs.
 * @param {string} personId
 */
export function linkingNow(personId) {
  return recall(LINKING, personId)?.method ?? null
}

/** The person said no to the browser's dialog, or left. @param {unknown} error */
function isExpected(error) {
  return isLeft(error) || error instanceof DOMException || error instanceof Problem
}

/**
 * @param {string} method
 * @param {(given: Record<string, string>) => void} onReady
 */
function introduction(method, onReady) {
  const address = ADDRESSES[method]
  const field = address ? h('input', {
    id: 'address', type: address.type, name: 'address', autocomplete: address.autocomplete, required: true, spellcheck: 'false',
    'aria-describedby': 'address-form',
  }) : null
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault()
    if (field && !field.value.trim()) return field.focus()
    onReady(field ? { address: field.value.trim().replace(address?.type === 'tel' ? /[\s()-]/g : /^$/, '') } : {})
  }
  return [h('form', { class: 'code-form', novalidate: true, onsubmit: submit },
    h('p', {}, tOr('link_how', method)),
    address && field ? h('label', { for: 'address' }, t(address.key)) : null, field,
    address ? h('p', { id: 'address-form', class: 'quiet-text' }, t('link.example', { example: address.example })) : null,
    h('p', { class: 'quiet-text' }, t('link.fresh')),
    h('button', { type: 'submit', class: 'primary wide' }, icon('key'), t('link.begin')))]
}
