/**
 * The second steps: confirm an approval, give a reason for a denial, report what one did not start.
 */

import { h } from './dom.js'
import { valueAt } from './question.js'
import { inShort, isPolicyQuestion } from './sections.js'
import { sheet, slowButton } from './sheet.js'
import { lasting, t } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {import('./question.js').Answer} Question */
/** @typedef {import('./decision.js').Reply} Reply */

const REASONS = /** @type {const} */ (['wrong_target', 'too_broad', 'not_now', 'suspicious', 'other'])
const LONGEST = 500

/**
 * @param {Question} question
 * @param {string} verb
 * @param {'device_key' | 'passkey'} kind
 * @param {AbortSignal} signal
 */
export async function confirmApproval(question, verb, kind, signal) {
  const party = valueAt(question.presentation.fields, '/relying_party/domain')
  const time = lasting(question.requirement.approval_valid_for)
  const answer = await sheet({ title: t('confirm.title', { verb: verb.toLocaleLowerCase() }), signal, kind: 'confirm' }, (choose) => [
    slowButton(t(kind === 'passkey' ? 'confirm.passkey' : 'confirm.button'), 'approve plain', () => choose(true)),
    ...(isPolicyQuestion(question) ? [h('p', {}, t('policy.confirm')), h('p', { class: 'quiet-text' }, t('policy.next_text'))] : [
      h('p', {}, t('confirm.what', { agent: visible(question.agent.name).text, where: party ?? question.audience })),
      h('p', { class: 'quiet-text' }, t('confirm.then', { time })),
    ]),
  ])
  return answer === true
}

/**
 * Why not: one tap on a reason is enough, more words are possible.
 * @param {AbortSignal} signal
 * @param {Question} [question] shown in the sheet to whoever comes to deny it and has not read the card
 * @returns {Promise<Reply | null>}
 */
export function askForReason(signal, question) {
  return sheet({ title: t('deny.title'), signal, kind: 'reasons' }, (choose) => {
    /** @type {string | null} */
    let code = null
    const text = h('textarea', { id: 'deny-words', rows: 2, maxlength: LONGEST })
    const chips = REASONS.map((reason) => {
      const radio = h('input', { type: 'radio', name: 'reason', value: reason, onchange: () => (code = reason) })
      return h('label', { class: 'chip' }, radio, h('span', {}, t(`reason.${reason}`)))
    })
    const deny = () => {
      const reason = text.value.trim()
      choose({ decision: 'deny', reasonCode: code ?? (reason ? 'other' : null), ...(reason ? { reason } : {}) })
    }
    return [
      ...(question ? [inShort(question), slowButton(t('deny.button'), 'deny plain', deny)]
        : [h('button', { type: 'button', class: 'deny plain', onclick: deny }, t('deny.button'))]),
      h('fieldset', {}, h('legend', {}, t('deny.reason')), h('div', { class: 'chips' }, ...chips)),
      h('label', { class: 'words', for: 'deny-words' }, t('deny.words')), text,
    ]
  })
}

/**
 * @param {Question} question
 * @param {AbortSignal} signal
 */
export async function confirmNotMe(question, signal) {
  const agent = visible(question.agent.name).text
  const answer = await sheet({ title: t('not_me.title'), signal, kind: 'not-me' }, (choose) => [
    slowButton(t('not_me.button'), 'deny plain', () => choose(true)),
    h('p', {}, t('not_me.what', { agent })),
    h('ul', {}, h('li', {}, t('not_me.pauses', { agent })), h('li', {}, t('not_me.withdraws')), h('li', {}, t('not_me.tells'))),
  ])
  return answer === true
}
