import type { WayStep } from './api'
import { button, el } from './elements'
import { tell } from './words'

const WHAT = { completed: 'stepDone', fired: 'stepFired', caught: 'stepCaught', failed: 'stepFailed', flow: 'stepDone' } as const

// The moves at which the way stops: what happens, with the flows that lead there.
export function stops(steps: WayStep[]): WayStep[][] {
  const found: WayStep[][] = []
  let begun: WayStep[] = []
  for (const step of steps) {
    begun.push(step)
    if (step.what === 'flow') continue
    found.push(begun)
    begun = []
  }
  return found
}

// Walks the shortest way to a breach, one step after the other: `show` is given all moves so far.
export function wayWalker(steps: WayStep[], show: (sofar: WayStep[]) => void): HTMLElement {
  const path = stops(steps)
  let at = -1
  const place = el('span', { class: 'designer-way-place', role: 'status', text: tell('way', { count: path.length }) })
  const move = (to: number): void => {
    at = Math.max(0, Math.min(path.length - 1, to))
    const here = path[at]?.at(-1)
    if (!here) return
    place.textContent = tell('wayAt', { number: at + 1, count: path.length, what: tell(WHAT[here.what]), name: `${here.name || here.element}${here.choice ? `（${here.choice}）` : ''}` })
    back.disabled = at === 0
    on.disabled = at === path.length - 1
    show(path.slice(0, at + 1).flat())
  }
  const back = button(tell('wayBack'), () => move(at - 1), 'btn btn-sm', { 'data-way': 'back' })
  const on = button(tell('wayOn'), () => move(at + 1), 'btn btn-sm', { 'data-way': 'on' })
  const end = button(tell('wayEnd'), () => move(path.length - 1), 'btn btn-sm', { 'data-way': 'end' })
  back.disabled = true
  return el('div', { class: 'designer-way' }, back, on, end, place)
}
