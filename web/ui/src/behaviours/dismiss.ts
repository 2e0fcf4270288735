// Small buttons that act on the page itself: close a message, print, go back.
export function dismiss(root: Document): void {
  root.addEventListener('click', event => {
    const target = event.target as Element
    const button = target.closest<HTMLElement>('[data-dismiss]')
    if (button) button.closest(`.${button.dataset.dismiss || 'alert'}`)?.remove()
    if (target.closest('[data-print]')) window.print()
  })
}
