import { ask } from './dialog'

// `data-confirm="question"` on a form or on its submit button asks in a dialog of the page's own language.
// Listening in the capture phase keeps everybody else (htmx, the double-submit guard) from seeing an unconfirmed submit.
const confirmed = new WeakSet<HTMLFormElement>()

export function confirmation(root: Document): void {
  root.addEventListener('submit', event => {
    const form = event.target as HTMLFormElement
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm
    if (!question || confirmed.delete(form)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    void ask(question).then(answer => {
      if (answer === null) return
      confirmed.add(form)
      form.requestSubmit(event.submitter)
    })
  }, true)
}
