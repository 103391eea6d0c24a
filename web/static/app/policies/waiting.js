/**
 * What waits for people about one policy: who proposed it, what it would change in words, its text, and the way to its question.
 */

import { ask } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { t, tOr, when } from '../words.js'
import { differenceNode } from './findings.js'
import { whoDid } from './published.js'
import { visible } from '../../shared/visible.js'

/** @typedef {{draft_id: string, change: string, state: string, name: string | null, escalation_id: string | null, created_at: string, replaces_version: number, binding: import('./binding.js').Binding, proposed_by: {type: string, id: string, name: string | null}}} Draft */
/** @typedef {import('./findings.js').Linted} Linted */

/** Kinds of drafts that are about a policy. */
const ABOUT_POLICIES = ['publish', 'remove']

/** @param {Draft} draft */
export function proposedBy({ created_at: at, proposed_by: { id, name } }) {
  return h('span', { class: 'quiet-text' }, h('time', { datetime: at }, when(at)), ' · ', whoDid(id, name))
}

/** @param {Draft} draft */
export function questionLink({ escalation_id: id }) {
  return id ? h('a', { href: `/app/escalations/${id}` }, t('policies.see_question')) : null
}

/** @param {{base: string, name: string, signal: AbortSignal}} options */
export function waitingDrafts({ base, name, signal }) {
  const node = h('div', { class: 'waiting-drafts' })
  return {
    node,
    async load() {
      const drafts = /** @type {Draft[]} */ ((await ask('GET', `${base}/policy-drafts?state=open`, undefined, { signal }))['items'])
      const here = drafts.filter((draft) => draft.name === name && ABOUT_POLICIES.includes(draft.change))
      fill(node, ...await Promise.all(here.map(draftNode)))
    },
  }
  /** @param {Draft} draft */
  async function draftNode(draft) {
    const text = draft.change === 'publish' ? await textOf(draft) : null
    return h('section', { class: 'notice waiting-draft', 'aria-labelledby': draft.draft_id }, icon('clock'), h('div', {},
      h('h2', { id: draft.draft_id }, tOr('policy_verb', draft.change)),
      h('p', {}, t('policies.waits'), ' ', proposedBy(draft)),
      text === null ? null : await changes(draft, text),
      text === null ? null : h('details', {}, h('summary', {}, t('policies.proposed_text')),
        h('pre', { class: 'text-block', tabindex: 0 }, h('code', {}, visible(text, { lines: true }).text))),
      h('p', {}, questionLink(draft))))
  }
  /** @param {Draft} draft @returns {Promise<string>} */
  async function textOf({ draft_id: id }) {
    return (await ask('GET', `${base}/policy-drafts/${id}`, undefined, { signal }))['yaml']
  }
  /** Against what stands now: what would count if people said yes this moment. @param {Draft} draft @param {string} yaml */
  async function changes({ binding }, yaml) {
    const linted = /** @type {Linted} */ (await ask('POST', `${base}/policies/${name}/lint`, { yaml, binding }, { signal }))
    return linted.difference ? differenceNode(linted.difference) : h('p', { class: 'quiet-text' }, t('policies.no_change'))
  }
}
