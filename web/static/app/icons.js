/**
 * Line drawings of 24 by 24. They decorate words that stand beside them, so screen readers pass over them.
 */

import { svg } from './dom.js'

/** @typedef {keyof typeof SHAPES} Icon */

const SHAPES = {
  back: ['M15 5l-7 7 7 7'],
  check: ['M5 12.5l4.500 4.500L19 7.500'],
  cross: ['M6 6l12 12', 'M18 6L6 18'],
  clock: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M12 7.500V12l3 2'],
  key: ['M8.500 19a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9z', 'M12 11.500L20 3.500', 'M17 6.500l2.500 2.500'],
  phone: ['M8 3h8a1.500 1.500 0 0 1 1.500 1.500v15A1.500 1.500 0 0 1 16 21H8a1.500 1.500 0 0 1-1.500-1.500v-15A1.500 1.500 0 0 1 8 3z', 'M11 18h2'],
  person: ['M12 12.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M4.500 20a7.500 7.500 0 0 1 15 0'],
  agent: ['M5 9.500A2.500 2.500 0 0 1 7.500 7h9A2.500 2.500 0 0 1 19 9.500v6a2.500 2.500 0 0 1-2.500 2.500h-9A2.500 2.500 0 0 1 5 15.500z', 'M12 7V4', 'M9.500 12v1', 'M14.500 12v1'],
  low: ['M12 3l7 3v5c0 4.500-3 8-7 10-4-2-7-5.500-7-10V6z', 'M9 12l2.200 2.200L15.500 10'],
  medium: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M12 8v5', 'M12 16v.500'],
  high: ['M12 4l9 16H3z', 'M12 10v4', 'M12 17v.500'],
  critical: ['M8 3h8l5 5v8l-5 5H8l-5-5V8z', 'M12 8v5', 'M12 16v.500'],
  quote: ['M5 6h14v9H11l-4 4v-4H5z'],
  offline: ['M4 4l16 16', 'M8 12.500a6 6 0 0 1 2-1.300', 'M5 9.500a10 10 0 0 1 3-2', 'M12 6.500a10 10 0 0 1 7 3', 'M12 17v.500'],
  stop: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M6 6l12 12'],
  inbox: ['M4 13l3-8h10l3 8v6H4z', 'M4 13h5l1 2.500h4L15 13h5'],
}

/**
 * @param {Icon} name
 * @param {string} [kind] further classes
 */
export function icon(name, kind = '') {
  return svg('svg', { class: `icon ${kind}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    ...SHAPES[name].map((d) => svg('path', { d })))
}
