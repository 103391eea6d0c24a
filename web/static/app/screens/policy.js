/**
 * One policy: written with the hub looking over one's shoulder, tried, compared with the real decisions of a month, and put in
 * force. Nothing here decides: the hub reads, tries and refuses.
 */

import { ask, isLeft, Problem } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { bindingFields, bindingWords } from '../policies/binding.js'
import { dryRun } from '../policies/dry_run.js'
import { editor } from '../policies/editor.js'
import { findings } from '../policies/findings.js'
import { playground } from '../policies/playground.js'
import { publish, takeOut } from '../policies/publish.js'
import { publishedBy } from '../policies/published.js'
import { keepUnsaved, unsaved } from '../policies/unsaved.js'
import { waitingDrafts } from '../policies/waiting.js'
import { readsDecisions, readsPolicies, writesPolicies } from '../policies/who.js'
import { t } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {import('../policies/binding.js').Binding} Binding */
/** @typedef {import('../policies/findings.js').Linted} Linted */
/** @typedef {import('./policies.js').Policy} Policy */
/** @typedef {{version: number, yaml: string, source: string | null, published_at: string, published_by: string, published_by_name: string | null}} Version */

const STARTER = `version: 1
default: require_approval
rules:
  - id: small_payments
    effect: allow
    action: finance.payment
    constraints: {amount_max: 5000, currency: [EUR]}
`
/** @type {Binding} */
const EVERYBODY = { tier: 'owner', bound_to: null, rank: 100 }

