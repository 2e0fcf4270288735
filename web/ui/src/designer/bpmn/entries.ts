import { h, type ComponentChild } from '@bpmn-io/properties-panel/preact'
import { useEffect, useMemo, useRef, useState } from '@bpmn-io/properties-panel/preact/hooks'
import { SelectEntry, TextAreaEntry, TextFieldEntry } from '@bpmn-io/properties-panel'
import { useService } from 'bpmn-js-properties-panel'
import type { Choice, Drafts, Options, Setting, TimerWords } from '../api'
import { translate } from '../translate'
import { complete, insert, type Suggestion } from './completion'
import { choose, formal, operator, read, write, writeOperator, type Factory, type Field, type Moddle, type Modeling, type Operator, type Shape, type Tools } from './extensions'
import { readSpan, readSpec, readTimer, saySpan, sayTimer, type Span, type Timer } from './periods'

export interface Desk { options: Options, drafts: Drafts, path: string, may_edit: boolean }
interface Given { element: Shape, id: string, owner: Moddle, field: Field }
type Debounce = <T extends (...given: never[]) => unknown>(act: T) => T

const desk = (): Desk => useService('desk') as Desk
const tools = (): Tools => ({ modeling: useService('modeling') as Modeling, factory: useService('bpmnFactory') as Factory })

function access({ element, owner, field }: Given): { getValue: () => string, setValue: (value?: string) => void } {
  const ours = tools()
  return { getValue: () => read(owner, field), setValue: value => write(element, owner, field, value ?? '', ours) }
}

const labelled = ({ field }: Given): { label: string, description?: string } =>
  field.help ? { label: translate(field.label), description: translate(field.help) } : { label: translate(field.label) }

export function TextWidget(given: Given): ComponentChild {
  return h(TextFieldEntry, { ...given, ...labelled(given), ...access(given), debounce: useService('debounceInput') as Debounce })
}

export function ScriptWidget(given: Given): ComponentChild {
  return h(TextAreaEntry, { ...given, ...labelled(given), ...access(given), debounce: useService('debounceInput') as Debounce, monospace: true, rows: 4 })
}

export function ChoiceWidget(given: Given): ComponentChild {
  const { options } = desk()
  const reach = access(given)
  const offered = (options[given.field.from as 'forms'] ?? []) as Choice[]
  const getOptions = (): Choice[] => withNone(offered, reach.getValue())
  return h(SelectEntry, { ...given, ...labelled(given), ...reach, getOptions })
}

function withNone(offered: Choice[], value: string): Choice[] {
  const unknown = value && !offered.some(choice => choice.value === value) ? [{ value, label: `${value} ?` }] : []
  return [{ value: '', label: translate('<none>') }, ...unknown, ...offered.map(({ value, label }) => ({ value, label: label || value }))]
}

// A text with proposals, for short lists such as articles.
export function SuggestionsWidget(given: Given): ComponentChild {
  const { options } = desk()
  const { getValue, setValue } = access(given)
  const offered = (options[given.field.from as 'articles'] ?? []) as string[]
  return entry(given, h('input', {
    type: 'text', class: 'bio-properties-panel-input', id: idOf(given), list: `${idOf(given)}-list`, value: getValue(), autocomplete: 'off',
    onChange: (event: Event) => setValue((event.target as HTMLInputElement).value.trim()),
  }), h('datalist', { id: `${idOf(given)}-list` }, offered.map(value => h('option', { value }))))
}

const idOf = ({ id }: { id: string }): string => `bio-properties-panel-${id}`

function entry(given: { id: string, field: Field }, ...content: ComponentChild[]): ComponentChild {
  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': given.id },
    h('label', { class: 'bio-properties-panel-label', for: idOf(given) }, translate(given.field.label)),
    ...content,
    given.field.help && h('div', { class: 'bio-properties-panel-description' }, translate(given.field.help)))
}

export function ExpressionWidget(given: Given): ComponentChild {
  const { getValue, setValue } = access(given)
  return entry(given, h(ExpressionBox, { id: idOf(given), element: given.element, value: getValue(), commit: setValue }))
}

interface Box { id: string, element: Shape, value: string, commit: (value: string) => void }

