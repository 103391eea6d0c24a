/**
 * A button that wants to be held. A short press, the keyboard and assistive technology take the other way: two steps.
 */

const HOLD = 1000
const TAP = 350

/**
 * Watches presses on a button. Released early or moved away, nothing happens.
 * @param {HTMLButtonElement} button
 * @param {{onHeld: () => void, onTapped: () => void, signal: AbortSignal}} options
 */
export function holdable(button, { onHeld, onTapped, signal }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let pressedAt = 0
  /** @type {'none' | 'short' | 'other'} what the pointer did before the click that is about to come */
  let press = 'none'

  const stop = () => {
    clearTimeout(timer)
    timer = undefined
    button.classList.remove('holding')
  }
  const finish = () => {
    stop()
    navigator.vibrate?.(30)
    onHeld()
  }
  button.addEventListener('pointerdown', (event) => {
    if (button.disabled || !event.isPrimary || event.button !== 0) return
    press = 'other'
    pressedAt = event.timeStamp
    button.classList.add('holding')
    timer = setTimeout(finish, HOLD)
  }, { signal })
  button.addEventListener('pointermove', (event) => {
    if (timer !== undefined && !inside(button, event)) stop()
  }, { signal })
  button.addEventListener('pointerup', (event) => {
    const short = event.timeStamp - pressedAt < TAP
    const still = timer !== undefined
    stop()
    if (still && short && inside(button, event)) press = 'short'
  }, { signal })
  for (const name of ['pointercancel', 'pointerleave', 'blur']) button.addEventListener(name, stop, { signal })
  button.addEventListener('contextmenu', (event) => event.preventDefault(), { signal })
  button.addEventListener('click', () => {
    // A click without a pointer before it comes from a keyboard or from assistive technology.
    if (press !== 'other') onTapped()
    press = 'none'
  }, { signal })
}

/** @param {Element} element @param {PointerEvent} event */
function inside(element, { clientX, clientY }) {
  const { left, right, top, bottom } = element.getBoundingClientRect()
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom
}
