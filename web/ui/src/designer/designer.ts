import './designer.css'
import { ask as question } from '../behaviours/dialog'
import { announce } from '../behaviours/exchange'
import { isEnglish, moment } from '../words'
import { Drafts, Refused, type Difference, type Draft, type DraftFile, type Editor, type Finding, type Findings, type Kind, type Opening, type WayStep } from './api'
import { blank, ENDINGS } from './blanks'
import { look } from './compact'
import { button, el } from './elements'
import { differenceList, findingsList, together, type Spot } from './lists'
import { RehearsalDesk } from './rehearsal'
import { Saving, type Conflict, type Saved, type SaveState } from './saving'
import { tell } from './words'

const EDITORS: Partial<Record<Kind, string>> = { bpmn: 'designer-bpmn', dmn: 'designer-dmn', form: 'designer-form' }
const ENDING = /(\.form\.json|\.bpmn|\.dmn)$/
type Manifest = Record<string, { js: string, css?: string }>

interface Open { file: DraftFile, editor: Editor, saving: Saving, root: HTMLElement }

// The desk: the files of a draft, one of them open, what was found, and the dry run.
class Desk {
  private readonly drafts: Drafts
  private readonly tabs = el('div', { class: 'designer-tabs', role: 'tablist', 'aria-label': tell('files') })
  private readonly status = el('span', { class: 'designer-status', role: 'status' })
  private readonly banner = el('div', { class: 'alert alert-warning designer-conflict', role: 'alert', hidden: true })
  private readonly stage = el('div', { class: 'designer-stage' })
  private readonly drawer = el('div', { class: 'designer-drawer', hidden: true })
  private readonly actions = el('div', { class: 'designer-actions' })
  private readonly assets: Promise<Manifest>
  private readonly isNarrow = matchMedia('(max-width: 899px)').matches
  private draft!: Draft
  private current: Open | null = null
  private result: Findings | null = null
  private difference: Difference | null = null
  private rehearsal: RehearsalDesk | null = null
  private early: { path: string, text: Promise<{ text: string, digest: string }> } | null = null

  constructor(private readonly root: HTMLElement) {
    const { api = '', draftUrl = '', rehearsals = '', timerUrl = '' } = root.dataset
    this.drafts = new Drafts(api, draftUrl, rehearsals, timerUrl)
    this.assets = fetch(new URL('manifest.json', import.meta.url), { cache: 'no-cache' }).then(answer => answer.json() as Promise<Manifest>)
  }

  async start(): Promise<void> {
    const asked = new URLSearchParams(location.search)
    if (!this.isNarrow) this.hurry(asked.get('path') ?? this.root.dataset.path ?? '')
    this.draft = await this.drafts.draft()
    this.root.classList.add('designer')
    this.root.replaceChildren(
      el('div', { class: 'designer-bar' }, this.tabs, this.status, this.actions), this.banner, this.stage, this.drawer)
    this.root.style.setProperty('--designer-top', `${Math.round(this.root.getBoundingClientRect().top + scrollY)}px`)
    this.offer()
    const wanted = asked.get('path') ?? this.root.dataset.path ?? this.draft.start
    const file = this.draft.files.find(other => other.path === wanted) ?? this.draft.files.find(other => other.path === this.draft.start) ?? this.draft.files[0]
    if (file) await this.go({ path: file.path, element: asked.get('element') })
    else this.drawTabs()
    for (const form of document.querySelectorAll<HTMLFormElement>(`form[action^="${this.drafts.base}/"]`)) this.saveFirst(form)
    window.addEventListener('beforeunload', event => { if (this.current && !this.current.saving.isSafe) event.preventDefault() })
    document.addEventListener('visibilitychange', () => { if (document.hidden) void this.current?.saving.flush() })
  }

  // What will be needed surely is asked for at once, side by side.
  private hurry(path: string): void {
    const kind = (Object.keys(ENDINGS) as (keyof typeof ENDINGS)[]).find(one => path.endsWith(ENDINGS[one]))
    if (!kind) return
    if (kind === 'bpmn') void this.drafts.options().catch(() => {})
    void this.editorFor(kind).catch(() => {})
    this.early = { path, text: this.drafts.load(path) }
    this.early.text.catch(() => {})
  }

