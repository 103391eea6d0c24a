/**
 * How a question ended, or what this person answered: to read, with nothing left to press but a recall.
 */

import { ask, isLeft } from './api.js'
import { h } from './dom.js'
import { fieldList, Painting } from './fields.js'
import { icon } from './icons.js'
import { valueAt } from './question.js'
import { receiptList } from './receipt.js'
import { ownKey } from './session.js'
import { Reading } from './text_block.js'
import { headline, t, tOr, when } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {import('./question.js').Answer} Question */
/** @typedef {import('./context.js').Context} Context */

/** @type {Record<string, import('./icons.js').Icon>} */
const ICONS = {
  approved: 'check', denied: 'cross', not_me: 'stop', expired_seen: 'clock', expired_unseen: 'clock',
  undeliverable: 'offline', withdrawn: 'back', superseded: 'back', open: 'check',
}

/**
 * @param {Question} question
 * @param {Context} context
 * @param {() => Promise<void>} again
 */
export function ended(question, context, again) {
  const state = question.outcome ?? question.status
  const { fields, warnings } = question.presentation
  const { verb } = headline(valueAt(fields, '/action_type') ?? '')
  const inside = fields.filter(({ path }) => path.startsWith('/payload'))
  return h('article', { class: 'card ended', 'data-outcome': state },
    h('div', { class: 'stamp' }, icon(ICONS[state] ?? 'stop', 'hero'),
      h('h1', {}, title(question, context)),
      h('p', { class: 'lead' }, verb, ' · ', visible(question.agent.name).text),
      h('p', { class: 'quiet-text' }, happened(question, context))),
    question.mine ? mine(question) : null,
    recall(question, again),
    h('details', { class: 'technical' }, h('summary', {}, t('ended.what')),
      fieldList(new Painting(fields), inside, warnings, new Reading(), '/payload')))
}

/** @param {Question} question @param {Context} context */
function title(question, context) {
  if (question.status === 'open' && question.mine) return tOr('mine', question.mine.decision)
  const self = question.by?.id === context.session?.person.person_id
  return tOr(self ? 'outcome_self' : 'outcome', question.outcome ?? question.status)
}

/** Who ended it, when, and why. @param {Question} question @param {Context} context */
function happened(question, context) {
  const at = question.ended_at ? when(question.ended_at) : question.mine ? when(question.mine.at) : ''
  const { by, cause } = question
  const self = by?.id === context.session?.person.person_id
  const known = by?.name ?? (by?.type === 'agent' ? question.agent.name : null)
  const name = self ? t('ended.you') : known ? visible(known).text : by ? tOr('actor', by.type) : ''
  const said = name ? t('ended.by', { name, at }) : at
  return cause ? t('ended.because', { what: said, cause: tOr('cause', cause) }) : said
}

/** @param {Question} question */
function mine(question) {
  const { mine: receipt } = question
  if (!receipt) return null
  const place = h('p', { class: 'quiet-text' })
  void ownKey().then((key) => {
    if (key && receipt.device_id !== key.deviceId) place.textContent = t('ended.other_device')
  })
  const token = question.token_state ?? receipt.token_state
  return h('section', { class: 'receipt' }, h('h2', {}, t('receipt.title')),
    receipt.decision === 'approve' && token ? h('p', { class: `token ${token}` }, tOr('token', token)) : null,
    receiptList(receipt), place)
}

/**
 * An approval that was not used yet can be taken back.
 * @param {Question} question
 * @param {() => Promise<void>} again
 */
function recall(question, again) {
  if (question.mine?.decision !== 'approve' || question.token_state !== 'ready') return null
  const message = h('p', { class: 'message', role: 'alert' })
  const revoke = async () => {
    button.disabled = true
    try {
      await ask('POST', `/v1/escalations/${question.escalation_id}/revocation`, {})
    } catch (error) {
      if (!isLeft(error)) message.textContent = t('ended.recall_failed')
    }
    await again()
  }
  const button = h('button', { type: 'button', class: 'secondary', onclick: () => void revoke() }, t('ended.recall'))
  return h('div', { class: 'recall' }, button, message)
}
