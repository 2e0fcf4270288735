// The pure part of playback: which moment of an instance's history is which second of the film, and what stood when.
export type Kind = 'entered' | 'completed' | 'cancelled' | 'flow'
export type Item = [kind: Kind, element: string, process: string, scope: string, task: string]
export interface Entry { position: number, at: string, by: string, kind: string, trace: Item[] }

// One run of one process: the instance itself (id ""), or one call of a call activity (id = the task of the call).
export interface Frame { id: string, process: string, parent: string | null, call: string, run: number }
export interface Event { at: number, kind: Kind, element: string, frame: string, entry: number, task: string }
export interface Span { start: number, end: number, first: number, last: number, frame: string, focus: string }
export interface Timeline {
  entries: Entry[]
  events: Event[]
  spans: Span[]            // one per entry: its seconds, its events, where it ends and on which element
  frames: Map<string, Frame>
  duration: number
  checkpoints: Standing[]
}

export interface Count { active: number, done: number, cancelled: number }
export interface FrameState { nodes: Map<string, Count>, flows: Map<string, number>, opened: Map<string, string> }
type Standing = Map<string, FrameState>
export interface Moving { key: string, frame: string, flow: string, part: number }
export interface State { frames: Standing, tokens: Moving[], event: number, entry: number }

export const FLOW = 0.6
const NODE = 0.06
const SHORTEST_WAIT = 0.25
const LONGEST_WAIT = 1.5
const WAITING_BUDGET = 180
const EVERY = 200

export function timeline(entries: Entry[]): Timeline {
  const frames = framesOf(entries)
  const { events, spans, duration } = pace(entries, frames)
  return { entries, events, spans, frames, duration, checkpoints: checkpoints(events, frames) }
}

// A scope is the task of a call activity or of a sub-process. The latter is drawn in its parent's diagram: same frame.
function framesOf(entries: Entry[]): Map<string, Frame> {
  const items = entries.flatMap(entry => entry.trace)
  const main = items.find(item => item[3] === '')?.[2] ?? ''
  const opener = new Map<string, Item>()
  // A flow carries the task that it leads to.
  for (const item of items) if (item[0] !== 'flow' && item[4] && !opener.has(item[4])) opener.set(item[4], item)
  const frames = new Map<string, Frame>()
  const runs = new Map<string, number>()

  function frameOf(scope: string, process: string, depth = 0): Frame {
    const known = frames.get(key(scope, process))
    if (known) return known
    const by = opener.get(scope)
    const outer = scope && depth < 50 ? frameOf(by?.[3] ?? '', by?.[2] ?? main, depth + 1) : undefined
    const frame = outer?.process === process ? outer : called(scope, process, outer, by?.[1] ?? '')
    frames.set(key(scope, process), frame)
    return frame
  }

  function called(scope: string, process: string, outer: Frame | undefined, call: string): Frame {
    if (!outer) return { id: scope, process, parent: null, call, run: 1 }
    const place = `${outer.id}\n${call}`
    const run = (runs.get(place) ?? 0) + 1
    runs.set(place, run)
    return { id: scope, process, parent: outer.id, call, run }
  }

  for (const [, , process, scope] of items) frameOf(scope, process)
  return frames
}

const key = (scope: string, process: string): string => `${scope}\n${process}`

export const frameNamed = (line: Timeline, id: string): Frame | undefined =>
  [...line.frames.values()].find(frame => frame.id === id)

// Long waits shrink (the clock shows the real time), flows take their time, and what splits in parallel moves together.
function pace(entries: Entry[], frames: Map<string, Frame>): Pick<Timeline, 'events' | 'spans' | 'duration'> {
  const events: Event[] = []
  const spans: Span[] = []
  const longest = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, WAITING_BUDGET / (entries.length || 1)))
  let at = 0
  let before: number | null = null
  entries.forEach((entry, index) => {
    const real = Date.parse(entry.at)
    if (before !== null) at += Math.min(longest, Math.max(SHORTEST_WAIT, (real - before) / 1000))
    before = real
    const start = at
    const first = events.length
    entry.trace.forEach(([kind, element, process, scope, task], place) => {
      const frame = frames.get(key(scope, process))?.id ?? ''
      events.push({ at, kind, element, frame, entry: index, task })
      const next = entry.trace[place + 1]
      if (kind !== 'flow') at += NODE
      else if (next?.[0] !== 'flow') at += FLOW
    })
    spans.push({ start, end: at, first, last: events.length - 1, ...focus(events.slice(first)) })
  })
  return { events, spans, duration: at + 0.3 }
}

