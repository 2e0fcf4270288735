import { el } from './elements'
import type { Finding, Mark, WayStep } from './api'
import { tell } from './words'

interface Canvas { addMarker(id: string, marker: string): void, removeMarker(id: string, marker: string): void }
interface Overlays { add(id: string, type: string, given: unknown): string, remove(filter: { type: string }): void }
interface Registry { get(id: string): { waypoints?: unknown[] } | undefined }
export interface Services { get(name: string): unknown }

// Marks on the elements of one diagram: what the check found, what differs from the version in force.
export class Marks {
  private marked: [string, string][] = []

  constructor(private readonly services: Services, private readonly kind: 'finding' | 'change' | 'way') {}

  private get canvas(): Canvas { return this.services.get('canvas') as Canvas }
  private get overlays(): Overlays { return this.services.get('overlays') as Overlays }
  private has(id: string): boolean { return !!(this.services.get('elementRegistry') as Registry).get(id) }

  clear(): void {
    for (const [id, marker] of this.marked) if (this.has(id)) this.canvas.removeMarker(id, marker)
    this.marked = []
    this.overlays.remove({ type: this.kind })
  }

  findings(findings: Finding[]): void {
    this.clear()
    const byElement = new Map<string, Finding[]>()
    for (const finding of findings) if (finding.element && this.has(finding.element)) byElement.set(finding.element, [...byElement.get(finding.element) ?? [], finding])
    for (const [id, found] of byElement) {
      const level = found.some(finding => finding.level === 'error') ? 'error' : 'warning'
      const text = found.map(finding => `${tell(finding.level)}：${finding.message}${finding.mend ? `\n${tell('mend')}${finding.mend}` : ''}`).join('\n')
      this.mark(id, `has-${level}`, `designer-badge is-${level}`, level === 'error' ? '!' : '?', text, { top: -12, right: 12 })
    }
  }

  changes(marks: Mark[]): void {
    this.clear()
    for (const mark of marks) {
      if (!this.has(mark.element)) continue
      const details = mark.properties.map(({ label, before, after }) => `${label}：${before || tell('nothing')} → ${after || tell('nothing')}`)
      this.mark(mark.element, `is-${mark.change}`, `designer-badge is-${mark.change}`, tell(mark.change), [tell(mark.change), ...details].join('\n'), { top: -12, left: -6 })
    }
  }

  // The way so far; the last step is where it stands.
  way(steps: WayStep[]): void {
    this.clear()
    const here = steps[steps.length - 1]
    for (const { element } of steps) if (this.has(element)) this.point(element, element === here?.element ? 'is-way-here' : 'is-way')
  }

  private point(id: string, marker: string): void {
    this.canvas.addMarker(id, marker)
    this.marked.push([id, marker])
  }

  private mark(id: string, marker: string, style: string, text: string, title: string, position: Record<string, number>): void {
    this.point(id, marker)
    this.overlays.add(id, this.kind, { position, html: el('span', { class: style, text, title }) })
  }
}
