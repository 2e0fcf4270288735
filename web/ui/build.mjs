// Bundles every entry into ../static/build under hashed names and writes manifest.json: {entry: {js, css}}.
import * as esbuild from 'esbuild'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import formEditorWords from './src/designer/form/i18n.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
const elsewhere = process.argv.find(argument => argument.startsWith('--out='))
const out = path.resolve(here, elsewhere?.slice(6) ?? '../static/build')
const watching = process.argv.includes('--watch')

const manifest = {
  name: 'manifest',
  setup(build) {
    build.onEnd(({ metafile }) => {
      if (!metafile) return
      const entries = {}
      for (const [file, output] of Object.entries(metafile.outputs)) {
        if (!output.entryPoint) continue
        const name = path.parse(output.entryPoint).name
        const js = path.relative(out, path.resolve(here, file))
        const css = output.cssBundle && path.relative(out, path.resolve(here, output.cssBundle))
        entries[name] = css ? { js, css } : { js }
      }
      const partial = path.join(out, 'manifest.json.new')
      fs.writeFileSync(partial, JSON.stringify(entries, null, 1) + '\n')
      fs.renameSync(partial, path.join(out, 'manifest.json'))
      if (!watching) sweep(new Set(Object.keys(metafile.outputs).map(file => path.relative(out, path.resolve(here, file)))))
    })
  },
}

// A running server goes on with the files of the build before until the new ones are all there.
function sweep(made) {
  for (const name of fs.readdirSync(out)) if (name !== 'manifest.json' && !made.has(name)) fs.rmSync(path.join(out, name), { recursive: true })
}

const options = {
  absWorkingDir: here,
  entryPoints: [
    'src/main.ts', 'src/viewer.ts', 'src/playback.ts',
    ...['designer', 'designer-bpmn', 'designer-dmn', 'designer-form', 'designer-difference'].map(name => `src/designer/${name}.ts`),
  ],
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: !watching,
  sourcemap: watching,
  metafile: true,
  legalComments: 'linked',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.svg': 'file', '.eot': 'empty' },
  plugins: [manifest, formEditorWords],
  logLevel: 'warning',
}

fs.mkdirSync(out, { recursive: true })
if (watching) await (await esbuild.context(options)).watch()
else await esbuild.build(options)