  private load(path: string): Promise<{ text: string, digest: string }> {
    const early = this.early?.path === path ? this.early.text : null
    this.early = null
    return early ?? this.drafts.load(path)
  }

  // The plain forms of the page, such as the request for deployment, speak of what is saved.
  private saveFirst(form: HTMLFormElement): void {
    form.addEventListener('submit', event => {
      const saving = this.current?.saving
      if (!saving || saving.isSafe) return
      event.preventDefault()
      event.stopImmediatePropagation()
      void saving.flush().then(isSafe => { if (isSafe) form.requestSubmit() })
    }, { capture: true })
  }

  private get mayEdit(): boolean { return this.draft.may_edit && !this.isNarrow }

  private offer(): void {
    const mayAsk = this.draft.may_edit && this.draft.state === 'open'
    this.actions.replaceChildren(
      button(tell('check'), () => void this.check(), 'btn btn-sm', { 'data-act': 'check' }),
      ...(this.draft.in_force ? [button(tell('difference'), () => void this.compare(), 'btn btn-sm', { 'data-act': 'difference', 'aria-pressed': 'false' })] : []),
      ...(this.isNarrow ? [] : [button(tell('rehearse'), () => void this.rehearse(), 'btn btn-sm', { 'data-act': 'rehearse' })]),
      ...(mayAsk && !this.isNarrow ? [button(tell('request'), () => void this.request(), 'btn btn-sm btn-primary', { 'data-act': 'request' })] : []),
      ...(this.draft.request?.state === 'open' ? [el('a', { class: 'btn btn-sm', href: this.draft.request.url, text: tell('seeRequest') })] : []))
    if (this.isNarrow) this.status.textContent = tell('narrow')
    else if (!this.draft.may_edit) this.status.textContent = tell(this.draft.state === 'requested' ? 'requested' : 'readOnly')
  }

  // -- files

  private drawTabs(): void {
    const tab = (file: DraftFile): HTMLElement => {
      const errors = this.result?.findings.filter(finding => finding.path === file.path && finding.level === 'error').length ?? 0
      const change = this.difference?.files.find(other => other.path === file.path)?.change
      return el('button', { type: 'button', role: 'tab', class: `designer-tab kind-${file.kind}`, 'aria-selected': file.path === this.current?.file.path, title: file.path, on: { click: () => void this.go({ path: file.path, element: null }) } },
        el('span', { class: 'designer-kind', text: sign(file.kind), 'aria-hidden': 'true' }), file.path.replace(ENDING, ''),
        errors > 0 && el('span', { class: 'designer-badge is-error', text: errors }),
        change && el('span', { class: `designer-badge is-${change}`, text: tell(change) }))
    }
    this.tabs.replaceChildren(...inOrder(this.draft).map(tab), ...(this.mayEdit ? [this.creator()] : []))
    this.tabs.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }

  private creator(): HTMLElement {
    const choose = el('select', { class: 'form-select form-select-sm designer-new', 'aria-label': tell('newFile') },
      el('option', { value: '', text: tell('newFile') }),
      ...(['bpmn', 'dmn', 'form'] as const).map(kind => el('option', { value: kind, text: tell(kind === 'bpmn' ? 'diagram' : kind === 'dmn' ? 'table' : 'form') })),
      ...(this.current ? [el('option', { value: 'remove', text: tell('removeFile') })] : []))
    choose.addEventListener('change', () => {
      const wanted = choose.value
      choose.value = ''
      void (wanted === 'remove' ? this.remove() : this.create(wanted as keyof typeof ENDINGS))
    })
    return choose
  }

  private async create(kind: keyof typeof ENDINGS): Promise<void> {
    const name = await question(tell('newName'), '')
    if (!name) return
    const path = name.replace(ENDING, '') + ENDINGS[kind]
    if (!/^[\p{L}\p{N}_-]+(\.form\.json|\.bpmn|\.dmn)$/u.test(path)) return announce(tell('badName'))
    if (this.draft.files.some(file => file.path === path)) return announce(tell('nameTaken', { path }))
    const words = isEnglish() ? { start: 'Start', end: 'End', lane: 'Handling unit', input: 'Input', output: 'Result' } : { start: '开始', end: '结束', lane: '承办单位', input: '输入', output: '结果' }
    try {
      await this.drafts.save(path, blank(kind, path, words), null)
      await this.reload(path)
    } catch (refused) { this.problem(refused) }
  }

