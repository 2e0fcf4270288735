import { moment, say } from '../words'
import { csrf } from './exchange'
import { all } from './find'

const PAUSE = 1500

// <form data-draft-url="…">: what is typed is kept on the server after a pause, and when the page is left.
// Files are not: the server keeps them when the form is sent. The state is told in the form's [data-draft-state].
export function drafts(root: ParentNode): void {
  for (const form of all<HTMLFormElement>(root, 'form[data-draft-url]')) {
    if (form.dataset.draftReady) continue
    form.dataset.draftReady = 'yes'
    let timer = 0
    let changed = false
    const keep = (): void => {
      clearTimeout(timer)
      if (!changed) return
      changed = false
      void store(form).catch(() => { changed = true; tell(form, say('draftFailed'), true) })
    }
    form.addEventListener('input', () => {
      changed = true
      clearTimeout(timer)
      timer = window.setTimeout(keep, PAUSE)
    })
    form.addEventListener('submit', event => {
      if (!event.defaultPrevented) { changed = false; clearTimeout(timer) }
    })
    document.addEventListener('visibilitychange', () => { if (document.hidden && form.isConnected) keep() })
  }
}

async function store(form: HTMLFormElement): Promise<void> {
  const body = new URLSearchParams()
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value)
  const answer = await fetch(form.dataset.draftUrl ?? '', {
    method: 'POST', body, keepalive: body.toString().length < 60000, headers: { 'X-CSRFToken': csrf() },
  })
  if (!answer.ok) throw new Error(String(answer.status))
  tell(form, say('draftSaved', { time: moment(Date.now()).slice(-8) }), false)
}

function tell(form: HTMLFormElement, text: string, failed: boolean): void {
  const place = form.querySelector<HTMLElement>('[data-draft-state]')
  if (!place) return
  place.textContent = text
  place.setAttribute('role', 'status')
  place.classList.toggle('text-danger', failed)
}
