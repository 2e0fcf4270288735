import { FormEditor } from '@bpmn-io/form-js-editor'
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css'
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css'
import '@bpmn-io/form-js-editor/dist/assets/properties-panel.css'
import './form.css'
import type { Editor, Finding, Opening } from './api'
import { Refused } from './api'
import { button, el } from './elements'
import { paletteModule } from './form/palette'
import { ours } from './form/schema'
import { tell } from './words'

interface Registry { getAll(): { id: string, key?: string }[] }
interface FormJs {
  importSchema(schema: unknown): Promise<unknown>
  saveSchema(): Record<string, unknown>
  on(event: string, act: () => void): void
  get(name: string): unknown
  destroy(): void
}
interface Stack { undo(): void, redo(): void }

export async function open(opening: Opening): Promise<Editor> {
  const editor = new FormDesigner(opening)
  await editor.load(opening.text)
  return editor
}

class FormDesigner implements Editor {
  private readonly editor: FormJs
  private readonly place = el('div', { class: 'designer-form' })
  private readonly preview = el('div', { class: 'designer-preview', hidden: true })
  private loading = false
  private findings: Finding[] = []

  constructor(private readonly opening: Opening) {
    this.editor = new FormEditor({ container: this.place, additionalModules: [paletteModule] } as never) as unknown as FormJs
    this.editor.on('commandStack.changed', () => { if (!this.loading) { opening.changed(); void this.refresh() } })
    const stack = (): Stack => this.editor.get('commandStack') as Stack
    const look = button(tell('preview'), () => this.toggle(look), 'btn btn-sm', { 'aria-pressed': 'false' })
    const bar = el('div', { class: 'designer-tools', role: 'toolbar' },
      ...(opening.may_edit ? [button(tell('undo'), () => stack().undo()), button(tell('redo'), () => stack().redo())] : []), look)
    opening.root.replaceChildren(el('div', { class: 'designer-sheet' }, bar, el('div', { class: 'designer-split' }, this.place, this.preview)))
    if (!opening.may_edit) this.place.inert = true
  }

  text(): Promise<string> {
    return Promise.resolve(JSON.stringify(ours(this.editor.saveSchema()), null, 2) + '\n')
  }

  async load(text: string): Promise<void> {
    this.loading = true
    try {
      await this.editor.importSchema(JSON.parse(text))
    } finally {
      this.loading = false
    }
    this.show(this.findings)
    await this.refresh()
  }

  private toggle(look: HTMLElement): void {
    this.preview.hidden = !this.preview.hidden
    look.setAttribute('aria-pressed', String(!this.preview.hidden))
    void this.refresh()
  }

  // Drawn by the server, as the task page will draw it.
  private async refresh(): Promise<void> {
    if (this.preview.hidden) return
    const head = el('p', { class: 'text-secondary', text: tell('previewNote') })
    try {
      const drawn = el('div', {})
      drawn.innerHTML = await this.opening.drafts.previewForm(ours(this.editor.saveSchema()))
      this.preview.replaceChildren(head, drawn)
    } catch (refused) {
      const reasons = refused instanceof Refused ? (refused.body.findings as Finding[] | undefined ?? []).map(finding => el('li', { text: finding.message })) : []
      this.preview.replaceChildren(head, el('p', { text: tell('previewFailed') }), el('ul', {}, ...reasons))
    }
  }

  show(findings: Finding[]): void {
    this.findings = findings
    for (const marked of this.place.querySelectorAll('.has-error, .has-warning')) marked.classList.remove('has-error', 'has-warning')
    for (const { element, level, message } of findings) {
      const field = element && this.field(element)
      if (!field) continue
      field.classList.add(`has-${level}`)
      field.title = message
    }
  }

  private field(name: string): HTMLElement | null {
    const registry = this.editor.get('formFieldRegistry') as Registry
    const found = registry.getAll().find(field => field.key === name || field.id === name)
    return found ? this.place.querySelector<HTMLElement>(`[data-id="${CSS.escape(found.id)}"]`) : null
  }

  select(element: string): void {
    const field = this.field(element)
    field?.scrollIntoView({ block: 'center' })
    field?.click()
  }

  mark(): void { /* fields that differ stand in the list of differences */ }
  destroy(): void { this.editor.destroy() }
}
