/**
 * Proving who one is for an approval: the ways that are enough, easiest first, then the chosen one to its end.
 */

import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { sheet, slowButton } from '../sheet.js'
import { t, tOr } from '../words.js'
import { begin, cancel } from './hub.js'
import { forget, recall } from './kept.js'
import { onPhone, running } from './running.js'

/** @typedef {import('./hub.js').Offer} Offer */
/** @typedef {import('./hub.js').Way} Way */
/** @typedef {import('../decision.js').Proof} Proof */
/** @typedef {import('../decision.js').View} View */
/**
 * @typedef {object} Asked
 * @property {string} escalationId
 * @property {string} personId
 * @property {import('../decision.js').Signer} signer
 * @property {Offer} offer
 * @property {string} title
 * @property {AbortSignal} signal
 * @property {() => Promise<View>} freshView a statement to sign, compared with what is shown
 */

/** @type {Record<string, import('../icons.js').Icon>} */
const ICONS = { webauthn: 'key', bankid: 'phone', freja: 'phone', totp: 'clock', email_otp: 'inbox', sms_otp: 'quote' }

/**
 * Whether this browser remembers a step-up that runs for this question.
 * @param {string} escalationId @param {string} personId
 */
export function isProving(escalationId, personId) {
  return recall(escalationId, personId) !== null
}

/**
 * Shows the sheet until it is proven, or the person stops it.
 * @param {Asked} asked
 * @returns {Promise<Proof | null>}
 */
export async function prove(asked) {
  const { offer, signal, escalationId, personId, signer } = asked
  /** @type {{error: unknown} | null} */
  let broken = null
  let stop = () => undefined
  const end = h('span')
  const proof = await sheet({ title: asked.title, signal, kind: 'prove-sheet', stays: true, end },
    (/** @type {(proof: Proof | null) => void} */ choose) => {
      const body = h('div', { class: 'prove' })
      const linked = offer.ways.filter((way) => way.linked)
      const choices = () => fill(body, ...choice(offer, (way) => void place.start(way.method, onPhone())))
      const place = running({
        body, end, signal, personId, name: escalationId, other: 'prove.other', refused: null,
        begin: async (method, sameDevice) => {
          const view = await asked.freshView()
          return { view, step: await begin(view.statement, method, sameDevice) }
        },
        onProven: (step, { view }) => {
          if (!view) return choose(null)
          const found = { view, stepUpId: step.step_up_id }
          if (signer.kind === 'device_key') return choose(found)
          // The browser opens its dialog for a touch only, and the last one is long ago.
          const button = h('button', { type: 'button', class: 'approve plain', onclick: () => choose(found) }, t('confirm.passkey'))
          fill(body, h('p', { class: 'notice good', role: 'status' }, icon('check'), h('span', {}, t('prove.proven'))), button)
          button.focus()
        },
        onOther: linked.length > 1 || linked.length < offer.ways.length ? () => {
          place.next()
          choices()
        } : null,
        onBroken: (error) => {
          broken = { error }
          choose(null)
        },
      })
      stop = () => void place.stop()
      const kept = recall(escalationId, personId)
      if (kept?.view?.statement.device_id === signer.deviceId) void place.resume(kept)
      else {
        if (kept) {
          void cancel(kept.stepUpId)
          forget(escalationId)
        }
        choices()
      }
      return [body]
    })
  // A screen that is left ends nothing: what runs goes on, and the next visit finds it.
  if (!proof && !signal.aborted) stop()
  if (broken) throw /** @type {{error: unknown}} */ (broken).error
  return proof
}

/**
 * @param {Offer} offer
 * @param {(way: Way) => void} onChosen
 * @returns {Node[]}
 */
function choice({ ways }, onChosen) {
  const linked = ways.filter((way) => way.linked)
  const others = ways.filter((way) => !way.linked)
  // Nobody is left with codes to remember or copy alone (WCAG 2.2, 3.3.8): what asks for none is one tap away.
  const withoutCode = linked.length > 0 && linked.every((way) => way.copies) ? others.find((way) => !way.copies) : undefined
  return [
    h('p', {}, t(linked.length > 0 ? 'prove.lead' : 'prove.nothing_linked')),
    ...linked.map((way, place) => slowButton(label(way), `way ${place === 0 ? 'primary' : 'secondary'} wide`, () => onChosen(way))),
    ...(withoutCode ? [h('a', { class: 'button way secondary wide', href: '/app/devices' }, label(withoutCode, t('prove.without_code')))] : []),
    ...(others.length > 0 ? [h('div', { class: 'not-linked' },
      h('p', { class: 'quiet-text' }, t('prove.unlinked', { names: others.map(({ method }) => tOr('way', method)).join(', ') })),
      h('a', { href: '/app/devices' }, t('prove.link')))] : []),
  ]
}

/** @param {Way} way @param {string} [said] */
function label({ method, copies }, said) {
  const words = tOr('way_how', method)
  const how = said ?? (words === method ? t(copies ? 'way_how.code' : 'way_how.other') : words)
  return h('span', { class: 'way-label' }, icon(ICONS[method] ?? 'low'),
    h('span', {}, h('span', { class: 'way-name' }, tOr('way', method)), h('span', { class: 'way-how' }, how)))
}
