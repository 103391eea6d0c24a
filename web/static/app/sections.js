/**
 * The parts of a card from top to bottom: how risky, what, who, exactly what, why, which rule, until when.
 */

import { h } from './dom.js'
import { fieldList, Painting, warning } from './fields.js'
import { icon } from './icons.js'
import { valueAt } from './question.js'
import { rule } from './rule.js'
import { Reading } from './text_block.js'
import { headline, lasting, t, tOr, when } from './words.js'
import { visible } from '../shared/visible.js'

/** How the hub itself is marked as the asker. */
const HUB = 'hub'

/** @typedef {import('./question.js').Answer} Question */

const PAYLOAD = '/payload'

/**
 * Risk, verb and object.
 * @param {Question} question
 * @returns {Node[]}
 */
export function top(question) {
  const type = valueAt(question.presentation.fields, '/action_type') ?? ''
  const { verb, place } = headline(type)
  const party = valueAt(question.presentation.fields, '/relying_party/domain')
  const { risk } = question.requirement
  return [
    h('p', { class: 'risk' }, icon(risk, 'risk-icon'), h('span', {}, t(`risk.${risk}`)),
      question.environment ? h('span', { class: 'environment' }, question.environment) : null),
    h('h1', { id: 'verb' }, verb,
      party || place ? h('span', { class: 'object' }, party ? t('card.at', { where: party }) : place) : null),
    h('p', { class: 'type' }, h('code', {}, type),
      question.revision > 1 ? h('span', { class: 'tag' }, t('card.revision', { count: question.revision })) : null),
  ]
}

/**
 * Everything below the headline.
 * @param {Question} question
 * @param {Painting} painting
 * @param {Reading} reading
 * @returns {Node[]}
 */
export function sections(question, painting, reading) {
  const { warnings } = question.presentation
  const inside = painting.fields.filter(({ path }) => path === PAYLOAD || path.startsWith(PAYLOAD + '/'))
  const around = painting.fields.filter((field) => !inside.includes(field))
  const serious = around.some(({ path }) => warnings.some((found) => found.path === path))
  return [
    warnings.length > 0 ? h('p', { class: 'notice strong', role: 'note' }, icon('high'), h('span', {}, t('card.warned', { count: warnings.length }))) : null,
    section('card.who', who(question)),
    section('card.exactly', fieldList(painting, inside, warnings, reading, PAYLOAD, isPolicyQuestion(question) ? policyField : undefined)),
    why(question),
    section('card.rule', rule(question)),
    section('card.next', h('p', {}, question.agent.trust === HUB ? t(isPolicyQuestion(question) ? 'policy.next_text' : 'recover.next_text') : t('card.next_text', {
      audience: question.audience, time: lasting(question.requirement.approval_valid_for),
    }))),
    section('card.until', h('p', {}, h('time', { datetime: question.expires_at }, when(question.expires_at)))),
    h('details', { class: 'technical', open: serious }, h('summary', {}, t('card.technical', { count: around.length })),
      fieldList(painting, around, warnings, reading, ''), hashes(question)),
  ].filter((part) => part !== null)
}

/**
 * What is asked, for a sheet that lies over its card: who asks for what, where, and exactly what. The card is painted as
 * well, and it is the card's fields that are signed.
 * @param {Question} question
 */
export function inShort(question) {
  const { fields, warnings } = question.presentation
  const { verb, place } = headline(valueAt(fields, '/action_type') ?? '')
  const party = valueAt(fields, '/relying_party/domain')
  const inside = fields.filter(({ path }) => path === PAYLOAD || path.startsWith(PAYLOAD + '/'))
  return h('div', { class: 'in-short', role: 'group', 'aria-label': t('card.exactly'), tabindex: 0 },
    h('p', { class: 'in-short-verb' }, verb, party || place ? ` · ${party ? t('card.at', { where: party }) : place}` : null),
    h('p', { class: 'quiet-text' }, visible(question.agent.name).text, ' · ', visible(question.org.name).text),
    fieldList(new Painting(inside), inside, warnings, new Reading(), PAYLOAD, isPolicyQuestion(question) ? policyField : undefined))
}

/** @param {import('./words.js').Key} key @param {...Node} content */
function section(key, ...content) {
  return h('section', { class: key.replace('card.', 'part-') }, h('h2', {}, t(key)), ...content)
}

/** @param {Question} question */
function who(question) {
  const { agent, presentation } = question
  const chain = presentation.fields.filter(({ path }) => /^\/principal\/chain\/\d+$/.test(path)).map(({ value }) => value)
  return h('div', { class: 'who' }, icon('agent', 'who-icon'), h('div', {},
    h('p', { class: 'agent-name' }, visible(agent.name).text),
    h('p', { class: 'quiet-text' }, owned(agent),
      agent.trust === 'api_key' ? h('span', { class: 'tag' }, t('card.low_trust')) : null),
    chain.length > 0 ? h('p', { class: 'quiet-text' }, t('card.chain', { names: chain.join(' → ') }), ' ',
      h('span', { class: 'unverified' }, t('card.claimed'))) : null,
    h('p', { class: 'quiet-text' }, t('card.org', { name: visible(question.org.name).text }))))
}

/** Whether the hub itself asks about a policy; no agent asks about `hub.*`. @param {Question} question */
export function isPolicyQuestion(question) {
  const type = valueAt(question.presentation.fields, '/action_type') ?? ''
  return question.agent.trust === HUB && type.startsWith('hub.policy.')
}

/** What the hub calls a member of its own question. @param {string} name */
function policyField(name) {
  return tOr('policy_field', name)
}

/** Whose agent it is; anybody may call an agent like the hub, so the hub's own questions say that they are. @param {Question['agent']} agent */
function owned({ owner, trust }) {
  if (trust === HUB) return t('recover.by_hub')
  return owner ? t('card.owned', { name: visible(owner.name).text }) : t('card.unowned')
}

/** The agent's own words, fenced: they prove nothing. @param {Question} question */
function why({ presentation }) {
  const { justification, warnings } = presentation
  if (!justification) return null
  const codes = warnings.filter(({ path }) => path === 'justification').map(({ code }) => code)
  return h('section', { class: 'part-why' },
    h('h2', {}, t('card.why'), ' ', h('span', { class: 'unverified' }, t('card.unverified'))),
    h('blockquote', { lang: '' }, visible(justification.text, { lines: true }).text),
    ...codes.map((code) => warning(code, { path: 'justification', type: 'string', value: justification.text, label: '' })))
}

/** @param {Question} question */
function hashes(question) {
  const pair = (/** @type {string} */ name, /** @type {string} */ value) =>
    h('div', { class: 'field long' }, h('dt', {}, name), h('dd', {}, h('code', { class: 'hash' }, value)))
  return h('dl', { class: 'fields hashes' },
    pair(t('card.id'), question.escalation_id),
    pair(t('card.action_hash'), question.action_hash),
    pair(t('card.presentation_hash'), question.presentation_hash),
    pair(t('card.requirement_hash'), question.requirement_hash))
}
