/**
 * The rule of a question in words: whose approvals it takes, who may stop it, when it takes effect, and how far it is.
 */

import { h } from './dom.js'
import { anyOf, lasting, t, tOr, when } from './words.js'

/** @typedef {import('./question.js').Answer} Question */
/** @typedef {import('./question.js').Quorum} Quorum */

/**
 * Every line of the rule; the last is for how far it has come.
 * @param {Question} question
 */
export function rule({ requirement }) {
  const { quorum = null, veto = null, wait = 0 } = requirement
  return h('ul', { class: 'rule' },
    quorum === null ? h('li', {}, t('card.quorum', { count: requirement.approvals })) : part(quorum),
    veto === null ? null : h('li', {}, t('rule.veto', { count: veto.length })),
    wait === 0 ? null : h('li', {}, t('rule.wait', { time: lasting(wait) })),
    requirement.min_assurance === 'LOW' || reachedByAll(requirement) ? null : h('li', {}, tOr('assurance', requirement.min_assurance)),
    requirement.passkeys === 'device_bound' || requirement.passkeys === 'not_synced'
      ? h('li', {}, t(`passkeys.${requirement.passkeys}`)) : null,
    requirement.dwell ? h('li', {}, t('rule.dwell', { seconds: requirement.dwell })) : null,
    requirement.number_match ? h('li', {}, t('rule.number', { count: requirement.number_match })) : null,
    requirement.reason === 'required' ? h('li', {}, t('rule.reason')) : null,
    requirement.methods.length === 0 ? null
      : h('li', {}, t('card.methods', { names: anyOf(requirement.methods.map((method) => tOr('method', method))) })),
    h('li', { class: 'progress', hidden: true }))
}

/** Whether each way that is named is enough for the level by itself, so that the level says nothing more. @param {Question['requirement']} requirement */
function reachedByAll({ min_assurance: level, methods }) {
  return level === 'SUBSTANTIAL' && methods.length > 0 && methods.every((method) => ['passkey', 'bankid'].includes(method))
}

/**
 * How far a question has come, in words; null where one approval is all it takes.
 * @param {Question} question
 */
export function progressOf({ requirement, progress }) {
  const { quorum = null, wait = 0 } = requirement
  return progress && (requirement.approvals > 1 || quorum !== null || wait > 0) ? howFar(progress) : null
}

/** One part and what it is made of. @param {Quorum} quorum @returns {Node} */
function part({ of, approvals, all, any, stages }) {
  if (of) return h('li', {}, t('rule.some_of', { count: approvals ?? 1, names: anyOf(named(of)) }))
  const parts = (all ?? any ?? stages ?? []).map(part)
  const words = stages ? t('rule.stages') : any ? t('rule.any') : t('rule.all')
  return h('li', {}, words, stages ? h('ol', { class: 'rule' }, ...parts) : h('ul', { class: 'rule' }, ...parts))
}

/** Roles and groups by their words; of people only how many are named: who they are is not for every reader. @param {string[]} names */
function named(names) {
  const people = names.filter((name) => name.startsWith('per_')).length
  const others = names.filter((name) => !name.startsWith('per_')).map((name) => name.startsWith('group:')
    ? t('rule.group', { name: name.slice('group:'.length) }) : tOr('named', name.slice('role:'.length)))
  return people === 0 ? others : [...others, t('rule.people', { count: people })]
}

/** @param {NonNullable<Question['progress']>} progress */
function howFar({ approved, missing, stage, stages, effective_at: at }) {
  if (at !== null) return t('rule.waits', { time: when(at) })
  const words = [t('rule.approved', { count: approved }), t('rule.missing', { count: missing })]
  return (stages === 1 ? words : [...words, t('rule.stage', { stage, stages })]).join(' ')
}
