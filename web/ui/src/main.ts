import '@tabler/core/dist/css/tabler.min.css'
import './main.css'
import { drafts } from './behaviours/draft'
import { dismiss } from './behaviours/dismiss'
import { confirmation } from './behaviours/confirm'
import { autosubmit } from './behaviours/autosubmit'
import { files } from './behaviours/files'
import { filters } from './behaviours/filter'
import { navigation } from './behaviours/navigation'
import { once } from './behaviours/once'
import { exchange } from './behaviours/exchange'
import { richText } from './behaviours/richtext'

// Listeners on the document serve whatever is swapped in later; `dress` is for what needs building per element.
navigation(document)
dismiss(document)
confirmation(document)
once(document)
autosubmit(document)

function dress(root: ParentNode): void {
  richText(root)
  filters(root)
  files(root)
  drafts(root)
  root.querySelector<HTMLElement>('[data-autofocus]')?.focus()
}

exchange(dress)
document.documentElement.classList.add('has-script')
