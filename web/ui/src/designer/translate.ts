import { isEnglish } from '../words'
import zh from './zh.json'

const EXACT: Record<string, string> = zh
const LOWER: Record<string, string> = Object.fromEntries(Object.entries(EXACT).map(([key, value]) => [key.toLowerCase(), value]))

// What an editor said that the catalogue lacks: browser tests look here.
export const misses = new Set<string>()

export function chinese(text: string): string | undefined {
  return EXACT[text] ?? LOWER[text.toLowerCase()]
}

// The editors' own English words in the language of the page. Names that people gave pass through here too.
export function translate(text: string, parameters: Record<string, unknown> = {}): string {
  const said = isEnglish() ? text : chinese(text) ?? missed(text)
  return said.replace(/\{([^}]+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
}

function missed(text: string): string {
  if (/[A-Za-z]{2}/.test(text)) misses.add(text)
  return text
}

export const translateModule = { translate: ['value', translate] }
Object.assign(globalThis, { designerMisses: misses, __t: translate })
