import assert from 'node:assert/strict'
import test from 'node:test'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { wrap } from '../src/designer/form/i18n.mjs'
import fields from '../src/designer/bpmn/fields.json'
import { chinese } from '../src/designer/translate'

const SAID = /\b_?translate\(\s*(['"])((?:\\.|(?!\1).)+)\1/g
const NAMED = /\b(?:label|title|name|description): (['"])((?:\\.|(?!\1).)+)\1/g
// Parts that the desk leaves out: other engines' properties, kinds of fields that are not offered, code in strings.
const LEFT_OUT = /Camunda|^[" ,+\[{]|\bshift\b|^HELLO|^(Job|Tenant|Candidate)|ISO 8601|^UTC|^every |Documentation: Timer|^\d+ (seconds|days|hour)/

function said(folder: string, pattern = SAID, only = /\.js$/): string[] {
  const files = fs.readdirSync(`node_modules/${folder}`, { recursive: true }).filter(name => only.test(name) && !name.includes('node_modules'))
  return files.flatMap(name => [...fs.readFileSync(`node_modules/${folder}/${name}`, 'utf8').matchAll(pattern)].map(found => found[2]!.replaceAll("\\'", "'")))
}

const lacking = (texts: Iterable<string>): string[] => [...new Set(texts)].filter(text => /[A-Za-z]{2}/.test(text) && !LEFT_OUT.test(text) && chinese(text) === undefined)

test('all that the diagram editor says is in Chinese', () => {
  assert.deepEqual(lacking([...said('bpmn-js/lib'), ...said('bpmn-js/lib', NAMED, /(PopupEntries|ReplaceOptions)\.js$/), ...said('diagram-js/lib'),
    ...said('bpmn-js-create-append-anything/dist', SAID, /index\.es\.js$/), ...said('diagram-js-minimap/dist', SAID, /index\.esm\.js$/)]), [])
})

test('all that its panel says is in Chinese', () => {
  assert.deepEqual(lacking(said('@bpmn-io/properties-panel/dist', SAID, /^index\.esm\.js$/)), [])
})

test('all that the table editor says is in Chinese', () => {
  assert.deepEqual(lacking(said('dmn-js-decision-table/lib')), [])
})

test('all that the form editor says is in Chinese', () => {
  const seen = new Set<string>()
  for (const name of ['editor', 'viewer']) wrap(fs.readFileSync(`node_modules/@bpmn-io/form-js-${name}/dist/index.es.js`, 'utf8'), seen)
  assert.ok(seen.size > 150, 'the words on screen are found')
  assert.deepEqual(lacking([...seen].map(text => text.replaceAll("\\'", "'").replaceAll('\\"', '"'))), [])
})

test('all that our own panel says is in Chinese', () => {
  const ours = [...fs.readFileSync('src/designer/bpmn/entries.ts', 'utf8').matchAll(SAID)].map(found => found[2]!)
  const labels = fields.flatMap(group => [group.label, ...group.fields.flatMap(field => [field.label, 'help' in field ? String(field.help) : ''])])
  assert.deepEqual(lacking([...ours, ...labels]), [])
})

test('the inbox loads none of the editors', () => {
  const report = `${os.tmpdir()}/mingtang-inbox-${Date.now()}.json`
  const { status, stderr } = spawnSync('node_modules/.bin/esbuild', ['src/main.ts', 'src/viewer.ts', '--bundle', '--format=esm', '--loader:.css=empty',
    `--outdir=${os.tmpdir()}/mingtang-inbox`, `--metafile=${report}`, '--log-level=error'], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const inputs = Object.keys((JSON.parse(fs.readFileSync(report, 'utf8')) as { inputs: Record<string, unknown> }).inputs)
  assert.deepEqual(inputs.filter(input => /designer|properties-panel|dmn-js|form-js|Modeler|modeling/.test(input)), [])
})

test('every editor is an entry of its own, and the desk itself is small', () => {
  const out = '../static/build'
  if (!fs.existsSync(`${out}/manifest.json`)) return
  const manifest = JSON.parse(fs.readFileSync(`${out}/manifest.json`, 'utf8')) as Record<string, { js: string }>
  for (const entry of ['designer', 'designer-bpmn', 'designer-dmn', 'designer-form']) assert.ok(manifest[entry], entry)
  const loaded = (file: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(file)) return seen
    seen.add(file)
    for (const found of fs.readFileSync(`${out}/${file}`, 'utf8').matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) loaded(found[1]!, seen)
    return seen
  }
  const heavy = ['designer-bpmn', 'designer-dmn', 'designer-form'].map(entry => manifest[entry]!.js)
  for (const entry of ['main', 'viewer', 'playback', 'designer']) assert.deepEqual([...loaded(manifest[entry]!.js)].filter(file => heavy.includes(file)), [])
})