  private async remove(): Promise<void> {
    const file = this.current?.file
    if (!file || await question(tell('removeSure', { path: file.path })) === null) return
    try {
      await this.drafts.remove(file.path, this.current?.saving.digest ?? file.digest)
      this.close()
      await this.reload(this.draft.start ?? '')
    } catch (refused) { this.problem(refused) }
  }

  private async reload(path: string): Promise<void> {
    this.drafts.forget()
    this.draft = await this.drafts.draft()
    const file = this.draft.files.find(other => other.path === path) ?? this.draft.files[0]
    if (file) await this.go({ path: file.path, element: null })
    else this.drawTabs()
  }

  async go(spot: Spot): Promise<void> {
    if (spot.path !== this.current?.file.path) await this.open(spot.path)
    if (!spot.element) return
    await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve, 60)))   // the panel must be listening
    this.current?.editor.select(spot.element)
  }

  private async open(path: string): Promise<void> {
    const file = this.draft.files.find(other => other.path === path)
    if (!file) return
    if (this.current && !await this.current.saving.flush()) return this.banner.scrollIntoView()
    if (this.isNarrow) return this.lookAt(file)
    const root = el('div', { class: 'designer-editor', 'data-path': path, 'aria-busy': 'true' }, el('p', { class: 'designer-loading', text: tell('loading') }))
    this.close()
    this.stage.replaceChildren(root)
    try {
      const [editor, { text, digest }] = await Promise.all([this.editorFor(file.kind), this.load(path)])
      const saving = this.saving(file, digest)
      const opened = await editor.open({ root, path, text, may_edit: this.mayEdit, drafts: this.drafts, changed: () => saving.changed(), problem: said => announce(said) })
      this.current = { file, editor: opened, saving, root }
      root.classList.toggle('is-read-only', !this.mayEdit)
      root.removeAttribute('aria-busy')
      root.dataset.ready = String(Math.round(performance.now()))
      this.remember(path)
      if (this.mayEdit) this.tellState('clean', '')
      this.marks()
    } catch (refused) {
      console.error(refused)
      root.replaceChildren(el('p', { class: 'alert alert-danger', text: tell('cannotShow', { reason: refused instanceof Error ? refused.message : String(refused) }) }))
    }
    this.drawTabs()
  }

  private async lookAt(file: DraftFile): Promise<void> {
    const place = el('div', {})
    this.stage.replaceChildren(place)
    await look(place, this.drafts, file)
    this.tabs.querySelector('[aria-selected=true]')?.setAttribute('aria-selected', 'false')
    this.drawTabs()
  }

  private remember(path: string): void {
    const address = new URL(location.href)
    address.searchParams.set('path', path)
    address.searchParams.delete('element')
    history.replaceState(null, '', address)
  }

  private close(): void {
    this.current?.editor.destroy()
    this.current = null
    this.banner.hidden = true
  }

  // Each kind of file has an entry and a style of its own, in force only while it is shown.
  private async editorFor(kind: Kind): Promise<{ open: (opening: Opening) => Promise<Editor> }> {
    const name = EDITORS[kind]
    const entry = name && (await this.assets)[name]
    if (!name || !entry) throw new Error(kind)
    const address = (file: string): string => new URL(file, import.meta.url).href
    const module = import(address(entry.js)) as Promise<{ open: (opening: Opening) => Promise<Editor> }>
    if (entry.css) await style(name, address(entry.css))
    return module
  }

  // -- saving

  private saving(file: DraftFile, digest: string): Saving {
    return new Saving(digest, {
      read: () => this.current!.editor.text(),
      write: (text, known) => this.write(file.path, text, known),
      tell: (state, detail) => this.tellState(state, detail),
      conflict: conflict => this.conflict(file.path, conflict),
      later: (act, milliseconds) => setTimeout(act, milliseconds),
    })
  }

  private async write(path: string, text: string, digest: string | null): Promise<Saved> {
    try {
      const saved = await this.drafts.save(path, text, digest)
      this.drafts.forget()
      return { digest: saved.digest }
    } catch (refused) {
      if (!(refused instanceof Refused) || refused.status >= 500) throw refused
      const { by, at, digest: theirs } = refused.body as { by?: { name: string } | null, at?: string, digest?: string | null }
      if (refused.status === 412) return { conflict: { digest: theirs ?? null, by: by?.name ?? tell('somebody'), at: at ?? '' } }
      const findings = refused.body.findings as { message: string }[] | undefined
      return { refused: findings?.[0]?.message ?? refused.message }
    }
  }

  private tellState(state: SaveState, detail: string): void {
    const words = { clean: 'clean', waiting: 'waiting', saving: 'saving', saved: 'saved', conflict: 'conflictState', failed: 'failed', refused: 'refused' } as const
    const time = new Date().toLocaleTimeString(isEnglish() ? 'en-GB' : 'zh-CN', { timeZone: 'Asia/Shanghai', hour12: false })
    this.status.textContent = tell(words[state], { time, reason: detail })
    this.status.dataset.state = state
  }

  private conflict(path: string, conflict: Conflict): void {
    const said = tell(conflict.digest === null ? 'conflictGone' : 'conflict', { by: conflict.by, at: moment(conflict.at), path })
    this.banner.replaceChildren(el('p', { text: said }), el('div', { class: 'btn-list' },
      ...(conflict.digest === null ? [] : [button(tell('keepCopy'), () => void this.keepCopy(path), 'btn btn-primary')]),
      button(tell('keepMine'), () => { this.banner.hidden = true; this.current?.saving.settle(conflict.digest, true) }, 'btn'),
      ...(conflict.digest === null ? [] : [button(tell('loadTheirs'), () => void this.loadTheirs(path), 'btn')])))
    this.banner.hidden = false
  }

  private async keepCopy(path: string): Promise<void> {
    const stamp = new Date().toLocaleTimeString('en-GB', { timeZone: 'Asia/Shanghai', hour12: false }).replaceAll(':', '')
    const copy = path.replace(ENDING, (ending: string) => `-${isEnglish() ? 'copy' : '副本'}-${stamp}${ending}`)
    try {
      await this.drafts.save(copy, await this.current!.editor.text(), null)
      await this.loadTheirs(path)
      this.draft = await this.drafts.draft()
      this.drawTabs()
      announce(tell('copied', { path: copy }))
    } catch (refused) { this.problem(refused) }
  }

  private async loadTheirs(path: string): Promise<void> {
    try {
      const { text, digest } = await this.drafts.load(path)
      await this.current!.editor.load(text)
      this.current!.saving.settle(digest, false)
      this.banner.hidden = true
      this.marks()
    } catch (refused) { this.problem(refused) }
  }

  // -- what was found, what differs

  private marks(): void {
    const here = this.current
    if (!here) return
    here.editor.show(this.result?.findings.filter(finding => finding.path === here.file.path) ?? [])
    const diagram = this.difference?.diagrams.find(other => other.path === here.file.path)
    here.editor.mark(diagram?.before && diagram.after ? diagram.marks.filter(mark => mark.side !== 'before') : [])
  }

  private async check(): Promise<void> {
    this.act('check', true)
    try {
      const begun = performance.now()
      await this.current?.saving.flush()
      const [found, advised] = await Promise.all([this.drafts.check(), this.advised()])
      const findings = together(found.findings, advised)
      this.result = { ...found, findings, warnings: findings.length - found.errors, milliseconds: Math.round(performance.now() - begun) }
      this.draft = await this.drafts.draft()
      this.show(`${tell('findings')}（${this.result.errors + this.result.warnings}）`, findingsList(this.result, this.draft.foreign, spot => void this.go(spot), sofar => void this.lead(sofar)))
      this.marks()
      this.drawTabs()
    } catch (refused) { this.problem(refused) }
    this.act('check', false)
  }

  // The diagram of the last step is opened, and what of the way lies on it is marked.
  private async lead(sofar: WayStep[]): Promise<void> {
    const here = sofar[sofar.length - 1]
    if (!here) return
    await this.go({ path: here.path, element: here.element })
    this.current?.editor.way?.(sofar.filter(step => step.path === here.path))
  }

  private async advised(): Promise<Finding[]> {
    const { advice } = await import('./lint')
    const here = this.current
    const read = async (path: string): Promise<string> => path === here?.file.path ? here.editor.text() : (await this.drafts.load(path)).text
    const diagrams = this.draft.files.filter(file => file.kind === 'bpmn')
    return (await Promise.all(diagrams.map(async ({ path }) => advice(path, await read(path))))).flat()
  }

  private async compare(): Promise<void> {
    const pressed = this.root.querySelector('[data-act=difference]')
    if (this.difference) {
      this.difference = null
      this.drawer.hidden = true
    } else {
      try {
        await this.current?.saving.flush()
        this.difference = await this.drafts.difference()
        this.show(tell('differenceTab'), differenceList(this.difference, spot => void this.go(spot)))
      } catch (refused) { return this.problem(refused) }
    }
    pressed?.setAttribute('aria-pressed', String(!!this.difference))
    this.marks()
    this.drawTabs()
  }

  private show(title: string, content: HTMLElement): void {
    this.drawer.replaceChildren(el('div', { class: 'designer-drawer-head' }, el('h2', { text: title }), button(tell('close'), () => { this.drawer.hidden = true }, 'btn btn-sm')), content)
    this.drawer.hidden = false
  }

  private act(name: string, isBusy: boolean): void {
    const pressed = this.root.querySelector<HTMLButtonElement>(`[data-act=${name}]`)
    if (!pressed) return
    pressed.disabled = isBusy
    if (name === 'check') pressed.textContent = tell(isBusy ? 'checking' : 'check')
  }

  private async rehearse(): Promise<void> {
    if (this.rehearsal) return
    await this.current?.saving.flush()
    this.rehearsal = new RehearsalDesk(this.drafts, () => { this.rehearsal?.root.remove(); this.rehearsal = null; this.root.classList.remove('is-rehearsing') })
    this.root.append(this.rehearsal.root)
    this.root.classList.add('is-rehearsing')
    try { await this.rehearsal.begin() } catch (refused) { this.problem(refused) }
  }

  private async request(): Promise<void> {
    if (this.current && !await this.current.saving.flush()) return
    await this.check()
    if (this.result?.errors) return
    const note = await question(tell('requestNote'), '')
    if (note === null) return
    try {
      location.href = (await this.drafts.request(note)).url
    } catch (refused) {
      this.problem(refused)
      if (refused instanceof Refused && refused.body.findings) await this.check()
    }
  }

  private problem(refused: unknown): void {
    console.error(refused)
    announce(refused instanceof Refused ? tell('notWorking', { reason: refused.message }) : tell('offline'))
  }
}

