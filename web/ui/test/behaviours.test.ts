import assert from 'node:assert/strict'
import test from 'node:test'
import { size } from '../src/behaviours/files'
import { matches } from '../src/behaviours/filter'
import { paragraphs, tagFor } from '../src/behaviours/sanitise'
import { moment, say } from '../src/words'

test('plain text becomes a paragraph per line, escaped', () => {
  assert.equal(paragraphs('第一行\n\n<第二行> & 完'), '<p>第一行</p><p>&lt;第二行&gt; &amp; 完</p>')
})

test('what is rich already stays', () => {
  assert.equal(paragraphs('<p>已是<strong>富文本</strong></p>'), '<p>已是<strong>富文本</strong></p>')
})

test('tags are kept, renamed or dropped', () => {
  assert.deepEqual(['p', 'b', 'h1', 'div', 'span', 'table'].map(tagFor), ['p', 'strong', 'h3', 'p', null, null])
})

test('every word sought must occur', () => {
  assert.ok(matches('机关党委 组织部', '组织'))
  assert.ok(matches('Office of the Committee', 'committee office'))
  assert.ok(!matches('宣传部', '组织'))
})

test('sizes are said as people say them', () => {
  assert.deepEqual([512, 20480, 3670016].map(size), ['512 B', '20 KB', '3.5 MB'])
})

test('words are filled in', () => {
  assert.equal(say('chosen', { count: 3 }), '已选 3 项')
})

test('a moment is told in the time of Shanghai', () => {
  assert.equal(moment('2026-03-02T16:05:00Z'), '2026/03/03 00:05:00')
})
