import { customNetwork, ownWidth, paperWidth } from '../../src-shared/networks/find-network.ts'
import { readNetworkFile } from '../../src-shared/networks/read-network-file.ts'
import type { LabContract, LabResult } from '../../src-shared/lab-contract.ts'
import type { NetworkChoice } from '../../src-shared/run-config.ts'

export type Naming = LabResult<'nameArchitecture'>

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What a person says that a file's tensors are, and what the engine finds of it. */
export class NamingState {
  choice = $state.raw<NetworkChoice>({ name: 'resnet18', width: paperWidth('resnet18') })
  /** What the person wrote of keys; null while the engine finds them. */
  private keys: Record<string, string> | null = null
  found = $state.raw<Naming | null>(null)
  problem = $state('')
  isBusy = $state(false)
  private asked = 0

  constructor(
    private readonly engine: Pick<LabContract, 'nameArchitecture'>,
    private readonly path: string
  ) {}

  /** Another network, with the keys that the engine finds for it. */
  choose(change: Partial<NetworkChoice>): Promise<void> {
    const next = { ...this.choice, ...change }
    if (change.name !== undefined && change.name !== customNetwork) {
      next.width = change.width ?? paperWidth(change.name)
      delete next.spec
    }
    this.choice = next
    this.keys = null
    return this.ask()
  }

  /** A network of one's own, from its JSON file. */
  async read(file: File): Promise<void> {
    try {
      const spec = readNetworkFile(await file.text(), file.name)
      await this.choose({ name: customNetwork, spec, width: ownWidth(spec) })
    } catch (error) {
      this.problem = messageOf(error)
    }
  }

  /** Another name in the file for a layer. */
  rename(layer: string, name: string): Promise<void> {
    this.keys = { ...this.found?.keys, [layer]: name.trim() || layer }
    return this.ask()
  }

  /** Asks anew; an answer that was overtaken counts no more. */
  async ask(): Promise<void> {
    const turn = ++this.asked
    this.isBusy = true
    try {
      const { path, choice: network, keys } = this
      const found = await this.engine.nameArchitecture({ path, network, keys, save: false })
      if (turn === this.asked) [this.found, this.problem] = [found, '']
    } catch (error) {
      if (turn === this.asked) [this.found, this.problem] = [null, messageOf(error)]
    }
    if (turn === this.asked) this.isBusy = false
  }

  /** Keeps what is shown; true where that worked. */
  async save(): Promise<boolean> {
    if (!this.found) return false
    this.isBusy = true
    try {
      const { path, choice: network } = this
      this.found = await this.engine.nameArchitecture({ path, network, keys: this.found.keys, save: true })
      return true
    } catch (error) {
      this.problem = messageOf(error)
      return false
    } finally {
      this.isBusy = false
    }
  }
}
