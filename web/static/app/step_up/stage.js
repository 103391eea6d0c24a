/**
 * One step-up on the screen: what every way is given, and what it does when the hub says no.
 */

import { isLeft, Problem, Unreachable } from '../api.js'
import { h } from '../dom.js'
import { feedState, watchFeed } from '../feed.js'
import { look } from './hub.js'
import { t, tOr } from '../words.js'

/** @typedef {import('./hub.js').StepUp} StepUp */
/**
 * @typedef {object} Stage
 * @property {Element} root where the way paints
 * @property {AbortSignal} signal ends when something else takes its place
 * @property {StepUp} step as it was when the way was entered
 * @property {boolean} sameDevice whether the app that proves it is on this device
 * @property {boolean} touched whether the person has just touched something: some dialogs open only then
 * @property {() => void} onLeft the person goes to another app or page
 * @property {(step: StepUp) => void} onProven
 * @property {(cause: string) => void} onEnded
 * @property {(sameDevice: boolean) => void} onOtherDevice begins anew, with the app on this device or on another
 */

const EVERY = 1000

/** Codes of refusals that have words of their own; the hub's other ones are "that did not work". */
export const CAUSES = /** @type {const} */ ([
  'wrong_person', 'other_intent', 'too_weak', 'too_risky', 'cancelled', 'timed_out', 'too_many_tries', 'step_up_refused',
  'wrong_answer', 'proof_replayed', 'malformed', 'provider_down', 'provider_misconfigured', 'method_unknown',
  'method_too_weak', 'method_not_linked', 'factor_taken', 'factor_linked', 'too_many_step_ups', 'too_many_wrong_answers',
  'fresh_factor_needed', 'step_up_stale', 'nonce_expired',
])

/**
 * Why it did not work, in words.
 * @param {string | null} cause
 */
export function whyNot(cause) {
  return cause !== null && CAUSES.some((known) => known === cause) ? tOr('prove_cause', cause) : t('prove_cause.other')
}

/**
 * Goes on after an answer: proven, over, or still running.
 * @param {Stage} stage
 * @param {StepUp} step
 * @returns {boolean} whether it still runs
 */
export function settle(stage, step) {
  if (stage.signal.aborted) return false
  if (step.state === 'proven' || step.state === 'used') stage.onProven(step)
  else if (step.state === 'ended') stage.onEnded(step.cause ?? 'timed_out')
  return step.state === 'running' || step.state === 'beginning'
}

/**
 * What the hub's refusal of an answer means: the way has ended, or it is said why and one may try again.
 * @param {Stage} stage
 * @param {unknown} error
 * @param {(step: StepUp | null, why: string, code: string) => void} say the step as it is now, where that is known
 */
export async function refused(stage, error, say) {
  if (isLeft(error) || stage.signal.aborted) return
  if (error instanceof Unreachable) return say(null, t('prove.unreachable'), 'unreachable')
  if (error instanceof DOMException) return say(null, t('answer.stopped'), 'stopped')
  if (!(error instanceof Problem)) throw error
  const now = await look(stage.step.step_up_id, stage.signal).catch(() => null)
  if (stage.signal.aborted) return
  if (now?.state === 'ended') return stage.onEnded(now.cause ?? String(error.body['cause'] ?? error.code))
  say(now, whyNot(error.code), error.code)
}

/**
 * Looks each second how it stands, and at once when the page comes back to the front.
 * @param {Stage} stage
 * @param {(step: StepUp | null) => void} onStep null: the hub cannot be reached
 */
export function follow(stage, onStep) {
  const { signal } = stage
  let asking = false
  const turn = async () => {
    if (asking || signal.aborted || document.hidden) return
    asking = true
    try {
      const step = await look(stage.step.step_up_id, signal)
      if (settle(stage, step)) onStep(step)
    } catch (error) {
      if (isLeft(error) || signal.aborted) return
      if (error instanceof Problem && error.status === 404) stage.onEnded('timed_out')
      else onStep(null)
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => void turn(), EVERY)
  signal.addEventListener('abort', () => clearInterval(timer))
  document.addEventListener('visibilitychange', () => void turn(), { signal })
}

/**
 * A line that says what is going on, read aloud when it changes; and nothing twice.
 * @param {string} kind its classes
 * @param {'status' | 'alert'} role
 */
export function spoken(kind, role) {
  const node = h('p', { class: kind, role })
  return {
    node,
    say: (/** @type {string} */ text) => {
      if (node.textContent !== text) node.textContent = text
    },
  }
}

/**
 * Keeps these buttons off while the hub cannot be reached.
 * @param {AbortSignal} signal
 * @param {(online: boolean) => void} paint
 */
export function whileOnline(signal, paint) {
  watchFeed(() => paint(feedState().online), signal)
}
