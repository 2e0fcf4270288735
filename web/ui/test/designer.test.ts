import assert from 'node:assert/strict'
import test from 'node:test'
import { BpmnModdle } from 'bpmn-moddle'
import fs from 'node:fs'
import { choose, operator, read, write, writeOperator, type Moddle, type Shape, type Tools } from '../src/designer/bpmn/extensions'
import { complete, insert } from '../src/designer/bpmn/completion'
import moddle from '../src/designer/bpmn/moddle.json'
import { isOffered } from '../src/designer/bpmn/offered'
import { readSpan, readTimer, saySpan, sayTimer } from '../src/designer/bpmn/periods'
import { blank } from '../src/designer/blanks'
import { advice } from '../src/designer/lint'
import { together } from '../src/designer/lists'
import { stops } from '../src/designer/way'
import { ours } from '../src/designer/form/schema'
import { onlyRunning, type Policy } from '../src/designer/dmn/policies'
import { Saving, type Conflict, type Saved, type SaveState } from '../src/designer/saving'

// -- saving

class Server {
  stored = 'first'
  writes = 0
  isDown = false
  write(text: string, digest: string | null): Promise<Saved> {
    if (this.isDown) return Promise.reject(new Error('down'))
    if (digest !== this.stored) return Promise.resolve({ conflict: { digest: this.stored, by: '李静', at: '2026-11-23T08:00:00Z' } })
    this.stored = text
    this.writes += 1
    return Promise.resolve({ digest: text })
  }
}

function desk(server: Server): { saving: Saving, states: SaveState[], conflicts: Conflict[], type: (text: string) => void } {
  const states: SaveState[] = []
  const conflicts: Conflict[] = []
  let text = server.stored
  const saving = new Saving(server.stored, {
    read: () => Promise.resolve(text), write: (wanted, digest) => server.write(wanted, digest),
    tell: state => { states.push(state) }, conflict: conflict => { conflicts.push(conflict) }, later: () => {},
  })
  return { saving, states, conflicts, type: typed => { text = typed; saving.changed() } }
}

test('what was changed is saved once, and a second time only after another change', async () => {
  const server = new Server()
  const { saving, type } = desk(server)
  type('second')
  assert.ok(!saving.isSafe)
  assert.ok(await saving.flush())
  await saving.flush()
  assert.deepEqual([server.stored, server.writes], ['second', 1])
})

test('two designers never overwrite each other', async () => {
  const server = new Server()
  const [mine, theirs] = [desk(server), desk(server)]
  theirs.type('theirs')
  await theirs.saving.flush()
  mine.type('mine')
  assert.ok(!await mine.saving.flush())
  assert.equal(server.stored, 'theirs')
  assert.deepEqual(mine.conflicts.map(conflict => conflict.by), ['李静'])
})

test('while there is a conflict nothing more is sent', async () => {
  const server = new Server()
  const { saving, type } = desk(server)
  server.stored = 'theirs'
  type('mine')
  await saving.flush()
  type('mine again')
  assert.ok(!await saving.flush())
  assert.deepEqual([server.stored, saving.state], ['theirs', 'conflict'])
})

test('mine may replace theirs when I say so', async () => {
  const server = new Server()
  const { saving, type } = desk(server)
  server.stored = 'theirs'
  type('mine')
  await saving.flush()
  saving.settle('theirs', true)
  assert.ok(await saving.flush())
  assert.equal(server.stored, 'mine')
})

test('after loading theirs there is nothing to save', async () => {
  const server = new Server()
  const { saving, type } = desk(server)
  server.stored = 'theirs'
  type('mine')
  await saving.flush()
  saving.settle('theirs', false)
  assert.ok(saving.isSafe)
  await saving.flush()
  assert.equal(server.writes, 0)
})

test('a server out of reach loses nothing', async () => {
  const server = new Server()
  const { saving, states, type } = desk(server)
  server.isDown = true
  type('second')
  assert.ok(!await saving.flush())
  assert.equal(states.at(-1), 'failed')
  server.isDown = false
  assert.ok(await saving.flush())
  assert.equal(server.stored, 'second')
})

// -- timers in words

test('a timer is read as people say it, and said back', () => {
  for (const source of ['deadline(settings["t.review"])', 'reminder("2wd")', 'plan.start_at']) assert.equal(sayTimer(readTimer(source)), source)
  assert.deepEqual(readTimer('reminder(settings["t.review"])'), { kind: 'reminder', span: { kind: 'setting', key: 't.review' } })
})

