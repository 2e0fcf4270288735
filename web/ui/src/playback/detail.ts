import { say } from '../words'

const PAUSE = 180

// The side panel: what was entered at a step, as the server shows it. While entries fly by, only where one stops is asked.
export class Detail {
  private readonly known = new Map<string, string>()
  private wanted: string | null = null
  private timer = 0

  constructor(private readonly place: HTMLElement) {}

  show(address: string | null): void {
    clearTimeout(this.timer)
    this.wanted = address
    if (!address) return this.place.replaceChildren()
    const known = this.known.get(address)
    if (known !== undefined) return this.fill(known)
    this.place.setAttribute('aria-busy', 'true')
    this.timer = window.setTimeout(() => void this.ask(address), PAUSE)
  }

  private async ask(address: string): Promise<void> {
    const text = await fetch(address, { headers: { 'HX-Request': 'true' } }).then(answer => answer.ok ? answer.text() : null, () => null)
    if (text !== null) this.known.set(address, text)
    if (this.wanted === address) this.fill(text ?? say('failed'))
  }

  private fill(html: string): void {
    this.place.removeAttribute('aria-busy')
    this.place.innerHTML = html
  }
}