// Where to look after an entry: at what it left waiting last, else at what it did last.
function focus(events: Event[]): { frame: string, focus: string } {
  const left = new Set(events.filter(event => event.kind !== 'entered').map(event => event.task).filter(Boolean))
  const waiting = events.filter(event => event.kind === 'entered' && !left.has(event.task))
  const last = waiting.at(-1) ?? events.filter(event => event.kind !== 'flow').at(-1) ?? events.at(-1)
  return { frame: last?.frame ?? '', focus: last?.element ?? '' }
}

function checkpoints(events: Event[], frames: Map<string, Frame>): Standing[] {
  const saved: Standing[] = []
  const standing: Standing = new Map()
  const calls = callsOf(frames)
  events.forEach((event, index) => {
    if (index % EVERY === 0) saved.push(copy(standing))
    apply(standing, event, calls)
  })
  return saved
}

const callsOf = (frames: Map<string, Frame>): Set<string> => new Set([...frames.values()].map(frame => frame.id))

const copy = (standing: Standing): Standing => new Map([...standing].map(([id, state]) => [id, {
  nodes: new Map([...state.nodes].map(([element, count]) => [element, { ...count }])),
  flows: new Map(state.flows),
  opened: new Map(state.opened),
}]))

function stateOf(standing: Standing, frame: string): FrameState {
  let state = standing.get(frame)
  if (!state) standing.set(frame, state = { nodes: new Map(), flows: new Map(), opened: new Map() })
  return state
}

function apply(standing: Standing, event: Event, calls: Set<string>): void {
  const state = stateOf(standing, event.frame)
  if (event.kind === 'flow') return void state.flows.set(event.element, (state.flows.get(event.element) ?? 0) + 1)
  const count = state.nodes.get(event.element) ?? { active: 0, done: 0, cancelled: 0 }
  state.nodes.set(event.element, count)
  if (event.kind === 'entered') {
    count.active += 1
    if (event.task && calls.has(event.task)) state.opened.set(event.element, event.task)
  } else {
    count.active = Math.max(0, count.active - 1)
    count[event.kind === 'completed' ? 'done' : 'cancelled'] += 1
  }
}

// What stands at a second of the film. Recomputed from the nearest checkpoint, so going back is exact.
export function stateAt(line: Timeline, second: number): State {
  const event = lastAt(line.events, second)
  const from = Math.max(0, Math.floor(event / EVERY))
  const frames = copy(line.checkpoints[from] ?? new Map())
  const calls = callsOf(line.frames)
  for (let index = from * EVERY; index <= event; index++) apply(frames, line.events[index]!, calls)
  return { frames, tokens: moving(line.events, event, second), event, entry: lastAt(line.spans.map(span => ({ at: span.start })), second) }
}

function lastAt(things: { at: number }[], second: number): number {
  let low = 0
  let high = things.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (things[middle]!.at <= second) low = middle + 1
    else high = middle
  }
  return low - 1
}

function moving(events: Event[], last: number, second: number): Moving[] {
  const tokens: Moving[] = []
  for (let index = last; index >= 0 && second - events[index]!.at < FLOW; index--) {
    const event = events[index]!
    if (event.kind === 'flow') tokens.push({ key: String(index), frame: event.frame, flow: event.element, part: (second - event.at) / FLOW })
  }
  return tokens
}

// The frames from the instance itself down to this one.
export function wayTo(line: Timeline, id: string): Frame[] {
  const frame = frameNamed(line, id)
  if (!frame) return []
  return frame.parent === null ? [frame] : [...wayTo(line, frame.parent), frame]
}

// The frame to watch at this moment. Short stops on the way do not change the diagram; a moving token and the end do.
export function watched(line: Timeline, state: State): string {
  const span = line.spans[state.entry]
  if (!span) return line.spans[0] ? rootOf(line) : ''
  if (state.event >= span.last) return span.frame
  for (let index = state.event; index >= span.first; index--) {
    const event = line.events[index]!
    if (event.kind === 'flow') return event.frame
  }
  return line.spans[state.entry - 1]?.frame ?? rootOf(line)
}

export const rootOf = (line: Timeline): string => [...line.frames.values()].find(frame => frame.parent === null)?.id ?? ''

// The entry after this one, or before it; -1 is the moment before the first.
export const step = (line: Timeline, entry: number, by: number): number =>
  Math.min(line.entries.length - 1, Math.max(-1, entry + by))

// The second at which an entry's events have all been seen.
export const endOf = (line: Timeline, entry: number): number => line.spans[entry]?.end ?? -1

// How far one frame of the film may go: a slow screen shows every entry, however fast the film runs.
export const furthest = (line: Timeline, entry: number): number =>
  entry + 1 < line.entries.length - 1 ? endOf(line, entry + 1) : line.duration
