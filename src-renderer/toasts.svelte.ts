/** A short message at the edge of the window; `undo` takes back what it tells of. */
export type Toast = { id: number; kind: 'plain' | 'bad'; text: string; action?: { text: string; run: () => void } }

const shownMs = 6000
const shownWithActionMs = 12_000
const mostKept = 50

/** The messages on screen, oldest first; errors stay until they are closed. */
export class Toasts {
  list = $state<Toast[]>([])
  private last = 0

  /** Shows a sentence, with something to do about it where there is. */
  say(text: string, action?: Toast['action']): void {
    const id = this.add('plain', text, action)
    setTimeout(() => this.close(id), action ? shownWithActionMs : shownMs)
  }

  /** Shows an error's sentence until it is closed; the same sentence only once. */
  complain(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    if (!this.list.some((toast) => toast.text === text)) this.add('bad', text)
  }

  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  closeAll(): void {
    this.list = []
  }

  private add(kind: Toast['kind'], text: string, action?: Toast['action']): number {
    const id = ++this.last
    this.list = [...this.list, { id, kind, text, ...(action && { action }) }].slice(-mostKept)
    return id
  }
}
