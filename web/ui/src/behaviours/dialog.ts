import { say } from '../words'

// Asks in the page's own language; answers null when it was declined, else the text entered ("" without a field).
export function ask(question: string, proposed?: string): Promise<string | null> {
  const dialog = document.createElement('dialog')
  dialog.className = 'ask'
  dialog.setAttribute('aria-labelledby', 'ask-question')
  const text = Object.assign(document.createElement('p'), { id: 'ask-question', textContent: question })
  const form = Object.assign(document.createElement('form'), { method: 'dialog' })
  const field = Object.assign(document.createElement('input'), { className: 'form-control', value: proposed ?? '' })
  field.setAttribute('aria-labelledby', 'ask-question')
  const choices = Object.assign(document.createElement('div'), { className: 'ask-choices' })
  choices.append(choice('button', say('cancel'), 'btn', () => dialog.close()), choice('submit', say('confirm'), 'btn btn-primary', () => {}))
  form.addEventListener('submit', () => { dialog.returnValue = 'yes' })
  if (proposed !== undefined) form.append(field)
  form.append(choices)
  dialog.append(text, form)
  document.body.append(dialog)
  dialog.showModal()
  return new Promise(resolve => dialog.addEventListener('close', () => {
    dialog.remove()
    resolve(dialog.returnValue === 'yes' ? field.value : null)
  }))
}

function choice(type: 'button' | 'submit', label: string, className: string, act: () => void): HTMLButtonElement {
  const button = Object.assign(document.createElement('button'), { type, value: 'yes', textContent: label, className })
  button.addEventListener('click', act)
  return button
}
