import type Canvas from 'diagram-js/lib/core/Canvas'

interface Point { x: number, y: number }

// One finger pans sideways (up and down stays with the page), two fingers pan and pinch.
export function touch(container: HTMLElement, canvas: Canvas): void {
  const fingers = new Map<number, Point>()
  container.addEventListener('pointerdown', event => {
    if (event.pointerType === 'touch') fingers.set(event.pointerId, place(event, container))
  })
  container.addEventListener('pointermove', event => {
    const before = fingers.get(event.pointerId)
    if (!before) return
    const after = place(event, container)
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1]
    canvas.scroll({ dx: (after.x - before.x) / (other ? 2 : 1), dy: other ? (after.y - before.y) / 2 : 0 })
    if (other) pinch(canvas, before, after, other)
    fingers.set(event.pointerId, after)
  })
  for (const end of ['pointerup', 'pointercancel'] as const) {
    container.addEventListener(end, event => fingers.delete(event.pointerId))
  }
}

function place(event: PointerEvent, container: HTMLElement): Point {
  const box = container.getBoundingClientRect()
  return { x: event.clientX - box.x, y: event.clientY - box.y }
}

function pinch(canvas: Canvas, before: Point, after: Point, other: Point): void {
  const scale = canvas.viewbox().scale * distance(after, other) / (distance(before, other) || 1)
  canvas.zoom(Math.min(4, Math.max(0.2, scale)), { x: (after.x + other.x) / 2, y: (after.y + other.y) / 2 })
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y)
