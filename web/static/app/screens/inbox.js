/**
 * What waits for the person, most urgent first.
 */

import { fill, h } from '../dom.js'
import { watchFeed } from '../feed.js'
import { firstAgent } from '../first_agent.js'
import { icon } from '../icons.js'
import { newNotices } from '../notices.js'
import { elsewhere } from '../organisations.js'
import { pushOffer } from '../push/offer.js'
import { relinkNotice } from '../relink.js'
import { clockFace, secondsUntil } from '../time.js'
import { headline, t } from '../words.js'
import { namesOf } from '../stands_in.js'
import { visible } from '../../shared/visible.js'

/** @typedef {import('../feed.js').Card} Card */

/** @type {import('../context.js').Screen} */
export async function inbox(context) {
  const { root, signal, session } = context
  const list = h('ul', { class: 'cards' })
  const empty = h('div', { class: 'empty', hidden: true },
    icon('inbox', 'hero'), h('h2', {}, t('inbox.empty')), h('p', {}, t('inbox.empty_lead')))
  const spoken = h('p', { class: 'unseen', role: 'status' })
  const notice = h('div')
  fill(root, h('h1', {}, t('inbox.title')), notice, spoken, list, empty, elsewhere(context))

  /** @type {Map<string, {node: HTMLElement, left: HTMLElement, card: Card}>} */
  const rows = new Map()
  const tick = () => {
    for (const { left, card } of rows.values()) left.textContent = clockFace(secondsUntil(card.expires_at))
  }
  watchFeed(({ cards }) => {
    if (cards === null) return
    const known = new Map(rows)
    for (const gone of rows.keys()) if (!cards.some(({ escalation_id: id }) => id === gone)) rows.delete(gone)
    const nodes = cards.map((card) => {
      const present = rows.get(card.escalation_id)
      const row = present && same(present.card, card) ? present : rowOf(card)
      rows.set(card.escalation_id, row)
      return row.node
    })
    // A row that is painted anew has the focus that the one before it had.
    const held = [...known].find(([, { node }]) => node.contains(document.activeElement))?.[0]
    reorder(list, nodes)
    if (held && !list.contains(document.activeElement)) rows.get(held)?.node.querySelector('a')?.focus({ preventScroll: true })
    empty.hidden = cards.length > 0
    const fresh = cards.filter(({ escalation_id: id }) => !known.has(id))
    if (known.size > 0 && fresh[0]) spoken.textContent = t('inbox.new', { what: headline(fresh[0].action_type).verb })
    tick()
  }, signal)
  const timer = setInterval(tick, 1000)
  signal.addEventListener('abort', () => clearInterval(timer))
  if (session) void firstAgent(session, signal).then((first) => empty.append(first ?? h('a', { class: 'button secondary', href: '/app/devices' }, t('inbox.empty_do'))))
  if (session) fill(notice, await newNotices(session, signal), await relinkNotice(session, signal), await pushOffer(session, signal))
}

/** @param {Card} card */
function rowOf(card) {
  const { verb, place } = headline(card.action_type)
  const left = h('span', { class: 'left' })
  const again = card.repeats > 0 ? h('span', { class: 'tag' }, t('inbox.repeats', { count: card.repeats })) : null
  const alike = card.similar > 0 ? h('span', { class: 'tag' }, t('inbox.similar', { count: card.similar })) : null
  const node = h('li', { 'data-risk': card.risk },
    h('a', { href: `/app/escalations/${card.escalation_id}` },
      icon(card.risk, 'risk-icon'),
      h('span', { class: 'card-main' },
        h('span', { class: 'card-verb' }, verb),
        h('span', { class: 'card-agent' }, visible(card.agent.name).text, place ? ` · ${place}` : null)),
      h('span', { class: 'card-side' },
        h('span', { class: 'risk-word' }, t(`risk.${card.risk}`)),
        h('span', { class: 'card-left' }, icon('clock'), h('span', { class: 'unseen' }, t('card.time_left')), left),
        card.handed_over ? h('span', { class: 'tag' }, t('handed.tag')) : null,
        card.stands_in.length > 0 ? h('span', { class: 'tag' }, t('inbox.stands_in', { names: namesOf(card.stands_in) })) : null,
        card.answered ? h('span', { class: 'tag' }, t('inbox.answered')) : null,
        again, alike)))
  return { node, left, card }
}

/** @param {Card} one @param {Card} other */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other)
}

/**
 * Puts the rows in order without taking the focus from one that stays.
 * @param {Element} list
 * @param {Element[]} nodes
 */
function reorder(list, nodes) {
  for (const child of Array.from(list.children)) if (!nodes.includes(child)) child.remove()
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null)
  })
}
