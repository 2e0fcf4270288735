import { Group } from '@bpmn-io/properties-panel'
import GROUPS from './fields.json'
import { ServiceWidget, TimerWidget, WIDGETS } from './entries'
import { eventOf, holder, loopOf, operator, read, type Field, type Moddle, type Shape } from './extensions'
import { translate } from '../translate'

interface GroupOf { id: string, label?: string, component?: unknown, entries?: unknown[], shouldOpen?: boolean }
interface FieldGroup { id: string, label: string, is: string[], when?: string, closed?: boolean, fields: Field[] }

const CHOOSING = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway']
const MESSAGE = ['bpmn:MessageEventDefinition', 'bpmn:SignalEventDefinition']

// When a group or a field has something to say for an element.
const WHEN: Record<string, (owner: Moddle) => boolean> = {
  condition: owner => CHOOSING.includes((owner.get('sourceRef') as Moddle | undefined)?.$type ?? '') || !!owner.get('conditionExpression'),
  message: owner => !owner.$instanceOf('bpmn:Event') || MESSAGE.includes(eventOf(owner)?.$type ?? ''),
  throwing: owner => owner.$instanceOf('bpmn:ThrowEvent') || owner.$type === 'bpmn:SendTask',
  catching: owner => owner.$instanceOf('bpmn:CatchEvent') || owner.$type === 'bpmn:ReceiveTask',
  several: owner => !!loopOf(owner),
  node: owner => owner.$instanceOf('bpmn:FlowNode'),
  activity: owner => owner.$instanceOf('bpmn:Activity'),
}
const applies = (when: string | undefined, owner: Moddle): boolean => !when || (WHEN[when]?.(owner) ?? true)

// Of the stock groups: those that mean something to the engine. Timers and repetition are said in our words.
const STOCK = ['general', 'documentation', 'message', 'signal', 'error', 'escalation']
const OPEN = ['general', 'message', 'signal', 'error', 'escalation']

function groupsFor(element: Shape): GroupOf[] {
  const owner = holder(element)
  const groups: GroupOf[] = (GROUPS as FieldGroup[])
    .filter(group => group.is.some(type => owner.$instanceOf(type)) && applies(group.when, owner))
    .map(group => ({ id: group.id, label: translate(group.label), component: Group, shouldOpen: !group.closed, entries: entriesOf(group, element, owner) }))
  const event = eventOf(owner)
  if (event?.$type === 'bpmn:TimerEventDefinition') {
    groups.unshift({ id: 'timer-ours', label: translate('Timer'), component: Group, shouldOpen: true, entries: [{ id: 'timer-ours-when', component: TimerWidget, event }] })
  }
  if (owner.$type === 'bpmn:ServiceTask') {
    groups.unshift({ id: 'service', label: translate('Service'), component: Group, shouldOpen: true,
      entries: [{ id: 'service-operator', component: ServiceWidget, owner, isEdited: () => !!operator(owner).service }] })
  }
  return groups
}

function entriesOf(group: FieldGroup, element: Shape, owner: Moddle): unknown[] {
  return group.fields.filter(field => applies(field.when, owner)).map(field => ({
    id: `${group.id}-${field.name}-${element.id}`, component: WIDGETS[field.widget], owner, field, isEdited: () => !!read(owner, field),
  }))
}

class OurProvider {
  static $inject = ['propertiesPanel']
  constructor(panel: { registerProvider(priority: number, provider: unknown): void }) { panel.registerProvider(300, this) }

  getGroups(element: Shape): (groups: GroupOf[]) => GroupOf[] {
    return groups => {
      if (element.labelTarget) return groups
      const stock = groups.filter(group => STOCK.includes(group.id))
      for (const group of stock) group.shouldOpen = OPEN.includes(group.id)
      const general = stock.filter(group => group.id === 'general')
      return [...general, ...groupsFor(element), ...stock.filter(group => group.id !== 'general')]
    }
  }
}

export const providerModule = { __init__: ['ourProvider'], ourProvider: ['type', OurProvider] }
