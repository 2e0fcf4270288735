// Elements as the desk builds them: a tag, what it has, what is in it.
type Child = Node | string | null | false | undefined
interface Given { class?: string, text?: string | number, title?: string, on?: Record<string, (event: Event) => void>, [attribute: string]: unknown }

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, given: Given = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (name === 'on') for (const [event, act] of Object.entries(given.on ?? {})) element.addEventListener(event, act)
    else if (name === 'class') element.className = String(value)
    else if (name === 'text') element.textContent = String(value)
    else if (name.startsWith('aria-') && typeof value === 'boolean') element.setAttribute(name, String(value))
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, String(value))
  }
  element.append(...children.filter((child): child is Node | string => !!child))
  return element
}

export function button(label: string, act: () => void, style = 'btn btn-sm', given: Given = {}): HTMLButtonElement {
  return el('button', { type: 'button', class: style, text: label, on: { click: act }, ...given })
}