test('a due date is a setting, a period or an expression', () => {
  assert.deepEqual(["settings['t.x']", '"7d"', 'plan.period'].map(source => readSpan(source).kind), ['setting', 'period', 'expression'])
  assert.equal(saySpan(readSpan('"7d"')), '"7d"')
})

// -- completion

const OFFERED = [{ insert: 'plan.scope', label: '公开范围' }, { insert: 'plan.co_units', label: '协同单位' }, { insert: 'settings["t.review"]', label: '审核期限' }]

test('variables are proposed for the word before the caret', () => {
  assert.deepEqual(complete('bool(plan.c', 11, OFFERED).map(one => one.insert), ['plan.co_units'])
  assert.deepEqual(complete('范围', 2, OFFERED).map(one => one.insert), ['plan.scope'])
  assert.deepEqual(complete('bool(', 5, OFFERED), [])
})

test('the chosen one replaces the word and nothing else', () => {
  assert.deepEqual(insert('not (plan.s) and x', 11, OFFERED[0]!), { source: 'not (plan.scope) and x', caret: 15 })
})

// -- what is offered

test('what does not run is not offered', () => {
  assert.deepEqual(['replace-with-complex-gateway', 'append-ad-hoc-subprocess-expanded', 'create-conditional-start', 'create.data-store'].filter(isOffered), [])
  const running = ['replace-with-user-task', 'replace-with-conditional-flow', 'append-timer-intermediate-catch', 'create.participant-expanded', 'toggle-parallel-mi']
  assert.deepEqual(running.filter(isOffered), running)
})

test('a table offers the hit policies that run, and the one it has', () => {
  const policies: Policy[] = ['UNIQUE', 'FIRST', 'ANY', 'PRIORITY', 'RULE ORDER', 'COLLECT'].map(hitPolicy => ({ label: hitPolicy, value: { hitPolicy } }))
  policies.push({ label: 'Collect (Sum)', value: { hitPolicy: 'COLLECT', aggregation: 'SUM' } })
  onlyRunning(policies, '<decisionTable hitPolicy="FIRST">')
  assert.deepEqual(policies.map(policy => policy.label), ['UNIQUE', 'FIRST', 'ANY', 'RULE ORDER', 'COLLECT'])
  onlyRunning(policies, '<decisionTable hitPolicy="PRIORITY">')
  assert.deepEqual(policies.map(policy => policy.label), ['UNIQUE', 'FIRST', 'ANY', 'PRIORITY', 'RULE ORDER', 'COLLECT'])
})

test('a form is saved in the version that our renderer reads', () => {
  assert.deepEqual(ours({ id: 'plan', schemaVersion: 19, exporter: {}, components: [] }), { id: 'plan', schemaVersion: 18, components: [] })
})

// -- what the engine reads of an element

const bpmn = new BpmnModdle({ spiffworkflow: moddle })
const tools: Tools = {
  factory: bpmn,
  modeling: { updateModdleProperties: (_shape, owner, properties) => { for (const [name, value] of Object.entries(properties)) owner.set(name, value) } },
}
const shapeOf = (owner: Moddle): Shape => ({ id: String(owner.get('id')), type: owner.$type, businessObject: owner })
const PROPOSE = fs.readFileSync('../../processes/disclosure/prepare_plan.bpmn', 'utf8')

async function opened(xml = PROPOSE): Promise<{ element: (id: string) => Moddle, text: () => Promise<string> }> {
  const { rootElement, elementsById } = await bpmn.fromXML(xml)
  return { element: id => elementsById[id]!, text: async () => (await bpmn.toXML(rootElement, { format: true })).xml }
}

test('properties, decisions, services and conditions are read from the shipped diagrams', async () => {
  const { element } = await opened()
  assert.equal(read(element('draft'), { name: 'formJsonSchemaFilename' }), 'plan.form.json')
  assert.equal(read(element('time_mode'), { kind: 'text', name: 'CalledDecisionId' }), 'time_mode')
  assert.equal(read(element('gw_mode_to_postpone'), { kind: 'expression', name: 'conditionExpression' }), 'time.mode == "POSTPONED"')
  assert.deepEqual(operator(element('register_plan')).parameters[0], { name: 'matter', value: 'matter' })
})

