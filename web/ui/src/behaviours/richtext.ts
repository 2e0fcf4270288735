import { icon, type Icon } from '../icons'
import { say, type Word } from '../words'
import { ask } from './dialog'
import { all } from './find'
import { clean, isAddress, paragraphs } from './sanitise'

interface Tool { word: Word, sign?: string, icon?: Icon, command: string, value?: string }

const TOOLS: Tool[] = [
  { word: 'bold', sign: 'B', command: 'bold' },
  { word: 'italic', sign: 'I', command: 'italic' },
  { word: 'underline', sign: 'U', command: 'underline' },
  { word: 'heading', command: 'formatBlock', value: 'h3' },
  { word: 'subheading', command: 'formatBlock', value: 'h4' },
  { word: 'paragraph', command: 'formatBlock', value: 'p' },
  { word: 'bullets', icon: 'bullets', command: 'insertUnorderedList' },
  { word: 'numbers', icon: 'numbers', command: 'insertOrderedList' },
  { word: 'quote', icon: 'quote', command: 'formatBlock', value: 'blockquote' },
  { word: 'link', icon: 'link', command: 'createLink' },
  { word: 'clear', icon: 'clear', command: 'removeFormat' },
  { word: 'undo', icon: 'undo', command: 'undo' },
  { word: 'redo', icon: 'redo', command: 'redo' },
]

// <textarea data-rich> becomes an editor; the textarea stays the field that is sent, and works alone without scripts.
export function richText(root: ParentNode): void {
  for (const field of all<HTMLTextAreaElement>(root, 'textarea[data-rich]')) {
    if (field.dataset.richReady || field.disabled || field.readOnly) continue
    field.dataset.richReady = 'yes'
    enhance(field)
  }
}

function enhance(field: HTMLTextAreaElement): void {
  const surface = document.createElement('div')
  surface.className = 'rich-surface form-control rich'
  surface.contentEditable = 'true'
  surface.setAttribute('role', 'textbox')
  surface.setAttribute('aria-multiline', 'true')
  surface.lang = field.lang || 'zh'
  surface.innerHTML = clean(paragraphs(field.value))
  describe(field, surface)

  const store = (): void => {
    field.value = surface.textContent?.trim() ? clean(surface.innerHTML) : ''
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const bar = toolbar(surface, store)
  surface.addEventListener('input', event => { event.stopPropagation(); store() })
  surface.addEventListener('blur', () => field.dispatchEvent(new Event('change', { bubbles: true })))
  surface.addEventListener('paste', event => paste(event))
  surface.addEventListener('drop', event => event.preventDefault())
  surface.addEventListener('focus', () => document.execCommand('defaultParagraphSeparator', false, 'p'))
  field.form?.addEventListener('reset', () => setTimeout(() => { surface.innerHTML = clean(paragraphs(field.value)) }))

  const editor = document.createElement('div')
  editor.className = 'rich-editor'
  if (field.classList.contains('is-invalid')) editor.classList.add('is-invalid')
  field.before(editor)
  editor.append(bar, surface)
  field.hidden = true
  field.required = false
  // Links of the list of errors, and htmx after a refresh, look for the field by its id.
  surface.id = field.id
  field.removeAttribute('id')
}

function describe(field: HTMLTextAreaElement, surface: HTMLElement): void {
  const label = field.labels?.[0]
  if (label) {
    label.id ||= `${field.id || field.name}-label`
    surface.setAttribute('aria-labelledby', label.id)
    label.addEventListener('click', event => { event.preventDefault(); surface.focus() })
  }
  for (const name of ['aria-describedby', 'aria-invalid', 'aria-required']) {
    const value = field.getAttribute(name) ?? (name === 'aria-required' && field.required ? 'true' : null)
    if (value) surface.setAttribute(name, value)
  }
}

function toolbar(surface: HTMLElement, store: () => void): HTMLElement {
  const bar = document.createElement('div')
  bar.className = 'rich-bar'
  bar.setAttribute('role', 'toolbar')
  bar.setAttribute('aria-label', say('editor'))
  for (const tool of TOOLS) bar.append(button(tool, surface, store))
  bar.addEventListener('keydown', event => rove(bar, event))
  const [first, ...others] = bar.querySelectorAll('button')
  if (first) first.tabIndex = 0
  for (const other of others) other.tabIndex = -1
  const mark = (): void => {
    if (surface.contains(document.getSelection()?.anchorNode ?? null)) pressed(bar)
  }
  document.addEventListener('selectionchange', mark)
  return bar
}

function button(tool: Tool, surface: HTMLElement, store: () => void): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.append(tool.icon ? icon(tool.icon) : tool.sign ?? say(tool.word))
  made.title = say(tool.word)
  made.dataset.tool = tool.word
  made.setAttribute('aria-label', say(tool.word))
  // Pressing the mouse would take the selection away from the text.
  made.addEventListener('mousedown', event => event.preventDefault())
  made.addEventListener('click', async () => {
    surface.focus()
    if (tool.command === 'createLink') await link(surface)
    else document.execCommand(tool.command, false, tool.value)
    store()
  })
  return made
}

async function link(surface: HTMLElement): Promise<void> {
  const selection = document.getSelection()
  const range = selection?.rangeCount ? selection.getRangeAt(0).cloneRange() : null
  const answer = await ask(say('linkAddress'), 'https://')
  surface.focus()
  if (answer === null || !range) return
  selection?.removeAllRanges()
  selection?.addRange(range)
  const address = answer.trim()
  document.execCommand(isAddress(address) ? 'createLink' : 'unlink', false, address)
}

function paste(event: ClipboardEvent): void {
  const data = event.clipboardData
  if (!data) return
  event.preventDefault()
  const html = data.getData('text/html')
  document.execCommand('insertHTML', false, html ? clean(html) : clean(paragraphs(data.getData('text/plain'))))
}

const STATES: Partial<Record<Word, string>> = { bold: 'bold', italic: 'italic', underline: 'underline', bullets: 'insertUnorderedList', numbers: 'insertOrderedList' }

function pressed(bar: HTMLElement): void {
  for (const made of bar.querySelectorAll('button')) {
    const command = STATES[made.dataset.tool as Word]
    if (command) made.setAttribute('aria-pressed', String(document.queryCommandState(command)))
  }
}

function rove(bar: HTMLElement, event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!step) return
  const tools = [...bar.querySelectorAll('button')]
  const at = tools.indexOf(document.activeElement as HTMLButtonElement)
  const next = tools[(at + step + tools.length) % tools.length]
  for (const tool of tools) tool.tabIndex = tool === next ? 0 : -1
  next?.focus()
  event.preventDefault()
}
