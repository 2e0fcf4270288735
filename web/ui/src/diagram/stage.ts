import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer'
import type Canvas from 'diagram-js/lib/core/Canvas'
import type ElementRegistry from 'diagram-js/lib/core/ElementRegistry'
import type EventBus from 'diagram-js/lib/core/EventBus'
import type Overlays from 'diagram-js/lib/features/overlays/Overlays'
import type ZoomScroll from 'diagram-js/lib/navigation/zoomscroll/ZoomScroll'
import 'bpmn-js/dist/assets/diagram-js.css'
import 'bpmn-js/dist/assets/bpmn-js.css'
import './diagram.css'
import { icon } from '../icons'
import { say } from '../words'
import type { Diagram } from './bpmn'
import { touch } from './touch'

export type Mark = 'active' | 'done' | 'cancelled' | 'flow'
const MARKS: Mark[] = ['active', 'done', 'cancelled', 'flow']
const SVG = 'http://www.w3.org/2000/svg'
const LEGIBLE = { phone: 0.6, desk: 0.33 }
const WATERMARK = 36
const MARGIN = 12

interface Box { x: number, y: number, width: number, height: number }
const isBox = (shape: Partial<Box> | undefined): shape is Box => shape?.x !== undefined && shape.width !== undefined

export interface Token { key: string, flow: string, part: number }

// One diagram, drawn once; what is marked on it changes.
export class Stage {
  private readonly viewer: NavigatedViewer
  private readonly marked = new Map<string, Mark>()
  private readonly badges = new Map<string, { count: number, overlay: string }>()
  private readonly dots = new Map<string, { dot: SVGCircleElement, path: SVGGeometryElement, length: number }>()
  private drawn: Promise<void> | null = null
  private fitted = false
  private looked = ''

  constructor(readonly container: HTMLElement, readonly diagram: Diagram, private readonly open: (call: string) => void) {
    this.viewer = new NavigatedViewer({ container })
  }

  draw(): Promise<void> {
    return this.drawn ??= this.import()
  }

  private async import(): Promise<void> {
    await this.viewer.importXML(this.diagram.xml)
    this.label()
    this.offerCalls()
    const wheel = this.viewer.get<ZoomScroll>('zoomScroll')
    wheel.toggle(false)   // the wheel scrolls the page until the diagram has been clicked
    this.container.addEventListener('pointerdown', () => wheel.toggle(true))
    this.container.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') wheel.toggle(false) })
    touch(this.container, this.canvas)
  }

  private get canvas(): Canvas { return this.viewer.get<Canvas>('canvas') }
  private get registry(): ElementRegistry { return this.viewer.get<ElementRegistry>('elementRegistry') }

  private label(): void {
    const drawing = this.container.querySelector<SVGElement>('.djs-container > svg')
    drawing?.setAttribute('role', 'img')
    drawing?.setAttribute('aria-label', `${say('diagram')}：${this.diagram.name}`)
  }

  private offerCalls(): void {
    for (const [id, process] of Object.entries(this.diagram.calls)) {
      if (!process || !this.has(id)) continue
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'diagram-call'
      button.append(icon('open'))
      button.title = say('open', { name: this.nameOf(id) })
      button.setAttribute('aria-label', button.title)
      button.addEventListener('click', () => this.open(id))
      this.viewer.get<Overlays>('overlays').add(id, 'call', { position: { bottom: 14, right: 14 }, html: button })
    }
    this.viewer.get<EventBus>('eventBus').on('element.dblclick', (event: { element: { id: string } }) => {
      if (this.diagram.calls[event.element.id]) this.open(event.element.id)
    })
  }

  has(id: string): boolean { return this.registry.get(id) !== undefined }

  nameOf(id: string): string { return this.diagram.names[id] || id }

  // Every element in `wanted` gets its mark, every other loses it. Elements the diagram does not have are passed over.
  mark(wanted: Map<string, Mark>): void {
    for (const [id, mark] of this.marked) {
      if (wanted.get(id) === mark) continue
      this.canvas.removeMarker(id, `is-${mark}`)
      this.marked.delete(id)
    }
    for (const [id, mark] of wanted) {
      if (this.marked.get(id) === mark || !this.has(id)) continue
      for (const other of MARKS) if (other !== mark) this.canvas.removeMarker(id, `is-${other}`)
      this.canvas.addMarker(id, `is-${mark}`)
      this.marked.set(id, mark)
    }
  }

