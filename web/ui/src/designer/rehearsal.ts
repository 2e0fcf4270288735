import htmx from 'htmx.org'
import { Theatre } from '../diagram/theatre'
import type { Mark } from '../diagram/stage'
import { ask as question } from '../behaviours/dialog'
import { ask, Refused, send, type Choice, type Drafts, type Rehearsal } from './api'
import { button, el } from './elements'
import { tell, type DeskWord } from './words'

const STEPS = ['1wd', '1d', '1h']
const STEP_WORDS: Record<string, DeskWord> = { wd: 'workingDays', d: 'calendarDays', h: 'hours' }

// The draft played through in memory: where it stands, what is open, and a clock that can be moved.
export class RehearsalDesk {
  readonly root = el('section', { class: 'designer-rehearsal', 'aria-label': tell('rehearse') })
  private readonly picture = el('div', { class: 'designer-rehearsal-picture diagram' })
  private readonly side = el('div', { class: 'designer-rehearsal-side' })
  private readonly problem = el('div', { class: 'alert alert-danger', role: 'alert', hidden: true })
  private theatre: Theatre | null = null
  private run: Rehearsal | null = null
  private shown = ''

  constructor(private readonly drafts: Drafts, private readonly ended: () => void) {
    const head = el('div', { class: 'designer-rehearsal-head' }, el('h2', { text: tell('rehearse') }), el('span', { class: 'text-secondary', text: tell('rehearseNote') }),
      button(tell('rehearseEnd'), () => void this.end(), 'btn btn-sm ms-auto'))
    this.root.append(head, this.problem, el('div', { class: 'designer-rehearsal-body' }, this.picture, this.side))
  }

  async begin(): Promise<void> {
    const { data, now, processes } = await this.drafts.beginning()
    const facts = el('textarea', { class: 'form-control', rows: 12, spellcheck: 'false', id: 'rehearsal-data' })
    facts.value = JSON.stringify(data, null, 2)
    const process = el('select', { class: 'form-select', id: 'rehearsal-process' }, ...processes.map((choice: Choice) => el('option', { value: choice.value, text: choice.label })))
    const start = async (): Promise<void> => {
      let given: unknown
      try { given = JSON.parse(facts.value) } catch { return this.say(tell('badJson')) }
      await this.act(() => this.drafts.rehearse({ data: given, now, process: process.value || undefined }))
    }
    this.side.replaceChildren(
      el('label', { class: 'form-label', for: 'rehearsal-process', text: tell('startProcess') }), process,
      el('label', { class: 'form-label mt-2', for: 'rehearsal-data', text: tell('startData') }), facts,
      button(tell('startRehearsal'), () => void start(), 'btn btn-primary mt-2'))
  }

  private async end(): Promise<void> {
    if (this.run) await send(this.run.url, { method: 'DELETE' }).catch(() => {})
    this.ended()
  }

  private say(text: string): void {
    this.problem.textContent = text
    this.problem.hidden = !text
  }

  private async act(step: () => Promise<Rehearsal>): Promise<void> {
    this.say('')
    try {
      await this.show(await step())
    } catch (refused) {
      this.say(reason(refused))
    }
  }

  private post(path: string, json: unknown): void { void this.act(() => ask<Rehearsal>(`${this.run?.url ?? ''}${path}`, { json })) }

  private async show(run: Rehearsal): Promise<void> {
    this.run = run
    await this.stage(run)
    this.side.replaceChildren(...[
      this.state(run), this.clock(run), this.tasks(run),
      listed('waitingFor', run.subscriptions.map(waiting => el('li', {}, `${waiting.name || waiting.message}（${waiting.message}） `, button(tell('deliver'), () => void this.deliver(waiting.id))))),
      listed('calls', run.calls.map(call => el('li', {}, `${call.name}（${call.service}） `, button(tell('answer'), () => void this.answer(call.id, call.suggestion))))),
      listed('timers', run.timers.map(timer => el('li', {}, `${timer.name || timer.element}：${timer.due_words}`))),
      listed('thrown', run.thrown.map(thrown => el('li', {}, thrown.name))),
      listed('steps', [...run.steps].reverse().map(step => el('li', { text: step.words, value: step.number })), 'ol'),
      folded('variables', el('pre', { class: 'designer-variables', text: JSON.stringify(run.variables, null, 2) })),
    ].filter(part => part !== null))
  }

  private async stage(run: Rehearsal): Promise<void> {
    this.theatre ??= new Theatre(this.picture, run.files, (_from, call) => void this.descend(call))
    const active = run.files.find(file => file.active.length && this.theatre?.diagrams.some(diagram => diagram.path === file.path && !this.onlyCalls(run, file)))
    await this.draw((active ?? run.files.find(file => file.path === this.shown) ?? run.files.find(file => file.path === run.start) ?? run.files[0])?.path ?? '')
  }

  // A call activity that waits for what it called is not where the work is.
  private onlyCalls(run: Rehearsal, file: Rehearsal['files'][number]): boolean {
    const diagram = this.theatre?.diagrams.find(other => other.path === file.path)
    return file.active.every(id => diagram?.calls[id]) && run.files.some(other => other !== file && other.active.length > 0)
  }

