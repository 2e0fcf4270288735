import { Textarea } from '@bpmn-io/form-js-viewer'
import { translate } from '../translate'

// The kinds of components that our own renderer draws.
export const OFFERED = ['default', 'textfield', 'textarea', 'number', 'datetime', 'checkbox', 'radio', 'select', 'checklist', 'taglist', 'filepicker',
  'group', 'dynamiclist', 'text', 'separator', 'spacer', 'button', 'richtext']

export interface Component { config: Record<string, unknown> & { type: string } }
export interface Fields { _formFields: Record<string, Component>, register(type: string, field: unknown): void }

const label = (): string => translate('Rich text')

function RichText(given: never): unknown { return (Textarea as unknown as (given: never) => unknown)(given) }
RichText.config = {
  ...(Textarea as unknown as Component).config,
  type: 'richtext', name: label(), label: label(), group: 'basic-input',
  create: (given: Record<string, unknown> = {}) => ({ label: label(), ...given }),
  propertiesPanelEntries: ['key', 'label', 'description', 'disabled'],
}

export function restrict(fields: Fields): void {
  for (const type of Object.keys(fields._formFields)) if (!OFFERED.includes(type)) delete fields._formFields[type]
  fields.register('richtext', RichText)
}

function OurPalette(formFields: Fields): void { restrict(formFields) }
OurPalette.$inject = ['formFields']

export const paletteModule = { __init__: ['ourPalette'], ourPalette: ['type', OurPalette] }