  // A number on every element that was passed more than once.
  count(times: Map<string, number>): void {
    const overlays = this.viewer.get<Overlays>('overlays')
    for (const [id, badge] of this.badges) {
      if (times.get(id) === badge.count) continue
      overlays.remove(badge.overlay)
      this.badges.delete(id)
    }
    for (const [id, count] of times) {
      if (count < 2 || this.badges.has(id) || !this.has(id)) continue
      const html = Object.assign(document.createElement('span'), { className: 'diagram-times', textContent: say('times', { count }) })
      this.badges.set(id, { count, overlay: overlays.add(id, 'times', { position: { top: -12, left: 8 }, html }) })
    }
  }

  move(tokens: Token[]): void {
    const live = new Set<string>()
    for (const { key, flow, part } of tokens) {
      const at = this.dots.get(key) ?? this.token(key, flow)
      if (!at) continue
      live.add(key)
      const point = at.path.getPointAtLength(at.length * part)
      at.dot.setAttribute('cx', String(point.x))
      at.dot.setAttribute('cy', String(point.y))
    }
    for (const [key, { dot }] of this.dots) {
      if (live.has(key)) continue
      dot.remove()
      this.dots.delete(key)
    }
  }

  private token(key: string, flow: string) {
    // A bare `path` would find the arrow head's path first.
    const path = this.has(flow) ? this.canvas.getGraphics(flow).querySelector<SVGGeometryElement>('.djs-visual > path') : null
    if (!path) return null
    const dot = document.createElementNS(SVG, 'circle')
    dot.setAttribute('r', '9')
    dot.setAttribute('class', 'diagram-token')
    this.canvas.getLayer('tokens', 100).append(dot)
    const made = { dot, path, length: path.getTotalLength() }
    this.dots.set(key, made)
    return made
  }

  // Brings the plane (collapsed sub-process) that draws the element on stage.
  reveal(id: string): void {
    const root = this.has(id) ? this.canvas.findRoot(id) : undefined
    if (root && root !== this.canvas.getRootElement()) this.canvas.setRootElement(root)
  }

  // The whole diagram; where that would be too small to read, a legible part of it around the element looked at last,
  // unless all of it is wanted.
  fit(all = false): void {
    this.fitted = true
    this.canvas.resized()
    const { inner, outer } = this.canvas.viewbox()
    const whole = Math.min(1, (outer.width - 24) / inner.width, (outer.height - WATERMARK - 12) / inner.height)
    const scale = all ? whole : Math.max(whole, outer.width < 600 ? LEGIBLE.phone : LEGIBLE.desk)
    const width = outer.width / scale
    const height = outer.height / scale
    const left = scale > whole ? Math.min(12, (inner.width - width) / 2) : (width - inner.width) / 2
    this.canvas.viewbox({
      x: inner.x - Math.abs(left),
      y: inner.y - Math.max(12, (height - WATERMARK / scale - inner.height) / 2),
      width, height,
    })
    if (!all) this.centre(this.looked)
  }

  get isFitted(): boolean { return this.fitted }

  // Shifts the view only where the element is outside it, and not past the edge of the diagram.
  centre(id: string): void {
    this.looked = id
    const shape = this.registry.get(id) as Partial<Box> | undefined
    if (!isBox(shape)) return
    const { x, y, width, height, inner } = this.canvas.viewbox()
    this.canvas.viewbox({
      x: shifted(x, width, shape.x, shape.width, inner.x, inner.width),
      y: shifted(y, height, shape.y, shape.height, inner.y, inner.height),
      width, height,
    })
  }

  zoom(step: 1 | -1): void {
    this.viewer.get<ZoomScroll>('zoomScroll').stepZoom(step)
  }
}

function shifted(view: number, length: number, start: number, size: number, first: number, extent: number): number {
  if (start >= view && start + size <= view + length) return view
  const middle = start + size / 2 - length / 2
  return Math.max(first - MARGIN, Math.min(middle, first + extent + MARGIN - length))
}
