import { Theatre } from '../diagram/theatre'
import type { DraftFile, Drafts } from './api'
import { el } from './elements'
import { tell } from './words'

// On a phone: to look at, not to edit.
export async function look(place: HTMLElement, drafts: Drafts, file: DraftFile): Promise<void> {
  const { text } = await drafts.load(file.path)
  if (file.kind === 'bpmn') {
    const picture = el('div', { class: 'diagram' })
    place.replaceChildren(picture)
    const theatre = new Theatre(picture, [{ path: file.path, xml: text }], () => {})
    const diagram = theatre.diagrams[0]
    if (diagram) await theatre.show(diagram)
  } else {
    const drawn = el('div', { class: 'designer-preview' })
    try {
      drawn.innerHTML = file.kind === 'dmn' ? await drafts.previewDecision(text) : await drafts.previewForm(JSON.parse(text))
    } catch {
      drawn.append(el('p', { text: tell('previewFailed') }))
    }
    place.replaceChildren(drawn)
  }
}
