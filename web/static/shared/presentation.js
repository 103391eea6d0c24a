/**
 * The closed, flat, complete list of what an approver sees. The twin of `approvals_hub/domain/presentation.py`.
 *
 * The page shows these fields, rebuilds the action from what it shows, hashes it, and signs nothing else.
 */

import { canonicalBytes, dumps, sha256Text } from './canonical.js'
import { warningsOf } from './warning.js'

/** @typedef {import('./canonical.js').Json} Json */
/** @typedef {{path: string, type: string, value: string, label: string}} Field */
/** @typedef {{path: string, code: string}} Warning */
/**
 * @typedef {object} Presentation
 * @property {string} profile
 * @property {string} escalation_id
 * @property {number} revision
 * @property {string} audience
 * @property {{text: string, verified: false} | null} justification
 * @property {Field[]} fields
 * @property {Warning[]} warnings
 */
/** @typedef {{escalationId: string, revision: number, audience: string, justification: string | null}} Context */

export const PROFILE = 'approvals-hub.presentation.v1'

/**
 * What people see of this (salted) action.
 * @param {{[name: string]: Json}} action
 * @param {Context} context
 * @returns {Presentation}
 */
export function present(action, context) {
  return presentationOf(fieldsOf(action), context)
}

/**
 * The presentation that these fields belong to.
 * @param {Field[]} fields
 * @param {Context} context
 * @returns {Presentation}
 */
export function presentationOf(fields, { escalationId, revision, audience, justification }) {
  const warnings = fields.flatMap((field) =>
    warningsOf(field.path, field.value, field.type === 'string').map((code) => ({ path: field.path, code })))
  if (justification !== null) {
    for (const code of warningsOf('', justification, true)) warnings.push({ path: 'justification', code })
  }
  return {
    profile: PROFILE,
    escalation_id: escalationId,
    revision,
    audience,
    justification: justification === null ? null : { text: justification, verified: false },
    fields,
    warnings,
  }
}

/** @param {Presentation} presentation */
export function presentationHash(presentation) {
  return sha256Text(canonicalBytes(presentation))
}

/**
 * The fields of an action, in canonical order.
 * @param {{[name: string]: Json}} action
 */
export function fieldsOf(action) {
  /** @type {Field[]} */
  const fields = []
  flattenObject(action, '', '', fields)
  return fields
}

/**
 * The action that these fields show.
 * @param {Field[]} fields
 * @returns {{[name: string]: Json}}
 * @throws {TypeError} when they are not exactly the fields of one action
 */
export function reconstruct(fields) {
  const root = emptyObject()
  for (const field of fields) {
    const names = field.path.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = names.pop()
    if (last === undefined) throw new TypeError('a field has no path')
    /** @type {Json} */
    let container = root
    for (const name of names) container = step(container, name)
    place(container, last, valueOf(field))
  }
  if (dumps(fieldsOf(root)) !== dumps(fields)) throw new TypeError('these are not the fields of one action')
  return root
}

/**
 * @param {Json} value
 * @param {string} path
 * @param {string} label
 * @param {Field[]} fields
 */
function flatten(value, path, label, fields) {
  /** @param {string} type @param {string} text */
  const add = (type, text) => fields.push({ path, type, value: text, label })
  if (typeof value === 'string') add('string', value)
  else if (value === null) add('null', 'null')
  else if (typeof value === 'boolean') add('boolean', String(value))
  else if (typeof value === 'number') add(/^-?[0-9]+$/.test(dumps(value)) ? 'integer' : 'number', dumps(value))
  else if (Array.isArray(value)) {
    if (value.length === 0) add('empty_array', '[]')
    else add('array', String(value.length))
    value.forEach((item, index) => flatten(item, `${path}/${index}`, label, fields))
  } else if (Object.keys(value).length === 0) add('empty_object', '{}')
  else flattenObject(value, path, label, fields)
}

/**
 * @param {{[name: string]: Json}} value
 * @param {string} path
 * @param {string} label
 * @param {Field[]} fields
 */
function flattenObject(value, path, label, fields) {
  for (const name of Object.keys(value).sort()) {
    const inner = label === 'payload' ? label : label ? `${label}.${name}` : name
    flatten(value[name] ?? null, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, inner, fields)
  }
}

/** @returns {{[name: string]: Json}} an object in which "__proto__" is a name like any other */
function emptyObject() {
  return Object.create(null)
}

/**
 * The container under this name, made when its first member is seen; only an object's is not announced.
 * @param {Json} container
 * @param {string} name
 * @returns {Json}
 */
function step(container, name) {
  if (Array.isArray(container)) {
    if (name === String(container.length)) container.push(emptyObject())
    return container[container.length - 1] ?? null
  }
  if (container === null || typeof container !== 'object') {
    throw new TypeError('a field lies inside a value that holds none')
  }
  return name in container ? container[name] ?? null : (container[name] = emptyObject())
}

/**
 * @param {Json} container
 * @param {string} name
 * @param {Json} value
 */
function place(container, name, value) {
  if (Array.isArray(container)) container.push(value)
  else if (container !== null && typeof container === 'object') container[name] = value
  else throw new TypeError('a field lies inside a value that holds none')
}

/**
 * @param {Field} field
 * @returns {Json}
 */
function valueOf({ type, value }) {
  switch (type) {
    case 'string': return value
    case 'integer':
    case 'number': return Number(value)
    case 'boolean': return value === 'true'
    case 'null': return null
    case 'empty_object': return emptyObject()
    case 'array':
    case 'empty_array': return []
    default: throw new TypeError('a field has an unknown type')
  }
}
