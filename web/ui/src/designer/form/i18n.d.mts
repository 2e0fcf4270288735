export function wrap(source: string, seen?: Set<string>): string
export const FORM_EDITOR: RegExp
declare const plugin: { name: string, setup(build: unknown): void }
export default plugin