// A text of our script language: proposes what is known at this element, and says what is wrong while one types.
export function ExpressionBox({ id, element, value, commit }: Box): ComponentChild {
  const { drafts, path, options } = desk()
  const [typed, setTyped] = useState(value)
  const [proposals, setProposals] = useState<Suggestion[]>([])
  const [chosen, setChosen] = useState(0)
  const [wrong, setWrong] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const offered = useRef<Suggestion[]>([])
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    let current = true
    void drafts.variables(path, element.id).then(found => { if (current) offered.current = [...variables(found), ...functions(options)] })
    return () => { current = false }
  }, [element.id, path])
  useEffect(() => {
    if (!typed.trim()) { setWrong(''); return undefined }
    let current = true
    const timer = setTimeout(() => void drafts.expression(typed, 'expression')
      .then(said => { if (current) setWrong(said.is_valid ? '' : said.reason) }, () => {}), 500)
    return () => { current = false; clearTimeout(timer) }
  }, [typed])

  const type = (text: string): void => {
    setTyped(text)
    setChosen(0)
    setProposals(complete(text, field.current?.selectionStart ?? text.length, offered.current))
  }
  const take = (suggestion: Suggestion): void => {
    const done = insert(typed, field.current?.selectionStart ?? typed.length, suggestion)
    setTyped(done.source)
    setProposals([])
    commit(done.source)
    requestAnimationFrame(() => { field.current?.focus(); field.current?.setSelectionRange(done.caret, done.caret) })
  }
  const key = (event: KeyboardEvent): void => {
    const suggestion = proposals[chosen]
    if (!suggestion) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') setChosen((chosen + (event.key === 'ArrowDown' ? 1 : proposals.length - 1)) % proposals.length)
    else if (event.key === 'Enter' || event.key === 'Tab') take(suggestion)
    else if (event.key === 'Escape') setProposals([])
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return h('div', { class: `designer-expression${wrong ? ' has-error' : ''}` },
    h('textarea', {
      id, ref: field, class: 'bio-properties-panel-input', rows: Math.min(6, Math.max(2, typed.split('\n').length)), value: typed, spellcheck: false,
      'aria-autocomplete': 'list', 'aria-expanded': proposals.length > 0,
      onInput: (event: Event) => type((event.target as HTMLTextAreaElement).value), onKeyDown: key,
      onBlur: () => { setProposals([]); if (typed.trim() !== value) commit(typed.trim()) },
    }),
    proposals.length > 0 && h('ul', { class: 'designer-proposals', role: 'listbox' }, proposals.map((suggestion, index) =>
      h('li', { role: 'option', 'aria-selected': index === chosen, onMouseDown: (event: Event) => { event.preventDefault(); take(suggestion) } },
        h('code', {}, suggestion.insert), h('span', {}, suggestion.label)))),
    wrong && h('div', { class: 'bio-properties-panel-error' }, wrong))
}

const variables = (found: Awaited<ReturnType<Drafts['variables']>>): Suggestion[] => found.flatMap(({ name, label, values }) =>
  [{ insert: name, label }, ...(values ?? []).map(value => ({ insert: `${name} == "${value.value}"`, label: value.label }))])
const functions = (options: Options): Suggestion[] => [
  ...(options.functions ?? []).map(({ name, help }) => ({ insert: `${name}(`, label: help })),
  ...(options.settings ?? []).map(({ expression, label }) => ({ insert: expression, label })),
]

// Until when: a period of the settings, a period of its own, or an expression; with the date it comes to today.
export function SpanBox({ id, element, span, kind, commit }: { id: string, element: Shape, span: Span, kind: string, commit: (span: Span) => void }): ComponentChild {
  const { options } = desk()
  const chosen = span.kind === 'setting' ? `setting:${span.key}` : span.kind === 'period' ? periodChoice(span.spec, options.periods ?? []) : span.source ? 'expression' : ''
  const [open, setOpen] = useState('')
  const shown = open || chosen
  const pick = (value: string): void => {
    setOpen(value === 'expression' || value === 'own' ? value : '')
    if (value.startsWith('setting:')) commit({ kind: 'setting', key: value.slice(8) })
    else if (value.startsWith('period:')) commit({ kind: 'period', spec: value.slice(7) })
    else if (value === 'own') commit({ kind: 'period', spec: span.kind === 'period' ? span.spec : '3wd' })
    else if (value === '') commit({ kind: 'expression', source: '' })
  }
  const spec = span.kind === 'period' ? span.spec : span.kind === 'setting' ? defaultOf(span.key, options.settings ?? []) : ''
  return h('div', {},
    h('select', { id, class: 'bio-properties-panel-input', value: shown, onChange: (event: Event) => pick((event.target as HTMLSelectElement).value) },
      h('option', { value: '' }, translate('<none>')),
      h('optgroup', { label: translate('Periods of the settings') }, settingsWith(span, options.settings ?? []).map(setting => h('option', { value: `setting:${setting.value}` }, setting.label))),
      h('optgroup', { label: translate('Fixed periods') }, (options.periods ?? []).map(period => h('option', { value: `period:${period.value}` }, period.label)),
        h('option', { value: 'own' }, translate('Another period'))),
      h('option', { value: 'expression' }, translate('Expression'))),
    shown === 'own' && span.kind === 'period' && h(OwnPeriod, { spec: span.spec, commit: (spec: string) => commit({ kind: 'period', spec }) }),
    shown === 'expression' && h(ExpressionBox, { id: `${id}-expression`, element, value: saySpan(span), commit: source => commit(readSpan(source)) }),
    spec && h(Dates, { spec, kind }))
}

