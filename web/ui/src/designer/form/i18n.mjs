// The form editor speaks English only: at build time its words on screen are wrapped into globalThis.__t("…").
import fs from 'node:fs'

const NAMED = /\b(name|label|title|children|description|placeholder|tooltip|emptyPlaceholder|'aria-label'|"aria-label")(\s*:\s*)(['"])((?:\\.|(?!\3).)+)\3/g
const RETURNED = /\breturn (['"])([A-Z][^'"]{3,})\1;/g

export function wrap(source, seen = new Set()) {
  return source
    .replace(NAMED, (whole, key, colon, quote, words) => {
      if (!/^[A-Z<]/.test(words)) return whole
      seen.add(words)
      return `${key}${colon}globalThis.__t(${quote}${words}${quote})`
    })
    .replace(RETURNED, (_whole, quote, words) => {
      seen.add(words)
      return `return globalThis.__t(${quote}${words}${quote});`
    })
}

export const FORM_EDITOR = /@bpmn-io[\/\\](form-js-editor|form-js-viewer)[\/\\]dist[\/\\]index\.es\.js$/

export default {
  name: 'form-editor-words',
  setup(build) {
    build.onLoad({ filter: FORM_EDITOR }, ({ path }) => ({ contents: wrap(fs.readFileSync(path, 'utf8')), loader: 'js' }))
  },
}
