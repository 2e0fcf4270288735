import { make, Theatre, type Crumb } from './diagram/theatre'
import type { Diagram, DiagramFile } from './diagram/bpmn'
import type { Mark } from './diagram/stage'
import { say } from './words'

interface ViewedFile extends DiagramFile { active?: string[], done?: string[], flows?: string[], cancelled?: string[] }
interface View { files: ViewedFile[], start?: string }

// <div class="diagram" data-diagram-url="…"> shows where an instance stands; call activities open in place.
async function view(root: HTMLElement): Promise<void> {
  const answer = await fetch(root.dataset.diagramUrl ?? '', { headers: { Accept: 'application/json' } })
  if (!answer.ok) throw new Error(String(answer.status))
  const { files, start } = await answer.json() as View
  const tabs = make('div', 'diagram-tabs')
  const now = make('p', 'diagram-now')
  const theatre = new Theatre(root, files, (_from, call) => descend(call))
  root.prepend(tabs)
  root.append(now)
  let way: Diagram[] = []

  const marksOf = (diagram: Diagram): ViewedFile | undefined => files.find(file => file.path === diagram.path)

  async function show(wanted: Diagram[]): Promise<void> {
    const diagram = wanted.at(-1)
    if (!diagram) return
    way = wanted
    const marks = marksOf(diagram)
    const stage = await theatre.show(diagram, marks?.active?.[0])
    stage.mark(marking(marks))
    theatre.crumbs(way.map((step, index): Crumb => ({ label: step.name, go: () => void show(way.slice(0, index + 1)) })))
    for (const [index, tab] of [...tabs.children].entries()) tab.setAttribute('aria-pressed', String(theatre.diagrams[index] === diagram))
    now.textContent = marks?.active?.length ? say('nowAt', { names: marks.active.map(id => stage.nameOf(id)).join(say('comma')) }) : ''
  }

  function descend(call: string): void {
    const called = theatre.holding(way.at(-1)?.calls[call] ?? '')
    if (called) void show([...way, called])
  }

  if (theatre.diagrams.length > 1) {
    tabs.setAttribute('role', 'group')
    tabs.setAttribute('aria-label', say('diagrams'))
    for (const diagram of theatre.diagrams) {
      const tab = make('button', marksOf(diagram)?.active?.length ? 'has-position' : '')
      tab.type = 'button'
      tab.textContent = diagram.name
      tab.addEventListener('click', () => void show(pathTo(theatre.diagrams, diagram)))
      tabs.append(tab)
    }
  }
  await show(pathTo(theatre.diagrams, starting(theatre.diagrams, files, start)))
}

function marking(file: ViewedFile | undefined): Map<string, Mark> {
  const marks = new Map<string, Mark>()
  for (const id of file?.flows ?? []) marks.set(id, 'flow')
  for (const id of file?.cancelled ?? []) marks.set(id, 'cancelled')
  for (const id of file?.done ?? []) marks.set(id, 'done')
  for (const id of file?.active ?? []) marks.set(id, 'active')
  return marks
}

// The diagram asked for; else the deepest one in which something waits; else the first.
function starting(diagrams: Diagram[], files: ViewedFile[], start: string | undefined): Diagram | undefined {
  const active = (diagram: Diagram): boolean => !!files.find(file => file.path === diagram.path)?.active?.length
  const waiting = diagrams.filter(active).sort((a, b) => pathTo(diagrams, b).length - pathTo(diagrams, a).length)
  return diagrams.find(diagram => diagram.path === start) ?? waiting[0] ?? diagrams[0]
}

// From a diagram that nobody calls down to this one.
function pathTo(diagrams: Diagram[], diagram: Diagram | undefined, seen: Diagram[] = []): Diagram[] {
  if (!diagram) return []
  const caller = diagrams.find(other => !seen.includes(other) && other !== diagram
    && Object.values(other.calls).some(process => diagram.processes.includes(process)))
  return caller ? [...pathTo(diagrams, caller, [...seen, diagram]), diagram] : [diagram]
}

function dress(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>('[data-diagram-url]')) {
    if (place.dataset.diagramReady) continue
    place.dataset.diagramReady = 'yes'
    view(place).catch((problem: unknown) => {
      console.error(problem)
      place.replaceChildren(Object.assign(make('p', 'diagram-problem'), { textContent: say('diagramFailed') }))
    })
  }
}

dress(document)
document.addEventListener('htmx:load', event => dress(event.target as HTMLElement))
