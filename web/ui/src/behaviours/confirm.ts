import { say } from '../words'

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
    ask(question, () => {
      confirmed.add(form)
      form.requestSubmit(event.submitter)
    })
  }, true)
}

function ask(question: string, proceed: () => void): void {
  const dialog = document.createElement('dialog')
  dialog.className = 'ask'
  dialog.setAttribute('aria-labelledby', 'ask-question')
  const text = Object.assign(document.createElement('p'), { id: 'ask-question', textContent: question })
  const form = Object.assign(document.createElement('form'), { method: 'dialog', className: 'ask-choices' })
  form.append(choice('no', say('cancel'), 'btn'), choice('yes', say('confirm'), 'btn btn-primary'))
  dialog.append(text, form)
  dialog.addEventListener('close', () => {
    dialog.remove()
    if (dialog.returnValue === 'yes') proceed()
  })
  document.body.append(dialog)
  dialog.showModal()
}

function choice(value: string, label: string, className: string): HTMLButtonElement {
  return Object.assign(document.createElement('button'), { type: 'submit', value, textContent: label, className })
}
