/**
 * The ways that are tied to a person beside their keys: to see, to link, to take away.
 */

import { isLeft, Problem } from '../api.js'
import { NoSigner } from '../decision.js'
import { fill, h } from '../dom.js'
import { freshFactor } from '../fresh.js'
import { icon } from '../icons.js'
import { sheet } from '../sheet.js'
import { onDay, t, tOr, when } from '../words.js'
import { visible } from '../../shared/visible.js'
import { factors, unlink } from './hub.js'
import { linkingNow, linkWay } from './linking.js'
import { whyNot } from './stage.js'

/** @typedef {import('./hub.js').Factor} Factor */
/** @typedef {import('./hub.js').Expected} Expected */

/** Ways that this page cannot link. */
const ELSEWHERE = ['recovery_codes']

/**
 * The section of the screen Devices.
 * @param {string} personId
 * @param {AbortSignal} signal
 */
export function factorList(personId, signal) {
  const rows = h('ul', { class: 'rows' })
  const more = h('div', { class: 'linkable' })
  const message = h('p', { class: 'message', role: 'alert' })
  const done = h('p', { class: 'quiet-text', role: 'status' })
  const node = h('section', { class: 'factors' }, h('h2', {}, t('factors.title')),
    h('p', { class: 'quiet-text' }, t('factors.lead')), rows, message, done, more)

  const load = async () => {
    const { items, linkable, expected } = await factors(signal)
    rows.hidden = items.length + expected.length === 0
    node.hidden = rows.hidden && linkable.length === 0
    fill(rows, ...items.map((factor) => row(factor, remove)), ...expected.map((one) => expectedRow(one, decline)))
    const open = linkable.filter(({ method }) => !ELSEWHERE.includes(method))
    fill(more, ...open.map(({ method }) =>
      h('button', { type: 'button', class: 'secondary', onclick: () => void link(method) }, t('factors.link', { name: tOr('way', method) }))))
  }
  /** @param {() => Promise<string | null>} work what is said when it is done */
  const attempt = async (work) => {
    message.textContent = done.textContent = ''
    try {
      const said = await work()
      await load()
      if (said !== null) done.textContent = said
    } catch (error) {
      if (isLeft(error) || signal.aborted) return
      message.textContent = error instanceof DOMException ? t('factors.stopped')
        : error instanceof NoSigner ? t('card.no_signer') : error instanceof Problem ? whyNot(error.code) : t('devices.failed')
    }
  }
  /** @param {string} method */
  const link = (method) => attempt(async () =>
    (await linkWay(method, personId, signal)) ? t('factors.linked', { name: tOr('way', method) }) : null)
  /** @param {Factor} factor */
  const remove = async (factor) => {
    const name = tOr('way', factor.method)
    const sure = await sheet({ title: t('factors.remove_title', { name }), signal }, (choose) => [
      h('p', {}, t('factors.remove_what', { name })), h('p', { class: 'quiet-text' }, t('link.fresh')),
      h('button', { type: 'button', class: 'deny plain', onclick: () => choose(true) }, t('factors.remove'))])
    if (!sure) return
    await attempt(async () => {
      await unlink(factor.factor_id, await freshFactor())
      return t('factors.removed', { name })
    })
  }
  /** @param {Expected} expected */
  const decline = async (expected) => {
    const name = tOr('way', expected.method)
    const sure = await sheet({ title: t('expected.decline_title', { name }), signal }, (choose) => [
      h('p', {}, t('expected.decline_what')), h('p', { class: 'quiet-text' }, t('link.fresh')),
      h('button', { type: 'button', class: 'deny plain', onclick: () => choose(true) }, t('expected.decline'))])
    if (!sure) return
    await attempt(async () => {
      await unlink(expected.factor_id, await freshFactor())
      return t('expected.declined')
    })
  }
  const started = linkingNow(personId)
  return {
    node,
    load: async () => {
      await load()
      // The page was loaded again, or came back from another app.
      if (started) void link(started)
    },
  }
}

/** @param {Factor} factor @param {(factor: Factor) => Promise<void>} remove */
function row(factor, remove) {
  const used = factor.last_used_at ? t('devices.used', { when: when(factor.last_used_at) }) : t('devices.made', { when: onDay(factor.created_at) })
  const name = visible(factor.name).text
  const way = tOr('way', factor.method)
  return h('li', {},
    icon('check'),
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, way, [factor.method, 'passkey', way].includes(name) ? null : h('span', { class: 'tag' }, name)),
      h('p', { class: 'quiet-text' }, used)),
    h('button', { type: 'button', class: 'quiet', onclick: () => void remove(factor) }, t('factors.remove'),
      h('span', { class: 'unseen' }, ` ${way}`)))
}

/** @param {Expected} expected @param {(expected: Expected) => Promise<void>} decline */
function expectedRow(expected, decline) {
  const way = tOr('way', expected.method)
  const by = expected.by_name === null ? t('expected.operator') : visible(expected.by_name).text
  return h('li', {},
    icon('clock'),
    h('div', { class: 'row-main' },
      h('p', { class: 'row-name' }, way, h('span', { class: 'tag' }, t('expected.tag'))),
      h('p', { class: 'quiet-text' }, t('expected.what', { name: way, by, when: onDay(expected.expires_at) }))),
    h('button', { type: 'button', class: 'quiet', onclick: () => void decline(expected) }, t('expected.decline'),
      h('span', { class: 'unseen' }, ` ${way}`)))
}
