import { csrf } from '../behaviours/exchange'

export interface Person { id: string, name: string }
export type Kind = 'bpmn' | 'dmn' | 'form' | 'other'
export interface DraftFile { path: string, kind: Kind, digest: string, size: number, changed_at: string, changed_by: Person | null, is_inherited: boolean, url: string }
export interface Foreign { path: string, element: string | null, line: number | null, name: string, namespace: string }
export interface Draft {
  id: string, title: string, definition: string | null, base: { number: number } | null, in_force: { number: number } | null
  state: string, may_edit: boolean, start: string | null, files: DraftFile[], foreign: Foreign[]
  request: { url: string, state: string } | null
}
// One move of the shortest way to a breach of the regulation; `name` is what people call the element.
export interface WayStep { what: 'completed' | 'fired' | 'caught' | 'failed' | 'flow', element: string, choice: string, path: string, name: string }
export interface Finding { path: string, element: string | null, line: number | null, level: 'error' | 'warning', code: string, message: string, mend: string, kind: string, name: string, steps?: WayStep[] }
export interface Findings { findings: Finding[], errors: number, warnings: number, milliseconds: number }
export interface Choice { value: string, label: string }
export interface Service extends Choice { inside: boolean, documentation: string, parameters: { name: string, example: string }[], result: string }
export interface Setting extends Choice { default: string, expression: string }
export interface Options {
  posts: Choice[], organisations: Choice[], forms: (Choice & { path: string })[], decisions: (Choice & { path: string })[], services: Service[]
  processes: (Choice & { path: string })[], periods: Choice[], settings: Setting[], acts: Choice[], states: Choice[]
  messages: string[], signals: string[], errors: string[], escalations: string[], articles: string[]
  functions: { name: string, signature: string, help: string }[]
}
export interface Variable { name: string, label: string, type: string, values?: Choice[] }
export interface TimerWords { is_valid: boolean, words?: string, at_words?: string, at?: string, counted?: string[], skipped?: string[], error?: string }
export interface Property { name: string, label: string, before: string | null, after: string | null }
export interface Mark { element: string, side: 'before' | 'after' | 'both', change: Change, type: string, name: string, properties: Property[] }
export type Change = 'added' | 'removed' | 'changed' | 'moved'
export interface Difference {
  against: { number: number } | null, is_same: boolean
  files: { path: string, kind: Kind, change: Change }[]
  diagrams: { path: string, before: string | null, after: string | null, marks: Mark[] }[]
  decisions: { path: string, name: string, change: Change, properties: Property[], rules: { number: number, change: Change, before: string[] | null, after: string[] | null }[] }[]
  forms: { path: string, title: string, fields: { key: string, label: string, change: Change, properties: Property[] }[] }[]
}
export interface Place { element: string, name: string, path: string }
export interface Rehearsal {
  id: string, url: string, state: 'open' | 'completed' | 'failed', now: string, now_words: string, start: string, may_undo: boolean
  files: { path: string, xml: string, active: string[], done: string[], cancelled: string[], flows: string[] }[]
  tasks: (Place & { id: string, post_name: string, organisation: string, due_words: string | null, form_url: string })[]
  timers: (Place & { id: string, due_at: string, due_words: string })[]
  subscriptions: (Place & { id: string, kind: string, message: string, key: string | null })[]
  calls: (Place & { id: string, service: string, arguments: unknown, suggestion: unknown })[]
  thrown: { kind: string, element: string, name: string, key: string | null, at: string }[]
  variables: Record<string, unknown>
  steps: { number: number, at: string, words: string }[]
}

// The server said no. `body` is what it said, such as {error, code, findings, by, at}.
export class Refused extends Error {
  constructor(readonly status: number, readonly body: Record<string, unknown>) { super(String(body.error ?? status)) }
}

interface Asked { method?: string, json?: unknown, text?: string, form?: FormData, headers?: Record<string, string> }

