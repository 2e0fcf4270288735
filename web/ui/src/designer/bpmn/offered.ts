// What of BPMN runs here; the rest is not offered, though files that hold it can be opened.
const NOT_OFFERED = /complex|ad-?hoc|compensation|conditional(?!-flow)|link|multiple|data-store|choreography|^(append|create)-.*(timer|signal)-start|instantiat|conversation/

export const isOffered = (id: string): boolean => !NOT_OFFERED.test(id)

interface Menu { registerProvider(menu: string, priority: number, provider: unknown): void }
type Entries = Record<string, unknown>
const filter = () => (entries: Entries): Entries => Object.fromEntries(Object.entries(entries).filter(([id]) => isOffered(id)))

function OfferedMenus(popupMenu: Menu): void {
  for (const menu of ['bpmn-replace', 'bpmn-create', 'bpmn-append']) popupMenu.registerProvider(menu, 100, { getPopupMenuEntries: filter })
}
OfferedMenus.$inject = ['popupMenu']

function OfferedPalette(palette: { registerProvider(priority: number, provider: unknown): void }): void {
  palette.registerProvider(100, { getPaletteEntries: filter })
}
OfferedPalette.$inject = ['palette']

export const offeredModule = { __init__: ['offeredMenus', 'offeredPalette'], offeredMenus: ['type', OfferedMenus], offeredPalette: ['type', OfferedPalette] }
