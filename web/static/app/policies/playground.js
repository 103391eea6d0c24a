/**
 * The playground: an action, and what the text in the editor would decide about it, by the engine that decides. Nothing is
 * asked of anybody, and nothing is counted.
 */

import { ask, isLeft, Problem } from '../api.js'
import { fill, h } from '../dom.js'
import { icon } from '../icons.js'
import { jsonFault } from './json_fault.js'
import { SAMPLES, sampleText } from './samples.js'
import { anyOf, lasting, t, tOr } from '../words.js'
import { visible } from '../../shared/visible.js'

/** @typedef {{agent_id: string, name: string}} Agent */
/** @typedef {'true' | 'false' | 'unknown'} Outcome */
/** @typedef {{name: string, value: unknown, outcome: Outcome}} Part */
/** @typedef {{match?: string, value?: unknown, all?: Condition[], any?: Condition[], not?: Condition, outcome: Outcome}} Condition */
/**
 * @typedef {object} Traced
 * @property {string} policy_id
 * @property {string} rule_id
 * @property {number} line
 * @property {string} effect
 * @property {string} action
 * @property {boolean} pattern_match
 * @property {{parts: Part[]} | null} where
 * @property {{parts: Part[]} | null} constraints
 * @property {Condition | null} when
 * @property {boolean} matches
 * @property {boolean} decides
 * @property {string} why
 */
/** @typedef {{decision: string, reason: string, asked: {members: Record<string, any>, route: string | null} | null, obligations: {type: string, because: string}[], proof: boolean, reservations: {amount: number, most: number, total: number, fits: boolean, counter: {currency: string, window: string, who: string[]}}[]}} Decision */

/** What somebody has written themselves, among the samples. */
const OWN = 'own'
/** How the hub names a text that is tried and not kept. */
const UNSAVED = 'unsaved'
const SIGNS = /** @type {const} */ ({ true: 'check', false: 'cross', unknown: 'medium' })

/**
 * @param {{base: string, name: () => string, body: () => Record<string, unknown>, goTo: (line: number) => void,
 *   org: string, signal: AbortSignal}} options
 */
export function playground({ base, name, body, goTo, org, signal }) {
  const agents = h('select', { id: 'try-agent' })
  const action = h('textarea', { id: 'try-action', class: 'code', rows: 12, spellcheck: 'false', autocapitalize: 'off', wrap: 'off' })
  const samples = sampleChoice(action)
  const message = h('p', { class: 'message', role: 'alert' })
  const result = h('div', { class: 'tried', role: 'region', 'aria-live': 'polite', 'aria-label': t('policies.tried') })
  const button = h('button', { type: 'button', class: 'secondary', onclick: () => void run() }, t('policies.try'))
  const none = h('p', { class: 'quiet-text', hidden: true }, t('policies.no_agents'))
  const run = async () => {
    message.textContent = ''
    const read = readAction(action.value, agents.value, org)
    if ('wrong' in read) {
      fill(result)
      message.textContent = read.wrong
      action.focus()
      return
    }
    button.disabled = true
    try {
      const answer = await ask('POST', `${base}/policies/explain`,
        { agent_id: agents.value, action: read.action, name: name(), ...body() }, { signal })
      fill(result, ...shown(answer['decision'], answer['trace']))
    } catch (error) {
      if (isLeft(error)) return
      fill(result)
      message.textContent = error instanceof Problem ? said(error) : t('policies.unreachable')
    } finally {
      button.disabled = false
    }
  }
  /** @param {Decision} decision @param {Traced[]} trace */
  const shown = (decision, trace) => {
    const about = trace.filter((entry) => entry.pattern_match)
    const others = trace.length - about.length
    return [
      h('p', { class: 'verdict', 'data-decision': decision.decision },
        icon(decision.decision === 'ALLOW' ? 'check' : decision.decision === 'DENY' ? 'cross' : 'person'),
        h('strong', {}, tOr('policy_verdict', decision.decision)), ' ', h('span', { lang: 'en' }, visible(decision.reason).text)),
      asking(decision),
      h('h3', {}, t('policies.rules')),
      about.length === 0 ? h('p', { class: 'quiet-text' }, t('policies.no_rule')) : h('ol', { class: 'trace' }, ...about.map(traced)),
      others > 0 ? h('p', { class: 'quiet-text' }, t('policies.other_rules', { count: others })) : null,
    ].filter((node) => node !== null)
  }
  /** @param {Traced} entry */
  const traced = (entry) => h('li', { class: entry.decides ? 'decides' : '', 'data-matches': String(entry.matches) },
    h('p', { class: 'trace-rule' }, icon(entry.matches ? 'check' : 'cross'),
      h('strong', {}, visible(entry.rule_id).text),
      h('span', { class: 'tag' }, tOr('policy_effect', entry.effect)),
      entry.decides ? h('span', { class: 'tag' }, t('policies.decides')) : null,
      entry.policy_id === UNSAVED
        ? h('button', { type: 'button', class: 'quiet place-button', onclick: () => goTo(entry.line) }, t('policies.line', { line: entry.line }))
        : h('span', { class: 'quiet-text' }, t('policies.of_other'))),
    h('p', { class: 'quiet-text', lang: 'en' }, visible(`${entry.action}: ${entry.why}`).text),
    parts(entry))
  return {
    node: h('section', { class: 'playground' }, h('h2', {}, t('policies.playground')), h('p', { class: 'quiet-text' }, t('policies.playground_lead')),
      h('label', { for: 'try-agent' }, t('policies.agent')), agents, none,
      h('label', { for: 'try-sample' }, t('policies.sample')), samples,
      h('label', { for: 'try-action' }, t('policies.action')), action, h('p', { class: 'quiet-text' }, t('policies.action_hint')),
      button, message, result),
    async load() {
      const found = /** @type {Agent[]} */ ((await ask('GET', `${base}/agents`, undefined, { signal }))['items'])
      fill(agents, ...found.map((agent) => h('option', { value: agent.agent_id }, visible(agent.name).text)))
      none.hidden = found.length > 0
      agents.hidden = button.disabled = found.length === 0
      return found
    },
  }
}

