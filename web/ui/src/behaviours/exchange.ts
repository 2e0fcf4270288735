import htmx from 'htmx.org'
import { say } from '../words'

// htmx under a strict content policy: no injected styles, no evaluated attributes, no page copies in local storage.
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '409|422', swap: true },
    { code: '...', swap: false, error: true },
  ],
})

export const csrf = (): string => document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? ''

export function announce(text: string): void {
  let place = document.getElementById('announcements')
  if (!place) {
    place = document.createElement('div')
    place.id = 'announcements'
    place.setAttribute('role', 'status')
    document.body.append(place)
  }
  const line = document.createElement('div')
  line.className = 'announcement'
  line.textContent = text
  place.append(line)
  setTimeout(() => line.remove(), 8000)
}

export function exchange(dress: (root: ParentNode) => void): void {
  document.addEventListener('htmx:configRequest', event => {
    (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers['X-CSRFToken'] = csrf()
  })
  document.addEventListener('htmx:responseError', () => announce(say('failed')))
  document.addEventListener('htmx:sendError', () => announce(say('offline')))
  htmx.onLoad(element => dress(element as HTMLElement))
}
