import { say } from '../words'
import { all } from './find'

// A file field shows what was chosen, how large it is, and what is over the limit (data-max-size in bytes) before sending.
export function files(root: ParentNode): void {
  for (const input of all<HTMLInputElement>(root, 'input[type=file]')) {
    if (input.dataset.filesReady) continue
    input.dataset.filesReady = 'yes'
    const list = Object.assign(document.createElement('ul'), { className: 'file-list', hidden: true })
    list.setAttribute('aria-label', say('filesChosen'))
    input.after(list)
    input.addEventListener('change', () => show(input, list))
  }
}

function show(input: HTMLInputElement, list: HTMLUListElement): void {
  const limit = Number(input.dataset.maxSize) || Infinity
  const chosen = [...(input.files ?? [])]
  list.replaceChildren(...chosen.map(file => line(file, limit)))
  list.hidden = chosen.length === 0
  input.setCustomValidity(chosen.some(file => file.size > limit) ? say('fileTooBig', { limit: size(limit) }) : '')
}

function line(file: File, limit: number): HTMLLIElement {
  const item = document.createElement('li')
  const big = file.size > limit
  item.textContent = `${file.name} · ${size(file.size)}${big ? ` · ${say('fileTooBig', { limit: size(limit) })}` : ''}`
  if (big) item.className = 'text-danger'
  return item
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(0)} KB`
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`
}