/**
 * Puts one of the samples into the action's field; what somebody has written there comes back with the first choice.
 * @param {HTMLTextAreaElement} action
 */
function sampleChoice(action) {
  const names = /** @type {import('./samples.js').Sample[]} */ (Object.keys(SAMPLES))
  const own = h('option', { value: OWN, hidden: true }, t('policies.sample_own'))
  const choice = h('select', { id: 'try-sample' }, own, ...names.map((name) => h('option', { value: name }, tOr('policy_sample', name))))
  let written = ''
  const show = () => {
    const name = names.find((each) => each === choice.value)
    action.value = name ? sampleText(name) : written
  }
  choice.addEventListener('change', show)
  action.addEventListener('input', () => {
    written = action.value
    own.hidden = false
    choice.value = OWN
  })
  choice.value = names[0] ?? OWN
  show()
  return choice
}

/**
 * An action as it is pasted: whole, or without what says who asks and when.
 * @param {string} text
 * @param {string} agentId
 * @param {string} org
 * @returns {{action: Record<string, unknown>} | {wrong: string}}
 */
export function readAction(text, agentId, org) {
  const fault = jsonFault(text)
  if (fault) {
    const { line, column, twice } = fault
    return { wrong: twice === null ? t('policies.not_json', { line, column }) : t('policies.json_twice', { line, column, name: visible(twice).text }) }
  }
  const read = JSON.parse(text)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return { wrong: t('policies.no_object') }
  const given = 'action' in read && typeof read.action === 'object' && read.action !== null ? read.action : read
  const { payload = {}, ...rest } = given
  return { action: {
    action_id: crypto.randomUUID(), subject: { principal_id: org }, payload, ...rest,
    requested_at: new Date().toISOString(), principal: { ...rest.principal, agent_id: agentId },
  } }
}

/** @param {Problem} problem */
function said(problem) {
  const field = problem.body['field']
  return [field ? `${String(field)}: ` : '', problem.message, problem.nextStep ? ` ${problem.nextStep}` : ''].join('')
}

/** Who is asked, what they must prove, what is owed, and what is counted. @param {Decision} decision */
function asking({ asked, obligations, proof, reservations }) {
  const { members = {}, route = null } = asked ?? {}
  const methods = Array.isArray(members['methods']) ? members['methods'] : []
  /** @type {(string | null)[]} */
  const lines = [
    asked && Object.keys(members).length === 0 ? t('policies.asked_default') : null,
    members['approvals'] ? t('card.quorum', { count: members['approvals'] }) : null,
    members['quorum'] ? t('policies.quorum', { rule: JSON.stringify(members['quorum']) }) : null,
    members['veto'] ? t('policies.veto', { names: anyOf(members['veto']) }) : null,
    members['min_assurance'] ? t('policies.assurance', { level: tOr('assurance', members['min_assurance']) }) : null,
    methods.length > 0 ? t('card.methods', { names: anyOf(methods.map((/** @type {string} */ each) => tOr('method', each))) }) : null,
    members['wait'] ? t('rule.wait', { time: lasting(members['wait']) }) : null,
    members['number_match'] ? t('rule.number', { count: members['number_match'] }) : null,
    route ? t('policies.route', { name: route }) : null,
    ...obligations.filter(({ type }) => type !== 'HUMAN_APPROVAL').map(({ type, because }) => t('policies.owed', { type, because })),
    ...reservations.map(({ amount, most, total, fits, counter }) => t(fits ? 'policies.counts' : 'policies.counts_not',
      { amount, most, total, window: tOr('policy_window', counter.window), currency: counter.currency })),
    proof ? t('policies.proof_due') : null,
  ]
  const said = lines.filter((line) => line !== null)
  return said.length === 0 ? null : h('ul', { class: 'asked' }, ...said.map((line) => h('li', {}, visible(line).text)))
}

/** @param {Traced} entry */
function parts({ where, constraints, when }) {
  const nodes = [...(where?.parts ?? []), ...(constraints?.parts ?? [])].map(({ name, value, outcome }) => outcomeLine(outcome, `${name}: ${JSON.stringify(value)}`))
  if (when) nodes.push(condition(when))
  return nodes.length === 0 ? null : h('ul', { class: 'parts' }, ...nodes)
}

/** @param {Condition} each @returns {HTMLLIElement} */
function condition({ match, value, all, any, not, outcome }) {
  if (match !== undefined) return outcomeLine(outcome, `${match}: ${JSON.stringify(value)}`)
  const inner = all ?? any ?? (not ? [not] : [])
  return outcomeLine(outcome, all ? 'all' : any ? 'any' : 'not', h('ul', { class: 'parts' }, ...inner.map(condition)))
}

/** @param {Outcome} outcome @param {string} text @param {Node} [inner] */
function outcomeLine(outcome, text, inner) {
  return h('li', { 'data-outcome': outcome }, icon(SIGNS[outcome]), h('span', { class: 'unseen' }, `${t(`policy_outcome.${outcome}`)} `),
    h('code', {}, visible(text).text), inner)
}
