import { isMeasurable, type LibraryItem } from '../../src-shared/library.ts'

/** A file that somebody wanted to open: its item, or one sentence on why there is none. */
export type OpenedFile = { path: string; item: LibraryItem | null; problem: string }

/** What the card shows: files that were opened together, and which of them is looked at. */
export class Opening {
  files = $state.raw<readonly OpenedFile[]>([])
  /** Of the file that is looked at; null for the list of all. */
  shownPath = $state<string | null>(null)

  isOpen = $derived(this.files.length > 0)
  shown = $derived(this.files.find(({ path }) => path === this.shownPath)?.item ?? null)
  measurable = $derived(this.files.flatMap(({ item }) => (item && isMeasurable(item) ? [item] : [])))

  /** Shows files; one alone is looked at at once. */
  show(files: readonly OpenedFile[]): void {
    this.files = files
    const [first] = files
    this.shownPath = files.length === 1 && first?.item ? first.path : null
  }

  look(path: string | null): void {
    this.shownPath = path
  }

  /** Puts what a file opens as now in place of what it was. */
  replace(itemPath: string, item: LibraryItem): void {
    const { problem } = item
    this.files = this.files.map((file) => (file.item?.path === itemPath ? { path: file.path, item, problem } : file))
  }

  close(): void {
    this.files = []
    this.shownPath = null
  }
}

/** Whether the lab has questions about an item: a file whose making it does not know. */
export const isForeign = ({ source, role }: Pick<LibraryItem, 'source' | 'role'>): boolean =>
  source === 'file' && role === 'unknown'
