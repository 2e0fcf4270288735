import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer'
import 'bpmn-js/dist/assets/diagram-js.css'
import 'bpmn-js/dist/assets/bpmn-js.css'
import './designer.css'
import { ask, type Difference, type Mark } from './api'
import { button, el } from './elements'
import { Marks } from './marks'
import { tell } from './words'

// Two states of a diagram over each other: what was removed is marked in the upper one, what is new in the lower.
async function difference(root: HTMLElement): Promise<void> {
  const found = await ask<Difference>(root.dataset.differenceUrl ?? '')
  const tabs = el('div', { class: 'designer-tabs', role: 'tablist' })
  const stage = el('div', { class: 'designer-pair' })
  root.replaceChildren(tabs, stage)
  root.classList.add('designer-difference')
  const diagrams = found.diagrams.filter(one => one.marks.length || !one.before || !one.after)
  const shows = diagrams.map(({ path, before, after, marks }) => {
    const place = el('div', { hidden: true })
    const show = async (): Promise<void> => {
      for (const other of stage.children) (other as HTMLElement).hidden = other !== place
      for (const other of tabs.children) other.setAttribute('aria-selected', String(other === tab))
      if (!place.childElementCount) await draw(place, before, after, marks)
    }
    const tab = button(path.replace('.bpmn', ''), () => void show(), 'designer-tab', { role: 'tab' })
    tabs.append(tab)
    stage.append(place)
    return show
  })
  await shows[0]?.()
}

async function draw(place: HTMLElement, before: string | null, after: string | null, marks: Mark[]): Promise<void> {
  for (const [side, xml] of [['before', before], ['after', after]] as const) {
    if (!xml) continue
    const canvas = el('div', { class: 'designer-pair-canvas' })
    place.append(el('h3', { text: tell(side) }), canvas)
    const viewer = new NavigatedViewer({ container: canvas })
    await viewer.importXML(xml)
    viewer.get<{ zoom(to: string, centre: string): void }>('canvas').zoom('fit-viewport', 'auto')
    new Marks(viewer, 'change').changes(before && after ? marks.filter(mark => mark.side !== (side === 'before' ? 'after' : 'before')) : [])
  }
}

const place = document.getElementById('difference')
if (place) void difference(place).catch((problem: unknown) => console.error(problem))
