import { Theatre, type Crumb } from '../diagram/theatre'
import type { DiagramFile } from '../diagram/bpmn'
import type { Mark, Stage } from '../diagram/stage'
import { icon } from '../icons'
import { moment, say } from '../words'
import { Detail } from './detail'
import {
  endOf, frameNamed, furthest, rootOf, stateAt, step, timeline, watched, wayTo,
  type Entry, type Frame, type FrameState, type State, type Timeline,
} from './timeline'

interface Recording { entries: Entry[], files: DiagramFile[] }

const DWELL = 1200

export async function mount(root: HTMLElement): Promise<Player | null> {
  try {
    const answer = await fetch(root.dataset.playbackUrl ?? '', { headers: { Accept: 'application/json' } })
    if (!answer.ok) throw new Error(String(answer.status))
    const player = new Player(root, await answer.json() as Recording)
    await player.start()
    return player
  } catch (problem) {
    console.error(problem)
    const stage = root.querySelector('.playback-stage')
    if (stage) stage.textContent = say('diagramFailed')
    return null
  }
}

// The page brings the list of entries and the controls; the player moves through them and draws.
export class Player {
  private readonly line: Timeline
  private readonly theatre: Theatre
  private readonly detail: Detail
  private readonly rows: HTMLElement[]
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)').matches
  private second = -1
  private entry = -2
  private frame = ''
  private drawn: { frame: string, stage: Stage } | null = null
  private running = 0
  private before = 0

  constructor(private readonly root: HTMLElement, recording: Recording) {
    this.line = timeline(recording.entries)
    this.frame = rootOf(this.line)
    this.theatre = new Theatre(this.part('.playback-stage'), recording.files, (_from, call) => this.descend(call))
    this.detail = new Detail(this.part('.playback-detail'))
    this.rows = [...root.querySelectorAll<HTMLElement>('.playback-list > li')]
    this.root.classList.add('is-ready')
  }

  async start(): Promise<void> {
    for (const name of ['first', 'back', 'forward', 'last'] as const) this.part(`.playback-${name}`).replaceChildren(icon(name))
    this.slider.max = this.line.duration.toFixed(2)
    this.listen()
    const wanted = this.line.entries.findIndex(entry => `#${entry.position}` === location.hash)
    this.pause()
    await this.goTo(wanted >= 0 ? wanted : this.line.entries.length - 1)
  }

  private part<T extends HTMLElement>(selector: string): T {
    const found = this.root.querySelector<T>(selector)
    if (!found) throw new Error(`the playback page lacks ${selector}`)
    return found
  }

  private get slider(): HTMLInputElement { return this.part('.playback-slider') }
  private get speed(): number { return Number(this.part<HTMLSelectElement>('.playback-speed').value) || 1 }
  private get follows(): HTMLInputElement { return this.part('.playback-follow') }

  private listen(): void {
    const press = (selector: string, act: () => void): void => this.part(selector).addEventListener('click', act)
    press('.playback-play', () => this.running ? this.pause() : this.play())
    press('.playback-first', () => this.stop(-1))
    press('.playback-back', () => this.stop(step(this.line, this.entry, -1)))
    press('.playback-forward', () => this.stop(step(this.line, this.entry, 1)))
    press('.playback-last', () => this.stop(this.line.entries.length - 1))
    this.slider.addEventListener('input', () => { this.pause(); void this.seek(Number(this.slider.value)) })
    this.slider.addEventListener('keydown', event => this.keys(event))
    this.part('.playback-list').addEventListener('keydown', event => this.keys(event))
    this.part('.playback-bar').addEventListener('keydown', event => {
      if (!(event.target as Element).matches('input, select')) this.keys(event)
    })
    this.follows.addEventListener('change', () => void this.draw())
    this.rows.forEach((row, index) => row.querySelector('a')?.addEventListener('click', event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      this.stop(index)
    }))
  }

  private keys(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key]
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const inList = this.part('.playback-list').contains(document.activeElement)
    this.stop(step(this.line, this.entry, by))
    if (inList) this.rows[Math.max(0, this.entry)]?.querySelector('a')?.focus({ preventScroll: true })
  }

  private stop(entry: number): void {
    this.pause()
    void this.goTo(entry)
  }

  goTo(entry: number): Promise<void> { return this.seek(endOf(this.line, entry)) }

  seek(second: number): Promise<void> {
    this.second = Math.min(Math.max(-1, second), this.line.duration)
    return this.draw()
  }

  play(): void {
    if (this.second >= this.line.duration - 0.35) this.second = -1
    this.before = 0
    this.running = this.still ? window.setInterval(() => this.leap(), DWELL / this.speed) : requestAnimationFrame(now => this.tick(now))
    this.showPlaying(true)
  }

  pause(): void {
    if (this.still) clearInterval(this.running)
    else cancelAnimationFrame(this.running)
    this.running = 0
    this.showPlaying(false)
  }

  private leap(): void {
    const next = step(this.line, this.entry, 1)
    if (next === this.entry) return this.pause()
    void this.goTo(next)
  }

  private tick(now: number): void {
    const passed = this.before ? (now - this.before) / 1000 * this.speed : 0
    this.before = now
    void this.seek(Math.min(Math.max(0, this.second) + passed, furthest(this.line, this.entry)))
    if (this.second >= this.line.duration) return this.pause()
    this.running = requestAnimationFrame(later => this.tick(later))
  }

  private showPlaying(playing: boolean): void {
    const button = this.part('.playback-play')
    const word = say(playing ? 'pause' : 'play')
    button.replaceChildren(icon(playing ? 'pause' : 'play'))
    button.setAttribute('aria-label', word)
    button.title = word
    this.root.classList.toggle('is-playing', playing)
  }

  // Opening or leaving a diagram by hand pins it.
  private pin(frame: string): void {
    this.follows.checked = false
    this.frame = frame
    void this.draw()
  }

  private descend(call: string): void {
    const here = stateAt(this.line, this.second).frames.get(this.frame)?.opened.get(call)
    const ever = [...this.line.frames.values()].find(frame => frame.parent === this.frame && frame.call === call)
    const inside = here ?? ever?.id
    if (inside !== undefined) this.pin(inside)
  }

  private async draw(): Promise<void> {
    const state = stateAt(this.line, this.second)
    if (this.follows.checked) this.frame = watched(this.line, state)
    const frame = frameNamed(this.line, this.frame) ?? frameNamed(this.line, rootOf(this.line))
    const diagram = frame && this.theatre.holding(frame.process)
    const isNewEntry = this.tell(state)
    if (!frame || !diagram) return
    const isNew = this.drawn?.frame !== frame.id
    if (isNew) this.crumbs(frame)
    const span = this.line.spans[state.entry]
    const stage = this.drawn && !isNew ? this.drawn.stage : await this.theatre.show(diagram, span?.focus)
    if (this.frame !== frame.id && isNew) return
    this.drawn = { frame: frame.id, stage }
    this.paint(stage, frame.id, state)
    if (span?.frame === frame.id && (!this.running || isNew || isNewEntry)) {
      stage.reveal(span.focus)
      stage.centre(span.focus)
    }
  }

  private paint(stage: Stage, frame: string, state: State): void {
    const standing = state.frames.get(frame)
    stage.mark(marks(standing))
    stage.count(times(standing))
    stage.move(this.still ? [] : state.tokens.filter(token => token.frame === frame))
  }

  private crumbs(frame: Frame): void {
    this.theatre.crumbs(wayTo(this.line, frame.id).map((step): Crumb => ({ label: this.nameOf(step), go: () => this.pin(step.id) })))
  }

  private nameOf(frame: Frame): string {
    const name = this.theatre.holding(frame.process)?.names[frame.process] || frame.process
    const runs = [...this.line.frames.values()].filter(other => other.parent === frame.parent && other.call === frame.call).length
    return runs > 1 ? `${name}（${say('run', { count: frame.run })}）` : name
  }

  // Clock, slider, list and side panel.
  private tell(state: State): boolean {
    if (document.activeElement !== this.slider || this.running || Number(this.slider.value) !== this.second) this.slider.value = String(Math.max(0, this.second))
    if (state.entry === this.entry) return false
    this.entry = state.entry
    const entry = this.line.entries[this.entry]
    const when = entry ? moment(entry.at) : say('before')
    const place = say('entryOf', { index: this.entry + 1, count: this.line.entries.length })
    this.part('.playback-clock').textContent = when
    this.part('.playback-place').textContent = `${this.entry + 1} / ${this.line.entries.length}`
    const row = this.rows[this.entry]
    this.slider.setAttribute('aria-valuetext', `${place}，${when} ${row?.dataset.summary ?? ''}`)
    this.root.querySelector('.playback-list [aria-current]')?.removeAttribute('aria-current')
    row?.setAttribute('aria-current', 'step')
    if (row) scrollTo(this.part('.playback-list'), row)
    history.replaceState(null, '', entry ? `#${entry.position}` : location.pathname + location.search)
    this.detail.show(row?.querySelector('a')?.href ?? null)
    return true
  }
}

// Scrolling the list itself: scrollIntoView would move the page under the reader.
function scrollTo(list: HTMLElement, row: HTMLElement): void {
  const top = row.offsetTop - list.offsetTop
  if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 3
}

function marks(standing: FrameState | undefined): Map<string, Mark> {
  const wanted = new Map<string, Mark>()
  for (const flow of standing?.flows.keys() ?? []) wanted.set(flow, 'flow')
  for (const [id, count] of standing?.nodes ?? []) wanted.set(id, count.active ? 'active' : count.done ? 'done' : 'cancelled')
  return wanted
}

const times = (standing: FrameState | undefined): Map<string, number> =>
  new Map([...standing?.nodes ?? []].map(([id, count]) => [id, count.done]))
