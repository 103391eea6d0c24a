/**
 * What this person answered, with the receipts.
 */

import { ask, isLeft } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { measures } from '../measures.js'
import { receiptList } from '../receipt.js'
import { headline, t, tOr, when } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {import('../question.js').Receipt & {action_type: string, agent: {name: string}}} Entry */

const ICONS = /** @type {const} */ ({ approve: 'check', deny: 'cross', not_me: 'stop' })

/** @type {import('../context.js').Screen} */
export async function history({ root, signal, session }) {
  const list = h('ul', { class: 'cards answers-given' })
  const numbers = h('div')
  const more = h('button', { type: 'button', class: 'secondary', hidden: true }, t('history.more'))
  const message = h('p', { class: 'message', role: 'alert' })
  fill(root, h('h1', {}, t('history.title')), list, more, message, numbers)
  let cursor = ''

  const load = async () => {
    more.disabled = true
    try {
      const answer = await ask('GET', `/v1/decisions${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`, undefined, { signal })
      list.append(...answer['items'].map(row))
      cursor = answer['next'] ?? ''
      more.hidden = !cursor
    } catch (error) {
      if (isLeft(error)) return
      message.textContent = t('error.unreachable')
    }
    more.disabled = false
    if (!list.childElementCount && !message.textContent) {
      fill(root, h('h1', {}, t('history.title')),
        h('div', { class: 'empty' }, icon('inbox', 'hero'), h('h2', {}, t('history.empty')), h('p', {}, t('history.empty_lead')),
          h('a', { class: 'button secondary', href: '/app/' }, t('history.empty_do'))), numbers)
    }
  }
  more.addEventListener('click', () => void load())
  await load()
  if (!session) return
  // The answers are there without them.
  fill(numbers, await measures(session, signal).catch((error) => (isLeft(error) || console.warn(error), null)))
}

/** @param {Entry} entry */
function row(entry) {
  const { verb, place } = headline(entry.action_type)
  const kind = entry.decision in ICONS ? /** @type {keyof typeof ICONS} */ (entry.decision) : 'not_me'
  return h('li', { 'data-decision': entry.decision },
    h('details', {},
      h('summary', {},
        icon(ICONS[kind], 'risk-icon'),
        h('span', { class: 'card-main' },
          h('span', { class: 'card-verb' }, verb),
          h('span', { class: 'card-agent' }, visible(entry.agent.name).text, place ? ` · ${place}` : null)),
        h('span', { class: 'card-side' },
          h('span', { class: 'risk-word' }, tOr('mine', entry.decision)),
          h('time', { class: 'card-left', datetime: entry.at }, when(entry.at)))),
      entry.outcome ? h('p', { class: 'quiet-text' }, tOr('outcome', entry.outcome)) : null,
      receiptList(entry),
      h('a', { class: 'button secondary', href: `/app/escalations/${entry.escalation_id}` }, t('history.open'))))
}