  private async draw(path: string): Promise<void> {
    const diagram = this.theatre?.diagrams.find(other => other.path === path) ?? this.theatre?.diagrams[0]
    if (!diagram || !this.theatre) return
    this.shown = diagram.path
    const file = this.run?.files.find(other => other.path === diagram.path)
    const stage = await this.theatre.show(diagram, file?.active[0])
    stage.mark(new Map<string, Mark>([
      ...(file?.flows ?? []).map(id => [id, 'flow'] as [string, Mark]), ...(file?.cancelled ?? []).map(id => [id, 'cancelled'] as [string, Mark]),
      ...(file?.done ?? []).map(id => [id, 'done'] as [string, Mark]), ...(file?.active ?? []).map(id => [id, 'active'] as [string, Mark]),
    ]))
    this.theatre.crumbs(this.theatre.diagrams.map(other => ({ label: other.name, go: () => void this.draw(other.path) }))
      .sort((a, b) => Number(a.label === diagram.name) - Number(b.label === diagram.name)))
  }

  private async descend(call: string): Promise<void> {
    const process = this.theatre?.diagrams.map(diagram => diagram.calls[call]).find(Boolean)
    const called = process && this.theatre?.holding(process)
    if (called) await this.draw(called.path)
  }

  private state(run: Rehearsal): HTMLElement {
    const word = run.state === 'completed' ? 'completed' : run.state === 'failed' ? 'failedRun' : 'open'
    return el('p', { class: 'designer-rehearsal-state', 'data-state': run.state }, el('span', { class: `designer-badge is-${run.state}`, text: tell(word) }), ' ',
      button(tell('undoStep'), () => this.post('/undo', {}), 'btn btn-sm', { disabled: !run.may_undo }), ' ',
      button(tell('again'), () => { this.run = null; void this.begin() }))
  }

  private clock(run: Rehearsal): HTMLElement {
    return el('div', { class: 'designer-clock' }, el('h3', { text: tell('clock') }), el('p', { class: 'designer-now', text: run.now_words }),
      el('div', { class: 'btn-list' },
        button(tell('toNext'), () => this.post('/clock', { to: 'next' }), 'btn btn-sm', { disabled: !run.timers.length }),
        ...STEPS.map(spec => button(`+1 ${tell(STEP_WORDS[spec.slice(1)] ?? 'calendarDays')}`, () => this.post('/clock', { by: spec })))))
  }

  private tasks(run: Rehearsal): HTMLElement {
    const list = el('div', { class: 'designer-tasks' }, el('h3', { text: tell('openTasks') }))
    if (!run.tasks.length) list.append(el('p', { class: 'text-secondary', text: tell('noTasks') }))
    for (const task of run.tasks) {
      const place = el('div', { class: 'designer-task-form' })
      list.append(el('article', { class: 'designer-task', 'data-task': task.id },
        el('strong', { text: task.name }), el('div', { class: 'text-secondary' }, [task.post_name, task.organisation].filter(Boolean).join(' · '), task.due_words ? ` · ${tell('due', { at: task.due_words })}` : ''),
        button(tell('handle'), () => void this.form(task.id, task.form_url, place), 'btn btn-sm btn-primary'), place))
    }
    return list
  }

  private async form(task: string, address: string, place: HTMLElement): Promise<void> {
    try {
      const answer = await send(address)
      this.fill(task, place, await answer.text())
    } catch (refused) {
      this.say(reason(refused))
    }
  }

  private fill(task: string, place: HTMLElement, html: string): void {
    place.innerHTML = html
    htmx.process(place)
    place.dispatchEvent(new CustomEvent('htmx:load', { bubbles: true, detail: { elt: place } }))
    const wrong = place.querySelector('.is-invalid, [aria-invalid=true]')
    ;(wrong ?? place).scrollIntoView({ block: wrong ? 'center' : 'start' })
    const form = place.querySelector('form')
    form?.addEventListener('submit', event => {
      event.preventDefault()
      void this.submit(task, place, new FormData(form, (event as SubmitEvent).submitter as HTMLElement | null))
    })
  }

  private async submit(task: string, place: HTMLElement, form: FormData): Promise<void> {
    this.say('')
    try {
      await this.show(await ask<Rehearsal>(`${this.run?.url ?? ''}/tasks/${task}`, { form }))
    } catch (refused) {
      const drawn = refused instanceof Refused ? refused.body.html : null
      if (typeof drawn === 'string') this.fill(task, place, drawn)
      this.say(reason(refused))
    }
  }

  private async deliver(id: string): Promise<void> {
    const payload = await question(tell('payloadFor'), '{}')
    if (payload !== null) this.parsed(payload, given => this.post(`/subscriptions/${id}`, { payload: given }))
  }

  private async answer(id: string, suggestion: unknown): Promise<void> {
    const result = await question(tell('answerFor'), JSON.stringify(suggestion ?? null))
    if (result !== null) this.parsed(result, given => this.post(`/calls/${id}`, { result: given }))
  }

  private parsed(text: string, act: (given: unknown) => void): void {
    try { act(JSON.parse(text)) } catch { this.say(tell('badJson')) }
  }
}

function reason(refused: unknown): string {
  if (!(refused instanceof Refused)) return tell('offline')
  const findings = refused.body.findings as { message: string }[] | undefined
  return [refused.message, ...(findings ?? []).slice(0, 3).map(finding => finding.message)].join(' ')
}

function listed(word: DeskWord, items: HTMLElement[], tag: 'ul' | 'ol' = 'ul'): HTMLElement | null {
  return items.length ? el('div', {}, el('h3', { text: tell(word) }), el(tag, {}, ...items)) : null
}

const folded = (word: DeskWord, content: HTMLElement): HTMLElement => el('details', {}, el('summary', { text: tell(word) }), content)
