import { say } from '../words'
import { all } from './find'

const WORTH_FILTERING = 9

// A long list of checkboxes (a tag list) gets a search box and a count: <fieldset data-filter> around .form-check lines.
export function filters(root: ParentNode): void {
  for (const group of all<HTMLElement>(root, '[data-filter]')) {
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
  const count = Object.assign(document.createElement('p'), { className: 'form-hint filter-count' })
  count.setAttribute('role', 'status')
  const list = document.createElement('div')
  list.className = 'filter-list'
  lines[0]?.before(box, count, list)
  list.append(...lines, none)

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
  group.addEventListener('change', recount)
  recount()
}

export const matches = (text: string, sought: string): boolean =>
  sought.toLowerCase().split(/\s+/).every(word => text.toLowerCase().includes(word))
