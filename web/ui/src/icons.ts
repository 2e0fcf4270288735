// Drawn rather than typed: fonts of offices lack the signs. 24 × 24, lines only, hidden from screen readers.
const LINES = {
  play: 'M7 4v16l13-8z',
  pause: 'M8 5v14M16 5v14',
  first: 'M6 5v14M19 5l-9 7 9 7z',
  back: 'M15 5l-8 7 8 7',
  forward: 'M9 5l8 7-8 7',
  last: 'M18 5v14M5 5l9 7-9 7z',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  open: 'M7 17L17 7M9 7h8v8',
  bullets: 'M9 6h11M9 12h11M9 18h11M5 6h.01M5 12h.01M5 18h.01',
  numbers: 'M11 6h9M11 12h9M11 18h9M5 4v5M4 14.5c0-2 3-2 3 0 0 1.5-3 2.5-3 4h3',
  quote: 'M4 12h5v6H4zM4 12c0-4 1-6 4-6M14 12h5v6h-5zM14 12c0-4 1-6 4-6',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  clear: 'M5 5h12M11 5L8 19M15 15l5 5M20 15l-5 5',
  undo: 'M9 6l-4 4 4 4M5 10h10a5 5 0 0 1 0 10h-3',
  redo: 'M15 6l4 4-4 4M19 10H9a5 5 0 0 0 0 10h3',
} as const

export type Icon = keyof typeof LINES
const SVG = 'http://www.w3.org/2000/svg'

export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  const path = document.createElementNS(SVG, 'path')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', LINES[name])
  svg.append(path)
  return svg
}
