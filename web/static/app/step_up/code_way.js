/**
 * A code that is read somewhere else and typed, pasted or filled in here: one field, whatever the way.
 */

import { fill, h } from '../dom.js'
import { secondsUntil } from '../time.js'
import { t } from '../words.js'
import { give } from './hub.js'
import { refused, settle, spoken, whileOnline } from './stage.js'

/** @typedef {import('./stage.js').Stage} Stage */
/** @typedef {import('./hub.js').StepUp} StepUp */

/**
 * @param {Stage} stage
 * @param {...import('../dom.js').Child} above what stands over the field
 */
export function codeWay(stage, ...above) {
  const { step, signal } = stage
  let { shown } = step
  const message = spoken('message', 'alert')
  const done = spoken('quiet-text', 'status')
  const field = h('input', {
    id: 'code', type: 'text', class: 'code', inputmode: 'numeric', autocomplete: 'one-time-code', autocapitalize: 'none',
    spellcheck: 'false', required: true, 'aria-describedby': 'code-where',
  })
  const send = h('button', { type: 'submit', class: 'primary wide' }, t('code.continue'))
  const again = h('button', { type: 'button', class: 'quiet', onclick: () => void resend() })
  let busy = false
  let online = true

  const paint = () => {
    send.disabled = busy || !online
    const wait = shown['resend_at'] === undefined ? 0 : secondsUntil(new Date(shown['resend_at']).toISOString())
    again.hidden = shown['resend_at'] === undefined
    again.disabled = busy || !online || wait > 0 || shown['resends_left'] < 1
    again.textContent = shown['resends_left'] < 1 ? t('code.no_resend') : wait > 0 ? t('code.resend_in', { count: wait }) : t('code.resend')
  }
  /** @param {Record<string, unknown>} answer */
  const answer = async (answer) => {
    busy = true
    message.say('')
    done.say('')
    paint()
    try {
      const now = await give(step.step_up_id, answer)
      if (settle(stage, now)) shown = now.shown
      return true
    } catch (error) {
      await refused(stage, error, (now, why, code) => {
        const left = now && now.tries_left < step.tries_left ? ` ${t('code.tries', { count: now.tries_left })}` : ''
        message.say((code === 'wrong_answer' ? t('code.wrong') : why) + left)
        field.setAttribute('aria-invalid', 'true')
      })
      return false
    } finally {
      busy = false
      if (!signal.aborted) paint()
    }
  }
  const resend = async () => {
    const before = shown['resend_at']
    if ((await answer({ resend: true })) && shown['resend_at'] !== before) {
      field.value = ''
      field.removeAttribute('aria-invalid')
      done.say(t('code.resent'))
    }
    if (!signal.aborted) field.focus()
  }
  const submit = async () => {
    if (busy || !online) return
    const typed = field.value.replace(/[\s-]/g, '')
    if (!typed) return field.focus()
    if (!(await answer({ code: typed })) && !signal.aborted) {
      field.focus()
      field.select()
    }
  }
  const form = h('form', { class: 'code-form', novalidate: true, onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault()
    void submit()
  } },
  h('label', { for: 'code' }, t('code.label', { count: shown['digits'] ?? 6 })), field,
  h('p', { id: 'code-where', class: 'quiet-text' }, where(step)), message.node, done.node, send, again)
  fill(stage.root, ...above, form)
  whileOnline(signal, (reachable) => {
    online = reachable
    paint()
  })
  const timer = setInterval(paint, 1000)
  signal.addEventListener('abort', () => clearInterval(timer))
  if (above.length === 0) field.focus()
}

/** @param {StepUp} step */
function where({ method, shown }) {
  if (method === 'totp') return t('code.in_app')
  return shown['sent_to'] ? t('code.sent', { where: String(shown['sent_to']) }) : t('code.elsewhere')
}
