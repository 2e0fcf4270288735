// Reading and writing what the engine reads of an element. Every change is one undoable command; foreign children stay.
export interface Moddle {
  $type: string
  $parent?: Moddle
  $instanceOf(type: string): boolean
  get(name: string): unknown
  set(name: string, value: unknown): void
}
export interface Factory { create(type: string, properties?: Record<string, unknown>): Moddle }
export interface Shape { id: string, type: string, businessObject: Moddle, labelTarget?: unknown, parent?: Shape }
export interface Modeling { updateModdleProperties(shape: Shape, moddle: Moddle, properties: Record<string, unknown>): void }
export interface Field { kind?: 'text' | 'bpmn' | 'expression' | 'loop', name: string, label: string, widget: string, from?: string, help?: string, when?: string }
export interface Tools { modeling: Modeling, factory: Factory }

const SPIFF = 'spiffworkflow:'
const list = (moddle: Moddle | undefined, name: string): Moddle[] => (moddle?.get(name) as Moddle[] | undefined) ?? []
const text = (value: unknown): string => typeof value === 'string' ? value : ''
const body = (moddle: Moddle, name: string): string => text((moddle.get(name) as Moddle | undefined)?.get('body'))

// A pool stands for the process in it.
export function holder(shape: Shape): Moddle {
  const own = shape.businessObject
  return own.$type === 'bpmn:Participant' ? (own.get('processRef') as Moddle | undefined) ?? own : own
}

export const loopOf = (owner: Moddle): Moddle | undefined => {
  const loop = owner.$instanceOf('bpmn:Activity') ? owner.get('loopCharacteristics') as Moddle | undefined : undefined
  return loop?.$type === 'bpmn:MultiInstanceLoopCharacteristics' ? loop : undefined
}

export function eventOf(owner: Moddle): Moddle | undefined {
  return owner.$instanceOf('bpmn:Event') ? list(owner, 'eventDefinitions')[0] : undefined
}

function extension(owner: Moddle, tag: string): Moddle | undefined {
  return list(owner.get('extensionElements') as Moddle | undefined, 'values').find(value => value.$type === SPIFF + tag)
}

export function read(owner: Moddle, field: Pick<Field, 'kind' | 'name'>): string {
  switch (field.kind) {
    case 'bpmn': return text(owner.get(field.name))
    case 'expression': return body(owner, field.name)
    case 'loop': { const loop = loopOf(owner); return loop ? body(loop, field.name) : '' }
    case 'text': return text(extension(owner, field.name)?.get('value')).trim()
    default: return property(owner, field.name)
  }
}

function property(owner: Moddle, name: string): string {
  return text(list(extension(owner, 'Properties'), 'properties').find(item => item.get('name') === name)?.get('value'))
}

export function write(shape: Shape, owner: Moddle, field: Pick<Field, 'kind' | 'name'>, value: string, tools: Tools): void {
  const change = (moddle: Moddle, properties: Record<string, unknown>): void => tools.modeling.updateModdleProperties(shape, moddle, properties)
  switch (field.kind) {
    case 'bpmn': return change(owner, { [field.name]: value || undefined })
    case 'expression': return change(owner, { [field.name]: formal(owner, value, tools.factory) })
    case 'loop': { const loop = loopOf(owner); return loop && change(loop, { [field.name]: formal(loop, value, tools.factory) }) }
    case 'text': return change(owner, { extensionElements: replaced(owner, field.name, value ? { value } : null, tools.factory) })
    default: return change(owner, { extensionElements: withProperty(owner, field.name, value, tools.factory) })
  }
}

export function formal(parent: Moddle, source: string, factory: Factory): Moddle | undefined {
  if (!source) return undefined
  const made = factory.create('bpmn:FormalExpression', { body: source })
  made.$parent = parent
  return made
}

// A copy of the extension elements in which one tag is replaced, or left out with null.
function replaced(owner: Moddle, tag: string, content: Record<string, unknown> | Moddle | null, factory: Factory): Moddle | undefined {
  const container = factory.create('bpmn:ExtensionElements', {})
  container.$parent = owner
  const before = list(owner.get('extensionElements') as Moddle | undefined, 'values')
  const at = before.findIndex(value => value.$type === SPIFF + tag)
  const values = before.filter((_value, index) => index !== at)
  if (content) values.splice(at < 0 ? values.length : at, 0, isModdle(content) ? content : factory.create(SPIFF + tag, content))
  for (const value of values) value.$parent = container
  container.set('values', values)
  return values.length ? container : undefined
}

const isModdle = (value: Record<string, unknown> | Moddle): value is Moddle => '$type' in value

function withProperty(owner: Moddle, name: string, value: string, factory: Factory): Moddle | undefined {
  const before = list(extension(owner, 'Properties'), 'properties')
  const known = before.some(item => item.get('name') === name)
  const after = before.filter(item => value || item.get('name') !== name)
    .map(item => item.get('name') === name ? factory.create(`${SPIFF}Property`, { name, value }) : item)
  if (value && !known) after.push(factory.create(`${SPIFF}Property`, { name, value }))
  if (!after.length) return replaced(owner, 'Properties', null, factory)
  const made = factory.create(`${SPIFF}Properties`, {})
  for (const item of after) item.$parent = made
  made.set('properties', after)
  return replaced(owner, 'Properties', made, factory)
}

export interface Operator { service: string, result: string, parameters: { name: string, value: string }[] }

export function operator(owner: Moddle): Operator {
  const found = extension(owner, 'ServiceTaskOperator')
  const parameters = list(found?.get('parameterList') as Moddle | undefined, 'parameters')
  return {
    service: text(found?.get('id')),
    result: text(found?.get('resultVariable')),
    parameters: parameters.map(item => ({ name: text(item.get('id')), value: text(item.get('value')) })),
  }
}

export function writeOperator(shape: Shape, owner: Moddle, wanted: Operator, tools: Tools): void {
  const { factory } = tools
  let made: Moddle | null = null
  if (wanted.service) {
    made = factory.create(`${SPIFF}ServiceTaskOperator`, { id: wanted.service, resultVariable: wanted.result || undefined })
    const items = wanted.parameters.map(({ name, value }) => factory.create(`${SPIFF}Parameter`, { id: name, type: 'str', value }))
    const container = factory.create(`${SPIFF}Parameters`, {})
    container.set('parameters', items)
    container.$parent = made
    for (const item of items) item.$parent = container
    if (items.length) made.set('parameterList', container)
  }
  tools.modeling.updateModdleProperties(shape, owner, { extensionElements: replaced(owner, 'ServiceTaskOperator', made, factory) })
}

// Another service: its parameters, with what was said already where the names agree.
export function choose(before: Operator, service: { value: string, result: string, parameters: { name: string, example: string }[] } | undefined, value: string): Operator {
  const said = new Map(before.parameters.map(item => [item.name, item.value]))
  if (!service) return { ...before, service: value }
  return {
    service: value,
    result: before.result || service.result || '',
    parameters: service.parameters.map(({ name, example }) => ({ name, value: said.get(name) ?? example ?? '' })),
  }
}
