/**
 * Texts as QR codes (ISO/IEC 18004): byte mode with UTF-8, levels L and M, versions 1 to 20. Pure; knows no page.
 *
 * The page makes them itself: a code that changes each second then costs its text and no picture, and no script of
 * somebody else ever sees what the code says.
 */

/** @typedef {'L' | 'M'} Level 7 or 15 per cent may be damaged */
/** @typedef {boolean[][]} Matrix rows of modules, true is dark; without the quiet zone */

/** Check octets per block, and blocks, by version from 1 (table 9). */
const CHECKS = {
  L: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28],
  M: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26],
}
const BLOCKS = {
  L: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8],
  M: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16],
}
const LEVEL_BITS = { L: 1, M: 0 }
const FINDER = '1011101'

/** The eight patterns that may be laid over the data (table 10). @type {((row: number, column: number) => boolean)[]} */
const MASKS = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
]

/**
 * The modules of the smallest code that holds the text.
 * @param {string} text @param {Level} [level]
 * @returns {Matrix}
 * @throws {RangeError} for more than 858 (L) or 666 (M) octets
 */
export function qrMatrix(text, level = 'M') {
  const octets = new TextEncoder().encode(text)
  const version = smallest(octets.length, level)
  const words = interleaved(message(octets, version, level), version, level)
  const { modules, fixed } = frame(version)
  place(modules, fixed, words)
  return bestMasked(modules, fixed, version, level)
}

/** @param {number} length octets @param {Level} level */
function smallest(length, level) {
  for (let version = 1; version <= CHECKS.L.length; version++) {
    if (length * 8 + 4 + lengthBits(version) <= dataWords(version, level) * 8) return version
  }
  throw new RangeError('the text is too long for a QR code')
}

/** @param {number} version */
function lengthBits(version) {
  return version < 10 ? 8 : 16
}

/** Octets of a version, checks included: its modules less what has a fixed meaning. @param {number} version */
function allWords(version) {
  let bits = (16 * version + 128) * version + 64
  if (version >= 2) {
    const lines = Math.floor(version / 7) + 2
    bits -= (25 * lines - 10) * lines - 55
    if (version >= 7) bits -= 36
  }
  return Math.floor(bits / 8)
}

/** @param {'L' | 'M'} level @param {number} version */
function shape(level, version) {
  return { checks: CHECKS[level][version - 1] ?? 0, blocks: BLOCKS[level][version - 1] ?? 1 }
}

/** @param {number} version @param {Level} level */
function dataWords(version, level) {
  const { checks, blocks } = shape(level, version)
  return allWords(version) - checks * blocks
}

/**
 * Mode, length, text, end, padding (7.4).
 * @param {Uint8Array} octets @param {number} version @param {Level} level
 */
function message(octets, version, level) {
  const room = dataWords(version, level)
  /** @type {number[]} */
  const bits = []
  const put = (/** @type {number} */ value, /** @type {number} */ count) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1)
  }
  put(0b0100, 4)
  put(octets.length, lengthBits(version))
  for (const octet of octets) put(octet, 8)
  put(0, Math.min(4, room * 8 - bits.length))
  put(0, (8 - (bits.length % 8)) % 8)
  const words = Array.from({ length: bits.length / 8 }, (_, at) => bits.slice(at * 8, at * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0))
  for (let pad = 0xec; words.length < room; pad ^= 0xfd) words.push(pad)
  return words
}

/**
 * The words of every block with their checks, one of each in turn (7.6).
 * @param {number[]} words @param {number} version @param {Level} level
 */
function interleaved(words, version, level) {
  const { checks, blocks } = shape(level, version)
  const short = Math.floor(words.length / blocks)
  const longer = words.length % blocks
  const divisor = generator(checks)
  let from = 0
  const parts = Array.from({ length: blocks }, (_, number) => {
    const data = words.slice(from, (from += short + (number < blocks - longer ? 0 : 1)))
    return { data, check: remainder(data, divisor) }
  })
  const mixed = []
  for (let at = 0; at <= short; at++) for (const { data } of parts) if (at < data.length) mixed.push(data[at] ?? 0)
  for (let at = 0; at < checks; at++) for (const { check } of parts) mixed.push(check[at] ?? 0)
  return mixed
}

/** A product in GF(2^8) modulo x^8+x^4+x^3+x^2+1. @param {number} one @param {number} other */
function times(one, other) {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    product ^= ((other >> bit) & 1) * one
  }
  return product
}

/** The product of (x - 2^0) … (x - 2^(degree-1)), without its leading 1. @param {number} degree */
function generator(degree) {
  const found = [...Array(degree - 1).fill(0), 1]
  for (let step = 0, root = 1; step < degree; step++, root = times(root, 2)) {
    for (let at = 0; at < degree; at++) found[at] = times(found[at], root) ^ (found[at + 1] ?? 0)
  }
  return found
}

/** @param {number[]} data @param {number[]} divisor */
function remainder(data, divisor) {
  const left = Array(divisor.length).fill(0)
  for (const word of data) {
    const factor = word ^ left.shift()
    left.push(0)
    divisor.forEach((part, at) => (left[at] ^= times(part, factor)))
  }
  return left
}

