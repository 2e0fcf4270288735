import { say } from '../words'

// A form that writes is sent once: its buttons rest until the answer is there.
const sent = new WeakSet<HTMLFormElement>()

export function once(root: Document): void {
  root.addEventListener('submit', event => {
    const form = event.target as HTMLFormElement
    if (event.defaultPrevented || form.method !== 'post' || form.target === '_blank' || 'again' in form.dataset) return
    if (sent.has(form)) return event.preventDefault()
    sent.add(form)
    // Disabling at once would drop the pressed button's own name and value from what is sent.
    setTimeout(() => rest(form, event.submitter as HTMLButtonElement | null))
  })
  document.addEventListener('htmx:beforeRequest', event => {
    const form = formOf(event)
    if (form) rest(form, null)
  })
  document.addEventListener('htmx:afterRequest', event => {
    const form = formOf(event)
    if (form) wake(form)
  })
  window.addEventListener('pageshow', event => {
    if (event.persisted) document.querySelectorAll('form').forEach(wake)
  })
}

// A field that refreshes a part of its form also makes requests; only the form's own count.
function formOf(event: Event): HTMLFormElement | null {
  const { elt } = (event as CustomEvent<{ elt: Element }>).detail
  return elt instanceof HTMLFormElement ? elt : null
}

const buttons = (form: HTMLFormElement): HTMLButtonElement[] =>
  [...form.elements].filter((field): field is HTMLButtonElement => field instanceof HTMLButtonElement)

function rest(form: HTMLFormElement, pressed: HTMLButtonElement | null): void {
  form.setAttribute('aria-busy', 'true')
  for (const button of buttons(form)) {
    if (button.disabled || button.type !== 'submit') continue
    button.disabled = true
    button.dataset.resting = ''
  }
  if (!pressed || pressed.dataset.label) return
  pressed.dataset.label = pressed.innerHTML
  pressed.textContent = say('sending')
}

function wake(form: HTMLFormElement): void {
  sent.delete(form)
  form.removeAttribute('aria-busy')
  for (const button of buttons(form)) {
    if (!('resting' in button.dataset)) continue
    button.disabled = false
    delete button.dataset.resting
    if (button.dataset.label) button.innerHTML = button.dataset.label
    delete button.dataset.label
  }
}
