import type { Difference, Finding, Findings, Foreign, Property, WayStep } from './api'
import { button, el } from './elements'
import { wayWalker } from './way'
import { tell } from './words'

export interface Spot { path: string, element: string | null }

// The server's findings first and whole; advice on an element of which they speak already would say the same again.
export function together(found: Finding[], advised: Finding[]): Finding[] {
  const spoken = new Set(found.map(finding => `${finding.path}#${finding.element}`))
  const once = new Map(advised.filter(one => !spoken.has(`${one.path}#${one.element}`)).map(one => [`${one.code} ${one.path}#${one.element}`, one]))
  return [...found, ...once.values()]
}

export function findingsList(result: Findings | null, foreign: Foreign[], go: (spot: Spot) => void, lead: (sofar: WayStep[]) => void): HTMLElement {
  const list = el('div', { class: 'designer-list' })
  if (!result) list.append(el('p', { class: 'text-secondary', text: tell('unchecked') }))
  else {
    const time = el('span', { class: 'text-secondary', text: tell('checkedIn', { count: result.milliseconds }) })
    if (result.findings.length) list.append(time, el('ol', {}, ...byPath(result.findings).map(finding => findingLine(finding, go, lead))))
    else list.append(el('p', { class: 'designer-fine', text: tell('noFindings') }), time)
  }
  if (foreign.length) {
    list.append(el('h3', { text: tell('foreign') }), el('ul', {}, ...foreign.map(({ path, element, name, line }) =>
      el('li', {}, button(`${path} · ${name}`, () => go({ path, element }), 'designer-link'), line ? ` ${tell('line', { count: line })}` : ''))))
  }
  return list
}

function byPath(findings: Finding[]): Finding[] {
  const rank = (finding: Finding): number => finding.level === 'error' ? 0 : 1
  return [...findings].sort((a, b) => rank(a) - rank(b))
}

function findingLine(finding: Finding, go: (spot: Spot) => void, lead: (sofar: WayStep[]) => void): HTMLElement {
  const place = [finding.path, finding.name || finding.element || (finding.line ? tell('line', { count: finding.line }) : '')].filter(Boolean).join(' · ')
  return el('li', { class: `is-${finding.level}`, 'data-finding': finding.code },
    el('span', { class: `designer-badge is-${finding.level}`, text: tell(finding.level) }), ' ',
    button(place, () => go(finding), 'designer-link'), ' ',
    el('span', { text: finding.message }),
    finding.mend && el('div', { class: 'designer-mend' }, el('strong', { text: tell('mend') }), finding.mend),
    !!finding.steps?.length && wayWalker(finding.steps, lead))
}

export function differenceList(difference: Difference, go: (spot: Spot) => void): HTMLElement {
  const list = el('div', { class: 'designer-list' })
  if (!difference.against) list.append(el('p', { text: tell('differenceNew') }))
  else if (difference.is_same) list.append(el('p', { class: 'designer-fine', text: tell('differenceNone') }))
  else list.append(el('p', { class: 'text-secondary', text: tell('differenceAgainst', { number: difference.against.number }) }))
  if (difference.is_same || !difference.against) return list
  list.append(el('ul', {}, ...difference.files.filter(file => file.change === 'added' || file.change === 'removed').map(file => line(file.change, file.path, () => go({ path: file.path, element: null })))))
  for (const diagram of difference.diagrams) {
    if (!diagram.before || !diagram.after || !diagram.marks.length) continue
    list.append(el('h3', { text: diagram.path }), el('ul', {}, ...diagram.marks.filter(mark => mark.change !== 'moved').map(mark =>
      line(mark.change, mark.name || mark.element, () => go({ path: diagram.path, element: mark.element }), properties(mark.properties)))))
  }
  for (const table of difference.decisions) {
    if (table.change !== 'changed') continue
    list.append(el('h3', { text: table.name }), el('ul', {}, ...table.rules.map(rule => line(rule.change, tell('row', { number: rule.number }),
      () => go({ path: table.path, element: null }), cells(rule.before, rule.after)))))
  }
  for (const form of difference.forms) {
    if (!form.fields.length) continue
    list.append(el('h3', { text: form.title || form.path }), el('ul', {}, ...form.fields.map(field =>
      line(field.change, field.label || field.key, () => go({ path: form.path, element: field.key }), properties(field.properties)))))
  }
  return list
}

const line = (change: 'added' | 'removed' | 'changed' | 'moved', label: string, act: () => void, detail?: HTMLElement | null): HTMLElement =>
  el('li', {}, el('span', { class: `designer-badge is-${change}`, text: tell(change) }), ' ', button(label, act, 'designer-link'), detail)

export function properties(changed: Property[]): HTMLElement | null {
  if (!changed.length) return null
  return el('dl', { class: 'designer-changes' }, ...changed.flatMap(({ label, before, after }) =>
    [el('dt', { text: label }), el('dd', {}, el('del', { text: shown(before) }), ' → ', el('ins', { text: shown(after) }))]))
}

const shown = (value: unknown): string => value === null || value === '' || value === undefined ? tell('nothing') : typeof value === 'string' ? value : JSON.stringify(value)

function cells(before: string[] | null, after: string[] | null): HTMLElement | null {
  return el('div', {}, before && el('del', { text: before.join(' | ') }), before && after ? ' → ' : '', after && el('ins', { text: after.join(' | ') }))
}
