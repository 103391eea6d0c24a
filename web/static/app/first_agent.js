/**
 * What comes first in an organisation where nobody can ask yet: for whoever may invite an agent, with the command.
 */

import { ask } from './api.js'
import { h } from './dom.js'
import { t } from './words.js'

const COMMAND = 'approvals-hub agents invite "my agent"'

/** Organisations that have had an agent: they are not asked again. @type {Set<string>} */
const begun = new Set()

/**
 * Null where there is an agent, for whom it is not to invite one, and where the hub does not say.
 * @param {import('./session.js').Session} session
 * @param {AbortSignal} signal
 * @returns {Promise<Node | null>}
 */
export async function firstAgent(session, signal) {
  const org = session.org.org_id
  if (begun.has(org) || !session.roles.some((role) => role === 'owner' || role === 'admin')) return null
  try {
    if ((await ask('GET', `/v1/orgs/${org}/agents`, undefined, { signal }))['items'].length > 0) begun.add(org)
  } catch {
    return null
  }
  return begun.has(org) ? null : invitation()
}

function invitation() {
  const copied = h('span', { class: 'quiet-text', role: 'status' })
  const copy = async () => {
    copied.textContent = await navigator.clipboard.writeText(COMMAND).then(() => t('new_app.copied'), () => t('new_app.not_copied'))
  }
  return h('div', { class: 'first-agent' }, h('p', {}, t('inbox.first_agent')), h('code', { tabindex: 0 }, COMMAND),
    h('button', { type: 'button', class: 'secondary', onclick: () => void copy() }, t('inbox.copy_command')), copied)
}
