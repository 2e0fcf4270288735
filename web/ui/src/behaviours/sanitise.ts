// The same short list of tags as the server keeps; the server cleans again, this only shows the writer what will stay.
const KEPT = new Set(['p', 'br', 'strong', 'em', 'u', 'h3', 'h4', 'ul', 'ol', 'li', 'blockquote', 'a'])
const SAID_AS: Record<string, string> = { b: 'strong', i: 'em', h1: 'h3', h2: 'h3', h5: 'h4', h6: 'h4', div: 'p' }
const DROPPED = new Set(['script', 'style', 'template', 'iframe', 'object', 'title', 'head', 'svg', 'math', 'xml'])
const ADDRESS = /^(https?:\/\/.|mailto:.)/i

export const isAddress = (text: string): boolean => ADDRESS.test(text)

export function clean(html: string): string {
  const from = new DOMParser().parseFromString(html, 'text/html').body
  const to = document.implementation.createHTMLDocument('').createElement('div')
  copy(from, to)
  while (to.lastChild && isEmpty(to.lastChild)) to.lastChild.remove()
  return to.innerHTML.trim()
}

// What Enter leaves behind a last line.
const isEmpty = (node: Node): boolean => !node.textContent?.trim()

function copy(from: Node, to: Element): void {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.textContent ?? '')
    else if (node instanceof Element) copyElement(node, to)
    else if (node.nodeType === Node.ELEMENT_NODE) copyElement(node as Element, to)
  }
}

function copyElement(from: Element, to: Element): void {
  const name = from.localName
  if (DROPPED.has(name)) return
  const tag = tagFor(name)
  if (!tag || (tag === 'p' && hasBlocks(from))) return copy(from, to)
  const made = to.ownerDocument.createElement(tag)
  const address = tag === 'a' ? from.getAttribute('href') ?? '' : ''
  if (tag === 'a' && !isAddress(address)) return copy(from, to)
  if (address) made.setAttribute('href', address)
  copy(from, made)
  to.append(made)
}

export const tagFor = (name: string): string | null => KEPT.has(name) ? name : SAID_AS[name] ?? null

const hasBlocks = (element: Element): boolean => element.querySelector('p,div,ul,ol,blockquote,h1,h2,h3,h4,h5,h6,table') !== null

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

// Plain text (typed without scripts, or pasted) becomes one paragraph per line; what is HTML already stays.
export function paragraphs(text: string): string {
  if (/<\/?(p|br|ul|ol|li|h[1-6]|blockquote|strong|em|b|i|u|a)\b/i.test(text)) return text
  return text.split(/\r?\n/).filter(line => line.trim()).map(line => `<p>${escape(line)}</p>`).join('')
}
