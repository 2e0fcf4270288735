// A file on its way to the server: saved a moment after the last change, never over somebody else's.
export type SaveState = 'clean' | 'waiting' | 'saving' | 'saved' | 'conflict' | 'failed' | 'refused'
export interface Conflict { digest: string | null, by: string, at: string }
export type Saved = { digest: string } | { conflict: Conflict } | { refused: string }

export interface Keeper {
  read: () => Promise<string>
  write: (text: string, digest: string | null) => Promise<Saved>   // rejects when the server cannot be reached
  tell: (state: SaveState, detail: string) => void
  conflict: (conflict: Conflict) => void
  later: (act: () => void, milliseconds: number) => unknown
}

export const AFTER = 1200
export const AGAIN = 5000

export class Saving {
  state: SaveState = 'clean'
  private round = 0
  private written = 0
  private running: Promise<void> | null = null

  constructor(public digest: string | null, private readonly keeper: Keeper) {}

  get isSafe(): boolean { return this.round === this.written }

  changed(): void {
    this.round += 1
    if (this.state === 'conflict') return
    this.tell('waiting')
    this.soon(AFTER)
  }

  // Now, and wait for it: before a check, another file, a dry run.
  async flush(): Promise<boolean> {
    while (this.running) await this.running
    if (!this.isSafe && this.state !== 'conflict') await this.write()
    return this.isSafe
  }

  // The other's state was loaded, or mine shall replace it.
  settle(digest: string | null, isMine: boolean): void {
    this.digest = digest
    this.state = 'clean'
    if (isMine) this.changed()
    else { this.written = this.round; this.tell('clean') }
  }

  private soon(milliseconds: number): void {
    const round = this.round
    this.keeper.later(() => { if (round === this.round && !this.isSafe && this.state !== 'conflict') void this.flush() }, milliseconds)
  }

  private async write(): Promise<void> {
    this.running = this.writing().finally(() => { this.running = null })
    await this.running
  }

  private async writing(): Promise<void> {
    const round = this.round
    this.tell('saving')
    try {
      this.took(await this.keeper.write(await this.keeper.read(), this.digest), round)
    } catch {
      this.tell('failed')
      this.soon(AGAIN)
    }
  }

  private took(saved: Saved, round: number): void {
    if ('conflict' in saved) {
      this.tell('conflict')
      this.keeper.conflict(saved.conflict)
    } else if ('refused' in saved) this.tell('refused', saved.refused)
    else {
      this.digest = saved.digest
      this.written = round
      this.tell(this.isSafe ? 'saved' : 'waiting')
      if (!this.isSafe) this.soon(AFTER)
    }
  }

  private tell(state: SaveState, detail = ''): void {
    this.state = state
    this.keeper.tell(state, detail)
  }
}
