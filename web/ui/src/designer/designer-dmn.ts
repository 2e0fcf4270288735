import Modeler from 'dmn-js/lib/Modeler'
import { HIT_POLICIES } from 'dmn-js-decision-table/lib/features/hit-policy/HitPolicies'
import 'dmn-js/dist/assets/diagram-js.css'
import 'dmn-js/dist/assets/dmn-js-shared.css'
import 'dmn-js/dist/assets/dmn-js-decision-table.css'
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css'
import 'dmn-js/dist/assets/dmn-font/css/dmn.css'
import './table.css'
import type { Editor, Finding, Opening } from './api'
import { onlyRunning } from './dmn/policies'
import { button, el } from './elements'
import { translateModule } from './translate'
import { tell } from './words'

interface View { type: string, element: { id: string } }
interface Viewer { get(name: string): unknown }
interface DmnModeler {
  importXML(xml: string): Promise<unknown>
  saveXML(given: { format: boolean }): Promise<{ xml: string }>
  getViews(): View[]
  open(view: View): Promise<unknown>
  getActiveViewer(): Viewer | undefined
  on(event: string, act: (event: { viewer: Viewer }) => void): void
  destroy(): void
}
interface Events { on(name: string, act: () => void): void }

export async function open(opening: Opening): Promise<Editor> {
  const editor = new TableEditor(opening)
  await editor.load(opening.text)
  return editor
}

class TableEditor implements Editor {
  private readonly modeler: DmnModeler
  private readonly place = el('div', { class: 'designer-table' })
  private readonly seen = new WeakSet<object>()
  private findings: Finding[] = []
  private loading = false

  constructor(private readonly opening: Opening) {
    const common = { additionalModules: [translateModule] }
    this.modeler = new Modeler({
      container: this.place, common, drd: common, decisionTable: common, literalExpression: common, boxedExpression: common, keyboard: { bindTo: document },
    }) as unknown as DmnModeler
    const stack = (): { undo(): void, redo(): void } => this.modeler.getActiveViewer()?.get('commandStack') as { undo(): void, redo(): void }
    const bar = el('div', { class: 'designer-tools', role: 'toolbar' }, button(tell('undo'), () => stack().undo()), button(tell('redo'), () => stack().redo()))
    opening.root.replaceChildren(el('div', { class: 'designer-sheet' }, ...(opening.may_edit ? [bar] : []), this.place))
    if (!opening.may_edit) this.place.inert = true
  }

  async text(): Promise<string> { return (await this.modeler.saveXML({ format: true })).xml }

  async load(text: string): Promise<void> {
    onlyRunning(HIT_POLICIES, text)
    this.loading = true
    try {
      await this.modeler.importXML(text)
      const table = this.modeler.getViews().find(view => view.type === 'decisionTable')
      if (table) await this.modeler.open(table)
    } finally {
      this.loading = false
    }
    this.listen()
    this.show(this.findings)
  }

  private listen(): void {
    const events = this.modeler.getActiveViewer()?.get('eventBus') as Events | undefined
    if (!events || this.seen.has(events)) return
    this.seen.add(events)
    events.on('elements.changed', () => { if (!this.loading) this.opening.changed() })
  }

  show(findings: Finding[]): void {
    this.findings = findings
    for (const marked of this.place.querySelectorAll('.has-error, .has-warning')) marked.classList.remove('has-error', 'has-warning')
    for (const { element, level, message } of findings) {
      for (const cell of this.cells(element)) {
        cell.classList.add(`has-${level}`)
        cell.title = message
      }
    }
  }

  private cells(element: string | null): HTMLElement[] {
    return element ? [...this.place.querySelectorAll<HTMLElement>(`[data-element-id="${CSS.escape(element)}"], [data-row-id="${CSS.escape(element)}"], [data-col-id="${CSS.escape(element)}"]`)] : []
  }

  select(element: string): void {
    const cell = this.cells(element)[0]
    cell?.scrollIntoView({ block: 'center' })
    cell?.click()
  }

  mark(): void { /* rows that differ stand in the list of differences */ }
  destroy(): void { this.modeler.destroy() }
}
