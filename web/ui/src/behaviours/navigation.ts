// <button data-nav-toggle aria-controls="menu"> opens and closes what it controls; <details data-menu> closes like a menu.
export function navigation(root: Document): void {
  root.addEventListener('click', event => {
    const target = event.target as Element
    const toggle = target.closest<HTMLElement>('[data-nav-toggle]')
    if (toggle) return flip(toggle)
    for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false
  })
  root.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return
    for (const menu of openMenus()) leave(menu)
    const open = root.querySelector<HTMLElement>('[data-nav-toggle][aria-expanded="true"]')
    if (open) { flip(open); open.focus() }
  })
}

const openMenus = (): HTMLDetailsElement[] => [...document.querySelectorAll<HTMLDetailsElement>('details[data-menu][open]')]

function leave(menu: HTMLDetailsElement): void {
  menu.open = false
  menu.querySelector('summary')?.focus()
}

function flip(toggle: HTMLElement): void {
  const controlled = document.getElementById(toggle.getAttribute('aria-controls') ?? '')
  const open = toggle.getAttribute('aria-expanded') !== 'true'
  toggle.setAttribute('aria-expanded', String(open))
  controlled?.classList.toggle('show', open)
}
