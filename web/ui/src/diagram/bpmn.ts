// What the pages need to know of a diagram before it is drawn.
export interface DiagramFile { path: string, xml: string, name?: string }
export interface Diagram extends DiagramFile {
  name: string
  processes: string[]
  calls: Record<string, string>   // call activity → called process
  names: Record<string, string>   // element → name in the page's language
}

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'

export function readDiagram(file: DiagramFile, english: boolean): Diagram {
  const document = new DOMParser().parseFromString(file.xml, 'application/xml')
  const elements = [...document.getElementsByTagNameNS(BPMN, '*')]
  if (english) elements.forEach(translate)
  const processes = elements.filter(element => element.localName === 'process')
  return {
    path: file.path,
    xml: english ? new XMLSerializer().serializeToString(document) : file.xml,
    name: (english ? null : file.name) || processes[0]?.getAttribute('name') || file.name || file.path,
    processes: processes.map(process => process.id),
    calls: Object.fromEntries(elements.filter(calls).map(call => [call.id, call.getAttribute('calledElement') ?? ''])),
    names: Object.fromEntries(elements.filter(element => element.id).map(element => [element.id, element.getAttribute('name') ?? ''])),
  }
}

const calls = (element: Element): boolean => element.localName === 'callActivity' && element.hasAttribute('calledElement')

// Diagrams are drawn in Chinese; an element may carry its English name as the extension property `en`.
function translate(element: Element): void {
  const extensions = [...element.children].find(child => child.localName === 'extensionElements')
  const properties = [...extensions?.getElementsByTagName('*') ?? []].filter(child => child.localName === 'property')
  const english = properties.find(property => property.getAttribute('name') === 'en')?.getAttribute('value')
  if (english) element.setAttribute('name', english)
}

export const holding = (diagrams: Diagram[], process: string): Diagram | undefined =>
  diagrams.find(diagram => diagram.processes.includes(process))
