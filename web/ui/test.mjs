// Runs test/*.test.ts: bundled first, since the oldest supported Node does not read TypeScript.
import * as esbuild from 'esbuild'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const out = fs.mkdtempSync(path.join(os.tmpdir(), 'ui-test-'))
const tests = fs.readdirSync(path.join(here, 'test')).filter(name => name.endsWith('.test.ts'))
await esbuild.build({
  entryPoints: tests.map(name => path.join(here, 'test', name)),
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  loader: { '.css': 'empty', '.json': 'json' },
  logLevel: 'warning',
})
const run = spawnSync(process.execPath, ['--test', ...fs.readdirSync(out).map(name => path.join(out, name))], { stdio: 'inherit' })
fs.rmSync(out, { recursive: true })
process.exit(run.status ?? 1)
