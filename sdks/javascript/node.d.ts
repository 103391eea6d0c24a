// What the checked files use of Node, for `tsc`, which knows browsers alone. It is never loaded.
declare module 'node:crypto' {
  export const webcrypto: Crypto
}
declare module 'node:fs' {
  export function readFileSync(file: string | number): Uint8Array & { toString(encoding: string): string }
}
declare module 'node:process' {
  export const stdin: { fd: number }
  export function exit(status: number): never
}
declare module 'node:util' {
  export function parseArgs(config: { options: { [name: string]: { type: 'string' } } }): {
    values: { [name: string]: string | undefined }
  }
}
