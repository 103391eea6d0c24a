/**
 * What every screen is given.
 */

/** @typedef {import('./session.js').Session} Session */
/**
 * @typedef {object} Context
 * @property {Element} root where the screen paints
 * @property {Element} bar the top of the screen, empty for a card to fill
 * @property {AbortSignal} signal ends when the screen is left
 * @property {Session | null} session
 * @property {(path: string) => void} go shows another screen
 * @property {() => Promise<void>} refresh asks the hub anew who is signed in
 * @property {(path: string) => void} replace shows another screen in the place of this one
 * @property {URLSearchParams} query what stood behind `?` in the address; it is removed from there
 * @property {string} fragment what stood behind `#` in the address; it is removed from there
 * @property {Record<string, string>} names the parts of the path, like `id`
 */
/** @typedef {(context: Context) => Promise<void>} Screen */

export {}