test('what is written is read again after saving, and what stood beside it stays', async () => {
  const { element, text } = await opened()
  const draft = element('draft')
  write(shapeOf(draft), draft, { name: 'due' }, '"3wd"', tools)
  write(shapeOf(draft), draft, { name: 'separate_from' }, 'review', tools)
  const service = element('register_plan')
  writeOperator(shapeOf(service), service, choose(operator(service), { value: 'other', result: 'x', parameters: [{ name: 'plan', example: 'nothing' }, { name: 'more', example: 'item' }] }, 'other'), tools)
  const again = await opened(await text())
  assert.deepEqual(['due', 'separate_from', 'state', 'basis'].map(name => read(again.element('draft'), { name })), ['"3wd"', 'review', 'DRAFT', '第十一条（一）'])
  assert.deepEqual(operator(again.element('register_plan')), { service: 'other', result: 'registered', parameters: [{ name: 'plan', value: 'plan' }, { name: 'more', value: 'item' }] })
})

test('an emptied property is gone', async () => {
  const { element } = await opened()
  write(shapeOf(element('draft')), element('draft'), { name: 'due' }, '', tools)
  assert.equal(read(element('draft'), { name: 'due' }), '')
})

test('extensions of another tool stay in the file', async () => {
  const foreign = PROPOSE.replace('<bpmn:userTask id="draft"', '<bpmn:userTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="kermit" id="draft"')
  const { element, text } = await opened(foreign)
  write(shapeOf(element('draft')), element('draft'), { name: 'due' }, '"1d"', tools)
  assert.ok((await text()).includes('camunda:assignee="kermit"'))
})

test('new files can be read', async () => {
  const words = { start: '开始', end: '结束', lane: '承办单位', input: '输入', output: '结果' }
  const { elementsById, warnings } = await bpmn.fromXML(blank('bpmn', '征求意见.bpmn', words))
  assert.deepEqual([warnings.length, Object.values(elementsById).filter(one => one.$type === 'bpmn:Process').length], [0, 1])
  assert.equal((JSON.parse(blank('form', 'opinion.form.json', words)) as { id: string }).id, 'opinion')
})

// -- advice

const processes = ['../../processes'].flatMap(root => fs.readdirSync(root, { recursive: true }).filter(path => path.endsWith('.bpmn')).map(path => `${root}/${path}`))

test('no shipped diagram gets advice', async () => {
  assert.ok(processes.length > 20)
  for (const path of processes) assert.deepEqual(await advice(path, fs.readFileSync(path, 'utf8')), [])
})

test('advice names the element, what is wrong and how to mend it, in Chinese', async () => {
  const whole = fs.readFileSync('../../processes/disclosure/propose_review.bpmn', 'utf8')
  const nameless = whole.replace(/(<bpmn:userTask id="\w+") name="[^"]+"/, '$1')
  assert.ok(nameless !== whole)
  const [found, ...others] = await advice('propose_review.bpmn', nameless)
  assert.deepEqual(others, [])
  assert.equal(found?.code, 'bpmnlint.label-required')
  assert.ok(/^[\u3400-\u9fff，、“”]+$/u.test(`${found?.message}${found?.mend}`))
  assert.ok(found?.element && nameless.includes(`id="${found.element}"`))
  assert.deepEqual(await advice('torn.bpmn', 'not xml'), [])
})

test('what the server says of an element is not said twice', () => {
  const finding = (element: string, code: string) => ({ path: 'a.bpmn', element, code, line: null, level: 'warning' as const, message: '', mend: '', kind: 'bpmn', name: '' })
  const found = [finding('review', 'bpmn.form.missing')]
  const advised = [finding('review', 'bpmnlint.label-required'), finding('end', 'bpmnlint.no-implicit-end'), finding('end', 'bpmnlint.no-implicit-end')]
  assert.deepEqual(together(found, advised).map(({ element }) => element), ['review', 'end'])
})

test('a way to a breach stops where something happens, with the flows that lead there', () => {
  const step = (what: 'completed' | 'flow', element: string) => ({ what, element, choice: '', path: 'a.bpmn', name: element })
  const way = [step('completed', 'start'), step('flow', 'f1'), step('flow', 'f2'), step('completed', 'review'), step('flow', 'f3')]
  assert.deepEqual(stops(way).map(moves => moves.map(({ element }) => element)), [['start'], ['f1', 'f2', 'review']])
})
