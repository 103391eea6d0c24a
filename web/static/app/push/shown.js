/**
 * Notifications that have had their day: of questions that are over, and of the one that is on the screen. Some browsers
 * replace none by a later one, so they are taken away when the page is open.
 */

/** @typedef {import('../feed.js').Card} Card */

/** What was there for the last version of the inbox. */
let looked = ''

/**
 * Takes away what asks for an answer that nobody needs any more.
 * @param {Card[]} cards what waits for this person
 */
export function takeAwayEnded(cards) {
  const open = cards.filter(({ answered }) => !answered).map(({ escalation_id: id }) => id)
  if (open.join() === looked) return
  looked = open.join()
  void takeAway(({ tag, data }) => data?.asks === true && tag.startsWith('esc_') && !open.includes(tag))
}

/**
 * Takes away what is said about a question that its person is looking at.
 * @param {string} escalationId
 */
export function takeAwayOf(escalationId) {
  void takeAway(({ tag }) => tag === escalationId)
}

/** @param {(shown: Notification) => boolean} had */
async function takeAway(had) {
  try {
    const registration = await navigator.serviceWorker?.getRegistration('/app/')
    for (const shown of (await registration?.getNotifications?.()) ?? []) if (had(shown)) shown.close()
  } catch {
    // What cannot be read stays until its person takes it away.
  }
}
