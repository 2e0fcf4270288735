// A timer or a due date as people say it: until when (deadline) or half way (reminder), and how long.
export type Span = { kind: 'setting', key: string } | { kind: 'period', spec: string } | { kind: 'expression', source: string }
export interface Timer { kind: 'deadline' | 'reminder' | 'expression', span: Span }

const SETTING = /^settings\[\s*(["'])([\w.]+)\1\s*\]$/
const PERIOD = /^(["'])(\d+(?:wd|d|h|m|s))\1$/
const CALL = /^(deadline|reminder)\((.+)\)$/s

export function readSpan(source: string): Span {
  const trimmed = source.trim()
  const setting = SETTING.exec(trimmed)?.[2]
  if (setting) return { kind: 'setting', key: setting }
  const spec = PERIOD.exec(trimmed)?.[2]
  return spec ? { kind: 'period', spec } : { kind: 'expression', source: trimmed }
}

export function saySpan(span: Span): string {
  if (span.kind === 'setting') return `settings["${span.key}"]`
  return span.kind === 'period' ? `"${span.spec}"` : span.source
}

export function readTimer(source: string): Timer {
  const call = CALL.exec(source.trim())
  if (!call) return { kind: 'expression', span: { kind: 'expression', source: source.trim() } }
  return { kind: call[1] as 'deadline' | 'reminder', span: readSpan(call[2] ?? '') }
}

export function sayTimer(timer: Timer): string {
  const said = saySpan(timer.span)
  return timer.kind === 'expression' ? said : said && `${timer.kind}(${said})`
}

export function readSpec(spec: string): { count: number, unit: string } {
  const found = /^(\d+)(wd|d|h|m|s)$/.exec(spec)
  return { count: Number(found?.[1] ?? 1), unit: found?.[2] ?? 'wd' }
}
