import { say } from '../words'
import { all } from './find'

const WORTH_FILTERING = 9

// A long list of checkboxes (a tag list) gets a search box and a count that keeps step: <fieldset data-filterable>.
export function filters(root: ParentNode): void {
  for (const group of all<HTMLElement>(root, '[data-filterable]')) {
    const lines = [...group.querySelectorAll<HTMLElement>('.form-check')]
    if (group.dataset.filterReady || lines.length < WORTH_FILTERING) continue
    group.dataset.filterReady = 'yes'
    dressGroup(group, lines)
  }
}

function dressGroup(group: HTMLElement, lines: HTMLElement[]): void {
  const box = Object.assign(document.createElement('input'), { type: 'search', className: 'form-control filter-box', placeholder: say('filter') })
  box.setAttribute('aria-label', say('filter'))
  const none = Object.assign(document.createElement('p'), { className: 'form-hint', textContent: say('filterNone'), hidden: true })
  const count = group.querySelector<HTMLElement>('[data-count]') ?? Object.assign(document.createElement('p'), { className: 'form-hint mb-1' })
  count.setAttribute('role', 'status')
  const list = lines[0]?.parentElement
  list?.before(box, count)
  list?.append(none)

  const recount = (): void => {
    count.textContent = say('chosen', { count: group.querySelectorAll('input:checked').length })
  }
  box.addEventListener('input', event => {
    event.stopPropagation()
    const shown = lines.filter(line => {
      line.hidden = !matches(line.textContent ?? '', box.value) && !line.querySelector('input:checked')
      return !line.hidden
    })
    none.hidden = shown.length > 0
  })
  box.addEventListener('keydown', event => { if (event.key === 'Enter') event.preventDefault() })
  if (!group.querySelector('[type=radio]')) group.addEventListener('change', recount)
  else count.remove()
  if (count.isConnected) recount()
}

export const matches = (text: string, sought: string): boolean =>
  sought.toLowerCase().split(/\s+/).every(word => text.toLowerCase().includes(word))
