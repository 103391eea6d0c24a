/**
 * One place of the page where step-ups run, one after the other: begun, remembered, entered, and what became of them.
 */

import { isLeft, Problem, Unreachable } from '../api.js'
import { countdown } from '../countdown.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { t, tOr } from '../words.js'
import { cancel, look } from './hub.js'
import { forget, keep, leave } from './kept.js'
import { whyNot } from './stage.js'
import { enter } from './ways.js'

/** @typedef {import('./hub.js').StepUp} StepUp */
/** @typedef {import('./kept.js').Kept} Kept */
/** @typedef {import('../decision.js').View} View */
/**
 * @typedef {object} Place
 * @property {Element} body where it paints
 * @property {Element} end the words of the button that ends it
 * @property {string} name a question's id, or LINKING
 * @property {string} personId
 * @property {AbortSignal} signal ends when the screen is left: what runs goes on, and is found again
 * @property {(method: string, sameDevice: boolean) => Promise<{step: StepUp, view: View | null}>} begin
 * @property {(step: StepUp, kept: Kept) => void} onProven
 * @property {(() => void) | null} onOther offers the other ways, where there are any
 * @property {import('../words.js').Key} other what the button for that says
 * @property {import('../words.js').Key | null} refused why a provider refuses, where this place knows
 * @property {(error: unknown) => void} onBroken something that no way can go on after
 */

/** @param {Place} place */
export function running(place) {
  const { body, name, personId, signal } = place
  place.end.textContent = t('common.cancel')
  /** @type {StepUp | null} */
  let current = null
  let stage = new AbortController()
  let stopped = false
  signal.addEventListener('abort', () => stage.abort())

  const next = () => {
    place.end.textContent = t(current ? 'prove.stop' : 'common.cancel')
    stage.abort()
    stage = new AbortController()
    return stage.signal
  }
  /** @param {string} method @param {boolean} sameDevice */
  const start = async (method, sameDevice) => {
    const mine = next()
    fill(body, h('p', { class: 'waiting', role: 'status' }, t('prove.beginning')))
    try {
      const { step, view } = await place.begin(method, sameDevice)
      if (stopped) return void cancel(step.step_up_id)
      const kept = { personId, stepUpId: step.step_up_id, method, sameDevice, expiresAt: step.expires_at, view, leftAt: 0, state: null }
      keep(name, kept)
      if (!mine.aborted) show(step, kept, true)
    } catch (error) {
      if (isLeft(error) || mine.aborted) return
      if (error instanceof Problem) over(error.code, method, sameDevice)
      else if (error instanceof Unreachable) over('unreachable', method, sameDevice)
      else place.onBroken(error)
    }
  }
  /** Goes on with what this browser remembers. @param {Kept} kept */
  const resume = async (kept) => {
    const mine = next()
    fill(body, h('p', { class: 'waiting', role: 'status' }, t('prove.beginning')))
    try {
      const step = await look(kept.stepUpId, mine)
      if (step.state === 'running' || step.state === 'beginning') show(step, kept, false)
      else if (step.state === 'ended') over(step.cause ?? 'timed_out', kept.method, kept.sameDevice)
      else place.onProven(step, kept)
    } catch (error) {
      if (isLeft(error) || mine.aborted) return
      if (error instanceof Unreachable) unreached(kept)
      else if (error instanceof Problem) over('timed_out', kept.method, kept.sameDevice)
      else place.onBroken(error)
    }
  }
  /** @param {StepUp} step @param {Kept} kept @param {boolean} touched */
  const show = (step, kept, touched) => {
    current = step
    const mine = next()
    const heading = h('h3', { tabindex: -1 }, tOr('way', step.method))
    const root = h('div', { class: 'prove-way' })
    fill(body, h('div', { class: 'prove-head' }, heading,
      countdown({ from: step.began_at, until: () => step.expires_at, signal: mine })), root)
    heading.focus()
    enter({
      root, step, touched, signal: mine, sameDevice: kept.sameDevice,
      onLeft: () => leave(name, stateOf(step.shown['redirect'])),
      onProven: (proven) => {
        current = null
        next()
        place.onProven(proven, kept)
      },
      onEnded: (cause) => over(cause, kept.method, kept.sameDevice),
      onOtherDevice: (sameDevice) => {
        current = null
        next()
        void cancel(step.step_up_id).then(() => start(kept.method, sameDevice))
      },
    })
  }
  /** @param {string} cause @param {string} method @param {boolean} sameDevice */
  const over = (cause, method, sameDevice) => {
    current = null
    next()
    forget(name)
    const heading = h('h3', { tabindex: -1 }, t(cause === 'unreachable' ? 'prove.not_begun' : 'prove.over', { name: tOr('way', method) }))
    const why = cause === 'unreachable' ? t('error.unreachable')
      : cause === 'step_up_refused' && place.refused ? t(place.refused) : whyNot(cause)
    fill(body, heading, h('p', { class: 'message', role: 'alert' }, why),
      h('button', { type: 'button', class: 'primary wide', onclick: () => void start(method, sameDevice) }, t('common.again')),
      place.onOther ? h('button', { type: 'button', class: 'secondary wide', onclick: place.onOther }, t(place.other)) : null)
    heading.focus()
  }
  /** @param {Kept} kept */
  const unreached = (kept) => {
    fill(body, h('p', { class: 'notice strong', role: 'status' }, icon('offline'), h('span', {}, t('prove.unreachable'))),
      h('button', { type: 'button', class: 'primary wide', onclick: () => void resume(kept) }, t('common.again')))
  }
  /** The person ends it. */
  const stop = () => {
    stopped = true
    stage.abort()
    if (!current) return
    void cancel(current.step_up_id)
    forget(name)
    current = null
  }
  return { start, resume, stop, next }
}

/** What an OpenID provider brings back to say which step-up it was about. @param {unknown} address */
function stateOf(address) {
  return typeof address === 'string' && URL.canParse(address) ? new URL(address).searchParams.get('state') : null
}

/** Whether this is a phone or a tablet: there the app that proves it is most likely on this device. */
export function onPhone() {
  return /Android|iPhone|iPad|Mobile/.test(navigator.userAgent) || (navigator.maxTouchPoints > 1 && /Macintosh/.test(navigator.userAgent))
}
