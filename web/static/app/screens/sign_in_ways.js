/**
 * The other ways to sign in, below the passkey: an account elsewhere, an electronic identity, a link by mail.
 */

import { isLeft, Problem, Unreachable } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { begin, cancel, give, ways } from '../signing_in/hub.js'
import { forgetSigningIn, keepAttempt } from '../signing_in/kept.js'
import { qrPicture } from '../step_up/qr_picture.js'
import { onPhone } from '../step_up/running.js'
import { t, tOr } from '../words.js'
import { visible } from '../../shared/visible.js'
import { mailForm } from './sign_in_link.js'

/** @typedef {import('../signing_in/hub.js').Way} Way */
/** @typedef {import('../signing_in/kept.js').Kept} Kept */

const EMAIL_LINK = 'email_link'
const EVERY = 1000
/** Links that start an app; everything else is not followed. */
const STARTERS = ['https:', 'bankid:', 'frejaeid:']

/**
 * @param {AbortSignal} signal ends when the screen is left
 * @param {() => Promise<void>} onSignedIn
 * @returns {{node: Element, load: () => Promise<void>}}
 */
export function otherWays(signal, onSignedIn) {
  const node = h('div', { class: 'other-ways' })
  let running = new AbortController()
  signal.addEventListener('abort', () => running.abort())

  const load = async () => {
    running.abort()
    try {
      const offered = await ways(signal)
      if (!signal.aborted && offered.length > 0) fill(node, h('p', { class: 'quiet-text' }, t('sign_in.or')), ...offered.map(choice))
    } catch (error) {
      // A passkey still works, and this is tried again when the page is opened again.
      if (!isLeft(error) && !(error instanceof Unreachable || error instanceof Problem)) throw error
    }
  }
  /** @param {Way} way */
  const choice = (way) => h('button', { type: 'button', class: 'secondary wide', onclick: () => void choose(way) },
    way.method === EMAIL_LINK ? t('sign_in.by_mail') : t('sign_in.with', { name: named(way) }))

  /** @param {Way} way */
  const choose = async (way) => {
    running = new AbortController()
    if (way.method === EMAIL_LINK) return fill(node, mailForm(() => void load()))
    fill(node, h('p', { class: 'waiting', role: 'status' }, t('prove.beginning')))
    try {
      const sameDevice = onPhone()
      const begun = await begin(way.method, sameDevice)
      const redirect = begun.shown['redirect']
      const kept = {
        signInId: begun.sign_in_id, secret: begun.secret, method: way.method, sameDevice, expiresAt: begun.expires_at,
        state: typeof redirect === 'string' ? stateOf(redirect) : null,
      }
      if (signal.aborted) return void cancel(kept)
      keepAttempt(kept)
      if (typeof redirect === 'string') location.assign(redirect)
      else wait(way, kept, begun.shown)
    } catch (error) {
      if (!isLeft(error)) over(error)
    }
  }
  /** The hub asks the provider; this asks the hub. @param {Way} way @param {Kept} kept @param {Record<string, any>} first */
  const wait = (way, kept, first) => {
    const mine = running.signal
    const name = named(way)
    const picture = qrPicture(t(way.method === 'bankid' ? 'eid.qr_moving' : 'eid.qr', { name }))
    const frame = h('div', { class: 'qr-frame' }, picture.node)
    const start = h('a', { class: 'button primary wide' }, icon('phone'), t('eid.open', { name }))
    const status = h('p', { class: 'eid-message', role: 'status' })
    const stop = h('button', { type: 'button', class: 'quiet', onclick: () => {
      forgetSigningIn()
      void cancel(kept)
      void load()
    } }, t('common.cancel'))
    const paint = (/** @type {Record<string, any>} */ shown) => {
      const link = starter(shown['auto_start'] ?? shown['link'])
      frame.hidden = typeof shown['qr'] !== 'string' || !picture.show(shown['qr'])
      start.hidden = link === null
      if (link !== null) start.setAttribute('href', link)
      const said = String(shown['message']?.text ?? t('eid.waiting', { name }))
      if (status.textContent !== said) status.textContent = said
    }
    const turn = async () => {
      if (document.hidden || mine.aborted) return
      try {
        const now = await give(kept, null, mine)
        if (mine.aborted) return
        if (now.signed_in) await done()
        else paint(now.shown)
      } catch (error) {
        if (!isLeft(error) && !mine.aborted && !(error instanceof Unreachable)) over(error)
      }
    }
    const timer = setInterval(() => void turn(), EVERY)
    mine.addEventListener('abort', () => clearInterval(timer))
    fill(node, frame, status, start, stop)
    paint(first)
  }
  const done = async () => {
    running.abort()
    forgetSigningIn()
    await onSignedIn()
  }
  /** @param {unknown} error */
  const over = (error) => {
    running.abort()
    forgetSigningIn()
    fill(node, h('p', { class: 'message', role: 'alert' }, whyNot(error)),
      h('button', { type: 'button', class: 'secondary wide', onclick: () => void load() }, t('prove.other')))
  }
  return { node, load }
}

/**
 * Why nobody was signed in, in words.
 * @param {unknown} error
 */
export function whyNot(error) {
  if (error instanceof Unreachable) return t('error.unreachable')
  if (error instanceof Problem && error.status === 429) return t('sign_in.too_many')
  if (error instanceof Problem && error.status >= 500) return t('prove_cause.provider_down')
  return t('sign_in.not_signed_in')
}

/** What the page calls a way: the operator's words, or ours where there are none. @param {Way} way */
function named(way) {
  return way.title === way.method ? tOr('way', way.method) : visible(way.title).text
}

/** @param {unknown} address */
function starter(address) {
  if (typeof address !== 'string' || !URL.canParse(address)) return null
  return STARTERS.includes(new URL(address).protocol) ? address : null
}

/** @param {string} address */
function stateOf(address) {
  return URL.canParse(address) ? new URL(address).searchParams.get('state') : null
}
