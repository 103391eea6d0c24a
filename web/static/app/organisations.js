/**
 * The person's organisations: what waits in the others, and going to one of them. A session is good for one at a time.
 */

import { ask, isLeft, Problem } from './api.js'
import { h, fill } from './dom.js'
import { stopFeed, watchFeed } from './feed.js'
import { freshFactor } from './fresh.js'
import { icon } from './icons.js'
import { ownKey, signInWithKey, signInWithPasskey } from './session.js'
import { sheet } from './sheet.js'
import { t } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {import('./context.js').Context} Context */
/** @typedef {{org_id: string, name: string, roles: string[], current: boolean, waiting: string[], next_expiry: string | null}} Organisation */

/** Milliseconds between looks at what waits elsewhere, where somebody is in several: nobody tells this page of it. */
const LOOK = 15_000

/**
 * All of them, the first one first.
 * @param {AbortSignal} [signal]
 * @returns {Promise<Organisation[]>}
 */
export async function organisations(signal) {
  return (await ask('GET', '/v1/orgs', undefined, { signal }))['items']
}

/**
 * Goes on in another organisation: the hub ends this session and opens one there. Where a key did not open this one, a key
 * signs in.
 * @param {string} orgId
 */
export async function goTo(orgId) {
  stopFeed()
  try {
    await ask('POST', '/v1/sessions/in-another-org', { org_id: orgId, transport: 'cookie', client: 'web' })
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'key_needed') throw error
    const key = await ownKey()
    if (!key || !(await signInWithKey(key, orgId))) await signInWithPasskey({ orgId })
  }
}

/**
 * Goes to where a question waits that is not in this organisation, as one from a notification may be.
 * @param {string} id the question's
 * @param {Context} context
 * @returns {Promise<boolean>} whether it waits in another one
 */
export async function followQuestion(id, context) {
  const found = (await organisations(context.signal)).find(({ current, waiting }) => !current && waiting.includes(id))
  if (!found) return false
  await goTo(found.org_id)
  await context.refresh()
  context.replace(location.pathname)
  return true
}

/**
 * What waits in the others, for the inbox; nothing to see for who is in one alone.
 * @param {Context} context
 */
export function elsewhere(context) {
  const { signal } = context
  const message = h('p', { class: 'message', role: 'alert' })
  const rows = h('ul', { class: 'rows' })
  const node = h('section', { hidden: true }, h('h2', {}, t('orgs.others')), rows, message)
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer
  let shown = ''
  const look = async () => {
    try {
      const others = (await organisations(signal)).filter(({ current }) => !current)
      node.hidden = others.length === 0
      if (others.length > 0) timer ??= setInterval(() => void (document.hidden || look()), LOOK)
      // Painted anew only where something is new: a button keeps the focus.
      const now = JSON.stringify(others)
      if (now !== shown) fill(rows, ...others.map((each) => row(each, () => void go(each))))
      shown = now
    } catch (error) {
      // The inbox is what one came for, and it says whether the hub can be reached.
      if (isLeft(error)) return
    }
  }
  /** @param {Organisation} organisation */
  const go = async (organisation) => {
    message.textContent = ''
    try {
      await goTo(organisation.org_id)
      await context.refresh()
      context.replace('/app/')
    } catch (error) {
      if (!isLeft(error)) message.textContent = t('orgs.failed')
    }
  }
  signal.addEventListener('abort', () => clearInterval(timer))
  let synced = false
  watchFeed(({ online, cards }) => {
    const back = online && cards !== null
    if (back && !synced) void look()
    synced = back
  }, signal)
  return node
}

/** @param {Organisation} organisation @param {() => void} onGo */
function row({ name, waiting }, onGo) {
  const org = visible(name).text
  return h('li', {}, icon('inbox'),
    h('div', { class: 'row-main' }, h('p', { class: 'row-name' }, org),
      h('p', { class: 'quiet-text' }, waiting.length > 0 ? t('orgs.waiting', { count: waiting.length }) : t('orgs.nothing'))),
    h('button', { type: 'button', class: waiting.length > 0 ? 'primary' : 'secondary', onclick: onGo }, t('orgs.go', { org })))
}

/**
 * The button that takes the person out of this organisation, for who is in several; or null.
 * @param {Context} context
 * @param {Organisation[]} all
 */
export function leaveButton(context, all) {
  const { session, signal } = context
  if (!session || all.length < 2) return null
  const org = visible(session.org.name).text
  const message = h('p', { class: 'message', role: 'alert' })
  const leave = async () => {
    const sure = await sheet({ title: t('orgs.leave_title'), signal }, (choose) => [
      h('p', {}, t('orgs.leave_what', { org })),
      h('button', { type: 'button', class: 'deny plain', onclick: () => choose(true) }, t('orgs.leave_sure'))])
    if (!sure) return
    try {
      await ask('DELETE', `/v1/orgs/${session.org.org_id}/members/${session.person.person_id}`, { fresh: await freshFactor() })
    } catch (error) {
      if (isLeft(error)) return
      message.textContent = error instanceof Problem && error.code === 'last_owner' ? t('orgs.last_owner', { org }) : t('orgs.failed')
      return
    }
    stopFeed()
    const key = await ownKey()
    const next = all.find(({ current }) => !current)
    if (key && next) await signInWithKey(key, next.org_id)
    await context.refresh()
    context.replace(key ? '/app/' : '/app/sign-in')
  }
  return h('div', {}, h('button', { type: 'button', class: 'secondary', onclick: () => void leave() }, t('orgs.leave', { org })), message)
}