/** @type {import('../context.js').Screen} */
export async function policyScreen({ root, signal, session, names, replace }) {
  if (!session) return
  if (!readsPolicies(session)) return replace('/app/')
  const name = names['name'] ?? ''
  const base = `/v1/orgs/${session.org.org_id}`
  const path = `${base}/policies/${name}`
  const writes = writesPolicies(session)
  const [standing, takesTwo, agents] = await Promise.all([
    stands(base, name, signal),
    ask('GET', `${base}/policy-publishing`, undefined, { signal }).then((found) => found['second_person'] === true),
    ask('GET', `${base}/agents`, undefined, { signal }).then((found) => /** @type {{agent_id: string, name: string}[]} */ (found['items'])),
  ])
  if (!standing && !writes) return replace('/app/policies')
  const known = new Map(agents.map((agent) => [agent.agent_id, agent.name]))
  const before = unsaved(session, name)
  const saved = standing?.yaml ?? ''
  let version = before?.version ?? standing?.version ?? 0
  /** @type {Linted | null} */
  let linted = null
  const message = h('p', { class: 'message', role: 'alert' })
  const notice = h('div')
  const text = editor({
    id: 'policy-text', label: t('policies.text'), text: before?.text ?? standing?.yaml ?? STARTER, readOnly: !writes, describedBy: 'policy-status',
    onInput: () => {
      keepUnsaved(session, name, text.area.value === saved ? null : { text: text.area.value, version })
      changed()
    },
  })
  const binding = bindingFields(standing?.binding ?? EVERYBODY, !writes, () => changed())
  binding.agents(agents)
  const body = () => ({ yaml: text.area.value, binding: binding.value() })
  const found = findings({ path: () => path, body, editor: () => text, signal, onLinted: (now) => {
    linted = now
    put.disabled = !ready()
  } })
  /** Nothing is published before the hub has said what it changes. */
  const changed = () => {
    linted = null
    put.disabled = true
    found.soon()
  }
  const same = () => standing !== null && text.area.value === saved && JSON.stringify(binding.value()) === JSON.stringify(standing.binding)
  const ready = () => linted !== null && linted.errors.length === 0 && linted.refused === null && !same()
  const put = h('button', { type: 'button', class: 'primary', disabled: true, onclick: () => void send() }, takesTwo ? t('policies.ask_second') : t('policies.publish'))
  const end = h('button', { type: 'button', class: 'secondary', onclick: () => void remove() }, t('policies.remove'))
  const tried = playground({ base, name: () => name, body, goTo: (line) => text.goTo(line, 1), org: session.org.org_id, signal })
  const drafts = waitingDrafts({ base, name, signal })
  const versions = h('section', { class: 'versions' })
  fill(root, h('p', {}, h('a', { href: '/app/policies' }, t('policies.all'))),
    h('h1', {}, visible(name).text),
    h('p', { class: 'quiet-text' }, standing
      ? `${t('policies.in_force', { version: standing.version })} · ${bindingWords(standing.binding, known)} · ` : t('policies.not_yet'),
    standing ? publishedBy(standing) : null),
    notice, message, drafts.node,
    h('div', { class: 'policy-columns' },
      h('div', { class: 'policy-text' }, text.node, found.node, writes ? h('section', {}, binding.node) : null,
        writes ? h('div', { class: 'policy-actions' }, put, standing ? end : null) : null),
      h('div', { class: 'policy-beside' },
        h('section', {}, h('h2', {}, t('policies.changes')), found.changes), tried.node,
        readsDecisions(session) ? dryRun({ path: () => path, body, signal }) : null, versions)))
  if (before && before.text !== saved) fill(notice, unpublished())
  // Leaving the page for good loses what a tab keeps.
  addEventListener('beforeunload', (event) => { if (writes && text.area.value !== saved && text.area.value !== STARTER) event.preventDefault() }, { signal })

  /** A text of before is in the editor. */
  function unpublished() {
    const back = h('button', { type: 'button', class: 'secondary', onclick: () => {
      text.put(standing?.yaml ?? STARTER)
      version = standing?.version ?? 0
      keepUnsaved(/** @type {import('../session.js').Session} */ (session), name, null)
      fill(notice)
    } }, t('policies.discard'))
    const newer = standing && before && standing.version !== before.version
    return h('div', { class: 'notice' }, icon('clock'), h('div', {}, h('p', {}, t('policies.unpublished')),
      newer ? h('p', {}, t('policies.moved_on', { version: standing.version })) : null, back))
  }
  const send = async () => {
    message.textContent = ''
    put.disabled = true
    await after(await publish({ path, text: text.area.value, version, binding: binding.value(), difference: linted?.difference ?? null, takesTwo, agents: known, signal }), true)
    put.disabled = !ready()
  }
  const remove = async () => {
    message.textContent = ''
    await after(await takeOut({ path, version: standing?.version ?? 0, takesTwo, signal }), false)
  }
  /** @param {import('../policies/publish.js').Outcome} outcome @param {boolean} published */
  const after = async (outcome, published) => {
    if (outcome.kind === 'left') return
    if (outcome.kind === 'refused') message.textContent = visible(outcome.words).text
    else if (outcome.kind === 'changed') {
      version = outcome.version
      keepUnsaved(session, name, { text: text.area.value, version })
      fill(notice, h('div', { class: 'notice' }, icon('high'), h('p', {}, t('policies.changed_meanwhile', { version: outcome.version }))))
      await Promise.all([found.look(), showVersions()])
    } else {
      keepUnsaved(session, name, null)
      if (outcome.kind === 'in_force') {
        sessionStorage.setItem(DONE, published ? t('policies.now_in_force', { version: Number(outcome.policy['version']) }) : t('policies.now_removed'))
        return replace(published ? location.pathname : '/app/policies')
      }
      const id = outcome.draft.escalation_id
      const said = h('div', { tabindex: -1 }, h('p', {}, t('policies.second_asked')),
        id ? h('p', {}, h('a', { href: `/app/escalations/${id}` }, t('policies.see_question'))) : null)
      fill(notice, h('div', { class: 'notice good' }, icon('clock'), said))
      said.focus()
      await drafts.load()
    }
  }
  const showVersions = async () => {
    const items = standing || version > 0 ? /** @type {Version[]} */ ((await ask('GET', `${path}/versions`, undefined, { signal }))['items']) : []
    fill(versions, ...(items.length === 0 ? [] : [h('h2', {}, t('policies.versions')), h('ul', { class: 'rows' }, ...items.map(versionRow))]))
  }
  /** @param {Version} each */
  const versionRow = (each) => {
    const use = h('button', { type: 'button', class: 'secondary', onclick: () => text.put(each.yaml) }, t('policies.use'))
    return h('li', {}, h('div', { class: 'row-main' },
      h('details', {}, h('summary', {}, h('strong', {}, t('policies.version', { version: each.version })), ' ',
        publishedBy(each)),
      h('pre', { class: 'text-block', tabindex: 0 }, h('code', {}, visible(each.yaml, { lines: true }).text)), writes ? use : null)))
  }
  try {
    const done = sessionStorage.getItem(DONE)
    sessionStorage.removeItem(DONE)
    if (done) fill(notice, h('p', { class: 'notice good', role: 'status' }, icon('check'), h('span', {}, done)))
    await Promise.all([found.look(), tried.load(), showVersions(), drafts.load()])
  } catch (error) {
    if (isLeft(error)) throw error
    message.textContent = error instanceof Problem ? error.message : t('policies.unreachable')
  }
}

/** What was done is said on the screen that comes after it. */
const DONE = 'approvals-hub.policy.done'

/** What is in force by this name; null where it is to be a new one. @param {string} base @param {string} name @param {AbortSignal} signal */
async function stands(base, name, signal) {
  const items = /** @type {Policy[]} */ ((await ask('GET', `${base}/policies`, undefined, { signal }))['items'])
  return items.find((policy) => policy.name === name) ?? null
}
