import Modeler from 'bpmn-js/lib/Modeler'
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel'
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything'
import MinimapModule from 'diagram-js-minimap'
import 'bpmn-js/dist/assets/diagram-js.css'
import 'bpmn-js/dist/assets/bpmn-js.css'
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css'
import '@bpmn-io/properties-panel/assets/properties-panel.css'
import 'diagram-js-minimap/assets/diagram-js-minimap.css'
import './panel.css'
import type { Editor, Finding, Mark, Opening, WayStep } from './api'
import type { Desk } from './bpmn/entries'
import moddle from './bpmn/moddle.json'
import { offeredModule } from './bpmn/offered'
import { providerModule } from './bpmn/provider'
import { button, el } from './elements'
import { Marks } from './marks'
import { translateModule } from './translate'
import { tell } from './words'

interface Canvas { zoom(to: string | number, centre?: unknown): number, scrollToElement(element: unknown, margin?: number): void, viewbox(box?: unknown): { inner: { x: number, y: number, width: number, height: number }, outer: { width: number, height: number } }, resized(): void }
interface Events { on(name: string, priority: number, act: () => unknown): void }
interface Stack { undo(): void, redo(): void, canUndo(): boolean, canRedo(): boolean }

export async function open(opening: Opening): Promise<Editor> {
  const editor = new DiagramEditor(opening, { options: await opening.drafts.options(), drafts: opening.drafts, path: opening.path, may_edit: opening.may_edit })
  await editor.load(opening.text)
  return editor
}

class DiagramEditor implements Editor {
  private readonly modeler: Modeler
  private readonly found: Marks
  private readonly differing: Marks
  private readonly led: Marks
  private loading = false
  private unlaid = ''

  constructor(private readonly opening: Opening, desk: Desk) {
    const canvas = el('div', { class: 'designer-canvas' })
    const panel = el('div', { class: 'designer-panel', 'aria-label': tell('diagram') })
    this.modeler = new Modeler({
      container: canvas,
      propertiesPanel: { parent: panel, layout: { groups: {} } },
      moddleExtensions: { spiffworkflow: moddle },
      textRenderer: { defaultStyle: { fontFamily: FONT }, externalStyle: { fontFamily: FONT } },
      additionalModules: [
        translateModule, BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CreateAppendAnythingModule, MinimapModule,
        offeredModule, providerModule, { desk: ['value', desk] },
      ],
    } as ConstructorParameters<typeof Modeler>[0])
    canvas.append(this.bar())
    opening.root.replaceChildren(el('div', { class: 'designer-split' }, canvas, panel))
    this.found = new Marks(this.modeler, 'finding')
    this.differing = new Marks(this.modeler, 'change')
    this.led = new Marks(this.modeler, 'way')
    const events = this.modeler.get<Events>('eventBus')
    events.on('commandStack.changed', 1000, () => { if (!this.loading) { this.buttons(); opening.changed() } })
    if (!opening.may_edit) for (const attempt of CHANGES) events.on(attempt, 10_000, () => false)
  }

  private bar(): HTMLElement {
    const stack = (): Stack => this.modeler.get<Stack>('commandStack')
    const tool = (word: 'undo' | 'redo' | 'search' | 'fit' | 'layout' | 'layoutBack', act: () => void): HTMLElement => button(tell(word), act, 'btn btn-sm', { 'data-tool': word })
    return el('div', { class: 'designer-tools', role: 'toolbar' },
      ...(this.opening.may_edit ? [tool('undo', () => stack().undo()), tool('redo', () => stack().redo())] : []),
      tool('search', () => this.modeler.get<{ toggle(): void }>('searchPad').toggle()),
      tool('fit', () => this.fit()),
      ...(this.opening.may_edit ? [tool('layout', () => void this.layout()), tool('layoutBack', () => void this.layoutBack())] : []))
  }

  private buttons(): void {
    const stack = this.modeler.get<Stack>('commandStack')
    const set = (name: string, is: boolean): void => { const found = this.opening.root.querySelector<HTMLButtonElement>(`[data-tool=${name}]`); if (found) found.disabled = !is }
    set('undo', stack.canUndo())
    set('redo', stack.canRedo())
    this.opening.root.querySelector<HTMLElement>('[data-tool=layoutBack]')?.toggleAttribute('hidden', !this.unlaid)
  }

  async text(): Promise<string> {
    return (await this.modeler.saveXML({ format: true })).xml ?? ''
  }

  async load(text: string): Promise<void> {
    this.loading = true
    try {
      await this.modeler.importXML(text)
    } finally {
      this.loading = false
    }
    this.fit()
    setTimeout(() => this.minimap(), 100)
    this.buttons()
  }

  // Legible first: the whole diagram when that can be read, else its beginning at the left.
  private fit(): void {
    const canvas = this.modeler.get<Canvas>('canvas')
    canvas.resized()
    canvas.zoom('fit-viewport', 'auto')
    const { inner, outer } = canvas.viewbox()
    const left = 32 + (this.opening.root.querySelector<HTMLElement>('.djs-palette')?.offsetWidth ?? 60)
    const scale = Math.min(1, Math.max(0.65, Math.min((outer.width - left - 20) / inner.width, (outer.height - 80) / inner.height)))
    canvas.viewbox({ x: inner.x - left / scale, y: inner.y - 56 / scale, width: outer.width / scale, height: outer.height / scale })
  }

  private minimap(): void {
    if (!this.opening.root.isConnected) return
    const minimap = this.modeler.get<{ open(): void, isOpen(): boolean }>('minimap')
    if (!minimap.isOpen()) minimap.open()
  }

  private async layout(): Promise<void> {
    const before = await this.text()
    try {
      const { xml } = await this.opening.drafts.layout(before)
      this.unlaid = before
      await this.load(xml)
      this.opening.changed()
    } catch (refused) {
      this.opening.problem(String((refused as Error).message))
    }
  }

  private async layoutBack(): Promise<void> {
    const before = this.unlaid
    this.unlaid = ''
    await this.load(before)
    this.opening.changed()
  }

  select(id: string): void {
    const element = this.modeler.get<{ get(id: string): unknown }>('elementRegistry').get(id)
    if (!element) return
    this.modeler.get<{ select(element: unknown): void }>('selection').select(element)
    this.modeler.get<Canvas>('canvas').scrollToElement(element, 120)
  }

  show(findings: Finding[]): void { this.found.findings(findings) }
  mark(marks: Mark[]): void { this.differing.changes(marks) }
  way(steps: WayStep[]): void { this.led.way(steps) }
  destroy(): void { this.modeler.destroy() }
}

const CHANGES = ['shape.move.start', 'connect.start', 'create.start', 'resize.start', 'bendpoint.move.start', 'connectionSegment.move.start', 'spaceTool.selection.start', 'element.dblclick', 'keyboard.keydown']
const FONT = '"Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'