const ORDER: Kind[] = ['bpmn', 'dmn', 'form']

// Diagrams, tables, forms; what starts the procedure first.
function inOrder(draft: Draft): DraftFile[] {
  const rank = (file: DraftFile): number => file.path === draft.start ? -1 : ORDER.indexOf(file.kind)
  return draft.files.filter(file => ORDER.includes(file.kind)).sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path))
}

const sign = (kind: Kind): string => tell(kind === 'bpmn' ? 'signBpmn' : kind === 'dmn' ? 'signDmn' : 'signForm')

const STYLES = new Map<string, Promise<void>>()

function style(name: string, address: string): Promise<void> {
  for (const other of document.querySelectorAll<HTMLLinkElement>('link[data-editor]')) other.disabled = other.dataset.editor !== name
  const known = STYLES.get(name)
  if (known) return known
  const link = el('link', { rel: 'stylesheet', href: address, 'data-editor': name })
  const loaded = new Promise<void>(resolve => { link.addEventListener('load', () => resolve()); link.addEventListener('error', () => resolve()) })
  document.head.append(link)
  STYLES.set(name, loaded)
  return loaded
}

const root = document.getElementById('designer')
if (root) void new Desk(root).start().catch((problem: unknown) => {
  console.error(problem)
  root.prepend(el('p', { class: 'alert alert-danger', text: tell('cannotShow', { reason: problem instanceof Error ? problem.message : String(problem) }) }))
})
