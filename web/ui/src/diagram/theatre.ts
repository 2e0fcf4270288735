import { icon, type Icon } from '../icons'
import { isEnglish, say } from '../words'
import { holding, inOrder, readDiagram, type Diagram, type DiagramFile } from './bpmn'
import { Stage } from './stage'

export interface Crumb { label: string, go: () => void }

// Several diagrams on one spot, one of them shown, with its controls, its legend and the way to it.
export class Theatre {
  readonly diagrams: Diagram[]
  private readonly stages = new Map<Diagram, Stage>()
  private readonly trail = make('nav', 'diagram-trail')
  private readonly canvas = make('div', 'diagram-canvas')
  private shown: Stage | null = null

  constructor(root: HTMLElement, files: DiagramFile[], private readonly opened: (from: Diagram, call: string) => void) {
    this.diagrams = inOrder(files.map(file => readDiagram(file, isEnglish())))
    this.canvas.style.setProperty('--aspect', String(Math.max(...this.diagrams.map(diagram => diagram.aspect))))
    this.trail.setAttribute('aria-label', say('path'))
    const controls = make('div', 'diagram-controls')
    controls.append(
      control('plus', say('zoomIn'), () => this.shown?.zoom(1)),
      control('minus', say('zoomOut'), () => this.shown?.zoom(-1)),
      control('fit', say('fit'), () => this.shown?.fit(true)),
    )
    const head = make('div', 'diagram-head')
    head.append(this.trail, controls)
    root.replaceChildren(head, this.canvas, legend())
    let width = 0
    new ResizeObserver(([entry]) => {
      const wide = entry?.contentRect.width
      if (!wide) return   // out of sight: there is nothing to fit into
      if (width && width !== wide && this.shown?.isFitted) this.shown.fit()
      width = wide
    }).observe(this.canvas)
  }

  holding(process: string): Diagram | undefined { return holding(this.diagrams, process) }

  async show(diagram: Diagram, around = ''): Promise<Stage> {
    const stage = this.stages.get(diagram) ?? this.build(diagram)
    if (this.shown !== stage) {
      for (const other of this.stages.values()) other.container.hidden = other !== stage
      this.shown = stage
    }
    await stage.draw()
    if (!stage.isFitted) stage.fit()
    if (around) stage.centre(around)
    return stage
  }

  private build(diagram: Diagram): Stage {
    const container = make('div', 'diagram-stage')
    this.canvas.append(container)
    const stage = new Stage(container, diagram, call => this.opened(diagram, call))
    this.stages.set(diagram, stage)
    return stage
  }

  // "党务公开 › 实施公开": the last one is where we are.
  crumbs(crumbs: Crumb[]): void {
    const list = make('ol', 'breadcrumb')
    crumbs.forEach((crumb, index) => {
      const item = make('li', 'breadcrumb-item')
      if (index === crumbs.length - 1) {
        item.textContent = crumb.label
        item.setAttribute('aria-current', 'location')
      } else {
        const link = make('button', 'btn-link')
        link.type = 'button'
        link.textContent = crumb.label
        link.addEventListener('click', crumb.go)
        item.append(link)
      }
      list.append(item)
    })
    this.trail.replaceChildren(list)
  }
}

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = ''): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(tag), { className })
}

function control(sign: Icon, label: string, act: () => void): HTMLButtonElement {
  const button = make('button', 'diagram-control')
  button.type = 'button'
  button.append(icon(sign))
  button.title = label
  button.setAttribute('aria-label', label)
  button.addEventListener('click', act)
  return button
}

function legend(): HTMLElement {
  const list = make('ul', 'diagram-legend')
  for (const [kind, word] of [['active', 'legendActive'], ['done', 'legendDone'], ['cancelled', 'legendCancelled'], ['flow', 'legendFlow']] as const) {
    const item = make('li', `legend-${kind}`)
    item.textContent = say(word)
    list.append(item)
  }
  return list
}
