/**
 * One question as the hub gives it, checked: what is shown, what is hashed and what gets signed are the same.
 */

import { ask } from './api.js'
import { canonicalBytes, dumps, sha256Text } from '../shared/canonical.js'
import { presentationHash, presentationOf, reconstruct } from '../shared/presentation.js'

/** @typedef {import('../shared/presentation.js').Field} Field */
/** @typedef {import('../shared/presentation.js').Warning} Warning */
/** @typedef {import('../shared/presentation.js').Json} Json */
/** @typedef {{type: string, id: string, name: string | null}} Actor */
/** @typedef {{agent_id: string, name: string, owner: {person_id: string, name: string} | null, trust: string}} Agent */
/**
 * @typedef {object} Quorum one part of a rule; exactly one of `of`, `all`, `any` and `stages` is there
 * @property {string[]} [of]
 * @property {number} [approvals]
 * @property {Quorum[]} [all]
 * @property {Quorum[]} [any]
 * @property {Quorum[]} [stages]
 */
/** @typedef {{person_id: string, name: string, through: string[], until: string}} StoodIn somebody who was asked and is away until then */
/** @typedef {{approved: number, missing: number, stage: number, stages: number, effective_at: string | null}} Progress */
/**
 * @typedef {object} Requirement
 * @property {'low' | 'medium' | 'high' | 'critical'} risk
 * @property {number} approvals
 * @property {Quorum | null} [quorum]
 * @property {string[] | null} [veto]
 * @property {number} [wait]
 * @property {string[]} people
 * @property {'any' | 'not_synced' | 'device_bound'} [passkeys]
 * @property {number} [dwell] seconds that it was on the screen before an approval is taken, at the least
 * @property {2 | 6 | null} [number_match] how many digits of the asker's screen an approval carries
 * @property {'optional' | 'required'} [reason]
 * @property {string} min_assurance
 * @property {string[]} methods
 * @property {number} approval_valid_for
 */
/**
 * @typedef {object} Receipt
 * @property {string} decision_id
 * @property {string} escalation_id
 * @property {string} decision
 * @property {string | null} reason_code
 * @property {string | null} reason
 * @property {string} at
 * @property {string} device_id
 * @property {string} key_hash
 * @property {string} statement_hash
 * @property {string} action_hash
 * @property {string} acr
 * @property {string[]} methods
 * @property {string} status
 * @property {string | null} outcome
 * @property {string | null} token_state
 * @property {StoodIn[]} stands_in in whose places it was given
 */
/**
 * @typedef {object} Answer what `GET …/presentation` says
 * @property {string} escalation_id
 * @property {{org_id: string, name: string}} org
 * @property {number} revision
 * @property {string | null} revises
 * @property {string} status
 * @property {number} version
 * @property {import('../shared/presentation.js').Presentation} presentation
 * @property {string} action_hash
 * @property {string} presentation_hash
 * @property {Requirement & Record<string, Json>} requirement
 * @property {string} requirement_hash
 * @property {string} audience
 * @property {Agent} agent
 * @property {string | null} environment
 * @property {string} created_at
 * @property {string} expires_at
 * @property {string | null} latest_expiry
 * @property {string | null} outcome
 * @property {Actor | null} by
 * @property {string | null} cause
 * @property {string | null} ended_at
 * @property {string | null} token_state
 * @property {Receipt | null} mine
 * @property {boolean} may_answer
 * @property {boolean} may_approve
 * @property {number | null} number_tries_left
 * @property {number} repeats how often the very same was asked again while it was open
 * @property {boolean} asked_later
 * @property {StoodIn[]} stands_in who is away, and for whom this person may answer
 * @property {Progress | null} progress of an open question
 * @property {string | null} handed_by the name of who had this person told of it instead
 * @property {string | null} handed_to the name of who this person had told of it instead
 */
/** @typedef {{actionHash: string, presentationHash: string, requirementHash: string}} Hashes computed here */

/** What came is not what its hashes say: it was changed on the way, and must not be signed. */
export class ContentChanged extends Error {}

/**
 * Fetches a question.
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function fetchQuestion(id, signal) {
  return /** @type {Answer} */ (await ask('GET', `/v1/escalations/${encodeURIComponent(id)}/presentation`, undefined, { signal }))
}

/**
 * Whether there is another card to show: it was answered by this person or has ended, it is not theirs to answer any more,
 * or its token has moved on. Whatever else changes is followed on the card that is open (`follow.js`): nobody is torn away
 * from reading.
 * @param {Answer} known
 * @param {Answer} now
 */
export function moved(known, now) {
  return now.status !== known.status || now.mine?.decision_id !== known.mine?.decision_id
    || (known.may_answer && !now.may_answer) || (known.status !== 'open' && now.version !== known.version)
    || now.presentation_hash !== known.presentation_hash || now.requirement_hash !== known.requirement_hash
}

/**
 * Computes every hash from these fields (those that were painted) and holds them against the hub's.
 * @param {Answer} question
 * @param {Field[]} fields
 * @returns {Promise<Hashes>}
 * @throws {ContentChanged}
 */
export async function check(question, fields) {
  const { presentation } = question
  let action
  try {
    action = reconstruct(fields)
  } catch (error) {
    throw new ContentChanged(String(error))
  }
  const shown = presentationOf(fields, {
    escalationId: question.escalation_id,
    revision: question.revision,
    audience: question.audience,
    justification: presentation.justification?.text ?? null,
  })
  const hashes = {
    actionHash: await sha256Text(canonicalBytes(action)),
    presentationHash: await presentationHash(shown),
    requirementHash: await sha256Text(canonicalBytes(question.requirement)),
  }
  require(hashes.actionHash === question.action_hash, 'the action')
  require(hashes.presentationHash === question.presentation_hash, 'the presentation')
  require(hashes.requirementHash === question.requirement_hash, 'the requirement')
  require(dumps(shown) === dumps(presentation), 'the warnings')
  return hashes
}

/**
 * The value of a field, as text.
 * @param {Field[]} fields
 * @param {string} path
 */
export function valueAt(fields, path) {
  return fields.find((field) => field.path === path)?.value ?? null
}

/** @param {boolean} holds @param {string} what */
function require(holds, what) {
  if (!holds) throw new ContentChanged(`${what} is not what its hash says`)
}