const periodChoice = (spec: string, offered: Choice[]): string => offered.some(period => period.value === spec) ? `period:${spec}` : 'own'
const defaultOf = (key: string, settings: Setting[]): string => settings.find(setting => setting.value === key)?.default ?? ''
const settingsWith = (span: Span, settings: Setting[]): Choice[] =>
  span.kind === 'setting' && !settings.some(setting => setting.value === span.key) ? [{ value: span.key, label: `${span.key} ?` }, ...settings] : settings

const UNITS: [string, string][] = [['wd', 'working days'], ['d', 'days'], ['h', 'hours'], ['m', 'minutes']]

function OwnPeriod({ spec, commit }: { spec: string, commit: (spec: string) => void }): ComponentChild {
  const { count, unit } = readSpec(spec)
  return h('div', { class: 'designer-period' },
    h('input', { class: 'bio-properties-panel-input', type: 'number', min: 1, max: 3650, value: count, 'aria-label': translate('Count'),
      onChange: (event: Event) => commit(`${Math.max(1, Math.trunc(Number((event.target as HTMLInputElement).value) || 1))}${unit}`) }),
    h('select', { class: 'bio-properties-panel-input', value: unit, 'aria-label': translate('Unit'),
      onChange: (event: Event) => commit(`${count}${(event.target as HTMLSelectElement).value}`) },
      UNITS.map(([value, label]) => h('option', { value }, translate(label)))))
}

function Dates({ spec, kind }: { spec: string, kind: string }): ComponentChild {
  const { drafts } = desk()
  const [words, setWords] = useState<TimerWords | null>(null)
  useEffect(() => {
    let current = true
    void drafts.timer(spec, kind).then(found => { if (current) setWords(found) }, () => {})
    return () => { current = false }
  }, [spec, kind])
  if (!words) return null
  if (!words.is_valid) return h('div', { class: 'bio-properties-panel-error' }, words.error ?? '')
  return h('div', { class: 'designer-dates' },
    h('div', {}, words.words), h('div', {}, translate('If it starts now: {at}', { at: words.at_words ?? words.at })),
    !!words.skipped?.length && h('div', {}, translate('Not counted: {days}', { days: words.skipped.slice(0, 6).join('、') + (words.skipped.length > 6 ? '…' : '') })))
}

export function PeriodWidget(given: Given): ComponentChild {
  const { getValue, setValue } = access(given)
  return entry(given, h(SpanBox, { id: idOf(given), element: given.element, span: readSpan(getValue()), kind: 'deadline', commit: span => setValue(saySpan(span)) }))
}

const TIMER_KINDS: [Timer['kind'], string][] = [['deadline', 'When the period is over'], ['reminder', 'When half of the period is over'], ['expression', 'At a moment (expression)']]

export function TimerWidget({ element, id, event }: { element: Shape, id: string, event: Moddle }): ComponentChild {
  const { modeling, factory } = tools()
  const held = (['timeDate', 'timeDuration', 'timeCycle'] as const).find(name => event.get(name))
  const source = held ? String((event.get(held) as Moddle).get('body') ?? '') : ''
  const timer = useMemo(() => readTimer(source), [source])
  const [asked, setAsked] = useState<Timer['kind'] | null>(null)
  const kind = asked ?? (source ? timer.kind : 'deadline')
  const put = (wanted: Timer): void => {
    setAsked(null)
    modeling.updateModdleProperties(element, event, { timeDate: formal(event, sayTimer(wanted), factory), timeDuration: undefined, timeCycle: undefined })
  }
  const change = (wanted: Timer['kind']): void => {
    if (wanted !== 'expression' && timer.kind !== 'expression') put({ kind: wanted, span: timer.span })
    else setAsked(wanted)
  }
  return h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': id },
    h('label', { class: 'bio-properties-panel-label', for: idOf({ id }) }, translate('Fires')),
    h('select', { id: idOf({ id }), class: 'bio-properties-panel-input', value: kind, onChange: (changed: Event) => change((changed.target as HTMLSelectElement).value as Timer['kind']) },
      TIMER_KINDS.map(([value, label]) => h('option', { value }, translate(label)))),
    h('label', { class: 'bio-properties-panel-label', for: `${idOf({ id })}-span` }, translate(kind === 'expression' ? 'Moment' : 'Period')),
    kind === 'expression'
      ? h(ExpressionBox, { id: `${idOf({ id })}-span`, element, value: source, commit: (typed: string) => put(readTimer(typed)) })
      : h(SpanBox, { id: `${idOf({ id })}-span`, element, span: timer.kind === 'expression' ? readSpan('') : timer.span, kind, commit: span => put({ kind, span }) }))
}

