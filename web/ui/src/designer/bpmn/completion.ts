// What fits the word before the caret, best first.
export interface Suggestion { insert: string, label: string }

const WORD = /[\p{L}\p{N}_.]*(?:\[["']?[\p{L}\p{N}_.]*)?$/u

export const wordBefore = (source: string, caret: number): string => WORD.exec(source.slice(0, caret))?.[0] ?? ''

export function complete(source: string, caret: number, offered: Suggestion[], most = 8): Suggestion[] {
  const word = wordBefore(source, caret).toLowerCase()
  if (!word) return []
  const fits = offered.filter(({ insert, label }) => insert.toLowerCase() !== word && (insert.toLowerCase().includes(word) || label.toLowerCase().includes(word)))
  const starts = (suggestion: Suggestion): number => suggestion.insert.toLowerCase().startsWith(word) ? 0 : 1
  return fits.sort((a, b) => starts(a) - starts(b) || a.insert.length - b.insert.length).slice(0, most)
}

export function insert(source: string, caret: number, suggestion: Suggestion): { source: string, caret: number } {
  const start = caret - wordBefore(source, caret).length
  return { source: source.slice(0, start) + suggestion.insert + source.slice(caret), caret: start + suggestion.insert.length }
}
