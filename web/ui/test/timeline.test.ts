import assert from 'node:assert/strict'
import test from 'node:test'
import { endOf, FLOW, frameNamed, furthest, stateAt, step, timeline, watched, wayTo, type Entry, type Item } from '../src/playback/timeline'
import recorded from './fixture/entries.json'

const line = timeline(recorded as Entry[])
const at = (position: number) => stateAt(line, endOf(line, position - 1))

test('before the first entry nothing stands', () => {
  const state = stateAt(line, -1)
  assert.equal(state.entry, -1)
  assert.equal(state.frames.size, 0)
})

test('a wait of days becomes seconds and the order stays', () => {
  assert.ok(line.duration < 60)
  assert.ok(line.events.every((event, index) => index === 0 || event.at >= line.events[index - 1]!.at))
})

test('parallel flows move together', () => {
  const [left, right] = line.events.filter(event => event.element === 'p_f3' || event.element === 'p_f4')
  assert.equal(left!.at, right!.at)
  assert.equal(stateAt(line, left!.at + FLOW / 2).tokens.length, 2)
})

test('what waits is active, in the diagram of its own call', () => {
  const inside = at(2).frames.get('r1')
  assert.deepEqual(inside?.nodes.get('p_secrecy'), { active: 1, done: 0, cancelled: 0 })
  assert.equal(at(2).frames.get('')?.nodes.get('m_review')?.active, 1)
})

test('a second call of the same process starts clean', () => {
  assert.equal(at(6).frames.get('r2')?.nodes.get('p_draft')?.active, 1)
  assert.equal(at(6).frames.get('r1')?.nodes.get('p_draft')?.done, 1)
  assert.equal(frameNamed(line, 'r2')?.run, 2)
})

test('a call activity opens its latest run', () => {
  assert.equal(at(3).frames.get('')?.opened.get('m_review'), 'r1')
  assert.equal(at(9).frames.get('')?.opened.get('m_review'), 'r2')
})

test('a call that a flow leads to is opened by its activity, not by the flow', () => {
  const trace: Item[] = [
    ['completed', 'begin', 'outer', '', 't1'],
    ['flow', 'begin_to_call', 'outer', '', 't2'],
    ['entered', 'call', 'outer', '', 't2'],
    ['entered', 'inside', 'inner', 't2', 't3'],
  ]
  const called = timeline([{ position: 1, at: '2025-03-03T01:00:00Z', by: '', kind: 'start', trace }])
  assert.equal(frameNamed(called, 't2')?.call, 'call')
})

test('a repeated element counts', () => {
  assert.equal(at(12).frames.get('')?.nodes.get('m_approve')?.done, 2)
})

test('the way to a called process starts at the instance', () => {
  assert.deepEqual(wayTo(line, 'i1').map(frame => frame.process), ['open', 'carry'])
})

test('the picture follows into the called process and back out', () => {
  assert.equal(watched(line, at(2)), 'r1')
  assert.equal(watched(line, at(5)), '')
  assert.equal(watched(line, at(10)), 'i1')
})

test('going back gives what was there before', () => {
  const seen = (second: number) => JSON.stringify([...stateAt(line, second).frames].map(([id, state]) => [id, [...state.nodes], [...state.flows]]))
  const before = seen(3)
  stateAt(line, line.duration)
  assert.equal(seen(3), before)
})

test('steps stay between the moment before the first entry and the last', () => {
  assert.equal(step(line, 0, -1), -1)
  assert.equal(step(line, -1, -1), -1)
  assert.equal(step(line, 11, 1), 11)
  assert.equal(step(line, 3, -Infinity), -1)
})

test('a step ends where its entry ends', () => {
  assert.deepEqual([1, 5, 12].map(position => at(position).entry), [0, 4, 11])
})

test('a sub-process drawn in its parent is no diagram of its own', () => {
  const trace: Item[] = [['entered', 'sub', 'open', '', 's1'], ['entered', 'inner', 'open', 's1', 'i1']]
  const one = timeline([{ position: 1, at: '2026-01-01T00:00:00Z', by: '', kind: 'start', trace }])
  assert.equal(stateAt(one, 9).frames.get('')?.nodes.get('inner')?.active, 1)
})

test('a long history is sought quickly and exactly', () => {
  const entries: Entry[] = Array.from({ length: 1500 }, (_, index) => ({
    position: index + 1, at: new Date(Date.UTC(2026, 0, 1, index)).toISOString(), by: '', kind: 'complete',
    trace: [['completed', `e${index % 7}`, 'open', '', `t${index}`], ['flow', `f${index % 7}`, 'open', '', ''], ['entered', `e${(index + 1) % 7}`, 'open', '', `t${index + 1}`]],
  }))
  const long = timeline(entries)
  const began = performance.now()
  for (let index = 0; index < 500; index++) stateAt(long, long.duration * index / 500)
  assert.ok((performance.now() - began) / 500 < 4, 'a seek takes under 4 ms')
  const done = [...stateAt(long, long.duration).frames.get('')!.nodes.values()].reduce((sum, count) => sum + count.done, 0)
  assert.equal(done, 1500)
})

test('a slow screen is shown every entry, up to the end', () => {
  const seen = [stateAt(line, 0).entry]
  const goOn = (): number => furthest(line, seen.at(-1)!)
  while (goOn() < line.duration) seen.push(stateAt(line, goOn()).entry)
  assert.deepEqual([...seen, stateAt(line, goOn()).entry], line.entries.map((_, index) => index))
})
