// What the pages need to know of a diagram before it is drawn.
export interface DiagramFile { path: string, xml: string, name?: string }
export interface Diagram extends DiagramFile {
  name: string
  processes: string[]
  calls: Record<string, string>   // call activity → called process
  names: Record<string, string>   // element → name in the page's language
  aspect: number                  // height : width of the drawing
}

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'

export function readDiagram(file: DiagramFile, english: boolean): Diagram {
  const document = new DOMParser().parseFromString(file.xml, 'application/xml')
  const elements = [...document.getElementsByTagNameNS(BPMN, '*')]
  const processes = elements.filter(element => element.localName === 'process')
  if (english) {
    elements.forEach(translate)
    namePools(elements, processes)
    widenLabels(document)
  }
  return {
    path: file.path,
    xml: english ? new XMLSerializer().serializeToString(document) : file.xml,
    name: (english ? null : file.name) || processes[0]?.getAttribute('name') || file.name || file.path,
    processes: processes.map(process => process.id),
    calls: Object.fromEntries(elements.filter(calls).map(call => [call.id, call.getAttribute('calledElement') ?? ''])),
    aspect: aspect(document),
    names: Object.fromEntries(elements.filter(element => element.id).map(element => [element.id, element.getAttribute('name') ?? ''])),
  }
}

const calls = (element: Element): boolean => element.localName === 'callActivity' && element.hasAttribute('calledElement')

function aspect(document: Document): number {
  const boxes = [...document.getElementsByTagNameNS('*', 'Bounds')].map(box => ['x', 'y', 'width', 'height'].map(name => Number(box.getAttribute(name)))) as [number, number, number, number][]
  if (!boxes.length) return 0.5
  const extent = (start: 0 | 1, size: 2 | 3): number =>
    Math.max(...boxes.map(box => box[start] + box[size])) - Math.min(...boxes.map(box => box[start]))
  return extent(1, 3) / (extent(0, 2) || 1)
}

// Diagrams are drawn in Chinese; an element may carry its English name as the extension property `en`.
function translate(element: Element): void {
  const extensions = [...element.children].find(child => child.localName === 'extensionElements')
  const properties = [...extensions?.getElementsByTagName('*') ?? []].filter(child => child.localName === 'property')
  const english = properties.find(property => property.getAttribute('name') === 'en')?.getAttribute('value')
  if (english) element.setAttribute('name', english)
}

// A pool is called after the process in it.
function namePools(elements: Element[], processes: Element[]): void {
  for (const pool of elements.filter(element => element.localName === 'participant')) {
    const inside = processes.find(process => process.id === pool.getAttribute('processRef'))
    if (inside?.hasAttribute('name')) pool.setAttribute('name', inside.getAttribute('name') ?? '')
  }
}

const WIDTH = 64

// Labels are measured for Chinese: English needs room, taken on the side where the label stands.
function widenLabels(document: Document): void {
  for (const label of document.getElementsByTagNameNS('*', 'BPMNLabel')) {
    const box = child(label, 'Bounds')
    const missing = WIDTH - number(box, 'width')
    if (!box || missing <= 0) continue
    const shape = label.parentElement && child(label.parentElement, 'Bounds')
    box.setAttribute('x', String(number(box, 'x') - missing * share(box, shape ?? null)))
    box.setAttribute('width', String(WIDTH))
  }
}

const child = (element: Element, name: string): Element | undefined => [...element.children].find(child => child.localName === name)
const number = (element: Element | undefined | null, name: string): number => Number(element?.getAttribute(name) ?? 0)

// How much of the room is taken on the left: all for a label left of its shape, none right of it, else half.
function share(label: Element, shape: Element | null): number {
  if (!shape) return 0.5
  const right = number(label, 'x') + number(label, 'width')
  if (right <= number(shape, 'x') + 2) return 1
  return number(label, 'x') >= number(shape, 'x') + number(shape, 'width') - 2 ? 0 : 0.5
}

export const holding = (diagrams: Diagram[], process: string): Diagram | undefined =>
  diagrams.find(diagram => diagram.processes.includes(process))

// Callers before what they call, in the order of the calls.
export function inOrder(diagrams: Diagram[]): Diagram[] {
  const called = new Set(diagrams.flatMap(diagram => Object.values(diagram.calls)))
  const roots = diagrams.filter(diagram => !diagram.processes.some(process => called.has(process)))
  const order = new Set<Diagram>()
  const visit = (diagram: Diagram | undefined): void => {
    if (!diagram || order.has(diagram)) return
    order.add(diagram)
    for (const process of Object.values(diagram.calls)) visit(holding(diagrams, process))
  }
  for (const diagram of [...roots, ...diagrams]) visit(diagram)
  return [...order]
}