/** What is the same in every code of a version; places for the format are kept. @param {number} version */
function frame(version) {
  const size = version * 4 + 17
  const modules = square(size)
  const fixed = square(size)
  const set = (/** @type {number} */ row, /** @type {number} */ column, /** @type {boolean} */ dark) => {
    if (row < 0 || column < 0 || row >= size || column >= size) return
    put(modules, row, column, dark)
    put(fixed, row, column, true)
  }
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0)
    set(at, 6, at % 2 === 0)
  }
  const ring = (/** @type {number} */ row, /** @type {number} */ column, /** @type {number} */ radius, /** @type {number[]} */ light) => {
    for (let i = -radius; i <= radius; i++) {
      for (let j = -radius; j <= radius; j++) set(row + i, column + j, !light.includes(Math.max(Math.abs(i), Math.abs(j))))
    }
  }
  for (const [row, column] of /** @type {[number, number][]} */ ([[3, 3], [3, size - 4], [size - 4, 3]])) ring(row, column, 4, [2, 4])
  const lines = alignment(version)
  const last = lines.length - 1
  lines.forEach((row, i) => lines.forEach((column, j) => {
    const corner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)
    if (!corner) ring(row, column, 2, [1])
  }))
  // Light until the mask is chosen, which is judged without them.
  drawLabels((row, column) => set(row, column, false), version, 0)
  return { modules, fixed }
}

/** The rows, which are the columns too, of alignment patterns (annex E). @param {number} version */
function alignment(version) {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2
  return [6, ...Array.from({ length: count - 1 }, (_, at) => version * 4 + 10 - step * (count - 2 - at))]
}

/**
 * Level and mask, twice, with the one module that is always dark (7.9); the version, twice, from 7 on (7.10).
 * @param {(row: number, column: number, dark: boolean) => void} set @param {number} version @param {number} format 5 bits
 */
function drawLabels(set, version, format) {
  const size = version * 4 + 17
  const bits = ((format << 10) | checked(format, 10, 0x537)) ^ 0x5412
  for (let at = 0; at < 15; at++) {
    const dark = ((bits >> at) & 1) === 1
    set(at < 6 ? at : at < 8 ? at + 1 : size - 15 + at, 8, dark)
    set(8, at < 8 ? size - 1 - at : at === 8 ? 7 : 14 - at, dark)
  }
  set(size - 8, 8, true)
  if (version < 7) return
  const label = (version << 12) | checked(version, 12, 0x1f25)
  for (let at = 0; at < 18; at++) {
    const dark = ((label >> at) & 1) === 1
    set(size - 11 + (at % 3), Math.floor(at / 3), dark)
    set(Math.floor(at / 3), size - 11 + (at % 3), dark)
  }
}

/** The check bits of a BCH code. @param {number} value @param {number} count @param {number} divisor */
function checked(value, count, divisor) {
  let left = value
  for (let step = 0; step < count; step++) left = (left << 1) ^ ((left >> (count - 1)) * divisor)
  return left
}

/**
 * The words' bits in pairs of columns from right to left, up and down in turn (7.7.3).
 * @param {Matrix} modules @param {Matrix} fixed @param {number[]} words
 */
function place(modules, fixed, words) {
  const size = modules.length
  let at = 0
  for (let right = size - 1, up = true; right >= 1; right -= 2, up = !up) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++) {
      const row = up ? size - 1 - step : step
      for (const column of [right, right - 1]) {
        if (fixed[row]?.[column]) continue
        put(modules, row, column, (((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1)
        at += 1
      }
    }
  }
}

/** @param {Matrix} modules @param {Matrix} fixed @param {number} version @param {Level} level */
function bestMasked(modules, fixed, version, level) {
  /** @type {{cost: number, number: number, masked: Matrix}} */
  let best = { cost: Infinity, number: 0, masked: modules }
  MASKS.forEach((mask, number) => {
    const masked = modules.map((line, row) => line.map((dark, column) => dark !== (!fixed[row]?.[column] && mask(row, column))))
    const cost = penalty(masked)
    if (cost < best.cost) best = { cost, number, masked }
  })
  const { masked, number } = best
  drawLabels((row, column, dark) => put(masked, row, column, dark), version, (LEVEL_BITS[level] << 3) | number)
  return masked
}

/** How hard a code is to read: the lowest is taken (7.8.3). @param {Matrix} modules */
function penalty(modules) {
  const size = modules.length
  const columns = modules.map((_, at) => modules.map((line) => line[at] === true))
  let cost = 0
  for (const line of [...modules, ...columns]) cost += lineCost(line)
  let dark = 0
  modules.forEach((line, row) => line.forEach((module, column) => {
    dark += module ? 1 : 0
    const below = modules[row + 1]
    if (below && column + 1 < size && module === line[column + 1] && module === below[column] && module === below[column + 1]) cost += 3
  }))
  const percent = (dark * 100) / (size * size)
  return cost + 10 * Math.floor(Math.abs(percent - 50) / 5)
}

/** Runs of five or more, and what looks like a finder with light beside it. @param {boolean[]} line */
function lineCost(line) {
  const text = line.map((module) => (module ? '1' : '0')).join('')
  let cost = 0
  for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) cost += run.length - 2
  for (let at = text.indexOf(FINDER); at >= 0;) {
    // Beyond the edge lies the quiet zone, which is light.
    const isBare = !text.slice(Math.max(0, at - 4), at).includes('1') || !text.slice(at + 7, at + 11).includes('1')
    if (isBare) cost += 40
    at = text.indexOf(FINDER, at + (isBare ? 7 : 4))
  }
  return cost
}

/** @param {number} size @returns {Matrix} */
function square(size) {
  return Array.from({ length: size }, () => Array(size).fill(false))
}

/** @param {Matrix} matrix @param {number} row @param {number} column @param {boolean} value */
function put(matrix, row, column, value) {
  const line = matrix[row]
  if (line) line[column] = value
}
