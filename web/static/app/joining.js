/**
 * An invitation into a further organisation, followed by somebody who is signed in: their keys stay what they are.
 */

import { ask, isLeft, Problem, Unreachable } from './api.js'
import { fill, focusHeading, h } from './dom.js'
import { freshFactor } from './fresh.js'
import { icon } from './icons.js'
import { goTo } from './organisations.js'
import { t, tOr } from './words.js'
import { visible } from '../shared/visible.js'

/** @typedef {import('./context.js').Context} Context */
/** @typedef {import('./session.js').Session} Session */

const POLL = 2000

/**
 * Asks whether to join with the key that one has, or to set up somebody else.
 * @param {Context} context
 * @param {Session} session
 * @param {string} token of the invitation
 * @param {() => Promise<void>} setUp sets up a new person with it
 * @returns {Promise<void>}
 */
export async function offerJoining(context, session, token, setUp) {
  const { root, signal } = context
  const invitation = await ask('POST', '/v1/invitations', { token }, { signal })
  const org = visible(invitation['org'].name).text
  const name = visible(session.person.name).text
  const roles = invitation['roles'].map((/** @type {string} */ role) => tOr('role', role)).join(', ')
  const message = h('p', { class: 'message', role: 'alert' })
  const join = async () => {
    button.disabled = true
    message.textContent = ''
    try {
      const body = { token, fresh: await freshFactor() }
      await waitForInviter(context, org, await ask('POST', '/v1/joinings', body))
    } catch (error) {
      if (isLeft(error)) return
      message.textContent = said(error)
      button.disabled = false
    }
  }
  const button = h('button', { type: 'button', class: 'primary wide', onclick: () => void join() }, icon('key'), t('orgs.join', { name }))
  fill(root, h('div', { class: 'welcome' }, icon('person', 'hero'), h('h1', {}, t('orgs.join_title', { org })),
    h('p', { class: 'lead' }, t('orgs.join_lead', { org, name, roles })), button, message,
    h('button', { type: 'button', class: 'quiet', onclick: () => void setUp() }, t('orgs.join_else')),
    h('p', { class: 'quiet-text' }, t('orgs.join_else_why'))))
  focusHeading(root)
}

/**
 * @param {Context} context
 * @param {string} org
 * @param {Record<string, any>} joining
 */
async function waitForInviter(context, org, joining) {
  const { root, signal } = context
  const shown = String(joining['digits'])
  fill(root, h('div', { class: 'welcome' }, icon('person', 'hero'), h('h1', {}, t('enrol.digits')),
    h('p', { class: 'digits' }, h('span', {}, shown.slice(0, 3)), ' ', h('span', {}, shown.slice(3))),
    h('p', { class: 'lead' }, t('orgs.join_digits_lead', { org })),
    h('p', { class: 'waiting', role: 'status' }, t('enrol.waiting'))))
  focusHeading(root)
  const orgId = String(joining['org'].org_id)
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, POLL))
    if (signal.aborted) return
    const state = await stateOf(String(joining['joining_id']), signal)
    if (state === 'joined') break
    if (state === 'ended') return turnedDown(context)
  }
  const enter = async () => {
    await goTo(orgId)
    await context.refresh()
    context.replace('/app/')
  }
  fill(root, h('div', { class: 'welcome' }, icon('check', 'hero good'), h('h1', {}, t('orgs.joined', { org })),
    h('p', { class: 'lead' }, t('orgs.joined_lead')),
    h('button', { type: 'button', class: 'primary wide', onclick: () => void enter() }, t('orgs.go', { org }))))
  focusHeading(root)
}

/** @param {string} id @param {AbortSignal} signal @returns {Promise<string>} */
async function stateOf(id, signal) {
  try {
    return (await ask('GET', `/v1/joinings/${id}`, undefined, { signal }))['state']
  } catch (error) {
    if (error instanceof Unreachable || (error instanceof Problem && error.status >= 500)) return 'pending'
    throw error
  }
}

/** @param {Context} context */
function turnedDown({ root }) {
  fill(root, h('div', { class: 'welcome' }, icon('stop', 'hero'), h('h1', {}, t('enrol.title')),
    h('p', { class: 'lead' }, t('orgs.turned_down')), h('a', { class: 'button secondary wide', href: '/app/' }, t('enrol.enter'))))
  focusHeading(root)
}

/** @param {unknown} error */
function said(error) {
  if (error instanceof DOMException) return t('sign_in.stopped')
  if (error instanceof Problem && error.code === 'already_member') return t('orgs.already')
  if (error instanceof Problem && error.code === 'recovery_runs') return t('orgs.recovery_runs')
  return t('orgs.failed')
}
