/**
 * The organisation's policies: what is in force, for whom, since when and by whom; what waits for people; and a new one.
 */

import { ask, isLeft, Problem } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { bindingWords } from '../policies/binding.js'
import { publishedBy } from '../policies/published.js'
import { proposedBy, questionLink } from '../policies/waiting.js'
import { readsPolicies, writesPolicies } from '../policies/who.js'
import { t, tOr } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {import('../policies/binding.js').Binding} Binding */
/** @typedef {import('../policies/waiting.js').Draft} Draft */
/** @typedef {{policy_id: string, name: string, version: number, yaml: string, hash: string, source: string | null, published_at: string, published_by: string, published_by_name: string | null, binding: Binding}} Policy */

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/
/** @type {import('../context.js').Screen} */
export async function policiesScreen({ root, signal, session, go, replace }) {
  if (!session) return
  if (!readsPolicies(session)) return replace('/app/')
  const base = `/v1/orgs/${session.org.org_id}`
  const message = h('p', { class: 'message', role: 'alert' })
  const list = h('ul', { class: 'rows' })
  const empty = h('div', { class: 'empty', hidden: true }, icon('low', 'hero'), h('h2', {}, t('policies.empty')), h('p', {}, t('policies.empty_lead')),
    writesPolicies(session) ? h('button', { type: 'button', class: 'secondary', onclick: () => document.getElementById('new-policy')?.focus() }, t('policies.empty_do'))
      : h('p', {}, t('policies.empty_ask')))
  const waiting = h('section', { hidden: true })
  fill(root, h('h1', {}, t('policies.title')), h('p', { class: 'quiet-text' }, t('policies.lead')), message, waiting, list, empty,
    writesPolicies(session) ? newPolicy(go) : null)
  list.hidden = true
  try {
    const [policies, drafts, agents] = await Promise.all(['policies', 'policy-drafts?state=open', 'agents'].map(
      async (what) => (await ask('GET', `${base}/${what}`, undefined, { signal }))['items']))
    const names = new Map(/** @type {any[]} */ (agents).map(({ agent_id: id, name }) => [id, name]))
    fill(list, ...policies.map((/** @type {Policy} */ each) => row(each, names)))
    list.hidden = policies.length === 0
    empty.hidden = policies.length > 0
    const open = /** @type {Draft[]} */ (drafts)
    waiting.hidden = open.length === 0
    fill(waiting, h('h2', {}, t('policies.waiting')), h('ul', { class: 'rows' }, ...open.map(draftRow)))
  } catch (error) {
    if (isLeft(error)) throw error
    message.textContent = error instanceof Problem ? error.message : t('policies.unreachable')
  }
}

/** @param {Policy} policy @param {Map<string, string>} agents */
function row(policy, agents) {
  const { name, version, binding } = policy
  return h('li', {}, icon('low'), h('div', { class: 'row-main' },
    h('p', { class: 'row-name' }, h('a', { href: `/app/policies/${name}` }, visible(name).text),
      h('span', { class: 'tag' }, t('policies.version', { version }))),
    h('p', { class: 'quiet-text' }, bindingWords(binding, agents)),
    h('p', {}, publishedBy(policy))))
}

/** @param {Draft} draft */
function draftRow(draft) {
  const { change, name } = draft
  const question = questionLink(draft)
  return h('li', {}, icon('clock'), h('div', { class: 'row-main' },
    h('p', { class: 'row-name' }, h('span', {}, tOr('policy_verb', change)), name ? h('span', { class: 'tag' }, visible(name).text) : null),
    h('p', {}, proposedBy(draft), question ? ' · ' : null, question)))
}

/** @param {(path: string) => void} go */
function newPolicy(go) {
  const name = h('input', { id: 'new-policy', type: 'text', maxlength: 63, autocapitalize: 'off', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'new-policy-hint' })
  const message = h('p', { class: 'message', role: 'alert' })
  const open = () => {
    const wanted = name.value.trim()
    if (NAME.test(wanted)) return go(`/app/policies/${wanted}`)
    message.textContent = t('policies.name_wrong')
    name.focus()
  }
  name.addEventListener('keydown', (event) => event.key === 'Enter' && open())
  return h('section', { class: 'new-policy' }, h('h2', {}, t('policies.new')), h('label', { for: 'new-policy' }, t('policies.name')), name,
    h('p', { id: 'new-policy-hint', class: 'quiet-text' }, t('policies.name_hint')), message,
    h('button', { type: 'button', class: 'secondary', onclick: open }, t('policies.write')))
}