export async function send(address: string, asked: Asked = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-CSRFToken': csrf(), ...asked.headers }
  if (asked.json !== undefined) headers['Content-Type'] = 'application/json'
  const answer = await fetch(address, {
    method: asked.method ?? (asked.json === undefined && asked.form === undefined ? 'GET' : 'POST'),
    headers,
    body: asked.json !== undefined ? JSON.stringify(asked.json) : asked.text ?? asked.form,
  })
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})) as Record<string, unknown>)
  return answer
}

export async function ask<T>(address: string, asked: Asked = {}): Promise<T> {
  return await (await send(address, asked)).json() as T
}

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
const tagOf = (answer: Response): string => (answer.headers.get('ETag') ?? '').replace(/^W\//, '').replaceAll('"', '')

// One draft at the server.
export class Drafts {
  private options_: Promise<Options> | null = null
  private readonly variables_ = new Map<string, Promise<Variable[]>>()

  constructor(readonly base: string, readonly draftUrl: string, readonly rehearsals: string, readonly timerUrl: string) {}

  draft(): Promise<Draft> { return ask(this.draftUrl) }

  async load(path: string): Promise<{ text: string, digest: string }> {
    const answer = await send(`${this.base}/files/${encoded(path)}`, { headers: { Accept: '*/*' } })
    return { text: await answer.text(), digest: tagOf(answer) }
  }

  save(path: string, text: string, digest: string | null): Promise<DraftFile> {
    const condition: Record<string, string> = digest === null ? { 'If-None-Match': '*' } : { 'If-Match': `"${digest}"` }
    return ask(`${this.base}/files/${encoded(path)}`, { method: 'PUT', text, headers: condition })
  }

  remove(path: string, digest: string): Promise<unknown> {
    return ask(`${this.base}/files/${encoded(path)}`, { method: 'DELETE', headers: { 'If-Match': `"${digest}"` } })
  }

  check(): Promise<Findings> { return ask(`${this.base}/check`, { json: {} }) }
  difference(): Promise<Difference> { return ask(`${this.base}/difference.json`) }
  layout(xml: string): Promise<{ xml: string }> { return ask(`${this.base}/layout`, { json: { xml } }) }
  request(note: string): Promise<{ url: string }> { return ask(`${this.base}/requests`, { json: { note } }) }

  options(): Promise<Options> { return this.options_ ??= ask(`${this.base}/options.json`) }

  variables(path: string, element: string): Promise<Variable[]> {
    const key = `${path}#${element}`
    const known = this.variables_.get(key)
    if (known) return known
    const asked = ask<{ variables: Variable[] }>(`${this.base}/variables.json?${new URLSearchParams({ path, element })}`)
      .then(answer => answer.variables, () => [])
    this.variables_.set(key, asked)
    return asked
  }

  // What was asked before a file changed may be answered differently now.
  forget(): void { this.options_ = null; this.variables_.clear() }

  timer(spec: string, kind: string): Promise<TimerWords> {
    return ask(`${this.timerUrl}?${new URLSearchParams({ spec, kind })}`)
  }

  expression(text: string, kind: 'expression' | 'script' | 'test'): Promise<{ is_valid: boolean, reason: string }> {
    return ask(`${this.base}/expression`, { json: { text, kind } })
  }

  async previewForm(definition: unknown): Promise<string> {
    return await (await send(`${this.base}/forms/preview`, { json: { definition, data: {} } })).text()
  }

  async previewDecision(xml: string): Promise<string> {
    return await (await send(`${this.base}/decisions/preview`, { json: { xml } })).text()
  }

  beginning(): Promise<{ data: unknown, now: string, processes: Choice[] }> { return ask(`${this.base}/rehearsals/beginning.json`) }
  rehearse(asked: { data: unknown, now?: string, process?: string }): Promise<Rehearsal> { return ask(`${this.base}/rehearsals`, { json: { ...asked, automatic: true } }) }
}

// What an entry for one kind of file offers the desk.
export interface Editor {
  text(): Promise<string>
  load(text: string): Promise<void>
  select(element: string): void
  show(findings: Finding[]): void
  mark(marks: Mark[]): void
  way?(steps: WayStep[]): void
  destroy(): void
}

export interface Opening {
  root: HTMLElement, path: string, text: string, may_edit: boolean, drafts: Drafts
  changed: () => void
  problem: (text: string) => void
}