interface Registry { filter(fits: (shape: Shape) => boolean): Shape[] }

// Tasks of the same diagram, to tick.
export function TasksWidget(given: Given): ComponentChild {
  const registry = useService('elementRegistry') as Registry
  const { getValue, setValue } = access(given)
  const chosen = getValue().split(',').map(part => part.trim()).filter(Boolean)
  const tasks = registry.filter(shape => shape.type === 'bpmn:UserTask' && shape.id !== given.element.id && !shape.labelTarget)
    .map(shape => ({ id: shape.id, name: String(shape.businessObject.get('name') ?? '') || shape.id }))
  const strangers = chosen.filter(id => !tasks.some(task => task.id === id)).map(id => ({ id, name: id }))
  const tick = (id: string, on: boolean): void => setValue((on ? [...chosen, id] : chosen.filter(other => other !== id)).join(', '))
  return entry(given, h('div', { class: 'designer-ticks', id: idOf(given) }, [...strangers, ...tasks].map(task => h('label', {},
    h('input', { type: 'checkbox', checked: chosen.includes(task.id), onChange: (event: Event) => tick(task.id, (event.target as HTMLInputElement).checked) }), ' ', task.name))))
}

const EXTERNAL = 'external:'

function typed(id: string, label: string, value: string, commit: (said: string) => void): ComponentChild {
  return h('div', { class: 'bio-properties-panel-entry', key: id, 'data-entry-id': id },
    h('label', { class: 'bio-properties-panel-label', for: idOf({ id }) }, label),
    h('input', { type: 'text', id: idOf({ id }), class: 'bio-properties-panel-input', value, onChange: (event: Event) => {
      const field = event.target as HTMLInputElement
      commit(field.value.trim())
      field.value = value
    } }))
}

// Which service, with what, and where its answer goes.
export function ServiceWidget({ element, id, owner }: { element: Shape, id: string, owner: Moddle }): ComponentChild {
  const { options } = desk()
  const ours = tools()
  const now = operator(owner)
  const service = (options.services ?? []).find(offered => offered.value === now.service)
  const put = (wanted: Operator): void => writeOperator(element, owner, wanted, ours)
  const set = (name: string, value: string): void => put({ ...now, parameters: now.parameters.some(item => item.name === name)
    ? now.parameters.map(item => item.name === name ? { name, value } : item) : [...now.parameters, { name, value }] })
  const names = [...new Set([...now.parameters.map(item => item.name), ...(service?.parameters ?? []).map(item => item.name)])]
  return h('div', {},
    h('div', { class: 'bio-properties-panel-entry', 'data-entry-id': `${id}-service` },
      h('label', { class: 'bio-properties-panel-label', for: idOf({ id }) }, translate('Service')),
      h('select', { id: idOf({ id }), class: 'bio-properties-panel-input', value: now.service, onChange: (event: Event) => {
        const value = (event.target as HTMLSelectElement).value
        put(choose(now, (options.services ?? []).find(offered => offered.value === value), value))
      } }, withNone([...options.services ?? [], { value: EXTERNAL, label: translate('A program outside, by topic') }], now.service)
        .map(choice => h('option', { value: choice.value }, choice.label))),
      service?.documentation && h('div', { class: 'bio-properties-panel-description' }, service.documentation)),
    now.service.startsWith(EXTERNAL) && [
      typed(`${id}-topic`, translate('Topic'), now.service.slice(EXTERNAL.length), topic => put({ ...now, service: EXTERNAL + topic })),
      typed(`${id}-more`, translate('Add a parameter'), '', name => { if (/^[A-Za-z]\w*$/.test(name) && !names.includes(name)) set(name, '') }),
    ],
    names.map(name => h('div', { class: 'bio-properties-panel-entry', key: name, 'data-entry-id': `${id}-${name}` },
      h('label', { class: 'bio-properties-panel-label', for: `${idOf({ id })}-${name}` }, translate('Parameter {name}', { name })),
      h(ExpressionBox, { id: `${idOf({ id })}-${name}`, element, value: now.parameters.find(item => item.name === name)?.value ?? '', commit: value => set(name, value) }))),
    now.service && h('div', { class: 'bio-properties-panel-entry' },
      h('label', { class: 'bio-properties-panel-label', for: `${idOf({ id })}-result` }, translate('Store the result in')),
      h('input', { type: 'text', id: `${idOf({ id })}-result`, class: 'bio-properties-panel-input', value: now.result, onChange: (event: Event) => put({ ...now, result: (event.target as HTMLInputElement).value.trim() }) })))
}

export const WIDGETS: Record<string, (given: Given) => ComponentChild> = {
  text: TextWidget, script: ScriptWidget, choice: ChoiceWidget, suggestions: SuggestionsWidget,
  expression: ExpressionWidget, period: PeriodWidget, tasks: TasksWidget,
}
