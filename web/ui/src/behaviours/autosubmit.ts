// <form data-autosubmit>: a filter acts as soon as it is chosen. Typed text waits for Enter.
export function autosubmit(root: Document): void {
  root.addEventListener('change', event => {
    const field = event.target as HTMLInputElement
    const form = field.form
    if (form?.hasAttribute('data-autosubmit') && isChosen(field)) form.requestSubmit()
  })
}

const isChosen = (field: HTMLInputElement): boolean =>
  field.tagName === 'SELECT' || ['checkbox', 'radio', 'date', 'month'].includes(field.type)
